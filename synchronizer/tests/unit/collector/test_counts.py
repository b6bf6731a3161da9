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

"""What collecting counts, and what a collector says of itself."""

from synchronizer import exception
from synchronizer.collector import listener
from synchronizer.model.reading import Outcome
from synchronizer.plugins.hints import Look
from synchronizer.tests import base
from synchronizer.tests.unit import counts
from synchronizer.tests.unit.collector import test_hint_runner
from synchronizer.tests.unit.collector.doubles import record
from synchronizer.tests.unit.collector.test_hint_runner import LISTED
from synchronizer.tests.unit.collector.test_hint_runner import TYPE


class CountsCase(test_hint_runner.RunnerCase):

    def setUp(self):
        super().setUp()
        self.count = self.useFixture(counts.Counts())

    def facts(self, type_=TYPE):
        (found,) = [facts for facts in self.runner.facts()
                    if facts.type == type_]
        return found

    def gauges(self, type_=TYPE):
        return {(gauge.name, *labels[1:]): value
                for gauge, labels, value in self.runner.gauges()
                if labels[0] == type_}


class SweepTest(CountsCase):

    def sweeps(self, outcome):
        return self.count('sweeps_total', type=TYPE, outcome=outcome)

    def test_a_complete_one_and_what_it_found(self):
        self.open(TYPE, 'a', 'b')
        self.assertEqual(1, self.sweeps('complete'))
        self.assertEqual(2, self.count(
            'changes_total', type=TYPE, action='created', cause='startup'))
        self.assertEqual(2, self.count('sweep_seconds_sum', type=TYPE))
        self.assertEqual(1, self.count('commit_seconds_count', type=TYPE))

    def test_one_without_news_commits_nothing(self):
        self.open(TYPE, 'a')
        self.runner.pollers[TYPE].sweep_soon()
        self.open(TYPE, 'a')
        self.assertEqual(2, self.sweeps('complete'))
        self.assertEqual(1, self.count('commit_seconds_count', type=TYPE))

    def test_a_partial_one(self):
        self.thing.script([record('a')], outcome=Outcome('a cell is down'))
        self.steps(TYPE)
        self.assertEqual([0, 1, 0], [
            self.sweeps(outcome)
            for outcome in ('complete', 'partial', 'failed')])

    def test_a_failed_one_has_no_time(self):
        self.thing.script(outcome=exception.Unreachable('away'))
        self.steps(TYPE)
        self.assertEqual(1, self.sweeps('failed'))
        self.assertEqual(0, self.count('sweep_seconds_count', type=TYPE))

    def test_records_that_cannot_be_read(self):
        self.thing.script([{'id': 'a'}, record('b')])
        self.steps(TYPE)
        self.assertEqual(1, self.count(
            'unreadable_records_total', type=TYPE))


class HintTest(CountsCase):

    def settled(self, type_=TYPE):
        return (self.count('hint_seconds_count', type=type_),
                round(self.count('hint_seconds_sum', type=type_), 6))

    def test_from_the_first_hint_to_the_answer(self):
        self.open(TYPE, 'a')
        self.thing.truth = {'a': record('a', 'SHUTOFF')}
        self.hint('a')
        self.clock.advance(0.02)
        self.hint('a')
        self.assertEqual((0, 0), self.settled())
        self.settle(0.1)
        # the answer takes two seconds of this clock
        self.assertEqual((1, 2.12), self.settled())
        self.assertEqual(2, self.count('hints_total', type=TYPE))
        self.assertEqual(1, self.count(
            'changes_total', type=TYPE, action='updated', cause='hint'))

    def test_one_that_comes_meanwhile_counts_from_then(self):
        self.open(TYPE, 'a')
        self.thing.truth = {'a': record('a')}
        queue = self.runner._queue
        self.hint('a')
        (ask,) = queue.due(self.clock.advance(1))
        self.clock.advance(1)
        self.hint('a')
        queue.settled(ask, self.clock.advance(1))
        self.assertEqual((1, 3), self.settled())
        self.settle(1)
        self.assertEqual((2, 3 + 4), self.settled())

    def test_one_that_is_not_answered_waits_on(self):
        self.open(TYPE, 'a')
        self.thing.truth = {'a': exception.Unreachable('away')}
        self.hint('a')
        self.settle(1)
        self.assertEqual((0, 0), self.settled())
        self.thing.truth = {'a': record('a')}
        self.settle(9)
        self.assertEqual((1, 12), self.settled())

    def test_one_that_is_settled_by_a_sweep(self):
        self.open(LISTED, 'a')
        self.clock.advance(100)
        self.hint('a', type_=LISTED)
        self.clock.advance(1)
        self.hint('a', type_=LISTED)
        self.open(LISTED, 'a')
        self.assertEqual((1, 3), self.settled(LISTED))

    def test_a_sweep_that_fails_settles_nothing(self):
        self.open(LISTED, 'a')
        self.clock.advance(100)
        self.hint('a', type_=LISTED)
        self.clock.advance(1)
        self.listed.script(outcome=exception.Unreachable('away'))
        self.steps(LISTED)
        self.assertEqual((0, 0), self.settled(LISTED))
        self.clock.advance(97)
        self.open(LISTED, 'a')
        self.assertEqual((1, 100), self.settled(LISTED))

    def test_a_follow_up_is_no_hint(self):
        self.open(TYPE, 'a', rest=5)
        self.thing.truth = {'a': record('a')}
        self.settle(5)
        self.assertEqual(['a'], self.thing.gets)
        self.assertEqual((0, 0), self.settled())

    def test_untold_changes(self):
        self.runner.attach(test_hint_runner.FakeEar())
        self.open(TYPE, 'a')
        self.clock.advance(100)
        self.runner.pollers[TYPE].sweep_soon()
        self.open(TYPE, 'a', status='SHUTOFF')
        self.clock.advance(11)
        self.runner.watch()
        self.assertEqual(1, self.count('untold_changes_total', type=TYPE))
        self.runner.watch()
        self.assertEqual(1, self.count('untold_changes_total', type=TYPE))


