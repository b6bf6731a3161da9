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

"""What the operator's pages show is typed, and what they say comes out."""

import os
import pty
import re
import subprocess

import testtools

from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.tests import pages
from synchronizer.tests.functional import base
from synchronizer.tests.functional import servers
from synchronizer.tests.functional import terminal

OPERATING = 'doc/source/admin/operating.rst'
INSTALL = 'doc/source/install/index.rst'
NOTIFICATIONS = 'doc/source/admin/notifications.rst'

CONFIGURATION = '''
[DEFAULT]
transport_url = {url}
state_path = .
host = controller
[service_credentials]
auth_type = password
auth_url = {auth_url}
username = admin
password = sandbox
project_name = admin
user_domain_name = Default
project_domain_name = Default
[nova]
valid_interfaces = public
[cinder]
valid_interfaces = public
[heat]
valid_interfaces = public
'''
EMPTY = '[database]\nconnection = sqlite:///empty.sqlite\n'
COLLECTED = r'heat.resource: complete sweep'
ELSEWHERE = ('pip ', 'openstack ')
VARIES = ((r'\d{4}-\d\d-\d\dT[\d:.]+Z', 'TIME'), (r'[0-9a-f-]{36}', 'UUID'),
          (r'\d+', 'N'), (r'\s+', ' '))


def plain(line):
    """Less what differs from run to run."""
    for pattern, name in VARIES:
        line = re.sub(pattern, name, line)
    return line.strip()


class PageTestCase(base.FunctionalTestCase):

    timeout = 300

    def setUp(self):
        super().setUp()
        self.cloud = SandboxServer(SandboxCloud())
        self.cloud.start()
        self.addCleanup(self.cloud.stop)
        self.terminal = self.useFixture(terminal.Terminal({
            '/etc/synchronizer/': '.synchronizer/'}))
        self.configure()

    def configure(self, more=''):
        self.terminal.write({
            '.synchronizer/synchronizer.conf': CONFIGURATION.format(
                url=self.rabbitmq_url(), auth_url=self.cloud.auth_url) + more})


@testtools.skipUnless((pages.ROOT / OPERATING).exists(),
                      'needs the source tree')
class OperatingPageTest(PageTestCase):

    def test_each_command_says_what_the_page_shows(self):
        self.terminal.begin('synchronizer-service', COLLECTED)
        for command in pages.commands(OPERATING):
            if command.text == 'synchronizer-manage db version':
                self.configure(EMPTY)
            written = [plain(line) for line in self.type(command.text)]
            for line in command.output:
                if line != '...':
                    self.assertIn(plain(line), written, command)

    def type(self, line):
        """At a terminal, where it can ask."""
        ours, theirs = pty.openpty()
        os.write(ours, b'yes\n')
        with os.fdopen(ours), os.fdopen(theirs) as keyboard:
            done = subprocess.run(
                ['bash', '-c', line], stdin=keyboard, text=True, timeout=60,
                cwd=self.terminal.directory, env=self.terminal.environment,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual('there is no stream' in done.stdout,
                         done.returncode != 0, done)
        # the answer is echoed by the terminal, not by the program
        return re.sub(r'(\(yes/no\)\? )', r'\1yes\n', done.stdout
                      ).splitlines()


@testtools.skipUnless((pages.ROOT / INSTALL).exists(),
                      'needs the source tree')
class InstallPageTest(PageTestCase):

    def test_each_step_leads_to_the_next(self):
        for command in pages.commands(INSTALL):
            line = command.text
            if line.startswith(ELSEWHERE):
                continue
            if line.startswith('synchronizer-service '):
                self.terminal.begin(line, COLLECTED)
            elif line == 'synchronizer status':
                self.terminal.until(line, r'\| heat\.resource +\| live ')
            else:
                done = self.terminal.run(line)
                # 1 warns: this cloud sends no notifications
                self.assertIn(done.returncode, (
                    (0, 1) if line.endswith('upgrade check') else (0,)), done)


@testtools.skipUnless((pages.ROOT / NOTIFICATIONS).exists(),
                      'needs the source tree')
class NotificationsPageTest(base.FunctionalTestCase):

    def test_the_broker_takes_the_policies(self):
        broker = self.own_server(servers.RabbitServer)
        for command in pages.commands(NOTIFICATIONS):
            self.assertEqual('rabbitmqctl', command.program)
            broker.ctl(*command.words[1:])
