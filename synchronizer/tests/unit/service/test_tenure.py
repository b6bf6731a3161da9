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

"""Terms of work begin and end as the back end and the store say."""

import random
import threading

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from synchronizer import exception
from synchronizer.service import coordination
from synchronizer.service import passed
from synchronizer.service import tenure
from synchronizer.service import work as work_module
from synchronizer.tests import base
from synchronizer.tests.unit.service import back_end

TIMES = coordination.Times(15)


class Work:
    """A term of work as `work.Work`, that takes no time unless told."""

    def __init__(self, error=None):
        self.ending, self.quiet, self.ended, self.works = (
            threading.Event() for _ in range(4))
        self.lost_to, self.error, self.slow = None, error, False
        self.budgets = []

    def start(self):
        if self.error is None:
            self.works.set()
        else:
            self.over()

    def end(self, budget):
        self.budgets.append(budget)
        self.ending.set()
        if not self.slow:
            self.over()

    def over(self):
        self.works.clear()
        self.quiet.set()
        self.ended.set()


class Host:
    """One process: a tenure that is stepped by hand."""

    def __init__(self, world, name, unit, types=(), family=None):
        self.world, self.name, self.unit = world, name, unit
        self.errors, self.able, self.terms = [], [], []
        self.died = []
        self.place = coordination.Coordination(
            world.end.driver, 'space', name, unit, types, family=family,
            timer=world.clock)
        self.place.connect()
        self.place.contending = True
        self.tenure = tenure.Tenure(
            self.place, self.begin, TIMES, self.able.append, world.clock,
            random.Random(0), self.died.append)

    def begin(self, changed):
        work = Work(self.errors.pop(0) if self.errors else None)
        self.terms.append(work)
        return work

    @property
    def work(self):
        return self.tenure._work

    @property
    def works(self):
        return self.work is not None and self.work.works.is_set()

    def step(self):
        return self.tenure.step()

    def standing(self):
        return self.tenure.facts()[0].standing

    def gauge(self, name):
        return {gauge.name: value for gauge, _, value in
                self.tenure.gauges()}[name]


class World:

    def __init__(self):
        self.clock = back_end.Clock()
        self.end = back_end.BackEnd(self.clock, TIMES.lease)
        self.hosts, self.claims = [], []

    def add(self, name, unit='nova', **more):
        self.hosts.append(Host(self, name, unit, **more))
        return self.hosts[-1]

    def run(self, looks=1, hosts=None):
        for _ in range(looks):
            for host in self.hosts if hosts is None else hosts:
                host.step()
            self.clock.now += TIMES.pace

    def working(self):
        return [(host.name, host.unit) for host in self.hosts if host.works]


class TenureTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.world = World()


class TenureTest(TenureTestCase):

    def test_alone_it_works_at_once(self):
        one = self.world.add('a')
        self.assertEqual('stands by', one.standing())
        one.step()
        self.assertTrue(one.works)
        self.assertEqual('ours', one.standing())
        self.assertEqual(1, one.gauge('owning'))
        self.assertIn('nova is collected by this host', self.log.output)

    def test_a_second_one_stands_by_and_says_so_once(self):
        self.world.add('a')
        other = self.world.add('b')
        self.world.run(5)
        self.assertEqual([('a', 'nova')], self.world.working())
        self.assertEqual(0, other.gauge('owning'))
        self.assertEqual(1, self.log.output.count(
            'nova is collected by a; this host stands by'))
        facts = other.tenure.facts()[0]
        self.assertEqual(('stands by', 'a', ('a', 'b'), 'up'), (
            facts.standing, facts.holder, facts.hosts, facts.back_end))

    def test_a_dead_owner_is_replaced_when_its_lease_is_over(self):
        one, other = self.world.add('a'), self.world.add('b')
        self.world.run()
        died = self.world.clock.now
        while not other.works:
            self.world.run(1, [other])
        self.assertLess(self.world.clock.now - died, TIMES.takeover)
        self.assertEqual(1, len(one.terms))

    def test_an_end_hands_over_at_the_next_look(self):
        one, other = self.world.add('a'), self.world.add('b')
        self.world.run()
        one.tenure._budget = 8.0
        one.tenure._finish()
        self.assertFalse(one.works)
        other.step()
        self.assertTrue(other.works)

    def test_an_end_waits_for_what_is_still_published(self):
        one, other = self.world.add('a'), self.world.add('b')
        self.world.run()
        one.work.slow = True
        work, one.tenure._budget = one.work, 8.0
        work.quiet.wait = lambda timeout: (
            other.step(), self.assertFalse(other.works), work.over(), True
        )[-1]
        one.tenure._finish()
        self.world.run(1, [other])
        self.assertTrue(other.works)
        self.assertLess(work.budgets[0], 8.0)

    def test_what_is_not_on_at_the_owner_is_told(self):
        self.world.add('a', types=['nova.host'])
        self.world.add('b', types=['nova.host', 'nova.flavor'])
        self.world.run(3)
        self.assertEqual(1, self.log.output.count(
            'nova.flavor: on here, and not on a, which collects nova'))

    def test_like_types_are_nothing_to_tell(self):
        for name in 'ab':
            self.world.add(name, types=['nova.host'])
        self.world.run(3)
        self.assertNotIn('on here', self.log.output)

    def test_an_earlier_process_of_this_host(self):
        self.world.add('a')
        self.world.run()
        again = self.world.add('a')
        self.world.run(2, [again])
        self.assertIn('an earlier process of this host', self.log.output)