class FactsTest(CountsCase):

    def test_before_anything(self):
        found = self.facts()
        self.assertEqual(
            ('not claimed yet', 'starting', None, 0, None),
            (found.standing, found.state, found.revision, found.entities,
             found.swept_ago))

    def test_a_stream_that_is_ours(self):
        self.open(TYPE, 'a', 'b')
        self.runner.watch()
        self.clock.advance(7)
        found = self.facts()
        self.assertEqual(
            ('ours', 'live', 2, 2, 7, 2),
            (found.standing, found.state, found.revision, found.entities,
             found.swept_ago, found.took))

    def test_held_and_lost(self):
        self.open(TYPE, 'a')
        self.store.set_paused(TYPE, True)
        self.runner.watch()
        self.assertEqual('paused', self.facts().standing)
        self.store.set_paused(TYPE, False)
        self.store.claim(TYPE, 'other')
        self.runner.watch()
        self.assertEqual('standby', self.facts().standing)

    def test_who_waits_and_why(self):
        self.open(TYPE, 'a', 'b', 'c', rest=50)
        self.hint('n', 'm')
        self.runner.ask(TYPE, 'b', 'sweep')
        found = self.facts()
        self.assertEqual((1, 2, 2), (
            found.doubts_waiting, found.hints_waiting, found.followed))
        gauges = self.gauges()
        self.assertEqual([1, 2, 2], [
            gauges['queue_depth', kind]
            for kind in ('doubt', 'hint', 'follow')])

    def test_doubts_without_an_answer_and_what_is_missing(self):
        self.open(TYPE, 'a', 'b')
        self.thing.truth = {'b': exception.Unreachable('away')}
        self.runner.pollers[TYPE].sweep_soon()
        self.open(TYPE, 'a')
        self.ask_all()
        self.runner.watch()
        gauges = self.gauges()
        self.assertEqual([1, 1, 0, 0], [gauges[name,] for name in (
            'unsettled_doubts', 'missing_entities', 'braked_deletions',
            'silent')])
        self.assertIn('doubts cannot be settled', self.facts().error)

    def test_what_the_brake_holds(self):
        self.open(TYPE, *map(str, range(30)))
        self.runner.pollers[TYPE].sweep_soon()
        self.open(TYPE, '0')
        self.assertEqual(29, self.gauges()['braked_deletions',])

    def test_it_comes_though_every_lock_is_held(self):
        self.open(TYPE, 'a')
        poller = self.runner.pollers[TYPE]
        with (self.runner._queue._lock, poller._wake, poller.collector._lock,
              poller.collector._writer._lock):
            # another thread, for some of them would let us in again
            found = counts.elsewhere(self.runner.gauges)
        self.assertTrue(found)

    def test_whether_it_listens(self):
        self.assertEqual({}, self.gauges('test'))
        self.runner.attach(test_hint_runner.FakeEar())
        self.open(TYPE, 'a')
        self.assertEqual({('listening',): 0}, self.gauges('test'))

    def test_it_need_not_listen_before_a_stream_is_ours(self):
        self.runner.attach(test_hint_runner.FakeEar())
        self.assertEqual({}, self.gauges('test'))

    def test_who_stands_by_tells_no_numbers(self):
        self.runner.attach(test_hint_runner.FakeEar())
        self.open(TYPE, *map(str, range(30)))
        self.runner.pollers[TYPE].sweep_soon()
        self.open(TYPE, '0')
        self.assertEqual(29, self.gauges()['braked_deletions',])
        self.store.claim(TYPE, 'other')
        self.runner.watch()
        self.assertEqual({}, self.gauges())
        self.assertEqual({}, self.gauges('test'))
        self.assertEqual('standby', self.facts().standing)


class ListenerTest(base.TestCase):

    def test_what_becomes_of_notifications(self):
        count = self.useFixture(counts.Counts())
        heard = listener.Listener(
            'test', {'thing.*': (Look(TYPE, 'id'),)}, lambda hint: None)
        for event, payload, id_ in (
                ('thing.new', {'id': 'a'}, '1'),
                ('thing.new', {'id': 'a'}, '1'),
                ('thing.new', {}, '2'), ('other', {}, '3')):
            heard.info({}, 'p', event, payload, {'message_id': id_})
        self.assertEqual([1, 1, 1, 1], [
            count('notifications_total', plugin='test', result=result)
            for result in ('taken', 'others', 'doubled', 'unreadable')])
        self.assertEqual(
            '1 taken, 1 of no use, 1 doubled, 1 unreadable',
            str(heard.heard))
