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

"""What it costs to prove that something is gone, and what it takes."""

from synchronizer import exception
from synchronizer.collector import batches
from synchronizer.tests.unit import counts
from synchronizer.tests.unit.collector import doubles
from synchronizer.tests.unit.collector import test_collector
from synchronizer.tests.unit.collector import test_hint_runner
from synchronizer.tests.unit.collector.doubles import record
from synchronizer.tests.unit.collector.test_hint_runner import TYPE


class ConfirmTest(test_collector.CollectorCase):

    kind = doubles.Doubted

    def setUp(self):
        super().setUp()
        self.sweep([record(id_) for id_ in 'abcdefghij'])
        self.thing.requests.clear()
        self.count = self.useFixture(counts.Counts())

    def deleted(self):
        return sorted(id_ for action, id_, _ in self.told()
                      if action == 'deleted')

    def test_one_answer_deletes_nothing(self):
        self.assertIsNone(self.collector.refetch('a', 'hint'))
        self.assertEqual([], self.deleted())

    def test_what_it_shows_is_taken(self):
        self.thing.truth['a'] = record('a', 'SHUTOFF')
        said = self.collector.refetch('a', 'hint')
        self.assertEqual('SHUTOFF', said.entity.state)
        self.assertEqual(('updated', 'a', 'hint'), self.told()[-1])

    def test_one_proof_and_one_commit_for_all(self):
        said = self.collector.confirm(['a', 'b', 'c'], 'hint')
        self.assertEqual([None] * 3, [one.entity for one in said])
        self.assertEqual([None, 'a', 'b', 'c'], self.thing.requests)
        self.assertEqual(['a', 'b', 'c'], self.deleted())
        self.assertEqual(1, self.count('commit_seconds_count', type=TYPE))

    def test_without_the_proof_nothing_is_asked_for_and_none_deleted(self):
        self.thing.refusal = exception.Refused('403')
        self.assertRaises(
            exception.Refused, self.collector.confirm, ['a', 'b'], 'hint')
        self.assertEqual(([None], []), (self.thing.requests, self.deleted()))

    def test_the_window_begins_after_the_proof(self):
        before = self.clock.seconds
        said, = self.collector.confirm(['a'], 'hint')
        self.assertGreater(said.window.start, before + 1)

    def test_what_is_there_after_all_stays(self):
        # the role was back when it was proved
        self.thing.truth['b'] = record('b')
        self.collector.confirm(['a', 'b'], 'hint')
        self.assertEqual(['a'], self.deleted())

    def test_one_that_fails_costs_itself(self):
        self.thing.truth['a'] = exception.Unreachable('away')
        self.thing.truth['b'] = {'id': 'b'}
        failed, broken, _ = self.collector.confirm(['a', 'b', 'c'], 'hint')
        self.assertIsInstance(failed, exception.Unreachable)
        self.assertIsInstance(broken, exception.BrokenAnswer)
        self.assertEqual(['c'], self.deleted())

    def test_each_is_whose_hint_it_was(self):
        one, other = object(), object()
        seen = []
        self.collector._take = lambda readings, shape, cause, by: (
            seen.extend(by(said.id) for said in readings)
            or test_collector.collector_module.writer.Taken())
        self.collector.confirm(
            ['a', 'b'], 'hint', {'a': one, 'b': other}.get)
        self.assertEqual([one, other], seen)

    def test_a_sweep_is_collected_once_all_have_answered(self):
        collected_at = self.row().collected_at
        self.sweep([record(id_) for id_ in 'abcdefgh'])
        self.collector.confirm(['i'], 'sweep')
        self.collector.report()
        self.assertEqual(collected_at, self.row().collected_at)
        self.collector.confirm(['j'], 'sweep')
        self.collector.report()
        self.assertLess(collected_at, self.row().collected_at)

    def test_what_the_brake_holds_back_is_not_even_proved(self):
        self.sweep([])
        sample = {id_ for id_, _ in self.asked}
        for id_ in 'abcdefghij':
            said = self.collector.refetch(id_, 'hint')
            self.assertEqual(id_ in sample, said is None)
        self.collector.confirm(sorted(sample), 'sweep')
        self.assertEqual(([], [1]), (self.deleted(), self.sweeps))

    def test_nor_is_anything_taken_that_was_said_before_the_brake(self):
        self.assertIsNone(self.collector.refetch('a', 'hint'))
        self.sweep([])
        self.collector.confirm(['a'], 'hint')
        self.assertEqual([], self.deleted())