class HeirTest(TenureTestCase):
    """A collector process dies alone: its master starts another one."""

    def setUp(self):
        super().setUp()
        self.one = self.world.add('a', family='master')
        self.other = self.world.add('b')

    def die_after(self, takeovers):
        """The heir, which has just been started."""
        self.world.run(int(takeovers * TIMES.takeover / TIMES.pace))
        self.assertTrue(self.one.works)
        return self.world.add('a', family='master')

    def test_it_goes_on_at_once(self):
        heir = self.die_after(tenure.LIVED + 1)
        self.world.run(1, [heir, self.other])
        self.assertTrue(heir.works)
        self.assertIn('nova is taken back from an earlier process',
                      self.log.output)
        self.assertNotIn('has to run out', self.log.output)
        self.world.run(20, [heir, self.other])
        self.assertEqual([], self.other.terms)
        self.assertEqual(1, len(heir.terms))

    def test_not_if_what_ended_the_other_one_may_end_it_as_soon(self):
        heir = self.die_after(tenure.LIVED - 1)
        self.world.run(2, [heir, self.other])
        self.assertFalse(heir.works)
        self.assertIn('an earlier process of this host has to run out',
                      self.log.output)
        # whoever is first then
        self.world.run(8, [heir, self.other])
        self.assertEqual(1, heir.works + self.other.works)

    def test_who_decides_something_else_is_waited_for(self):
        heir = self.die_after(tenure.LIVED + 1)
        with self.other.place.deciding():
            heir.step()
            self.assertFalse(heir.works)
        heir.step()
        self.assertTrue(heir.works)

    def test_one_whose_lock_is_another_s_by_now_has_no_heir(self):
        heir = self.die_after(tenure.LIVED + 1)
        while not self.other.works:
            self.world.run(1, [self.other])
        self.world.run(3, [heir, self.other])
        self.assertFalse(heir.works)
        self.assertEqual([('b', 'nova')], [
            (host.name, host.unit) for host in (self.other, heir)
            if host.works])


class ShareTest(TenureTestCase):

    def add(self, name):
        return [self.world.add(name, unit) for unit in ('nova', 'heat')]

    def test_one_of_two_is_given_to_a_host_that_stays(self):
        first = self.add('a')
        self.world.run(3)
        self.assertEqual(2, len(self.world.working()))
        self.add('b')
        self.world.run()
        self.assertEqual(2, sum(host.works for host in first))
        self.world.run(tenure.STEADY + 3)
        self.assertEqual(['a', 'b'], sorted(
            name for name, _ in self.world.working()))
        self.assertEqual(1, self.log.output.count('is given back'))
        terms = sum(len(host.terms) for host in self.world.hosts)
        self.assertEqual(3, terms)

    def test_it_is_taken_only_when_nothing_is_published_any_more(self):
        first = self.add('a')
        self.world.run(3)
        for host in first:
            host.work.slow = True
        second = self.add('b')
        self.world.run(tenure.STEADY + 5)
        ending = [host for host in first if host.standing() == 'ends']
        self.assertEqual(1, len(ending))
        self.assertFalse(any(host.works for host in second))
        self.assertEqual([TIMES.takeover], ending[0].work.budgets)
        # nothing is written or published any more: another one may
        ending[0].work.quiet.set()
        self.world.run(3)
        self.assertEqual(1, sum(host.works for host in second))
        self.assertEqual('ends', ending[0].standing())


