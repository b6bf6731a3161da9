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

"""Which ids are asked for, when, and how often."""

import random

from synchronizer import exception
from synchronizer.collector import refetch
from synchronizer.tests import base
from synchronizer.tests.unit.collector import doubles


class QueueTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.queue = refetch.Queue(1, 60, random.Random(1))

    def test_an_id_is_in_it_once_and_at_its_earliest(self):
        self.queue.add('t', 'a', 'sweep', at=20)
        self.queue.add('t', 'a', 'sweep', at=10)
        self.queue.add('t', 'a', 'sweep', at=15)
        self.assertIsNone(self.queue.due(9))
        ask = self.queue.due(10)
        self.assertEqual(('t', 'a'), ask.key)
        self.queue.settled(ask, 11)
        self.assertIsNone(self.queue.due(1000))
        self.assertEqual(0, len(self.queue))

    def test_the_earliest_comes_first(self):
        for id_, at in (('late', 3), ('early', 1), ('middle', 2)):
            self.queue.add('t', id_, 'sweep', at)
        self.assertEqual(['early', 'middle', 'late'],
                         [self.queue.due(5).id for _ in range(3)])

    def test_asked_for_while_under_way_it_is_asked_for_again(self):
        self.queue.add('t', 'a', 'sweep', 1)
        ask = self.queue.due(1)
        self.queue.add('t', 'a', 'delta', 2)
        self.assertIsNone(self.queue.due(2))
        self.queue.settled(ask, 3)
        self.assertIs(ask, self.queue.due(3))
        self.queue.settled(ask, 4)
        self.assertEqual(0, len(self.queue))

    def test_a_failed_one_comes_back_and_is_counted(self):
        self.queue.add('t', 'a', 'sweep', 1)
        ask = self.queue.due(1)
        self.assertEqual({}, self.queue.failing())
        self.queue.failed(ask, 2, at_least=7)
        self.assertEqual({'t': 1}, self.queue.failing())
        self.assertIsNone(self.queue.due(8.9))
        self.queue.settled(self.queue.due(9), 10)
        self.assertEqual({}, self.queue.failing())

    def test_a_failing_one_is_not_hurried(self):
        self.queue.add('t', 'a', 'sweep', 1)
        self.queue.failed(self.queue.due(1), 2, at_least=60)
        self.queue.add('t', 'a', 'sweep', 3)
        self.assertIsNone(self.queue.due(61))


class RefetcherTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.clock = doubles.Clock()
        self.asked, self.errors = [], []
        self.queue = refetch.Queue(1, 60, random.Random(1))
        self.refetcher = refetch.Refetcher(
            self.fetch, self.queue, 1, self.clock)

    def fetch(self, *ask):
        self.asked.append(ask)
        if self.errors:
            raise self.errors.pop()

    def test_it_asks_for_what_is_due(self):
        self.refetcher.ask('t', 'a', 'sweep', delay=5)
        self.assertFalse(self.refetcher.step())
        self.clock.advance(5)
        self.assertTrue(self.refetcher.step())
        self.assertEqual([('t', 'a', 'sweep')], self.asked)
        self.assertEqual(0, len(self.queue))

    def test_a_throttled_one_waits_as_long_as_told(self):
        self.errors.append(exception.Throttled('slow down', retry_after=30))
        self.refetcher.ask('t', 'a', 'sweep')
        self.refetcher.step()
        self.clock.advance(29)
        self.assertFalse(self.refetcher.step())
        self.clock.advance(1)
        self.assertTrue(self.refetcher.step())

    def test_a_plugins_own_fault_is_logged_and_tried_again(self):
        self.errors.append(ZeroDivisionError('oops'))
        self.refetcher.ask('t', 'a', 'sweep')
        self.refetcher.step()
        self.assertIn('ZeroDivisionError', self.log.output)
        self.assertEqual({'t': 1}, self.queue.failing())
