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

"""Which of many hints are due, and when: as the page on the baseline says."""

import itertools
import random

from synchronizer.collector import refetch
from synchronizer.model.initiator import Initiator
from synchronizer.plugins import hints
from synchronizer.tests import base

SETTLE = 0.05
ONE, OTHER = Initiator('one'), Initiator('other', request_id='req-1')


def some(count, prefix='x'):
    return [f'{prefix}{number:05}' for number in range(count)]


class QueueCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.queue = self.make()

    def make(self, settle=SETTLE):
        return refetch.Queue(1, 60, random.Random(1), settle, batch=20)

    def hint(self, *ids, at, type_='t', **more):
        return [self.queue.hint(hints.Hint(type_, id_, **more), at, 'hint')
                for id_ in ids]

    def doubt(self, *ids, at):
        for id_ in ids:
            self.queue.add('t', id_, 'sweep', at)

    def due(self, now):
        return [ask.id for ask in self.queue.due(now)]

    def one(self, now):
        (ask,) = self.queue.due(now)
        return ask

    def drain(self, now):
        """All that is due, each settled at once."""
        while asks := self.queue.due(now):
            for ask in asks:
                self.queue.settled(ask, now)
            self.queue.looked(asks[0].type, [], now, 0)
            yield [ask.id for ask in asks]


class SettlingTest(QueueCase):

    def test_hints_for_one_id_within_a_short_time_are_one_request(self):
        self.hint('a', at=10)
        self.hint('a', at=10.04)
        self.assertEqual([], self.due(10.04))
        self.assertEqual([['a']], list(self.drain(10.05)))
        self.assertEqual([], list(self.drain(1000)))

    def test_a_burst_for_one_id_costs_one_request(self):
        for number in range(1000):
            self.hint('a', at=10 + number / 1000)
        self.assertEqual([['a']], list(self.drain(12)))
        self.assertEqual((0, None),
                         (len(self.queue), self.queue.next_at()))

    def test_a_burst_that_goes_on_while_it_is_asked_for_costs_two(self):
        self.hint('a', at=10)
        ask = self.one(10.05)
        for number in range(999):
            self.hint('a', at=10.06 + number / 1000)
        self.assertEqual([], self.due(11.06))
        self.queue.settled(ask, 11.06)
        self.assertEqual([['a']], list(self.drain(12)))
        self.assertEqual([], list(self.drain(1000)))

    def test_it_settles_again_after_an_answer(self):
        self.hint('a', at=10)
        ask = self.one(10.05)
        self.hint('a', at=10.2)
        self.queue.settled(ask, 10.21)
        self.assertEqual([], self.due(10.24))
        self.assertEqual(['a'], self.due(10.26))

    def test_the_first_look_is_not_put_off(self):
        for number in range(5):
            self.hint('a', at=10 + number / 100)
        self.assertEqual(['a'], self.due(10.05))

    def test_nor_is_that_of_another_burst_while_it_is_followed(self):
        self.hint('a', at=10)
        self.queue.again(self.one(10.05), 10.1, 5)
        self.hint('a', at=11)
        self.hint('a', at=11.04)
        self.assertEqual(['a'], self.due(11.05))

    def test_the_rest_of_a_burst_is_while_it_is_followed(self):
        self.hint('a', at=10)
        self.queue.again(self.one(10.05), 10.1, 5)
        for number in range(20):
            self.hint('a', at=10.12 + number / 25)
        self.assertEqual([], self.due(10.92))
        self.assertEqual(['a'], self.due(10.94))

    def test_a_burst_that_does_not_end_is_not_waited_for(self):
        self.hint('a', at=9.9)
        ask = self.one(9.96)
        self.hint('a', at=9.97)
        self.queue.settled(ask, 10)
        at = next(at for at in itertools.count(10, 0.04)
                  if not (self.hint('a', at=at), self.due(at)) == (
                      [True], []))
        self.assertLessEqual(at, 10 + (refetch.LONGEST + 3) * SETTLE)
        self.assertGreater(at, 10 + (refetch.LONGEST - 2) * SETTLE)

    def patient(self, at, patience=10):
        return self.queue.hint(
            hints.Hint('t', 'a', beside=True), at, 'hint', patience)

    def test_one_that_may_wait_is_one_request_for_all_that_come(self):
        for number in range(100):
            self.patient(at=10 + number / 10)
        self.assertEqual([], self.due(19.9))
        self.assertEqual([['a']], list(self.drain(20)))
        self.assertEqual([], list(self.drain(1000)))

    def test_it_does_not_keep_one_that_may_not(self):
        self.patient(at=10)
        self.hint('a', at=12)
        self.patient(at=12.01)
        self.assertEqual([['a']], list(self.drain(12.06)))
        self.assertEqual([], list(self.drain(1000)))

    def test_one_that_comes_while_it_is_asked_for_is_soon_met(self):
        self.patient(at=10)
        ask = self.one(20)
        self.patient(at=20.01)
        self.queue.settled(ask, 20.02)
        self.assertEqual([['a']], list(self.drain(20.1)))

    def test_of_what_may_wait_many_are_a_crowd(self):
        for id_ in some(21):
            self.queue.hint(hints.Hint('t', id_), 10, 'hint', 10)
        self.assertEqual([some(21)], list(map(sorted, self.drain(20))))

    def test_two_ids_do_not_wait_for_each_other(self):
        self.hint('a', at=10)
        self.hint('b', at=10.04)
        self.assertEqual(['a'], self.due(10.05))
        self.assertEqual([], self.due(10.05))
        self.assertEqual(['b'], self.due(10.09))

    def test_nothing_is_due_before_it_says_so(self):
        self.assertIsNone(self.queue.next_at())
        self.hint('a', at=10)
        self.assertEqual(10.05, self.queue.next_at())

    def test_a_part_is_not_what_it_is_a_part_of(self):
        self.hint('a', at=10)
        self.hint('a', at=10, part=True)
        self.assertEqual([['a'], ['a']], list(self.drain(11)))


