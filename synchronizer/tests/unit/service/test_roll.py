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

"""What the master hears of its workers."""

import os
import threading
from unittest import mock

from synchronizer.service import roll as roll_module
from synchronizer.tests import base


class RollTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 100.0
        self.roll = roll_module.Roll(lambda: self.now)
        self.addCleanup(self.roll.close)
        self.roll.expect({'collector-x': 1, 'snapshot': 2})

    def tell(self, pid, title, works=True):
        with mock.patch('os.getpid', return_value=pid):
            self.roll.tell(title, works)

    def all_tell(self, works=True):
        self.tell(1, 'collector-x', works)
        self.tell(2, 'snapshot', works)
        self.tell(3, 'snapshot', works)

    def test_at_first_nobody_is_there(self):
        self.assertEqual(['collector-x', 'snapshot'], self.roll.waiting())
        self.assertEqual(['collector-x', 'snapshot'], self.roll.silent())

    def test_who_lives_need_not_work(self):
        self.all_tell(works=False)
        self.assertEqual([], self.roll.silent())
        self.assertEqual(['collector-x', 'snapshot'], self.roll.waiting())
        self.all_tell()
        self.assertEqual([], self.roll.waiting())

    def test_one_of_two_is_not_enough(self):
        self.tell(1, 'collector-x')
        for _ in range(2):
            self.tell(2, 'snapshot')
        self.assertEqual(['snapshot'], self.roll.waiting())

    def test_silence_counts_for_nothing(self):
        self.all_tell()
        self.assertEqual([], self.roll.silent())
        self.now += roll_module.SILENCE - 1
        self.tell(1, 'collector-x')
        self.assertEqual([], self.roll.silent())
        self.now += 1
        self.assertEqual(['snapshot'], self.roll.silent())
        self.assertEqual(['snapshot'], self.roll.waiting())

    def test_after_a_renewal_new_processes_are_waited_for(self):
        self.all_tell()
        self.roll.renew()
        self.tell(1, 'collector-x')
        self.assertEqual(['collector-x', 'snapshot'], self.roll.waiting())
        self.assertEqual([], self.roll.silent())
        for pid in (4, 5):
            self.tell(pid, 'snapshot')
        self.assertEqual(['collector-x'], self.roll.waiting())

    def test_who_is_expected_no_more_is_not_waited_for(self):
        self.all_tell()
        self.roll.renew()
        self.roll.expect({'snapshot': 1, 'collector-y': 1})
        self.assertEqual(['collector-y'], self.roll.silent())
        self.assertEqual(['snapshot', 'collector-y'], self.roll.waiting())
        self.tell(4, 'snapshot')
        self.tell(5, 'collector-y')
        self.assertEqual([], self.roll.waiting())

    def test_a_worker_tells_when_it_works(self):
        working = mock.Mock(spec=threading.Event)
        working.is_set.side_effect = [False, True]
        told = []
        self.roll.tell = lambda title, works: told.append(works)
        with mock.patch('time.sleep', side_effect=SystemExit):
            self.assertRaises(
                SystemExit, self.roll._keep_telling, 'x', working)
        self.assertEqual([False, True], told)
        working.wait.assert_called_once_with(roll_module.BEAT)

    def test_nobody_waits_for_a_master_that_does_not_read(self):
        for _ in range(5000):
            self.tell(9, 'collector-x' * 5)
        self.assertEqual(['collector-x', 'snapshot'], self.roll.silent())
        self.tell(1, 'collector-x')
        self.assertEqual(['snapshot'], self.roll.silent())

    def test_a_line_that_was_cut_is_read_whole(self):
        line = b'7 1 collector-x\n'
        os.write(self.roll._in, line[:5])
        self.assertIn('collector-x', self.roll.waiting())
        os.write(self.roll._in, line[5:])
        self.assertNotIn('collector-x', self.roll.waiting())
