# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""The user's command as a process: 10 000 servers, signals and pipes."""

import contextlib
import csv
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from unittest import mock

import testtools

import synchronizer
from synchronizer.tests.component import stream
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA

MANY = 10_000
RECORD = {'flavor': {'ram': 512, 'vcpus': 1}, 'text': 'x' * 8000}
MEBIBYTE = 1024
INTERRUPTED, PIPE_CLOSED = 130, 141


class ShellTestCase(base.FunctionalTestCase):

    timeout = 300

    def begin(self, *arguments, url=None, code='shell.main()'):
        """The command, started."""
        environment = {**os.environ, 'SYNCHRONIZER_TRANSPORT_URL':
                       url or self.rabbitmq_url(), 'PYTHONUNBUFFERED': ''}
        process = subprocess.Popen(
            [sys.executable, '-c',
             f'import sys; from synchronizer.cmd import shell; {code}',
             '--timeout', '60', *arguments], text=True,
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()

    def run_(self, *arguments, **options):
        """Exit code, lines written, lines said."""
        process = self.begin(*arguments, **options)
        out, err = process.communicate()
        return process.returncode, out.splitlines(), err.splitlines()

    def assert_ends(self, code, process):
        """In that way, and without a word."""
        self.assertEqual((code, ''), (process.wait(60),
                                      process.stderr.read()))


class ManyTest(ShellTestCase):

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(stream.Service(
            NOVA, HEAT, url=self.rabbitmq_url()))
        self.ids = [f'{number:05}' for number in range(MANY)]
        self.service.commit('created', NOVA, *self.ids, **RECORD)
        for type_ in (NOVA, HEAT):
            self.service.collected(type_, time.time())

    def peak(self, *arguments):
        """The most memory that a command had, in KiB, and its output."""
        # what wait4 tells has the memory of whoever started it in it
        process = self.begin(*arguments, code=(
            'shell.main(sys.argv[1:]); '
            'print(open("/proc/self/status").read(), file=sys.stderr)'))
        out, err = process.communicate()
        memory, = re.findall(r'VmHWM:\s*(\d+) kB', err)
        return int(memory), out

    def test_all_of_them_in_little_memory(self):
        least, _ = self.peak('status')
        for format_, read in (
                ('csv', lambda text: [row[1] for row in csv.reader(
                    text.splitlines())][1:]),
                ('json', lambda text: [row['id']
                                       for row in json.loads(text)]),
                ('table', lambda text: [
                    line.split('|')[2].strip()
                    for line in text.splitlines()
                    if line.startswith(f'| {NOVA}')])):
            most, text = self.peak('get-all', '-f', format_)
            self.assertEqual(self.ids, read(text))
            # the records alone are 80 MiB as JSON, and more than that
            # as objects
            self.assertLess(most - least, 40 * MEBIBYTE, format_)

    def test_the_first_line_comes_with_the_first_page(self):
        with mock.patch.object(self.service.store, 'page',
                               wraps=self.service.store.page) as page:
            process = self.begin('get-all', '-f', 'csv', '-c', 'id', '-c',
                                 'text')
            self.assertEqual('"id","text"\n', process.stdout.readline())
            self.assertIn('00000', process.stdout.readline())
            # it cannot go on: nobody reads
            self.assertLess(page.call_count, 5)

    def test_a_closed_pipe(self):
        process = self.begin('get-all', '-f', 'csv')
        process.stdout.readline()
        process.stdout.close()
        self.assert_ends(PIPE_CLOSED, process)

    def test_an_interrupt(self):
        process = self.begin('get-all', '-f', 'csv', '-c', 'text')
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        self.assert_ends(INTERRUPTED, process)

    def test_questions(self):
        self.assertEqual((0, [str(MANY)], []), self.run_(
            'sql', 'select count(*) from nova_instances', '-f', 'value'))
        self.assertEqual((0, ['09999'], []), self.run_(
            'get-all', NOVA, '--name', 'name of 09999', '-f', 'value', '-c',
            'id'))


class WatchTest(ShellTestCase):

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(stream.Service(
            NOVA, url=self.rabbitmq_url()))
        self.service.commit('created', NOVA, 'a', 'b')
        self.service.collected(NOVA, time.time())
        self.process = self.begin('--timeout', '2', 'watch', '--json')
        self.assertEqual('synchronizer: watching 2 entities of 1 type\n',
                         self.process.stderr.readline())

    def next(self):
        return json.loads(self.process.stdout.readline())

    def test_a_service_that_goes_and_comes_back(self):
        self.service.commit('updated', NOVA, 'a')
        change = self.next()
        self.assertEqual(
            (3, 'updated', 1), (change['revision'], change['action'],
                                change['old']['revision']))
        self.service.unplug()
        self.assertEqual('synchronizer: the service does not answer; waiting '
                         'for it\n', self.process.stderr.readline())
        self.service.commit('updated', NOVA, 'b')
        self.service.plug()
        self.assertEqual('synchronizer: the service answers again\n',
                         self.process.stderr.readline())
        self.assertEqual(4, self.next()['revision'])
        self.service.commit('deleted', NOVA, 'a')
        self.assertEqual('deleted', self.next()['action'])

    def test_an_interrupt(self):
        self.process.send_signal(signal.SIGINT)
        self.assert_ends(INTERRUPTED, self.process)

    def test_a_closed_pipe(self):
        # nothing happens afterwards: in a calm cloud it ends as well
        self.process.stdout.close()
        self.assert_ends(PIPE_CLOSED, self.process)


class ErrorsTest(ShellTestCase):

    def assert_refused(self, words, **options):
        code, out, (line,) = self.run_('--timeout', '2', 'status', **options)
        self.assertEqual((1, []), (code, out))
        self.assertIn(words, line)
        self.assertNotIn('secret', line)

    def test_no_broker(self):
        self.assert_refused('no broker answers at 127.0.0.1:1 (Connection '
                            'refused)', url='rabbit://u:secret@127.0.0.1:1/')

    def test_a_wrong_password(self):
        url = self.rabbitmq_url().replace('guest:guest', 'guest:secret')
        self.assert_refused('are user, password and virtual host in '
                            'transport_url right?', url=url)

    def test_no_service(self):
        self.assert_refused('does synchronizer-service run')

    def test_an_interrupt_while_the_program_is_loaded(self):
        process = self.begin('get-all')
        with contextlib.suppress(AssertionError):
            daemon.until(lambda: process.poll() is not None, '', 0.3)
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        self.assertIn(code, (-signal.SIGINT, INTERRUPTED))
        self.assertEqual('', process.stderr.read())


class CompletionTest(ShellTestCase):

    FILE = pathlib.Path(synchronizer.__file__).parents[1].joinpath(
        'etc', 'synchronizer.bash_completion')
    # the last function comes with bash-completion, which may not be there
    SCRIPT = '''
        source "$1" && python=$2
        synchronizer() { "$python" -m synchronizer.cmd.shell "$@"; }
        _get_comp_words_by_ref() {
            cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}")
        }
        _synchronizer_first
        COMP_WORDS=(synchronizer graph ha) COMP_CWORD=2
        _synchronizer
        echo "$? ${COMPREPLY[@]}"
    '''

    @testtools.skipUnless(FILE.exists(), 'needs the source tree')
    def test_bash(self):
        done = subprocess.run(
            ['bash', '-c', self.SCRIPT, 'bash', str(self.FILE),
             sys.executable], capture_output=True, text=True)
        self.assertEqual(('0 hangs-on\n', ''), (done.stdout, done.stderr))