class WhatItKnowsTest(QueueCase):

    def test_the_latest_stamp_counts_and_the_last_word_on_its_life(self):
        self.hint('a', at=10, written=5.0)
        self.hint('a', at=10, written=9.0, gone=True)
        self.hint('a', at=10, written=7.0)
        self.hint('a', at=10)
        ask = self.one(11)
        # that it is gone was told once, and nobody told that it is back
        self.assertEqual((9.0, True, 10), (ask.written, ask.gone, ask.since))
        self.hint('a', at=12)
        self.assertEqual((True, 12), (ask.gone, ask.since))

    def test_a_doubt_that_is_hinted_at_stays_a_doubt(self):
        self.doubt('a', at=10)
        self.hint('a', at=10)
        self.assertTrue(self.one(11).doubt)

    def test_a_hint_that_comes_into_doubt_is_one(self):
        self.hint('a', at=10)
        self.doubt('a', at=10.01)
        ask = self.one(10.01)
        self.assertTrue(ask.doubt)
        self.queue.settled(ask, 11)
        self.assertEqual([], list(self.drain(1000)))

    def test_a_doubt_that_came_meanwhile_is_not_forgotten_in_a_pause(self):
        self.hint('a', at=10)
        ask = self.one(10.05)
        self.doubt('a', at=15)
        self.queue.again(ask, 20, pause=30)
        self.assertIs(ask, self.one(20))
        self.assertTrue(ask.doubt)

    def test_a_hint_that_came_meanwhile_cuts_the_pause_short(self):
        self.hint('a', at=10)
        ask = self.one(10.05)
        self.hint('a', at=15)
        self.queue.again(ask, 15.01, pause=30)
        self.assertEqual([], self.due(15.04))
        self.assertEqual(['a'], self.due(15.06))

    def test_a_pause_outlasts_nothing_that_was_read_before_its_end(self):
        self.hint('a', at=10)
        ask = self.one(10.05)
        self.queue.again(ask, 11, pause=2)
        self.assertEqual(13, ask.since)

    def test_a_hint_in_a_pause_cuts_it_short(self):
        self.hint('a', at=10)
        ask = self.one(10.05)
        ask.early = 3
        self.queue.again(ask, 11, pause=2)
        self.hint('a', at=11.5)
        self.assertEqual(0, ask.early)
        self.assertEqual(['a'], self.due(11.56))

    def test_what_is_asked_for_anyway_is_not_followed(self):
        self.hint('a', at=10)
        self.queue.follow('t', 'a', 'hint', 40)
        self.queue.follow('t', 'b', 'hint', 40)
        self.queue.follow('t', 'b', 'hint', 30)
        self.assertEqual([['a']], list(self.drain(39)))
        self.assertEqual([['b']], list(self.drain(40)))

    def test_a_failing_one_is_not_hurried_by_hints(self):
        self.hint('a', at=10)
        self.queue.failed(self.one(10.05), 11, at_least=50)
        for at in range(12, 60):
            self.hint('a', at=at)
            self.assertEqual([], self.due(at))
        self.assertEqual(['a'], self.due(61))


