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

"""The program: what it prints, what it writes, how it ends."""

import os
import signal
import subprocess
import sys
import tempfile

import requests
import yaml

from synchronizer.sandbox import __main__ as program
from synchronizer.tests import base

PROGRAM = (sys.executable, '-m', 'synchronizer.sandbox')


class ProgramTest(base.TestCase):

    def run_it(self, *args):
        return subprocess.run([*PROGRAM, *args], capture_output=True,
                              text=True, timeout=30)

    def test_serves_until_it_is_told_to_end(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            path = os.path.join(tempfile.mkdtemp(), 'clouds.yaml')
            process = subprocess.Popen(
                [*PROGRAM, '--servers', '3', '--rate', '50',
                 '--clouds-yaml', path], stdout=subprocess.PIPE, text=True,
                stderr=subprocess.PIPE)
            self.addCleanup(process.kill)
            url = process.stdout.readline().strip()
            self.assertEqual(200, requests.get(url).status_code)
            with open(path) as file:
                clouds = yaml.safe_load(file)['clouds']
            self.assertEqual(url, clouds['sandbox']['auth']['auth_url'])
            self.assertEqual('admin', clouds['sandbox']['auth']['username'])
            process.send_signal(number)
            self.assertEqual(('', ''), process.communicate(timeout=10))
            self.assertEqual(0, process.returncode)

    def test_bad_input_is_one_line(self):
        for args in (('--servers', '-1'), ('--servers', 'x'),
                     ('--hosts', '0'), ('--rate', 'nan'), ('--what',),
                     ('--nova-max-version', 'two'),
                     ('--clouds-yaml', '/none/clouds.yaml'),
                     ('--port', '99999'), ('--transport-url', 'nonsense'),
                     ('--notification-format', 'spoken')):
            done = self.run_it(*args)
            self.assertNotEqual(0, done.returncode, args)
            self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
            self.assertEqual('', done.stdout)

    def test_it_speaks_where_it_is_told_to(self):
        args = program.parser().parse_args([
            '--servers', '1', '--transport-url', 'kombu+memory://'])
        server = program.build(args)
        self.addCleanup(server.stop)
        self.assertIsNotNone(server.voice)
        self.assertIsNone(program.build(
            program.parser().parse_args(['--servers', '1'])).voice)

    def test_help(self):
        text = program.parser().format_help()
        for option in ('--servers', '--seed', '--rate', '--clouds-yaml',
                       '--transport-url', '--notification-format'):
            self.assertIn(option, text)
