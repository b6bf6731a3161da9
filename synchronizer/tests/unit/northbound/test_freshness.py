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

"""max_age: who waits, for what, and how long."""

from synchronizer import exception
from synchronizer.northbound import endpoint
from synchronizer.northbound import freshness
from synchronizer.tests import base
from synchronizer.tests.unit.northbound import filled
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA


class FreshnessTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.filled = filled.Filled(NOVA, HEAT)
        self.store = self.filled.store
        self.now = 2000.0
        self.pauses = []
        self.happen = {}
        self.freshness = freshness.Freshness(
            self.store, 50, wall=lambda: self.now,
            monotonic=lambda: self.now, wait=self.wait)
        for type_ in (NOVA, HEAT):
            self.filled.collected(type_, 1990.0)

    def wait(self, seconds):
        """Time passes, and what is due happens."""
        self.pauses.append(seconds)
        self.now += seconds
        for when in sorted(self.happen):
            if when <= self.now:
                self.happen.pop(when)()

    def demand(self, max_age, types=(NOVA,), patience=None):
        self.freshness.demand(types, max_age, patience)

    def requested(self, type_=NOVA):
        return self.store.streams()[type_].sweeps_requested

    def stale(self, *args, **kwargs):
        return self.assertRaises(exception.TooStale, self.demand, *args,
                                 **kwargs)

    def test_fresh_enough_asks_nobody(self):
        self.demand(10)
        self.assertEqual((0, []), (self.requested(), self.pauses))

    def test_older_asks_and_waits(self):
        self.happen[2020.0] = lambda: self.filled.collected(
            NOVA, 2001.0, served=1)
        self.demand(9)
        self.assertEqual(1, self.requested())
        self.assertLess(self.now, 2020.6)
        self.assertLessEqual(max(self.pauses), 0.5)

    def test_a_sweep_that_took_longer_than_the_age_asked_for(self):
        self.happen[2030.0] = lambda: self.filled.collected(
            NOVA, 2001.0, served=1)
        self.demand(5)

    def test_another_sweep_that_is_fresh_enough_will_do(self):
        self.happen[2003.0] = lambda: self.filled.collected(NOVA, 1999.0)
        self.demand(9)

    def test_zero_wants_a_sweep_that_starts_now(self):
        self.happen[2001.0] = lambda: self.filled.collected(NOVA, 2001.0)
        self.happen[2005.0] = lambda: self.filled.collected(
            NOVA, 2002.0, served=1)
        self.demand(0)
        self.assertGreaterEqual(self.now, 2005.0)

    def test_in_vain(self):
        error = self.stale(5)
        self.assertEqual(60.0, error.age)
        self.assertEqual(2050.0, self.now)

    def test_the_caller_waits_less(self):
        self.stale(5, patience=10.0)
        self.assertEqual(2009.0, self.now)

    def test_the_caller_hardly_waits(self):
        self.stale(5, patience=0.5)
        self.assertEqual(2000.25, self.now)

    def test_paused_and_too_old(self):
        self.store.set_paused(NOVA, True)
        self.assertEqual(10.0, self.stale(5).age)
        self.assertEqual((0, []), (self.requested(), self.pauses))
        self.demand(10)

    def test_paused_meanwhile(self):
        self.happen[2001.0] = lambda: self.store.set_paused(NOVA, True)
        self.stale(5)
        self.assertLess(self.now, 2002.0)

    def test_never_collected(self):
        self.store.reset(NOVA)
        self.assertIsNone(self.stale(5).age)
        self.filled.claim(NOVA)
        number = self.requested() + 1
        self.happen[self.now + 1] = lambda: self.filled.collected(
            NOVA, self.now, served=number)
        self.demand(5)

    def test_all_types_are_waited_for(self):
        self.happen[2001.0] = lambda: self.filled.collected(
            NOVA, 2001.0, served=1)
        self.happen[2004.0] = lambda: self.filled.collected(
            HEAT, 2002.0, served=1)
        self.demand(5, (NOVA, HEAT))
        self.assertGreaterEqual(self.now, 2004.0)

    def test_only_those_too_old_are_swept(self):
        self.filled.collected(HEAT, 1999.0)
        self.happen[2001.0] = lambda: self.filled.collected(
            NOVA, 2001.0, served=1)
        self.demand(5, (NOVA, HEAT))
        self.assertEqual((1, 0), (self.requested(), self.requested(HEAT)))

    def test_stopping(self):
        self.happen[2001.0] = lambda: None
        object.__setattr__(self.freshness, 'wait', lambda seconds: True)
        self.assertRaises(exception.Unavailable, self.demand, 0)

    def test_what_a_client_tells_of_its_patience(self):
        for context, expected in (
                ({'timeout': 5}, 5), ({'timeout': 0.5}, 0.5), ({}, None),
                (None, None), ({'timeout': 'x'}, None),
                ({'timeout': True}, None), ({'timeout': -1}, None)):
            self.assertEqual(expected, endpoint._patience(context))