class InitiatorTest(QueueCase):
    """Who is behind what a request will show."""

    def tell(self, by, at, id_='a'):
        self.hint(id_, at=at, initiator=by)

    def test_of_several_the_last_who_is_known(self):
        for at, by in ((10, ONE), (10.01, OTHER), (10.02, None)):
            self.tell(by, at)
        self.assertEqual(OTHER, self.one(11).credit.by)

    def test_it_is_over_with_the_answer(self):
        self.tell(ONE, 10)
        self.assertEqual([['a']], list(self.drain(11)))
        self.tell(None, 12)
        self.assertIsNone(self.one(13).credit.by)

    def test_one_who_comes_while_it_is_asked_for_is_the_next(self):
        for later in (OTHER, None):
            self.queue = self.make()
            self.tell(ONE, 10)
            ask = self.one(11)
            self.tell(later, 11.5)
            self.assertEqual(ONE, ask.credit.by)
            self.queue.settled(ask, 12)
            self.assertEqual(later, self.one(13).credit.by)

    def test_an_early_answer_and_a_failure_settle_nothing(self):
        self.tell(ONE, 10)
        ask = self.one(11)
        ask.early = 1
        self.tell(None, 11.1)
        self.queue.again(ask, 12, pause=1)
        self.queue.failed(self.one(14), 15)
        self.assertEqual(ONE, self.one(100).credit.by)

    def test_what_is_followed_keeps_who_began_it(self):
        self.tell(ONE, 10)
        self.queue.again(self.one(11), 12, pause=30)
        self.assertEqual(ONE, self.one(43).credit.by)
        self.queue.follow('t', 'b', 'hint', 50, initiator=OTHER)
        self.assertEqual(OTHER, self.one(51).credit.by)

    def test_until_somebody_else_is_told_of(self):
        self.queue.follow('t', 'a', 'hint', 50, initiator=ONE)
        self.tell(None, 20)
        self.assertIsNone(self.one(21).credit.by)

    def test_a_doubt_is_whose_reading_led_to_it(self):
        self.queue.add('t', 'a', 'hint', 10, ONE)
        self.doubt('a', at=10)
        self.assertEqual(ONE, self.one(11).credit.by)

    def test_of_a_crowd_each_has_its_own(self):
        ids = some(21)
        for number, id_ in enumerate(ids):
            self.tell((ONE, OTHER, None)[number % 3], 10, id_)
        look = self.queue.due(11)
        self.tell(OTHER, 11, ids[0])
        self.assertEqual([ONE, OTHER, None] * 7,
                         [ask.credit.by for ask in look])
        self.queue.looked('t', look, 12, 0)
        self.assertEqual(OTHER, look[0].credit.by)


