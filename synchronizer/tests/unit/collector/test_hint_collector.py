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

"""What a collector makes of hints: looks, parts, answers that come early."""

import dataclasses
from unittest import mock

from synchronizer.collector import refetch
from synchronizer.collector import silence
from synchronizer.model.initiator import Initiator
from synchronizer.model.reading import Outcome
from synchronizer.tests.unit.collector import doubles
from synchronizer.tests.unit.collector import test_collector
from synchronizer.tests.unit.collector.doubles import record


class HintCase(test_collector.CollectorCase):

    kind = doubles.Told

    def setUp(self):
        self.followed, self.beside = [], []
        self.credited = {}
        super().setUp()

    def open(self):
        new = super().open()
        new._needs = dataclasses.replace(
            new._needs, follow=lambda *what: self.followed.append(what),
            beside=self.note_beside)
        return new

    def note_beside(self, things):
        self.beside += things
        self.credited |= things

    def part(self, *pages, outcome):
        self.thing.parts.append((pages, outcome))
        return self.collector.look_into('p', 'hint')


class CauseTest(HintCase):

    def test_what_a_hint_led_to_says_so(self):
        self.sweep([record('a')])
        self.thing.truth = {'b': record('b')}
        for id_ in 'ab':
            self.collector.refetch(id_, 'hint')
        self.thing.script([record('c')])
        self.collector.look('hint')
        self.assertEqual([('deleted', 'a', 'hint'), ('created', 'b', 'hint'),
                          ('created', 'c', 'hint')], self.told()[1:])

    def test_so_does_a_sweep_that_hints_asked_for(self):
        self.sweep([record('a')])
        self.thing.script([record('a', 'SHUTOFF')])
        self.collector.sweep('hint')
        self.sweep([record('a')])
        self.assertEqual(['startup', 'hint', 'sweep'],
                         [cause for *_, cause in self.told()])

    def test_the_first_sweep_is_startup_all_the_same(self):
        self.thing.script([record('a')])
        self.collector.sweep('hint')
        self.sweep([record('a', 'SHUTOFF')])
        self.assertEqual(['startup', 'sweep'],
                         [cause for *_, cause in self.told()])

    def test_a_forged_delete_deletes_nothing(self):
        self.sweep([record('a')])
        self.thing.truth['a'] = record('a')
        said = self.collector.refetch('a', 'hint')
        self.assertTrue(self.collector.is_early(said, None, gone=True))
        self.assertEqual([('created', 'a', 'startup')], self.told())

    def test_a_forged_creation_creates_nothing(self):
        self.sweep([record('a')])
        self.collector.refetch('never', 'hint')
        self.assertEqual([('created', 'a', 'startup')], self.told())

    def test_a_look_says_whether_it_saw(self):
        self.assertFalse(self.collector.look('hint'))
        self.sweep([record('a')])
        self.thing.script([])
        self.assertTrue(self.collector.look('hint'))
        self.thing.script([], outcome=Outcome('half of it'))
        self.assertFalse(self.collector.look('hint'))

    def test_what_was_read_since_is_known(self):
        self.sweep([record('a')])
        self.thing.truth['a'] = record('a')
        now = self.clock.seconds

        def unsettled(id_, since=now, **told):
            ask = refetch.Ask('test.thing', id_, False, 'hint', since, None,
                              since, **told)
            return bool(self.collector.unsettled([ask]))
        self.assertTrue(unsettled('a'))
        self.assertTrue(unsettled('never'))
        self.collector.refetch('a', 'hint')
        self.assertFalse(unsettled('a'))
        self.assertTrue(unsettled('a', now + 1.1))
        # it was told that it is gone, and it is not
        self.assertTrue(unsettled('a', gone=True))
        # an audit needs no look where the id is held
        self.assertFalse(unsettled('a', now + 1.1, audit=True))
        self.assertTrue(unsettled('never', now + 1.1, audit=True))

    def test_of_most_hints_nothing_held_is_looked_at(self):
        self.sweep([record('a'), record('b')])
        self.thing.truth['b'] = record('b')
        since = self.clock.seconds
        self.collector.refetch('b', 'hint')
        asks = [refetch.Ask('test.thing', id_, False, 'hint', when, None,
                            when, written=1.0, gone=gone)
                for id_, when, gone in (
                    ('a', since + 1, False), ('never', since, False),
                    ('b', since, True), ('b', since + 1.1, False))]
        with mock.patch.object(self.collector._store, 'entities') as held:
            self.assertEqual(asks, self.collector.unsettled(asks))
            held.assert_not_called()


