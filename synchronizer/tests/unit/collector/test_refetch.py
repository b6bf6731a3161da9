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

"""Which ids are asked for, when, and how often."""

import random

from synchronizer import exception
from synchronizer.collector import batches
from synchronizer.collector import refetch
from synchronizer.plugins import hints
from synchronizer.tests import base
from synchronizer.tests.unit.collector import doubles


class QueueTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.queue = refetch.Queue(1, 60, random.Random(1))

    def due(self, now):
        """The one that is due."""
        (ask,) = self.queue.due(now)
        return ask

    def test_an_id_is_in_it_once_and_at_its_earliest(self):
        self.queue.add('t', 'a', 'sweep', at=20)
        self.queue.add('t', 'a', 'sweep', at=10)
        self.queue.add('t', 'a', 'sweep', at=15)
        self.assertEqual([], self.queue.due(9))
        ask = self.due(10)
        self.assertEqual(('t', 'a', False), ask.key)
        self.queue.settled(ask, 11)
        self.assertEqual([], self.queue.due(1000))
        self.assertEqual(0, len(self.queue))

    def test_the_earliest_comes_first(self):
        for id_, at in (('late', 3), ('early', 1), ('middle', 2)):
            self.queue.add('t', id_, 'sweep', at)
        self.assertEqual(['early', 'middle', 'late'],
                         [self.due(5).id for _ in range(3)])

    def test_asked_for_while_under_way_it_is_asked_for_again(self):
        self.queue.add('t', 'a', 'sweep', 1)
        ask = self.due(1)
        self.queue.add('t', 'a', 'delta', 2)
        self.assertEqual([], self.queue.due(2))
        self.queue.settled(ask, 3)
        self.assertIs(ask, self.due(3))
        self.queue.settled(ask, 4)
        self.assertEqual(0, len(self.queue))

    def test_a_failed_one_comes_back_and_is_counted(self):
        self.queue.add('t', 'a', 'sweep', 1)
        ask = self.due(1)
        self.assertEqual({}, self.queue.failing())
        self.queue.failed(ask, 2, at_least=7)
        self.assertEqual({'t': 1}, self.queue.failing())
        self.assertEqual([], self.queue.due(8.9))
        self.queue.settled(self.due(9), 10)
        self.assertEqual({}, self.queue.failing())

    def test_a_failing_one_is_not_hurried(self):
        self.queue.add('t', 'a', 'sweep', 1)
        self.queue.failed(self.due(1), 2, at_least=60)
        self.queue.add('t', 'a', 'sweep', 3)
        self.assertEqual([], self.queue.due(61))
        self.assertEqual(1, len(self.queue.due(62)))


class RefetcherTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.clock = doubles.Clock()
        self.asked, self.looked, self.answers = [], [], []
        self.confirmed, self.proofs = [], []
        self.queue = refetch.Queue(1, 60, random.Random(1))
        self.refetcher = refetch.Refetcher(
            self.fetch, self.confirm, self.crowd, self.queue, 1, self.clock)

    def fetch(self, ask):
        self.asked.append((ask.type, ask.id, ask.cause))
        return self.answer(self.answers)

    def confirm(self, asks):
        self.confirmed.append([ask.id for ask in asks])
        return self.answer(self.proofs) or [None] * len(asks)

    def crowd(self, type_, asks):
        self.looked.append((type_, [ask.id for ask in asks]))
        rest = self.answer(self.answers) or ()
        return [ask for ask in asks if ask.id in rest]

    @staticmethod
    def answer(answers):
        answer = answers.pop(0) if answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def hint(self, *ids):
        for id_ in ids:
            self.refetcher.hint(hints.Hint('t', id_))

    def test_it_asks_for_what_is_due(self):
        self.refetcher.ask('t', 'a', 'sweep', delay=5)
        self.assertFalse(self.refetcher.step())
        self.clock.advance(5)
        self.assertTrue(self.refetcher.step())
        self.assertEqual([('t', 'a', 'sweep')], self.asked)
        self.assertEqual(0, len(self.queue))

    def test_a_throttled_one_waits_as_long_as_told(self):
        self.answers.append(exception.Throttled('slow down', retry_after=30))
        self.refetcher.ask('t', 'a', 'sweep')
        self.refetcher.step()
        self.clock.advance(29)
        self.assertFalse(self.refetcher.step())
        self.clock.advance(1)
        self.assertTrue(self.refetcher.step())

    def test_a_plugins_own_fault_is_logged_and_tried_again(self):
        self.answers.append(ZeroDivisionError('oops'))
        self.refetcher.ask('t', 'a', 'sweep')
        self.refetcher.step()
        self.assertIn('ZeroDivisionError', self.log.output)
        self.assertEqual({'t': 1}, self.queue.failing())

    def test_a_hint_is_asked_for_once_it_has_settled(self):
        self.hint('a')
        self.assertFalse(self.refetcher.step())
        self.clock.advance(0.05)
        self.assertTrue(self.refetcher.step())
        self.assertEqual([('t', 'a', 'hint')], self.asked)
        self.assertEqual(0, len(self.queue))

    def test_a_pause_is_kept_before_it_asks_again(self):
        self.answers.append(7.0)
        self.hint('a')
        self.clock.advance(0.05)
        self.refetcher.step()
        self.clock.advance(6.9)
        self.assertFalse(self.refetcher.step())
        self.clock.advance(0.2)
        self.assertTrue(self.refetcher.step())
        self.assertEqual(2, len(self.asked))
        self.assertEqual(0, len(self.queue))

    def test_what_is_followed_is_asked_for_then(self):
        self.refetcher.follow('t', 'a', 'sweep', 30)
        self.clock.advance(29)
        self.assertFalse(self.refetcher.step())
        self.clock.advance(1)
        self.assertTrue(self.refetcher.step())
        self.assertEqual([('t', 'a', 'sweep')], self.asked)

    def test_a_crowd_is_looked_at_and_the_rest_asked_for(self):
        ids = [f'id{number:02}' for number in range(21)]
        self.hint(*ids)
        self.answers.append(['id03', 'id05'])
        self.clock.advance(0.05)
        while self.refetcher.step():
            continue
        self.assertEqual([('t', ids)], self.looked)
        self.assertEqual([('t', 'id03', 'hint'), ('t', 'id05', 'hint')],
                         self.asked)
        self.assertEqual(0, len(self.queue))

    def test_a_look_that_fails_is_tried_again_and_loses_nothing(self):
        ids = {f'id{number:02}' for number in range(21)}
        self.hint(*ids)
        self.answers.append(exception.Throttled('slow', retry_after=9))
        self.clock.advance(0.05)
        self.assertTrue(self.refetcher.step())
        self.assertFalse(self.refetcher.step())
        self.clock.advance(8.9)
        self.assertFalse(self.refetcher.step())
        self.clock.advance(0.2)
        self.assertTrue(self.refetcher.step())
        self.assertEqual([ids, ids], [set(seen) for _, seen in self.looked])
        self.assertEqual(([], 0), (self.asked, len(self.queue)))

    def test_a_look_that_is_a_plugins_fault_costs_a_traceback(self):
        self.hint(*(str(number) for number in range(21)))
        self.answers.append(ZeroDivisionError('oops'))
        self.clock.advance(0.05)
        self.refetcher.step()
        self.assertIn('t 21 hints cannot be asked for', self.log.output)
        self.assertEqual(21, len(self.queue))

    # --- what is said not to be there --------------------------------------

    def unproved(self, *ids, cause='sweep'):
        """They are asked for, and said not to be there."""
        self.answers += [refetch.Unproved() for _ in ids]
        for id_ in ids:
            self.refetcher.ask('t', id_, cause)

    def run_all(self):
        while self.refetcher.step():
            continue

    def test_a_hundred_that_are_not_found_cost_five_proofs(self):
        ids = [f'id{number:02}' for number in range(100)]
        self.unproved(*ids)
        self.run_all()
        self.assertEqual(100, len(self.asked))
        self.assertEqual([ids[at:at + 20] for at in range(0, 100, 20)],
                         self.confirmed)
        self.assertEqual(0, len(self.queue))

    def test_a_single_one_is_proved_at_once(self):
        self.unproved('a')
        self.assertTrue(self.refetcher.step())
        self.assertTrue(self.refetcher.step())
        self.assertEqual([['a']], self.confirmed)

    def test_it_waits_for_others_while_there_is_other_work(self):
        self.unproved('a')
        self.refetcher.ask('t', 'b', 'sweep')
        self.refetcher.step()
        self.assertEqual([], self.confirmed)
        self.run_all()
        self.assertEqual([['a']], self.confirmed)

    def test_but_not_for_long(self):
        self.unproved('a')
        for number in range(100):
            self.refetcher.ask('t', f'id{number:02}', 'sweep')
        while not self.confirmed:
            self.refetcher.step()
        self.assertEqual([['a']], self.confirmed)
        self.assertEqual(1 + batches.PATIENCE, len(self.asked))

    def test_those_of_another_cause_are_told_by_themselves(self):
        self.unproved('a')
        self.unproved('b', cause='hint')
        self.unproved('c')
        self.run_all()
        self.assertEqual([['a', 'c'], ['b']], self.confirmed)

    def test_a_proof_that_fails_is_tried_again_and_counted(self):
        self.unproved('a', 'b')
        self.proofs.append(exception.Refused('403'))
        self.run_all()
        self.assertEqual({'t': 2}, self.queue.failing())
        self.answers += [refetch.Unproved(), refetch.Unproved()]
        self.clock.advance(9)
        self.run_all()
        self.assertEqual([['a', 'b']] * 2,
                         [sorted(ids) for ids in self.confirmed])
        self.assertEqual(0, len(self.queue))

    def test_one_that_fails_costs_itself(self):
        self.unproved('a', 'b')
        self.proofs.append([exception.Unreachable('away'), None])
        self.run_all()
        self.assertEqual((1, {'t': 1}),
                         (len(self.queue), self.queue.failing()))

    def test_one_that_is_there_after_all_may_be_asked_for_again(self):
        self.unproved('a')
        self.proofs.append([7.0])
        self.run_all()
        self.clock.advance(7)
        self.run_all()
        self.assertEqual(2, len(self.asked))
        self.assertEqual(0, len(self.queue))

    def test_what_is_told_meanwhile_the_second_answer_meets(self):
        self.unproved('a')
        self.refetcher.step()
        self.hint('a')
        self.refetcher.ask('t', 'a', 'sweep')
        self.assertEqual(1, len(self.queue))
        self.run_all()
        self.assertEqual((1, [['a']], 0), (
            len(self.asked), self.confirmed, len(self.queue)))
        self.clock.advance(100)
        self.assertFalse(self.refetcher.step())

    def test_what_is_told_during_the_second_is_asked_for_again(self):
        self.unproved('a')
        self.refetcher.step()
        ask, = self.queue.due(self.clock.monotonic())
        self.hint('a')
        self.queue.settled(ask, self.clock.monotonic())
        self.clock.advance(0.1)
        self.run_all()
        self.assertEqual((2, []), (len(self.asked), self.confirmed))

    def test_what_is_unproved_is_no_crowd(self):
        self.answers += [refetch.Unproved() for _ in range(20)]
        self.hint(*(f'id{number:02}' for number in range(20)))
        self.clock.advance(0.05)
        for _ in range(19):
            self.refetcher.step()
        self.hint('more', 'and more')
        self.clock.advance(0.05)
        self.run_all()
        self.assertEqual([], self.looked)

    def test_one_that_is_not_found_during_a_proof_has_another(self):
        def meanwhile(asks):
            if not self.confirmed:
                self.unproved('b')
                self.refetcher.step()
            return confirm(asks)
        confirm, self.refetcher._confirm = self.confirm, meanwhile
        self.unproved('a')
        self.run_all()
        self.assertEqual([['a'], ['b']], self.confirmed)