class LinesTest(QueueCase):
    """Doubts and hints are served in turn."""

    def position(self, id_, now, limit=10):
        served = []
        while id_ not in served:
            self.assertLess(len(served), limit)
            served += self.due(now)
        return len(served)

    def test_ten_thousand_doubts_do_not_delay_a_hint(self):
        self.doubt(*some(10_000), at=10)
        self.hint('a', at=10)
        self.assertLessEqual(self.position('a', 11), 2)

    def test_ten_thousand_hints_do_not_starve_a_doubt(self):
        self.hint(*some(10_000, 'y'), at=10)
        # what a look did not show is asked for alone
        self.queue.looked('t', self.queue.due(11), 11, 0)
        self.doubt('a', at=11)
        self.assertLessEqual(self.position('a', 12), 2)

    def test_a_doubt_that_is_hinted_at_goes_before_other_doubts(self):
        self.doubt(*some(10_000), at=10)
        self.hint('x09999', at=10)
        self.assertLessEqual(self.position('x09999', 11), 2)

    def test_a_doubt_in_both_lines_is_served_once(self):
        self.doubt('a', at=10)
        self.hint('a', at=10)
        self.assertEqual([['a']], list(self.drain(11)))

    def test_types_do_not_wait_for_each_other(self):
        self.hint(*some(10_000), at=10)
        self.hint('a', at=10.01, type_='u')
        self.assertEqual(10_000, len(self.due(10.1)))
        self.assertEqual(['a'], self.due(10.1))


class RoomTest(QueueCase):
    """What waits takes room once, however often it is asked for."""

    def entries(self):
        return sum(map(len, self.queue._lines))

    def test_a_doubt_that_waits_long_is_in_its_line_once(self):
        # sweep after sweep lacks what could not be asked for yet
        for minute in range(50):
            self.doubt(*some(100), at=60 * minute)
        self.assertEqual((100, 100), (len(self.queue), self.entries()))

    def test_one_that_is_wanted_earlier_is_served_then(self):
        self.doubt('a', at=50)
        self.doubt('a', at=1)
        self.assertEqual([['a']], list(self.drain(1)))
        self.assertEqual([], self.due(60))
        self.assertEqual((0, 0), (len(self.queue), self.entries()))

    def test_a_hint_that_comes_into_doubt_is_in_both_lines(self):
        self.hint('a', at=0)
        self.doubt('a', at=0)
        self.assertEqual(2, self.entries())
        self.assertEqual([['a']], list(self.drain(0)))
        self.assertEqual([], self.due(1))
        self.assertEqual(0, self.entries())

    def test_nothing_is_left_of_what_is_settled(self):
        self.hint(*some(30), at=0)
        self.doubt(*some(30, 'd'), at=0)
        self.assertEqual(60, sum(
            len(ids) for now in (1, 2) for ids in self.drain(now)))
        self.assertEqual([], self.due(1000))
        self.assertEqual((0, 0, 0, 0), (
            len(self.queue), self.entries(), len(self.queue._calm['t']),
            self.queue._hinted['t']))