class EarlyTest(HintCase):
    """An answer that shows less than the notification knew."""

    STAMP, UNIX = '2026-11-20T10:00:00Z', 1795168800.0

    def is_early(self, found, written, gone):
        self.thing.truth = {'a': found} if found else {}
        return self.collector.is_early(
            self.collector.refetch('a', 'hint'), written, gone)

    def test_the_table(self):
        old, plain = record('a', updated=self.STAMP), record('a')
        odd = record('a', updated='yesterday')
        null = record('a', updated=None)
        for found, written, gone, early in (
                (old, None, False, False), (None, None, False, False),
                (old, None, True, True), (None, None, True, False),
                (old, self.UNIX, False, False),
                (old, self.UNIX - 1, False, False),
                (old, self.UNIX + 1, False, True),
                (None, self.UNIX, False, True),
                (None, self.UNIX, True, False),
                (plain, self.UNIX, False, False),
                (odd, self.UNIX, False, False),
                (null, self.UNIX, False, False)):
            self.assertEqual(
                early, self.is_early(found, written, gone),
                (found, written, gone))

    def test_a_type_without_stamps_is_never_early(self):
        self.thing.stamp = None
        self.assertFalse(self.is_early(
            record('a', updated=self.STAMP), self.UNIX + 1, gone=False))


class FollowTest(HintCase):

    def test_what_is_not_at_rest_is_looked_at_again(self):
        self.sweep([record('a', rest=30), record('b')])
        self.assertEqual([('test.thing', 'a', 'sweep', 30, False, None)],
                         self.followed)
        self.thing.script([record('b', rest=5)])
        self.collector.look('hint')
        self.assertEqual(('test.thing', 'b', 'hint', 5, False, None),
                         self.followed[-1])

    def test_an_answer_says_whether_it_is_at_rest(self):
        for found, pause in ((record('a', rest=5), 5), (record('a'), None),
                             (None, None)):
            self.thing.truth = {'a': found}
            self.assertEqual(pause, self.collector.rest(
                self.collector.refetch('a', 'hint')))


class InitiatorTest(HintCase):
    """Whose doing it is goes wherever what he did leads to."""

    WHO = Initiator('u', 'p', 'req-1')

    def behind_all(self):
        row = self.row()
        _, changes = self.store.changes_since(
            self.type, row.epoch, 0, 1000, 10**9)
        return [(change.id, change.initiator) for change in changes
                if change.cause != 'startup']

    def test_one_that_is_asked_for(self):
        self.sweep([record('a', host='h1')])
        self.thing.truth = {'a': record('a', host='h2')}
        self.collector.refetch('a', 'hint', self.WHO)
        self.collector.refetch('z', 'hint', self.WHO)
        self.thing.truth = {'a': record('a', 'SHUTOFF')}
        self.collector.refetch('a', 'hint')
        self.assertEqual([('a', self.WHO), ('a', None)], self.behind_all())
        self.assertEqual({('test.host', 'h1'): self.WHO,
                          ('test.host', 'h2'): None}, self.credited)

    def test_what_is_not_at_rest(self):
        self.sweep([record('a')])
        self.thing.script([record('a', rest=5), record('b', rest=5)])
        self.collector.look('hint', {'a': self.WHO}.get)
        self.assertEqual([('a', self.WHO), ('b', None)],
                         [(what[1], what[-1]) for what in self.followed])
        self.assertEqual([('a', self.WHO), ('b', None)], self.behind_all())

    def test_what_is_in_doubt(self):
        self.sweep([record('a'), record('b')])
        self.thing.script([record('a', 'DELETED'), record('b', 'SHUTOFF')])
        self.collector.look('hint', {'a': self.WHO}.get)
        self.assertEqual([('a', 'hint')], self.asked)
        self.assertEqual({'a': self.WHO}, self.behind)

    def test_all_that_lies_in_what_he_touched(self):
        self.sweep([record(id_) for id_ in 'abc'])
        self.thing.parts.append((
            ([record('a', 'SHUTOFF')],), Outcome(covers='ab'.__contains__)))
        self.collector.look_into('p', 'hint', self.WHO)
        self.assertEqual([('a', self.WHO)], self.behind_all())
        self.assertEqual({'b': self.WHO}, self.behind)

    def test_a_sweep_that_he_led_to(self):
        self.sweep([record(id_) for id_ in 'abcd'])
        for id_ in 'ad':
            self.collector.credits.told(id_, self.WHO)
        self.thing.script([record(id_, 'SHUTOFF') for id_ in 'abc'])
        self.collector.sweep('hint')
        self.assertEqual([('a', self.WHO), ('b', None), ('c', None)],
                         self.behind_all())
        self.assertEqual({'d': self.WHO}, self.behind)
        self.sweep([record(id_) for id_ in 'abcd'])
        self.assertEqual([None] * 3, [
            by for _, by in self.behind_all()[3:]])


class BesideTest(HintCase):

    def moved(self, cause):
        self.sweep([record('a', host='h1'), record('b', host='h1')])
        self.thing.truth = {'a': record('a', host='h2'),
                            'b': record('b', 'SHUTOFF', host='h1')}
        for id_ in 'ab':
            self.collector.refetch(id_, cause)
        return set(self.beside)

    def test_the_host_it_left_and_the_host_it_came_to_are_looked_at(self):
        self.assertEqual({('test.host', 'h1'), ('test.host', 'h2')},
                         self.moved('hint'))

    def test_an_old_change_leads_to_nothing(self):
        self.assertEqual(set(), self.moved('sweep'))

    def test_what_is_created_or_deleted_hangs_together_with_something(self):
        self.sweep([record('a', host='h1')])
        self.collector.refetch('a', 'hint')
        self.assertEqual([('test.host', 'h1')], self.beside)
        self.thing.truth['c'] = record('c', host='h3')
        self.collector.refetch('c', 'delta')
        self.assertEqual(('test.host', 'h3'), self.beside[-1])