class FenceTest(TenureTestCase):

    def setUp(self):
        super().setUp()
        self.one, self.other = self.world.add('a'), self.world.add('b')
        self.world.run()

    def pause(self):
        """The first is stopped until the other one works."""
        while not self.other.works:
            self.world.run(1, [self.other])

    def test_one_that_was_paused_ends_and_stands_by(self):
        self.pause()
        self.world.run(3)
        self.assertEqual([('b', 'nova')], self.world.working())
        self.assertEqual('stands by', self.one.standing())
        self.assertIn('was not heard for too long', self.log.output)
        self.assertNotIn('without asking', self.log.output)

    def test_the_store_may_say_so_first(self):
        self.pause()
        self.one.work.lost_to = 'b:token'
        self.world.run(3)
        self.assertEqual([('b', 'nova')], self.world.working())
        self.assertNotIn('without asking', self.log.output)

    def test_it_works_again_when_the_other_one_ends(self):
        self.pause()
        self.world.run(3)
        self.other.tenure._budget = 8.0
        self.other.tenure._finish()
        self.world.run(2, [self.one])
        self.assertTrue(self.one.works)
        self.assertEqual(2, len(self.one.terms))

    def test_one_that_came_and_went_meanwhile(self):
        self.pause()
        self.other.tenure._budget = 8.0
        self.other.tenure._finish()
        # the lock is free again, and the term is another's
        self.one.step()
        self.assertTrue(self.one.place.leading)
        self.one.work.lost_to = 'b:token'
        self.world.run(2, [self.one])
        self.assertTrue(self.one.works)
        self.assertEqual(2, len(self.one.terms))
        self.assertNotIn('without asking', self.log.output)

    def test_one_that_asks_no_back_end(self):
        self.one.work.lost_to = 'stranger:token'
        self.world.run(2, [self.one])
        self.assertFalse(self.one.works)
        self.assertEqual('rests', self.one.standing())
        self.assertIn('stranger:token has taken it over without asking',
                      self.log.output)
        # it does not contend for a while, so that the other one may try
        self.world.run(2, [self.other])
        self.assertTrue(self.other.works)

    def test_fenced_while_the_back_end_is_away(self):
        self.world.end.down = True
        self.one.work.lost_to = 'b:token'
        self.one.step()
        self.assertFalse(self.one.works)
        self.world.end.down = False
        self.world.run(2, [self.one])
        self.assertFalse(self.one.place.holding)


class OutageTest(TenureTestCase):

    def setUp(self):
        super().setUp()
        self.one, self.other = self.world.add('a'), self.world.add('b')
        self.world.run()
        self.world.end.down = True

    def test_who_owns_goes_on_and_nobody_takes(self):
        self.world.run(30)
        self.assertEqual([('a', 'nova')], self.world.working())
        self.assertEqual(0, self.one.gauge('coordination_up'))
        self.assertEqual(1, self.log.output.count(
            'it goes on being collected here'))
        self.assertEqual(1, self.log.output.count(
            'this host stands by and takes nothing over'))
        self.assertIn('nobody there', self.one.tenure.facts()[0].back_end)

    def test_a_free_unit_is_not_taken(self):
        self.world.run(30, [self.other])
        self.assertEqual([], self.other.terms)

    def test_it_comes_back_by_itself(self):
        self.world.run(30)
        self.world.end.down = False
        self.world.run(10)
        self.assertEqual([('a', 'nova')], self.world.working())
        self.assertEqual(1, len(self.one.terms))
        self.assertEqual(1, self.one.gauge('coordination_up'))
        self.assertEqual(2, self.log.output.count('answers again'))

    def test_whoever_looks_first_then_does_not_take_it_away(self):
        # nobody was heard for longer than the lease, nothing was kept
        for kept in (True, False):
            self.world.run(30)
            if not kept:
                self.world.end.forget()
            self.world.end.down = False
            self.world.run(1, [self.other])
            self.world.run(10)
            self.assertEqual([('a', 'nova')], self.world.working())
            self.world.end.down = True

    def test_an_owner_that_died_meanwhile_is_replaced(self):
        self.world.run(30, [self.other])
        self.world.end.down = False
        self.world.run(tenure.GRACE + 2, [self.other])
        self.assertTrue(self.other.works)

    def test_an_end_does_not_wait_for_it(self):
        self.one.tenure._budget = 8.0
        self.one.tenure._finish()
        self.assertFalse(self.one.works)


