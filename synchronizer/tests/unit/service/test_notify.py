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

"""What systemd hears, and when."""

import os
import socket
import tempfile

from synchronizer.service import notify
from synchronizer.tests import base


class AddressTest(base.TestCase):

    def test_it_is_taken_from_the_environment(self):
        environ = {'NOTIFY_SOCKET': '/run/x', 'WATCHDOG_PID': '1',
                   'WATCHDOG_USEC': '2', 'PATH': '/bin'}
        self.assertEqual('/run/x', notify.address(environ))
        self.assertEqual({'PATH': '/bin'}, environ)
        self.assertIsNone(notify.address(environ))

    def test_an_abstract_one(self):
        self.assertEqual('\0x', notify.address({'NOTIFY_SOCKET': '@x'}))


class NotifierTest(base.TestCase):

    def setUp(self):
        super().setUp()
        address = os.path.join(tempfile.mkdtemp(), 'notify')
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.systemd.close)
        self.systemd.bind(address)
        self.systemd.setblocking(False)
        self.now, self.waiting, self.silent = 0.0, ['a', 'b'], []
        self.notifier = notify.Notifier(
            address, lambda: self.waiting, lambda: self.silent,
            lambda: self.now)

    def told(self):
        self.notifier.look()
        lines = []
        while True:
            try:
                lines += self.systemd.recv(4096).decode().split('\n')
            except BlockingIOError:
                return lines

    def started(self):
        self.waiting = []
        self.assertIn('READY=1', self.told())

    def test_it_is_ready_when_nothing_is_waited_for(self):
        self.assertEqual(
            ['STATUS=Waiting for a, b; the log says why.', 'WATCHDOG=1'],
            self.told())
        self.assertEqual(['WATCHDOG=1'], self.told())
        self.waiting = []
        self.assertEqual(['READY=1', 'STATUS=All work.', 'WATCHDOG=1'],
                         self.told())
        self.assertEqual(['WATCHDOG=1'], self.told())

    def test_patience_has_an_end(self):
        self.now = notify.PATIENCE - 1
        self.assertNotIn('READY=1', self.told())
        self.now += 1
        self.waiting = ['b']
        self.assertEqual(
            ['READY=1', 'STATUS=Waiting for b; the log says why.',
             'WATCHDOG=1'], self.told())
        self.waiting = []
        self.assertEqual(['STATUS=All work.', 'WATCHDOG=1'], self.told())

    def test_what_dies_later_is_told_and_it_stays_ready(self):
        self.started()
        self.waiting = ['a']
        self.assertEqual(
            ['STATUS=Waiting for a; the log says why.', 'WATCHDOG=1'],
            self.told())

    def test_silence_starves_the_watchdog(self):
        self.started()
        self.silent = ['a']
        self.assertEqual([], self.told())

    def test_a_reload_ends_when_all_work_again(self):
        self.started()
        self.waiting, self.now = ['a'], 100
        self.notifier.reloading()
        told = self.told()
        self.assertEqual('RELOADING=1', told[0])
        self.assertRegex(told[1], r'^MONOTONIC_USEC=\d+$')
        self.assertNotIn('READY=1', told)
        self.waiting = []
        self.assertIn('READY=1', self.told())

    def test_a_stop_is_told_and_needs_no_workers(self):
        self.started()
        self.notifier.stopping()
        self.waiting, self.silent = ['a'], ['a']
        self.assertEqual(['STOPPING=1', 'STATUS=Stopping.', 'WATCHDOG=1'],
                         self.told())

    def test_a_systemd_that_is_gone_does_no_harm(self):
        self.systemd.close()
        self.waiting = []
        self.notifier.look()

    def test_without_systemd_nothing_runs(self):
        notifier = notify.Notifier(None, self.fail, self.fail)
        notifier.start()
        notifier.reloading()
        notifier.stopping()
