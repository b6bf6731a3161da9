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

"""When notifications are missed, and when not."""

import hypothesis
from hypothesis import strategies

from synchronizer.collector import silence
from synchronizer.collector.silence import PATIENCE
from synchronizer.tests import base


class SilenceTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.silence = silence.Silence()

    def found(self, count, now, prefix='x'):
        for number in range(count):
            self.silence.found(f'{prefix}{number}', now)

    def test_nothing_is_said_of_nothing(self):
        self.assertIsNone(self.silence.complains(1000))

    def test_what_goes_untold_is_complained_of(self):
        self.found(5, 100)
        self.assertIsNone(self.silence.complains(100 + PATIENCE - 0.1))
        self.assertEqual(
            '5 of the last 5 changes were found by listing and told by no '
            'notification', self.silence.complains(100 + PATIENCE))
        self.assertEqual((5, 0), (self.silence.untold, self.silence.hints))

    def test_a_few_always_do(self):
        self.found(4, 100)
        self.assertIsNone(self.silence.complains(200))
        self.assertEqual(4, self.silence.untold)

    def test_a_small_share_always_does(self):
        for _ in range(21):
            self.silence.told()
        self.found(5, 100)
        self.assertIsNone(self.silence.complains(200))
        self.found(1, 200)
        self.assertIn('6 of the last 27', self.silence.complains(300))

    def test_it_is_forgiven_when_notifications_tell_again(self):
        self.found(20, 100)
        self.assertIsNotNone(self.silence.complains(200))
        for _ in range(silence.LAST):
            self.silence.told()
        self.assertIsNone(self.silence.complains(201))
        self.assertEqual(20, self.silence.untold)

    def test_a_notification_may_come_before_or_soon_after(self):
        self.found(5, 100)
        for number in range(5):
            self.silence.heard(f'x{number}', 100 + PATIENCE - 0.1)
        self.found(5, 100 + silence.LATELY)
        self.assertIsNone(self.silence.complains(1000))
        self.assertEqual((0, 5), (self.silence.untold, self.silence.hints))

    def test_a_notification_does_not_explain_for_ever(self):
        for number in range(5):
            self.silence.heard(f'x{number}', 100)
        self.found(5, 100 + silence.LATELY + 0.1)
        self.assertIn('5 of the last 5', self.silence.complains(1000))

    def test_a_notification_of_another_id_explains_nothing(self):
        self.silence.heard('y', 100)
        self.found(5, 100)
        self.assertIn('5 of the last 5', self.silence.complains(1000))

    def test_one_of_the_whole_type_explains_all(self):
        self.found(5, 100)
        self.silence.heard(None, 105)
        self.found(5, 110)
        self.assertIsNone(self.silence.complains(1000))

    def test_after_an_outage_nothing_is_missed_for_a_while(self):
        self.found(20, 100)
        self.silence.pardon(105)
        self.found(20, 105 + silence.LATELY)
        self.assertIsNone(self.silence.complains(1000))
        self.found(5, 105 + silence.LATELY + 0.1)
        self.assertIn('5 of the last 5', self.silence.complains(2000))

    def test_what_explains_nothing_any_more_is_forgotten(self):
        for number in range(1000):
            self.silence.heard(f'x{number}', float(number))
        self.assertEqual(silence.LATELY + 1, len(self.silence._heard))

    def test_memory_is_bounded(self):
        self.found(silence.MOST + 100, 100)
        for number in range(silence.MOST + 100):
            self.silence.heard(f'y{number}', 100)
        self.silence.complains(1000)
        self.assertEqual(silence.MOST, self.silence.untold)


IDS = strategies.integers(0, 30).map(str)
DELAYS = strategies.floats(-silence.LATELY + 0.01, PATIENCE - 0.01)
CHANGES = strategies.lists(strategies.tuples(
    IDS, strategies.floats(0, 1000), DELAYS), max_size=150)
MOMENTS = strategies.lists(strategies.floats(0, 2000), max_size=20)


class SilencePropertyTest(base.TestCase):

    @hypothesis.given(CHANGES, MOMENTS)
    @hypothesis.settings(deadline=None, database=None)
    def test_it_never_complains_of_what_was_told_in_time(
            self, changes, moments):
        judge = silence.Silence()
        events = [(at, 1, judge.found, id_) for id_, at, _ in changes]
        events += [(at + delay, 0, judge.heard, id_)
                   for id_, at, delay in changes]
        for at, _, tell, id_ in sorted(
                events + [(at, 2, None, '') for at in moments],
                key=lambda event: event[:2]):
            if tell:
                tell(id_, at)
            else:
                assert judge.complains(at) is None
        assert judge.complains(5000) is None
        assert judge.untold == 0

    @hypothesis.given(strategies.integers(silence.ENOUGH, 300),
                      strategies.floats(0, 5))
    @hypothesis.settings(deadline=None, database=None)
    def test_it_always_complains_when_all_goes_untold(self, count, step):
        judge = silence.Silence()
        for number in range(count):
            judge.found(str(number), number * step)
            judge.heard('another', number * step)
        assert judge.complains(count * step + PATIENCE)
        assert judge.untold == count
