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
"""What befalls notifications on their way."""

import hypothesis
from hypothesis import strategies

from synchronizer.sandbox import mishaps
from synchronizer.tests import base

RATIO = strategies.floats(0, 1)


class MishapsTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.mishaps = mishaps.Mishaps()

    def all(self, messages):
        return self.mishaps.befall(messages, False)

    def test_nothing_befalls_unless_asked_for(self):
        self.assertEqual([1, 2], self.all([1, 2]))

    def test_each(self):
        for wanted, arrived in (
                ({'silent': True}, []), ({'lost': 1}, []),
                ({'doubled': 1}, [1, 1, 2, 2, 3, 3]),
                ({'reordered': 1}, [2, 1, 3])):
            self.mishaps = mishaps.Mishaps()
            self.mishaps.set(**wanted)
            self.assertEqual(arrived, self.all([1, 2, 3]), wanted)

    def test_one_is_held_back_only_while_more_are_on_their_way(self):
        self.mishaps.set(reordered=1)
        self.assertEqual([], self.mishaps.befall([1], True))
        self.assertEqual([2, 1], self.mishaps.befall([2], True))
        self.assertEqual([], self.mishaps.befall([3], True))
        self.assertEqual([3], self.mishaps.befall([], False))

    def test_what_cannot_be(self):
        for name, value in (
                ('lost', 2), ('lost', True), ('lost', -1), ('silent', 1),
                ('delay', -1), ('delay', 'x'), ('delay', float('inf')),
                ('rng', 1)):
            self.assertRaises(ValueError, self.mishaps.set, doubled=1,
                              **{name: value})
        self.assertEqual(0, self.mishaps.doubled)

    def test_shown(self):
        self.mishaps.set(silent=True, delay=2)
        self.assertEqual({'silent': True, 'delay': 2, 'lost': 0,
                          'doubled': 0, 'reordered': 0},
                         self.mishaps.shown())

    @hypothesis.given(strategies.integers(),
                      strategies.lists(RATIO, min_size=3, max_size=3))
    def test_the_same_seed_befalls_the_same(self, seed, ratios):
        arrived = []
        for _ in range(2):
            one = mishaps.Mishaps(seed)
            one.set(**dict(zip(mishaps.RATIOS, ratios, strict=True)))
            arrived.append(one.befall(range(20), False))
        self.assertEqual(*arrived)

    @hypothesis.given(strategies.integers(), RATIO)
    def test_disorder_loses_nothing_and_moves_by_one_place(self, seed, ratio):
        one = mishaps.Mishaps(seed)
        one.set(reordered=ratio)
        arrived = [message for i in range(20)
                   for message in one.befall([i], i < 19)]
        self.assertEqual(list(range(20)), sorted(arrived))
        for place, message in enumerate(arrived):
            self.assertLessEqual(abs(place - message), 1)
