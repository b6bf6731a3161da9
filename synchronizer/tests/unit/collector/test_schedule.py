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

"""When sweeps and looks are due, and how failures put them off."""

import random

from synchronizer.collector import schedule
from synchronizer.collector.schedule import LOOK
from synchronizer.collector.schedule import SWEEP
from synchronizer.tests import base


class HighDice(random.Random):

    def uniform(self, a, b):
        return b


def make(poll=600, delta=0):
    dice = HighDice()
    return schedule.Schedule(
        100, poll, delta, schedule.Backoff(1, dice), dice)


class ScheduleTest(base.TestCase):

    def test_the_first_sweep_is_due_at_once(self):
        self.assertEqual((100, SWEEP), make().next())

    def test_the_interval_runs_from_start_to_start(self):
        plan = make()
        plan.swept(started=100, now=130)
        self.assertEqual((700, SWEEP), plan.next())

    def test_an_overrun_sweep_is_followed_at_once(self):
        plan = make(poll=10)
        plan.swept(started=100, now=130)
        self.assertEqual((130, SWEEP), plan.next())

    def test_jitter_makes_it_early_and_never_late(self):
        dice = random.Random(7)
        plan = schedule.Schedule(0, 600, 0, schedule.Backoff(1, dice), dice)
        seen = set()
        for _ in range(200):
            plan.swept(started=0, now=1)
            seen.add(plan.next()[0])
        self.assertTrue(all(540 <= at <= 600 for at in seen))
        self.assertGreater(len(seen), 100)

    def test_looks_come_between_sweeps(self):
        plan = make(delta=30)
        plan.swept(started=100, now=110)
        self.assertEqual((140, LOOK), plan.next())
        plan.looked(now=141)
        self.assertEqual((171, LOOK), plan.next())

    def test_no_look_before_the_first_sweep_and_none_if_switched_off(self):
        self.assertEqual((100, SWEEP), make(delta=30).next())
        plan = make(delta=0)
        plan.swept(100, 101)
        self.assertEqual((700, SWEEP), plan.next())

    def test_failures_back_off_to_the_limit_and_success_forgets(self):
        plan, pauses = make(), []
        for _ in range(5):
            plan.sweep_failed(now=100, limit=5)
            pauses.append(plan.next()[0] - 100)
        self.assertEqual([1, 2, 4, 5, 5], pauses)
        plan.swept(started=100, now=101)
        plan.sweep_failed(now=200, limit=5)
        self.assertEqual((201, SWEEP), plan.next())

    def test_a_failed_sweep_never_waits_longer_than_the_interval(self):
        plan = make(poll=3)
        for _ in range(5):
            plan.sweep_failed(now=100, limit=60)
        self.assertEqual((103, SWEEP), plan.next())

    def test_retry_after_is_honoured(self):
        plan = make()
        plan.sweep_failed(now=100, limit=60, at_least=45)
        self.assertEqual((145, SWEEP), plan.next())

    def test_what_is_asked_for_during_a_sweep_needs_another(self):
        plan = make()
        plan.sweep_soon(100)
        plan.sweep_begins()
        plan.sweep_soon(105)
        plan.swept(started=100, now=110)
        self.assertEqual((105, SWEEP), plan.next())
        plan.sweep_begins()
        plan.swept(started=110, now=111)
        self.assertEqual((710, SWEEP), plan.next())


class AllowanceTest(base.TestCase):

    def test_so_many_in_each_period(self):
        allowance = schedule.Allowance(2, 60)
        self.assertEqual([True, True, False], [
            allowance.allows(now) for now in (100, 130, 159)])
        self.assertEqual([True, True, False], [
            allowance.allows(now) for now in (160, 160, 219)])
