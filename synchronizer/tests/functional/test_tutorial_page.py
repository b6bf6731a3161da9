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

"""The tutorial, typed from its first command to its last."""

import re
import shutil
import subprocess
import sys
import unittest

import testtools

from synchronizer.tests import pages
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon
from synchronizer.tests.functional import terminal
from synchronizer.tests.functional.servers import base as servers_base

PAGE = 'doc/source/tutorial.rst'
URL = 'rabbit://guest:guest@127.0.0.1:5672/'

MIRROR = 'python mirror.py'

# what this machine has done already, or must not do
DONE = ('git clone ', 'cd ', 'sudo apt-get install rabbitmq-server',
        'source ', 'mkdir ')
BEGUN = {'python -m synchronizer.sandbox': r'^http://\S+/identity/v3$',
         'synchronizer-service': 'heat.resource: complete sweep'}
WATCHED = {'synchronizer watch': r'^20\S+ \S+ \w+ nova\.instance ',
           MIRROR: r'^\d+ servers\n(.*\n)*?(created|updated|del)'}
SHOWN = {'synchronizer status': r'\| nova\.instance +\| live ',
         'synchronizer get-all nova.instance --state': r'\| ACTIVE',
         'synchronizer drift': r'\| server\d+ .*\| missing ',
         'synchronizer history': r'\| deleted '}


@testtools.skipUnless((pages.ROOT / PAGE).exists(), 'needs the source tree')
class TutorialPageTest(base.FunctionalTestCase):

    timeout = 300

    def setUp(self):
        super().setUp()
        if not shutil.which('curl'):
            raise unittest.SkipTest('curl is not installed')
        port = servers_base.free_port()
        self.terminal = self.useFixture(terminal.Terminal({
            URL: self.rabbitmq_url(), ':8800': f':{port}',
            '--port 8800': f'--port {port}'}))
        self.terminal.write(pages.files(PAGE))
        self.begun = {}

    def test_it_goes_as_it_stands(self):
        for command in pages.commands(PAGE):
            if not command.text.startswith(DONE):
                self.type(command.text)

    def type(self, line):
        for table, act in ((BEGUN, self.begin), (WATCHED, self.watch),
                           (SHOWN, self.terminal.until)):
            for start, wanted in table.items():
                if line.startswith(start):
                    act(line, wanted)
                    return
        done = (self.make(line) if line.startswith('make ')
                else self.terminal.run(line))
        self.assertEqual(0, done.returncode, (line, done))

    def make(self, line):
        """What make would start, with the programs that there are."""
        recipe = subprocess.run(
            ['bash', '-c', line.replace(
                'make', 'make -n --no-print-directory')], text=True,
            cwd=pages.ROOT, capture_output=True, check=True).stdout
        return self.terminal.run(re.sub(
            r'exec \S+/python', f'exec {sys.executable}',
            recipe.splitlines()[-1]))

    def begin(self, line, wanted):
        self.begun[line] = self.terminal.begin(line, wanted)

    def watch(self, line, wanted):
        watched = self.terminal.begin(line, wanted)
        if line == MIRROR:
            self.restart_the_service()
            before = len(watched.text())
            daemon.until(lambda: len(watched.text()) > before,
                         'changes after a restart')
        self.assertNotEqual(0, watched.interrupt())

    def restart_the_service(self):
        line, = (line for line in self.begun
                 if line.startswith('synchronizer-service '))
        self.begun[line].interrupt()
        self.begin(line, BEGUN['synchronizer-service'])
