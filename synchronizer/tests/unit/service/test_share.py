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

"""Each host its share, whatever the order in which they look."""

import random

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from synchronizer.service import share
from synchronizer.tests import base

UNITS = [f'unit{number}' for number in range(9)]


def view(contenders, holders):
    return share.View(
        frozenset((host, unit) for host, units in contenders.items()
                  for unit in units), holders)


class ShareTest(base.TestCase):

    def test_alone_a_host_takes_everything(self):
        seen = view({'a': 'xyz'}, {'x': 'a', 'y': 'a'})
        self.assertTrue(share.may_take(seen, 'a', 'z'))

    def test_what_somebody_has_is_not_taken(self):
        seen = view({'a': 'x', 'b': 'x'}, {'x': 'b'})
        self.assertFalse(share.may_take(seen, 'a', 'x'))

    def test_whoever_has_fewer_takes(self):
        seen = view({'a': 'xyz', 'b': 'xyz'}, {'x': 'a'})
        self.assertFalse(share.may_take(seen, 'a', 'y'))
        self.assertTrue(share.may_take(seen, 'b', 'y'))

    def test_one_that_let_it_lie_does_not_count(self):
        seen = view({'a': 'xyz', 'b': 'xyz', 'c': 'xyz'},
                    {'x': 'a', 'z': 'c'})
        self.assertFalse(share.may_take(seen, 'a', 'y'))
        self.assertTrue(share.may_take(seen, 'a', 'y', {'b'}))

    def test_one_that_could_not_take_it_does_not_count(self):
        seen = view({'a': 'xyz', 'b': 'z'}, {'x': 'a'})
        self.assertTrue(share.may_take(seen, 'a', 'y'))

    def test_two_fewer_elsewhere_are_a_reason_to_give(self):
        seen = view({'a': 'xy', 'b': 'xy'}, {'x': 'a', 'y': 'a'})
        self.assertTrue(share.should_give(seen, 'a', 'x', {'b'}))

    def test_one_fewer_is_none(self):
        seen = view({'a': 'xyz', 'b': 'xyz'}, {'x': 'a', 'y': 'a', 'z': 'b'})
        self.assertFalse(share.should_give(seen, 'a', 'x', {'b'}))

    def test_nothing_is_given_to_one_that_has_just_come(self):
        seen = view({'a': 'xy', 'b': 'xy'}, {'x': 'a', 'y': 'a'})
        self.assertFalse(share.should_give(seen, 'a', 'x', set()))

    def test_nothing_is_given_to_one_that_could_not_take_it(self):
        seen = view({'a': 'xy', 'b': 'y'}, {'x': 'a', 'y': 'a'})
        self.assertFalse(share.should_give(seen, 'a', 'x', {'b'}))
        self.assertTrue(share.should_give(seen, 'a', 'y', {'b'}))

    def test_whoever_has_the_most_gives(self):
        seen = view(dict.fromkeys('abc', 'vwxyz'), {
            'v': 'a', 'w': 'a', 'x': 'a', 'y': 'b', 'z': 'b'})
        self.assertTrue(share.should_give(seen, 'a', 'v', {'c'}))
        self.assertFalse(share.should_give(seen, 'b', 'y', {'c'}))

    def test_one_at_a_time(self):
        seen = view({'a': 'wxyz', 'b': 'wxyz'},
                    {'x': 'a', 'y': 'a', 'z': 'a'})
        self.assertFalse(share.should_give(seen, 'a', 'x', {'b'}))


class World:
    """Hosts that look in any order; each decision is made alone."""

    def __init__(self, rng):
        self.rng, self.hosts, self.holders = rng, {}, {}
        self.moves = []

    def view(self):
        return view(self.hosts, dict(self.holders))

    def lose(self, host):
        del self.hosts[host]
        self.holders = {unit: holder for unit, holder in
                        self.holders.items() if holder != host}

    def settle(self, case):
        """Let all look until nobody does anything."""
        for _ in range(100):
            looks = [(host, unit) for host, units in self.hosts.items()
                     for unit in units]
            self.rng.shuffle(looks)
            if not sum([self.look(*one) for one in looks]):
                return
        case.fail(f'no end: {self.moves}')

    def look(self, host, unit):
        seen = self.view()
        if self.holders.get(unit) == host:
            if share.should_give(seen, host, unit, set(self.hosts)):
                del self.holders[unit]
                return True
        elif share.may_take(seen, host, unit):
            self.holders[unit] = host
            self.moves.append((unit, host))
            return True
        return False


class ShareProperty(base.TestCase):

    @settings(deadline=None, max_examples=100)
    @given(st.integers(0, 2 ** 32), st.integers(1, 9),
           st.lists(st.sampled_from('abcde'), max_size=12))
    def test_like_hosts_differ_by_one_and_only_what_must_move_moves(
            self, seed, units, events):
        world = World(random.Random(seed))
        for host in ['a', *events]:
            before, world.moves = dict(world.holders), []
            if host in world.hosts and len(world.hosts) > 1:
                world.lose(host)
                world.settle(self)
                self.assertEqual(
                    {unit for unit, owner in before.items()
                     if owner == host},
                    {unit for unit, _ in world.moves})
            elif host not in world.hosts:
                world.hosts[host] = UNITS[:units]
                world.settle(self)
                if before:
                    self.assertLessEqual(
                        {to for _, to in world.moves}, {host})
            self.assertEqual(len(world.moves),
                             len({unit for unit, _ in world.moves}))
            held = [world.view().held(one) for one in world.hosts]
            self.assertEqual(units, sum(held))
            self.assertLessEqual(max(held) - min(held), 1)

    @settings(deadline=None, max_examples=100)
    @given(st.integers(0, 2 ** 32), st.dictionaries(
        st.sampled_from('abcde'), st.sets(st.sampled_from(UNITS),
                                          min_size=1), min_size=1))
    def test_unlike_hosts_come_to_rest_where_no_move_would_help(
            self, seed, hosts):
        world = World(random.Random(seed))
        for host, units in hosts.items():
            world.hosts[host] = sorted(units)
            world.settle(self)
        self.assertEqual({unit for units in hosts.values()
                          for unit in units}, set(world.holders))
        seen = world.view()
        for unit, host in world.holders.items():
            self.assertIn(unit, hosts[host])
            for other in seen.others(host, unit):
                self.assertLessEqual(seen.held(host) - seen.held(other), 1)