class CrowdTest(QueueCase):
    """Many at once are looked at by one listing."""

    def test_twenty_are_asked_for_one_by_one(self):
        ids = some(20)
        self.hint(*ids, at=10)
        self.assertEqual([[id_] for id_ in ids], list(self.drain(11)))

    def test_twenty_one_are_one_look(self):
        ids = some(21)
        self.hint(*ids, at=10)
        self.assertEqual([ids], list(self.drain(11)))

    def test_a_thousand_on_a_thousand_cost_a_few_looks(self):
        looks = []
        for number, id_ in enumerate(some(1000)):
            self.hint(id_, at=10 + number / 1000)
            looks += self.drain(10 + number / 1000)
        looks += self.drain(12)
        self.assertEqual(1000, sum(map(len, looks)))
        alone = [look for look in looks if len(look) == 1]
        self.assertLessEqual(len(looks) - len(alone), 6)
        self.assertLessEqual(len(alone), 20)

    def test_doubts_parts_and_what_fails_are_no_crowd(self):
        self.doubt(*some(30, 'd'), at=10)
        self.hint(*some(30, 'p'), at=10, part=True)
        self.hint('f', at=10)
        self.assertEqual([1] * 61, [len(look) for look in self.drain(11)])

    def test_looks_of_one_type_come_one_at_a_time(self):
        self.hint(*some(21), at=10)
        look = self.queue.due(11)
        later = some(21, 'y')
        self.hint(*later, at=11)
        for now in (11.1, 15, 19.9):
            self.assertEqual([], self.due(now))
        self._end(look, 20, took=0)
        self.assertEqual(later, self.due(21))

    def test_looks_of_two_types_do_not_wait_for_each_other(self):
        self.hint(*some(21), at=10)
        self.hint(*some(21), at=10, type_='u')
        self.assertEqual([21, 21, 0],
                         [len(self.due(11)) for _ in range(3)])

    def test_a_breath_is_taken_between_two_looks(self):
        for took in (0, 3):
            self.queue = self.make()
            self.hint(*some(21), at=10)
            self._end(self.queue.due(11), 20, took)
            self.hint(*some(21, 'y'), at=20)
            pause = max(took, refetch.BREATH * SETTLE)
            self.assertEqual([], self.due(20 + pause - 0.01))
            self.assertEqual(21, len(self.due(20 + pause + 0.06)))

    def test_a_single_one_is_served_while_a_look_is_under_way(self):
        self.hint(*some(21), at=10)
        self.queue.due(11)
        self.hint('a', at=11)
        self.assertEqual(['a'], self.due(12))

    def test_one_that_is_hinted_at_during_a_look_is_asked_for_again(self):
        self.hint(*some(21), at=10)
        look = self.queue.due(11)
        self.hint('x00003', at=12)
        self._end(look, 13, took=2)
        self.assertEqual([['x00003']], list(self.drain(20)))

    def test_one_that_a_look_did_not_show_is_asked_for_alone(self):
        self.hint(*some(30), at=10)
        look = self.queue.due(11)
        for ask in look[:-25]:
            self.queue.settled(ask, 12)
        self.queue.looked('t', look[-25:], 12, 1)
        self.assertEqual([1] * 25, [len(look) for look in self.drain(13)])
        self.assertEqual(0, len(self.queue))

    def test_a_failing_look_backs_off_and_nothing_is_lost(self):
        ids = set(some(21))
        self.hint(*ids, at=10)
        now, pauses = 11.0, []
        look = self.queue.due(now)
        for _ in range(refetch.LOOKS - 1):
            self.assertEqual(ids, {ask.id for ask in look})
            self.queue.look_failed(look, now, 0)
            look, failed_at = [], now
            while not look:
                now += 0.5
                # hints that come meanwhile do not hurry it
                self.hint('x00007', at=now)
                look = self.queue.due(now)
            pauses.append(now - failed_at)
        self.assertGreater(pauses[-1], pauses[0])
        self.queue.look_failed(look, now, 0)
        alone = [self.queue.due(now + 60) for _ in ids]
        self.assertEqual([1] * 21, [len(asks) for asks in alone])
        self.assertEqual(ids, {asks[0].id for asks in alone})

    def test_without_settling_nothing_is_lost_either(self):
        self.queue = self.make(settle=0)
        self.hint(*some(21), at=10)
        look = self.queue.due(10)
        self.hint(*some(21, 'y'), at=10)
        for now in (10, 10, 11, 11):
            self.assertEqual([], self.due(now))
        self._end(look, 11, took=1)
        self.assertEqual(some(21, 'y'), sorted(self.due(13)))

    def _end(self, look, now, took):
        for ask in look:
            self.queue.settled(ask, now)
        self.queue.looked('t', [], now, took)


class MostTest(QueueCase):

    def test_only_so_many_wait(self):
        self.assertTrue(all(self.hint(*some(refetch.MOST), at=10)))
        self.assertEqual([False], self.hint('more', at=10))
        self.assertEqual(refetch.MOST, len(self.queue))
        # those that wait already may be told of again, others of other types
        self.assertEqual([True], self.hint('x00000', at=10))
        self.assertEqual([True], self.hint('more', at=10, type_='u'))

    def test_there_is_room_again_after_it_has_settled(self):
        self.hint(*some(refetch.MOST), at=10)
        self.assertEqual(refetch.MOST, sum(map(len, self.drain(11))))
        self.assertTrue(all(self.hint(*some(refetch.MOST, 'y'), at=12)))
        self.assertEqual([False], self.hint('more', at=12))

    def test_doubts_and_what_is_followed_take_no_room(self):
        self.doubt(*some(100, 'd'), at=10)
        self.queue.follow('t', 'f', 'hint', 10)
        self.assertTrue(all(self.hint(*some(refetch.MOST), at=10)))