class UnableTest(TenureTestCase):

    def test_one_that_cannot_work_leaves_it_to_others(self):
        one = self.world.add('a')
        one.errors = [exception.StoreUnavailable('no way to it')] * 9
        other = self.world.add('b')
        self.world.run(2, [one])
        self.assertIn('nova cannot be collected here yet: no way to it',
                      self.log.output)
        self.assertEqual([False], one.able)
        self.assertEqual('rests', one.standing())
        self.world.run(2)
        self.assertEqual([('b', 'nova')], self.world.working())
        self.assertTrue(all(other.able))

    def begins(self, one, count):
        """When it tries, until it has so often."""
        began = []
        while len(began) < count:
            before = len(one.terms)
            self.world.run()
            if len(one.terms) > before:
                began.append(self.world.clock.now)
        return [later - at for at, later in zip(began, began[1:])]

    def test_where_others_could_it_tries_less_and_less_often(self):
        one = self.world.add('a')
        one.errors = [exception.StoreUnavailable('down')] * 4
        rests = []
        while one.errors:
            # its rest is over
            one.tenure._not_before = self.world.clock.now
            failures = len(one.able)
            while len(one.able) == failures:
                one.step()
            rests.append(one.tenure._not_before - self.world.clock.now)
        self.assertEqual(sorted(rests), rests)
        self.assertGreater(rests[-1], 2 * TIMES.takeover)

    def test_where_nobody_else_could_it_does_not_rest_for_long(self):
        one = self.world.add('a')
        one.errors = [exception.StoreUnavailable('down')] * 6
        pauses = self.begins(one, 7)
        self.assertTrue(one.works)
        self.assertLessEqual(max(pauses), TIMES.takeover + 4 * TIMES.pace)
        self.world.run()
        self.assertTrue(one.able[-1])

    def test_nor_where_all_rest(self):
        # a database that is away, say
        hosts = [self.world.add(name) for name in 'abc']
        for host in hosts:
            host.errors = [exception.StoreUnavailable('down')] * 4
        while any(host.errors for host in hosts):
            self.world.run()
        back = self.world.clock.now
        while not self.world.working():
            self.world.run()
        self.assertLessEqual(self.world.clock.now - back,
                             TIMES.takeover + 2 * TIMES.pace)


class StuckTest(TenureTestCase):

    def setUp(self):
        super().setUp()
        self.one, self.other = self.world.add('a'), self.world.add('b')
        self.world.run()
        self.work = self.one.work
        self.work.slow = True
        self.work.lost_to = 'b:token'

    def test_what_does_not_end_ends_the_process(self):
        while not self.one.died:
            self.world.run()
            self.assertLess(self.world.clock.now, 4 * TIMES.takeover)
        (budget,) = self.work.budgets
        self.assertGreater(self.world.clock.now, budget)
        self.assertIn('does not end', self.one.died[0])

    def test_the_back_end_need_not_answer_for_that(self):
        self.world.run()
        self.world.end.down = True
        self.world.run(40)
        self.assertTrue(self.one.died)

    def test_what_ends_late_but_in_time_does_not(self):
        self.world.run(int(self.one_budget() / TIMES.pace) + 2)
        self.work.over()
        self.world.run(40)
        self.assertEqual([], self.one.died)

    def one_budget(self):
        self.world.run()
        return self.work.budgets[0]


class LeftLyingTest(TenureTestCase):
    """A host is there, and does not take what it is to have."""

    def setUp(self):
        super().setUp()
        # one that is heard, and no more
        self.sick = self.world.add('a', 'heat')
        self.nova = self.world.add('b', 'nova')
        self.heat = self.world.add('b', 'heat')

    def run_(self, looks):
        for _ in range(looks):
            self.sick.place.look()
            self.world.run(1, [self.nova, self.heat])

    def test_another_one_takes_it(self):
        self.run_(3)
        self.assertFalse(self.heat.works)
        self.run_(passed.WAY + 2)
        self.assertTrue(self.heat.works)
        self.assertEqual(1, self.log.output.count(
            'heat was not taken by a, though it is its turn'))

    def test_and_does_not_give_it_back_at_once(self):
        self.run_(40)
        self.assertEqual(1, len(self.heat.terms))

    def test_one_that_gets_well_is_given_it_after_a_while(self):
        self.run_(passed.WAY + 5)
        self.world.run(int(passed.PASSED * TIMES.takeover / TIMES.pace) + 15)
        self.assertEqual([('a', 'heat'), ('b', 'nova')],
                         sorted(self.world.working()))

    def test_who_comes_back_meanwhile_is_not_passed_over(self):
        self.run_(3)
        self.world.run(2)
        self.assertTrue(self.sick.works)
        self.world.run(passed.WAY * 2)
        self.assertEqual([('a', 'heat'), ('b', 'nova')],
                         sorted(self.world.working()))
        self.assertNotIn('was not taken', self.log.output)


