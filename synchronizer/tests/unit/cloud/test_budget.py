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


"""Turns of requests: their distance, their order, and being alone."""

import datetime
import threading

import fixtures

from synchronizer import exception
from synchronizer.cloud import budget
from synchronizer.store import memory
from synchronizer.tests import base
from synchronizer.tests.unit.cloud import fakes

START = datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC)


class BudgetTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.clock = fakes.Clock()
        self.store = memory.MemoryStore(
            lambda: START + datetime.timedelta(seconds=self.clock.now))
        self.reserved = []
        self.noted = []

    def reserve(self, rate):
        def asked(count):
            self.reserved.append(count)
            return self.store.reserve('nova', count, rate)
        return asked

    def make(self, rate, reserve=None, **given):
        return budget.Budget(
            'nova', rate, reserve or self.reserve(rate),
            note=lambda *args: self.noted.append(args),
            monotonic=self.clock.monotonic, **given)

    def begin(self, one, count):
        """When so many requests of one thread begin."""
        times = []
        for _ in range(count):
            one.wait(self.clock)
            times.append(round(self.clock.now, 6))
        return times


class TestTurns(BudgetTestCase):

    def test_the_first_goes_at_once_and_others_follow_in_step(self):
        one = self.make(4)
        self.assertEqual([1000.0, 1000.25, 1000.5, 1000.75],
                         self.begin(one, 4))
        self.assertEqual([(0.0, True), (0.25, True), (0.25, True),
                          (0.25, True)], self.noted)

    def test_what_was_not_used_is_not_saved_up(self):
        one = self.make(4)
        self.begin(one, 1)
        self.clock.now += 60
        self.assertEqual([1060.0, 1060.25, 1060.5], self.begin(one, 3))

    def test_processes_share_what_there_is(self):
        one, two = self.make(4), self.make(4)
        times = [self.begin(who, 1)[0] for who in (one, two, one, two)]
        self.assertEqual([1000.0, 1000.25, 1000.5, 1000.75], times)

    def test_a_rate_below_one(self):
        self.assertEqual([1000.0, 1004.0, 1008.0],
                         self.begin(self.make(0.25), 3))

    def test_many_slots_are_reserved_at_once_where_many_are_used(self):
        one = self.make(100)
        times = self.begin(one, 200)
        self.assertLess(len(self.reserved), 40)
        self.assertEqual(10, max(self.reserved))
        for start in times:
            within = [time for time in times if start <= time < start + 1]
            # what is left of a batch may be used a tenth of a second late
            self.assertLessEqual(len(within), 110)

    def test_slots_lapse(self):
        one = self.make(100)
        self.begin(one, 15)
        before = len(self.reserved)
        self.clock.now += 1
        began = self.clock.now
        times = self.begin(one, 3)
        self.assertLess(before, len(self.reserved))
        self.assertEqual([round(began + step, 6) for step in (0, .01, .02)],
                         times)

    def test_at_low_rates_nobody_reserves_ahead(self):
        self.begin(self.make(9), 20)
        self.assertEqual({1}, set(self.reserved))


class TestStop(BudgetTestCase):

    def test_who_stops_waits_for_nothing(self):
        one = self.make(0.001)
        stop = threading.Event()
        stop.set()
        for _ in range(3):
            one.wait(stop)
        self.assertEqual([], self.reserved)

    def test_a_stop_ends_all_waits(self):
        # on a real clock: an hour each
        one = budget.Budget('nova', 1 / 3600, self.reserve(1 / 3600))
        stop = threading.Event()
        one.wait(stop)
        threads = [threading.Thread(target=one.wait, args=(stop,),
                                    daemon=True) for _ in range(5)]
        for thread in threads:
            thread.start()
        stop.set()
        for thread in threads:
            thread.join(30)
        self.assertFalse(any(thread.is_alive() for thread in threads))

    def test_a_stop_ends_a_reservation_that_hangs(self):
        hangs, asked = threading.Event(), threading.Event()
        self.addCleanup(hangs.set)

        def reserve(count):
            asked.set()
            hangs.wait(60)
            return 0.0
        one = budget.Budget('nova', 1, reserve, patience=3600)
        stop = threading.Event()
        thread = threading.Thread(target=one.wait, args=(stop,), daemon=True)
        thread.start()
        self.assertTrue(asked.wait(30))
        stop.set()
        thread.join(30)
        self.assertFalse(thread.is_alive())


class TestAlone(BudgetTestCase):

    def test_a_store_that_fails_is_left_alone_for_a_while(self):
        one = self.make(4)
        self.begin(one, 1)
        self.store.fail_next(exception.StoreUnavailable('away'))
        # in step, as before
        self.assertEqual([1000.25, 1000.5, 1000.75], self.begin(one, 3))
        self.assertEqual(2, len(self.reserved))
        self.assertEqual([True, False, False, False],
                         [shared for _, shared in self.noted])

        self.clock.now += budget.REST
        self.begin(one, 1)
        self.assertEqual(3, len(self.reserved))
        self.assertEqual(True, self.noted[-1][1])

    def test_it_is_said_once_and_once_that_it_is_over(self):
        log = self.useFixture(fixtures.FakeLogger(
            'synchronizer.cloud.budget'))
        one = self.make(4)
        for _ in range(3):
            self.store.fail_next(exception.StoreUnavailable('away'))
            self.begin(one, 2)
            self.clock.now += budget.REST
        self.begin(one, 2)
        self.assertEqual(1, log.output.count('keeps to it by itself: away'))
        self.assertEqual(1, log.output.count('is shared again'))

    def test_a_store_that_does_not_answer_holds_nobody_up(self):
        hangs = threading.Event()
        self.addCleanup(hangs.set)

        def reserve(count):
            self.reserved.append(count)
            hangs.wait(60)
            return 0.0
        one = self.make(4, reserve, patience=-1)
        times = self.begin(one, 4)
        self.assertEqual([1000.0, 1000.25, 1000.5, 1000.75], times)
        self.clock.now += 2 * budget.REST
        self.begin(one, 4)
        # the one that hangs is enough
        self.assertEqual([1], self.reserved)


class TestLine(base.TestCase):

    def test_the_order_is_that_of_coming(self):
        line = budget._Line()
        came = []

        def come(number):
            with line:
                came.append(number)
        with line:
            threads = []
            for number in range(20):
                threads.append(threading.Thread(
                    target=come, args=(number,), daemon=True))
                threads[-1].start()
                while len(line._waiting) <= number:
                    threads[-1].join(0.001)
        for thread in threads:
            thread.join(30)
        self.assertEqual(list(range(20)), came)
        with line:
            came.append('free')
        self.assertEqual('free', came[-1])
