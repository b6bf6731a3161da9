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

"""The brake, and the two sweeps of types that cannot be asked."""

import random

from synchronizer.collector import absence
from synchronizer.tests import base

MANY = tuple(f'id-{number}' for number in range(100))


def judge(can_get=True):
    return absence.Absence(can_get, 0.2, 20, 50, random.Random(1))


def answer(held, ruling, gone=True):
    """The whole sample is asked for; what that came to."""
    return [held.answered(id_, gone) for id_ in ruling.sample][-1]


class WithGetTest(base.TestCase):

    def test_few_missing_are_asked_for_one_by_one(self):
        self.assertEqual(absence.Ruling(ask=('a', 'b')),
                         judge().rule(('a', 'b'), 3))

    def test_the_brake_needs_both_ratio_and_number(self):
        for missing, lived in ((21, 105), (20, 20), (21, 1000)):
            self.assertEqual(MANY[:missing], judge().rule(
                MANY[:missing], lived).ask)
        braked = judge().rule(MANY[:21], 104)
        self.assertEqual((), braked.ask)
        self.assertEqual(set(MANY[:21]), set(braked.sample))

    def test_the_brake_holds_and_samples_fifty(self):
        held = judge()
        ruling = held.rule(MANY, 100)
        self.assertEqual(((), (), True),
                         (ruling.ask, ruling.gone, ruling.again))
        self.assertEqual(50, len(set(ruling.sample) & set(MANY)))
        self.assertEqual(100, held.held)
        self.assertTrue(held.holds('id-7'))

    def test_gone_sample_and_second_sweep_release_what_both_lack(self):
        held = judge()
        self.assertTrue(answer(held, held.rule(MANY[:60], 100)))
        ruling = held.rule(MANY[10:90], 100)
        self.assertEqual(MANY[10:60], ruling.ask)
        self.assertTrue(ruling.again)
        self.assertEqual(0, held.held)

    def released(self):
        held = judge()
        answer(held, held.rule(MANY, 100))
        self.assertEqual(MANY, held.rule(MANY, 100).ask)
        return held

    def test_what_is_released_stays_so_while_it_is_asked_for(self):
        held = self.released()
        ruling = held.rule(MANY[30:], 70)
        self.assertEqual((MANY[30:], (), False),
                         (ruling.ask, ruling.sample, ruling.again))
        self.assertFalse(held.holds('id-50'))

    def test_what_was_seen_again_is_judged_anew(self):
        held = self.released()
        self.assertEqual(MANY[50:], held.rule(MANY[50:], 100).ask)
        ruling = held.rule(MANY, 100)
        self.assertEqual(MANY[50:], ruling.ask)
        self.assertEqual(set(MANY[:50]), set(ruling.sample))
        self.assertTrue(held.holds('id-7'))
        self.assertFalse(held.holds('id-77'))

    def test_without_the_samples_word_the_second_sweep_brakes_anew(self):
        held = judge()
        ruling = held.rule(MANY, 100)
        for word in (None, False):
            if word is not None:
                self.assertIs(word, answer(held, ruling, word))
            ruling = held.rule(MANY, 100)
            self.assertEqual(((), 50), (ruling.ask, len(ruling.sample)))

    def test_one_of_the_sample_that_lives_is_enough(self):
        held = judge()
        first, *rest = held.rule(MANY, 100).sample
        self.assertIsNone(held.answered(first, False))
        self.assertFalse([held.answered(id_, True) for id_ in rest][-1])

    def test_a_sample_that_is_being_asked_for_outlasts_further_sweeps(self):
        # else sweeps that come fast would hold all back for ever
        held = judge()
        sample = held.rule(MANY, 100).sample
        for id_ in sample[:-1]:
            self.assertIsNone(held.answered(id_, True))
            self.assertEqual(absence.Ruling(), held.rule(MANY, 100))
            self.assertEqual(100, held.held)
        self.assertTrue(held.answered(sample[-1], True))
        self.assertEqual(MANY, held.rule(MANY, 100).ask)

    def test_but_not_one_of_which_a_sweep_has_seen_some(self):
        held = judge()
        sample = held.rule(MANY, 100).sample
        held.answered(sample[0], True)
        rest = tuple(id_ for id_ in MANY if id_ != sample[1])
        self.assertEqual(50, len(held.rule(rest, 100).sample))
        self.assertIsNone(held.answered(sample[1], True))

    def test_nor_one_that_cannot_be_asked_for(self):
        held = judge()
        sample = held.rule(MANY, 100).sample
        held.answered(sample[0], True)
        held.rule(MANY, 100)
        again = held.rule(MANY, 100).sample
        self.assertEqual(50, len(again))
        self.assertNotEqual(set(sample), set(again))

    def test_what_is_held_back_and_no_sample_needs_no_proof(self):
        held = judge()
        self.assertFalse(held.ignores('id-1'))
        sample = held.rule(MANY, 100).sample
        self.assertEqual(set(MANY).difference(sample),
                         set(filter(held.ignores, MANY)))
        self.assertFalse(held.ignores('another'))

    def test_a_sample_counts_for_one_sweep_only(self):
        held = judge()
        answer(held, held.rule(MANY, 100))
        self.assertEqual((), held.rule((), 100).ask)
        self.assertEqual((), held.rule(MANY, 100).ask)

    def test_a_good_sweep_releases_the_brake(self):
        held = judge()
        held.rule(MANY, 100)
        self.assertEqual(('id-1',), held.rule(('id-1',), 100).ask)
        self.assertEqual(0, held.held)

    def test_of_a_partial_sweep_few_are_asked_for_and_many_are_not(self):
        self.assertEqual(('a',), judge().rule_partial(('a',), 10).ask)
        self.assertEqual(absence.Ruling(), judge().rule_partial(MANY, 100))


class WithoutGetTest(base.TestCase):

    def test_two_complete_sweeps_in_a_row_must_lack_it(self):
        held = judge(can_get=False)
        self.assertEqual(absence.Ruling(again=True), held.rule(('a',), 5))
        self.assertEqual(absence.Ruling(gone=('a',)), held.rule(('a',), 5))

    def test_seen_between_starts_the_count_anew(self):
        held = judge(can_get=False)
        held.rule(('a',), 5)
        self.assertEqual(absence.Ruling(), held.rule((), 5))
        self.assertEqual((), held.rule(('a',), 5).gone)

    def test_braked_two_further_sweeps_must_agree(self):
        held = judge(can_get=False)
        self.assertEqual((), held.rule(MANY, 100).gone)
        self.assertEqual(100, held.held)
        self.assertEqual((), held.rule(MANY[:90], 100).gone)
        self.assertEqual(90, held.held)
        self.assertEqual(MANY[:90], held.rule(MANY[:90], 100).gone)
        self.assertEqual(0, held.held)

    def test_a_partial_sweep_says_nothing(self):
        self.assertEqual(absence.Ruling(),
                         judge(can_get=False).rule_partial(('a',), 10))