class TenureProperty(base.TestCase):

    @settings(deadline=None, max_examples=30)
    @given(st.integers(0, 2 ** 32), st.integers(2, 4), st.integers(1, 5))
    def test_after_any_trouble_each_unit_has_one_owner_and_shares_are_even(
            self, seed, hosts, units):
        rng, world = random.Random(seed), World()
        for name in 'abcd'[:hosts]:
            for number in range(units):
                world.add(name, f'unit{number}')
        self._trouble(rng, world, 'abcd'[:hosts])
        world.end.down = False
        for _ in range(200):
            looking = list(world.hosts)
            rng.shuffle(looking)
            world.run(1, looking)
            self._fence(world)
        working = world.working()
        self.assertEqual(units, len({unit for _, unit in working}))
        self.assertEqual(units, len(working))
        held = [sum(name == one for one, _ in working)
                for name in 'abcd'[:hosts]]
        self.assertLessEqual(max(held) - min(held), 1)

    def _trouble(self, rng, world, names):
        paused, sick = set(), set()
        for _ in range(60):
            event = rng.random()
            if event < 0.05:
                world.end.down = not world.end.down
            elif event < 0.1:
                paused ^= {rng.choice(names)}
            elif event < 0.12:
                world.end.forget()
            elif event < 0.16:
                sick ^= {rng.choice(names)}
            looking = [one for one in world.hosts if one.name not in paused]
            rng.shuffle(looking)
            for one in looking if not world.end.down else ():
                if one.name in sick:
                    # it is heard, and that is all
                    one.place.look()
            world.run(1, [one for one in looking if one.name not in sick])
            self._fence(world)

    def _fence(self, world):
        """As the store does it: of several, the one that began last."""
        for host in world.hosts:
            if host.work is not None and host.work not in world.claims:
                world.claims.append(host.work)
        for host in world.hosts:
            if host.work is not None and any(
                    other.unit == host.unit and other.work is not None
                    and world.claims.index(other.work)
                    > world.claims.index(host.work)
                    for other in world.hosts):
                host.work.lost_to = 'another:token'


class WorkTest(base.TestCase):
    """One term, in its thread."""

    def work(self, build):
        self.changes = []
        return work_module.Work(
            'collector-x', build, lambda: self.changes.append(1))

    def test_it_is_built_works_and_is_closed(self):
        seen = []

        def build(work, parts):
            parts.callback(lambda: seen.append(
                (work.works.is_set(), work.limits.left() > 0)))
        work = self.work(build)
        work.end(60)
        work.run()
        self.assertEqual([(True, True)], seen)
        self.assertTrue(work.ended.is_set())
        self.assertFalse(work.works.is_set())
        self.assertIsNone(work.error)
        self.assertEqual(2, len(self.changes))

    def test_what_is_built_half_is_closed(self):
        closed = []

        def build(work, parts):
            parts.callback(lambda: closed.append(1))
            raise exception.StoreUnavailable('down')
        work = self.work(build)
        work.run()
        self.assertEqual([1], closed)
        self.assertEqual('down', str(work.error))
        self.assertTrue(work.ended.is_set())

    def test_a_mistake_of_ours_is_not_hidden(self):
        def build(work, parts):
            raise KeyError('ours')
        self.assertRaises(KeyError, self.work(build).run)

    def test_it_is_quiet_before_all_is_closed(self):
        def build(work, parts):
            parts.callback(lambda: seen.append(
                (work.quiet.is_set(), work.ended.is_set())))
            parts.callback(work.limits.quiet)
        seen = []
        work = self.work(build)
        work.end(60)
        work.run()
        self.assertEqual([(True, False)], seen)

    def test_the_loss_is_told(self):
        work = self.work(lambda work, parts: None)
        work.lost('b:token')
        self.assertEqual('b:token', work.lost_to)
        self.assertEqual([1], self.changes)


class ThreadTest(TenureTestCase):
    """All of it, in its own thread."""

    def test_it_begins_and_ends(self):
        host = self.world.add('a')
        host.place.contending = False
        began = threading.Event()
        begin = host.begin

        def tell(changed):
            began.set()
            return begin(changed)
        host.tenure._begin = tell
        host.tenure.start()
        began.wait()
        host.tenure.stop(60)
        self.assertTrue(host.terms[0].ended.is_set())
        self.assertEqual({}, self.world.end.locks)

    def test_a_stop_before_the_start(self):
        self.world.add('a').tenure.stop(1)
