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

"""The unit, and what the daemon tells systemd."""

import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from synchronizer.tests import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import test_service

TOP = pathlib.Path(__file__).parents[3]
UNIT = TOP / 'etc/systemd/synchronizer.service'
EXPOSURE = '12'
"""Tenths of systemd's own measure, of 100; what is left is the network."""


class UnitTest(base.TestCase):

    def setUp(self):
        super().setUp()
        if not shutil.which('systemd-analyze'):
            raise unittest.SkipTest('systemd-analyze is not installed')

    def analyze(self, *arguments):
        done = subprocess.run(['systemd-analyze', *arguments],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_it_is_valid(self):
        # the program need not be installed where the test runs
        unit = pathlib.Path(tempfile.mkdtemp(), UNIT.name)
        unit.write_text(re.sub('(?m)^ExecStart=.*', 'ExecStart=/bin/true',
                               UNIT.read_text()))
        self.assertEqual((0, ''), self.analyze('verify', str(unit)))

    def test_it_may_do_little(self):
        code, said = self.analyze(
            'security', '--offline=true', '--no-pager',
            f'--threshold={EXPOSURE}', str(UNIT))
        self.assertEqual(0, code, said)


class NotifyTest(test_service.ServiceTestCase):

    def setUp(self):
        super().setUp()
        self.path = str(pathlib.Path(tempfile.mkdtemp(), 'notify'))
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.systemd.close)
        self.systemd.bind(self.path)
        self.systemd.settimeout(daemon_module.TOLERANCE)

    def told(self, last):
        """All lines up to this one."""
        lines = []
        while last not in lines:
            lines += self.systemd.recv(4096).decode().split('\n')
        return lines

    def assert_life(self, **options):
        daemon = self.daemon(env={'NOTIFY_SOCKET': self.path}, **options)
        self.assertNotIn('RELOADING=1', self.told('READY=1'))
        self.told('WATCHDOG=1')
        daemon.configure(poll_interval=77)
        daemon.process.send_signal(signal.SIGHUP)
        self.assertNotIn('READY=1', self.told('RELOADING=1'))
        self.told('READY=1')
        daemon.process.send_signal(signal.SIGTERM)
        self.told('STOPPING=1')
        self.assertEqual(0, daemon.await_end())

    def test_its_life(self):
        self.assert_life()

    def test_its_life_in_one_process(self):
        self.assert_life(transport_url='rabbit://127.0.0.1:1/',
                         arguments=('--all-in-one',))

    def test_it_is_ready_when_requests_are_answered(self):
        self.daemon(env={'NOTIFY_SOCKET': self.path})
        self.told('READY=1')
        self.assertEqual(
            'here', self.client().describe()['service']['host'])

    def test_what_is_waited_for_is_told(self):
        self.daemon('rabbit://guest:guest@127.0.0.1:1/',
                    env={'NOTIFY_SOCKET': self.path})
        told = self.told('STATUS=Waiting for snapshot; the log says why.')
        told += self.told('WATCHDOG=1')
        self.assertNotIn('READY=1', told)