class PartTest(HintCase):
    """A look into one thing covers that, and nothing else."""

    covers = 'ab'.__contains__

    def setUp(self):
        super().setUp()
        self.sweep([record(id_) for id_ in 'abc'])

    def test_what_it_shows_is_taken(self):
        self.assertIsNone(self.part(
            [record('a', 'SHUTOFF')], [record('b')],
            outcome=Outcome(covers=self.covers)))
        self.assertEqual([('updated', 'a', 'hint')], self.told()[3:])
        self.assertEqual([], self.asked)

    def test_what_it_lacks_is_asked_for(self):
        self.part([record('a')], outcome=Outcome(covers=self.covers))
        self.assertEqual([('b', 'hint')], self.asked)
        self.refetch_all()
        self.assertEqual([('deleted', 'b', 'hint')], self.told()[3:])

    def test_it_says_when_to_look_again(self):
        self.assertEqual(5, self.part([], outcome=Outcome(
            covers=lambda id_: False, again=5)))

    def test_one_that_saw_nothing_says_nothing(self):
        self.part(outcome=Outcome('its stack is not readable'))
        self.assertEqual([], self.asked)

    def test_it_does_not_change_what_the_stream_says_of_itself(self):
        says, at = self.says(), self.row().collected_at
        self.part(outcome=Outcome('half of it', covers=self.covers))
        self.collector.report()
        self.assertEqual((says, at), (self.says(), self.row().collected_at))

    def test_one_read_during_it_is_not_missing(self):
        self.thing.truth['b'] = record('b', 'SHUTOFF')
        self.thing.parts.append((([], []), Outcome(covers=self.covers)))
        take = self.thing.page

        def page(records):
            self.thing.page = take
            self.collector.refetch('b', 'hint')
            return take(records)
        self.thing.page = page
        self.collector.look_into('p', 'hint')
        self.assertEqual([('a', 'hint')], self.asked)


class SilenceTest(HintCase):

    def setUp(self):
        super().setUp()
        self.collector.listen(True)
        self.sweep([record(id_) for id_ in 'abcdef'])
        self.clock.advance(silence.LATELY)

    def change(self, status, ids='abcdef', **more):
        self.sweep([record(id_, status, **more) for id_ in ids])

    def later(self):
        self.clock.advance(silence.PATIENCE)
        self.collector.report()
        return self.says()

    def test_it_is_said_of_a_stream_that_stays_live(self):
        self.change('SHUTOFF')
        state, error = self.later()
        self.assertEqual('live', state)
        self.assertEqual(
            '6 of the last 6 changes were found by listing and told by no '
            f'notification: {self.plugin.silent}', error)
        self.assertIn('6 of the last 6', self.log.output)

    def test_deletions_and_creations_count(self):
        self.sweep([record(id_) for id_ in 'abcghi'])
        self.refetch_all()
        self.assertIn('6 of the last 6', self.later()[1])

    def test_the_first_sweep_finds_nothing_untold(self):
        self.assertEqual(('live', None), self.later())

    def test_what_hints_led_to_was_told(self):
        for id_ in 'abcdef':
            self.thing.truth[id_] = record(id_, 'SHUTOFF')
            self.collector.refetch(id_, 'hint')
        self.assertEqual(('live', None), self.later())
        self.assertEqual(0, self.collector.silence.untold)

    def test_what_nobody_tells_is_not_missed(self):
        self.change('ACTIVE', note='x')
        self.assertEqual(('live', None), self.later())
        self.change('SHUTOFF', note='y')
        self.assertIn('6 of the last 6', self.later()[1])

    def test_it_is_said_once_and_taken_back(self):
        self.change('SHUTOFF')
        self.later()
        self.later()
        for _ in range(silence.LAST):
            self.collector.silence.told()
        self.assertEqual(('live', None), self.later())
        self.assertEqual(1, self.log.output.count('told by no'))
        self.assertIn('notifications tell of its changes again',
                      self.log.output)

    def test_where_nothing_is_to_be_expected_nothing_is_said(self):
        self.collector.listen(False)
        self.clock.advance(silence.LATELY + 1)
        self.change('SHUTOFF')
        self.assertEqual(('live', None), self.later())

    def test_nor_of_a_type_that_says_nothing_of_how_it_is_told_of(self):
        self.thing.untold = None
        self.collector.listen(True)
        self.clock.advance(silence.LATELY + 1)
        self.change('SHUTOFF')
        self.assertEqual(('live', None), self.later())

    def test_after_an_outage_nothing_is_missed(self):
        self.collector.silence.pardon(self.clock.monotonic())
        self.change('SHUTOFF')
        self.assertEqual(('live', None), self.later())