class CostTest(test_hint_runner.RunnerCase):

    kind = doubles.Doubted

    def setUp(self):
        super().setUp()
        self.count = self.useFixture(counts.Counts())

    def spent(self):
        """(gets, proofs, commits) since the last time."""
        gets = [id_ for id_ in self.thing.requests if id_]
        proofs = len(self.thing.requests) - len(gets)
        self.thing.requests.clear()
        commits = self.count('commit_seconds_count', type=TYPE)
        self.count = self.useFixture(counts.Counts())
        return len(gets), proofs, commits

    def deleted(self):
        return sorted(id_ for action, id_, _ in self.told()
                      if action == 'deleted')

    def open_many(self, count):
        ids = [f'id{number:04}' for number in range(count)]
        self.open(TYPE, *ids)
        self.spent()
        return ids

    def test_a_hundred_that_a_sweep_lacks(self):
        ids = self.open_many(1000)
        self.runner.pollers[TYPE].sweep_soon()
        self.open(TYPE, *ids[100:])
        self.ask_all()
        self.assertEqual((200, 100 / batches.MOST, 100 / batches.MOST),
                         self.spent())
        self.assertEqual(ids[:100], self.deleted())

    def test_a_single_one_that_is_told_of(self):
        ids = self.open_many(10)
        self.hint(ids[3], gone=True)
        self.settle()
        self.assertEqual((2, 1, 1), self.spent())
        self.assertEqual(ids[3:4], self.deleted())

    def test_many_that_are_told_of_and_no_listing_shows(self):
        # a sweep would lack them, and each would be asked for all the same
        ids = self.open_many(400)
        self.hint(*ids[:60], gone=True)
        self.thing.script()
        self.settle()
        self.assertEqual((120, 3, 3), self.spent())
        self.assertEqual((ids[:60], 0), (self.deleted(), self.waiting()))
        self.assertNotIn('lead to a sweep', self.log.output)

    def test_those_that_changed_are_left_to_a_sweep(self):
        ids = self.open_many(400)
        self.hint(*ids[:30], gone=True)
        self.hint(*ids[30:60])
        self.thing.script()
        self.settle()
        self.assertEqual((60, 2, 2), self.spent())
        self.assertEqual(ids[:30], self.deleted())
        self.assertIn('30 hints at once lead to a sweep', self.log.output)

    def test_of_what_is_not_held_a_sweep_is_enough(self):
        # anybody may forge any number of them
        self.open_many(400)
        self.hint(*(f'forged{number}' for number in range(60)), gone=True)
        self.thing.script()
        self.settle()
        self.assertEqual(((0, 0, 0), 0), (self.spent(), self.waiting()))
        self.assertIn('60 hints at once lead to a sweep', self.log.output)

    def test_a_sample_that_the_brake_asks_for(self):
        ids = self.open_many(400)
        self.runner.pollers[TYPE].sweep_soon()
        self.open(TYPE, *ids[300:])
        self.ask_all()
        self.assertEqual((100, 3, 0), self.spent())
        self.clock.advance(2)
        self.open(TYPE, *ids[300:])
        self.ask_all()
        self.assertEqual((600, 15, 15), self.spent())
        self.assertEqual(ids[:300], self.deleted())

    def test_of_a_stream_that_is_anothers_nothing_is_proved(self):
        ids = self.open_many(10)
        self.hint(ids[3], gone=True)
        self.clock.advance(0.05)
        self.runner._refetcher.step()
        self.store.claim(TYPE, 'other')
        self.runner.watch()
        self.ask_all()
        self.assertEqual((1, 0, 0), self.spent())
        self.assertEqual(0, self.waiting())

    def test_of_a_paused_one_it_is_put_off(self):
        ids = self.open_many(10)
        self.hint(ids[3], gone=True)
        self.clock.advance(0.05)
        self.runner._refetcher.step()
        self.store.set_paused(TYPE, True)
        self.runner.watch()
        self.ask_all()
        self.assertEqual((1, 0, 0), self.spent())
        self.assertEqual(1, self.waiting())

    def test_what_is_not_gone_yet_is_asked_for_again(self):
        ids = self.open_many(10)
        self.hint(ids[3], gone=True)
        self.clock.advance(0.05)
        self.runner._refetcher.step()
        self.thing.truth[ids[3]] = record(ids[3])
        self.ask_all()
        self.assertEqual([], self.deleted())
        del self.thing.truth[ids[3]]
        self.settle(0.6)
        self.assertEqual(ids[3:4], self.deleted())
