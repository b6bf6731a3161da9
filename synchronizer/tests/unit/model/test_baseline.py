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

"""Each rule of the baseline as an example."""

from synchronizer.model import baseline
from synchronizer.model.baseline import Verdict
from synchronizer.model.reading import ABSENT
from synchronizer.model.reading import BEFORE_THIS_RUN
from synchronizer.model.reading import Reading
from synchronizer.model.reading import Window
from synchronizer.tests import base


def seen(digest: str | None, start: float, end: float) -> Reading:
    return Reading('a', digest, Window(start, end))


class AcceptTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.baseline = baseline.Baseline()
        self.assertEqual(Verdict.NEWER,
                         self.baseline.accept(seen('old', 10, 20)))

    def accept(self, *reading):
        return self.baseline.accept(seen(*reading))

    def held(self):
        entry = self.baseline.entry('a')
        return entry.digest, entry.window

    def test_the_same_value_later_is_no_change_and_moves_the_window(self):
        self.assertEqual(Verdict.SAME, self.accept('old', 15, 16))
        self.assertEqual(('old', Window(15, 16)), self.held())

    def test_the_same_value_earlier_moves_nothing(self):
        self.assertEqual(Verdict.SAME, self.accept('old', 9, 30))
        self.assertEqual(('old', Window(10, 20)), self.held())

    def test_what_began_after_the_end_is_newer(self):
        self.assertEqual(Verdict.NEWER, self.accept('new', 20, 21))
        self.assertEqual(('new', Window(20, 21)), self.held())

    def test_what_ended_before_the_begin_is_older(self):
        self.assertEqual(Verdict.OLDER, self.accept('new', 1, 10))
        self.assertEqual(('old', Window(10, 20)), self.held())

    def test_overlapping_and_different_is_a_doubt_that_touches_nothing(self):
        for window in ((10, 20), (5, 11), (19, 40), (12, 13), (5, 40)):
            self.assertEqual(Verdict.DOUBT, self.accept('new', *window))
            self.assertEqual(('old', Window(10, 20)), self.held())

    def test_the_refetch_of_a_doubt_settles_it(self):
        self.assertEqual(Verdict.DOUBT, self.accept('new', 19, 25))
        self.assertEqual(Verdict.NEWER, self.accept('new', 26, 27))

    def test_a_deletion_leaves_a_tombstone(self):
        self.assertEqual(Verdict.NEWER, self.accept(ABSENT, 20, 21))
        self.assertNotIn('a', self.baseline)
        self.assertEqual((ABSENT, Window(20, 21)), self.held())

    def test_a_page_under_way_does_not_bring_a_dead_id_to_life(self):
        self.accept(ABSENT, 20, 21)
        self.assertEqual(Verdict.DOUBT, self.accept('old', 15, 25))
        self.assertEqual(Verdict.OLDER, self.accept('old', 11, 20))
        self.assertNotIn('a', self.baseline)

    def test_a_new_life_is_news(self):
        self.accept(ABSENT, 20, 21)
        self.assertEqual(Verdict.NEWER, self.accept('reborn', 21, 22))
        self.assertIn('a', self.baseline)


class NothingHeldTest(base.TestCase):

    def test_absence_of_what_was_never_seen_leaves_a_tombstone_too(self):
        held = baseline.Baseline()
        self.assertEqual(Verdict.SAME, held.accept(seen(ABSENT, 5, 6)))
        self.assertEqual(Verdict.DOUBT, held.accept(seen('x', 4, 9)))
        self.assertNotIn('a', held)

    def test_of_what_an_earlier_run_left_any_reading_is_newer(self):
        held = baseline.Baseline([('a', 'old')])
        self.assertEqual(BEFORE_THIS_RUN, held.entry('a').window)
        self.assertEqual(Verdict.NEWER, held.accept(seen('new', 0, 1)))

    def test_what_an_earlier_run_left_can_be_found_absent(self):
        held = baseline.Baseline([('a', 'old')])
        self.assertEqual(Verdict.NEWER, held.accept(seen(ABSENT, 0, 1)))
        self.assertEqual(0, len(held))


class MissingTest(base.TestCase):

    def test_only_what_was_known_before_the_sweep_began_is_missing(self):
        held = baseline.Baseline([('before', 'x'), ('shown', 'x')])
        held.accept(Reading('ended-at-start', 'x', Window(5, 10)))
        held.accept(Reading('during', 'x', Window(9, 11)))
        held.accept(Reading('after', 'x', Window(12, 13)))
        held.accept(Reading('dead', ABSENT, Window(1, 2)))
        self.assertEqual({'before', 'ended-at-start'},
                         set(held.missing({'shown'}, started=10)))


class KeepingTest(base.TestCase):

    def test_a_failed_commit_is_taken_back(self):
        held = baseline.Baseline([('a', 'old')])
        for reading in (seen('new', 1, 2), seen(ABSENT, 1, 2)):
            before = held.entry('a')
            held.accept(reading)
            held.hold('a', before)
            self.assertEqual(before, held.entry('a'))
            self.assertEqual(1, len(held))

    def test_the_creation_of_a_failed_commit_leaves_nothing(self):
        held = baseline.Baseline()
        before = held.entry('a')
        held.accept(seen('new', 1, 2))
        held.hold('a', before)
        self.assertEqual(baseline.NEVER_SEEN, held.entry('a'))
        self.assertEqual(Verdict.NEWER, held.accept(seen('new', 0, 1)))

    def test_tombstones_stay_while_a_window_could_contradict_them(self):
        held = baseline.Baseline()
        held.accept(seen(ABSENT, 5, 6))
        held.forget_tombstones(before=5.5)
        self.assertEqual(Verdict.DOUBT, held.accept(seen('x', 5.5, 7)))
        held.forget_tombstones(before=6)
        self.assertEqual(baseline.NEVER_SEEN, held.entry('a'))
