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


"""A record that comes again as it was is seen, and not read again."""

from synchronizer import exception
from synchronizer.collector import reader
from synchronizer.model import reading
from synchronizer.tests.unit.collector import doubles
from synchronizer.tests.unit.collector import test_collector
from synchronizer.tests.unit.collector.doubles import record


class _Counting(doubles.Told):
    """Counts what it makes entities of."""

    def __init__(self, clock):
        super().__init__(clock)
        self.made = []
        self.form = 'x'

    def entity(self, record):
        self.made.append(record['id'])
        return super().entity(record)

    def shape(self, session):
        return self.form


class RepeatsTest(test_collector.CollectorCase):

    kind = _Counting

    def made(self, *pages, **more):
        """What had to be read of a sweep."""
        self.thing.made.clear()
        self.sweep(*pages, **more)
        return self.thing.made

    def state(self, id_):
        return self.store.entities(self.type, [id_])[id_][0].state

    def test_what_is_as_it_was_is_not_read_again(self):
        page = [record('a'), record('b')]
        self.assertEqual(['a', 'b'], self.made(page))
        self.assertEqual([], self.made(page))
        self.assertEqual(['b'], self.made([record('a'), record('b', 'OFF')]))
        self.assertEqual([], self.made([record('a'), record('b', 'OFF')]))

    def test_it_was_seen_all_the_same(self):
        self.sweep([record('a'), record('b')])
        began = self.clock.monotonic()
        self.assertEqual([], self.made([record('a')]))
        self.assertEqual(['b'], [id_ for id_, _ in self.asked])
        self.assertTrue(self.collector._writer.seen_since('a', began))

    def test_a_type_and_a_number_are_told_apart(self):
        self.sweep([record('a', x=1)])
        self.assertEqual(['a'], self.made([record('a', x=True)]))
        self.assertEqual(['a'], self.made([record('a', x=1.0)]))

    def test_the_order_of_keys_costs_a_reading_and_no_change(self):
        self.sweep([{'id': 'a', 'status': 'ACTIVE', 'x': 1}])
        revision = self.row().revision
        self.assertEqual(
            ['a'], self.made([{'x': 1, 'id': 'a', 'status': 'ACTIVE'}]))
        self.assertEqual(revision, self.row().revision)

    def test_another_form_is_read(self):
        self.sweep([record('a')])
        self.thing.form = 'y'
        self.assertEqual(['a'], self.made([record('a')]))

    def test_what_is_not_at_rest_is_followed_each_time(self):
        page = [record('a', rest=5)]
        self.sweep(page)
        self.assertEqual(['a'], self.made(page))

    def test_what_an_answer_changed_meanwhile_is_read(self):
        page = [record('a')]
        self.sweep(page)
        self.thing.truth['a'] = record('a', 'OFF')
        self.collector.refetch('a', 'hint')
        self.assertEqual(['a'], self.made(page))
        self.assertEqual('ACTIVE', self.state('a'))

    def test_an_older_sighting_is_held_as_it_was(self):
        page = [record('a')]
        self.sweep(page)
        entry = self.collector._writer.baseline.entry('a')
        self.assertEqual([], self.collector._writer.unlike(
            [('a', entry.mark, record('a'))], reading.BEFORE_THIS_RUN))
        self.assertEqual(
            entry, self.collector._writer.baseline.entry('a'))

    def test_what_could_not_be_stored_is_read_again(self):
        self.sweep([record('a')])
        page = [record('a', 'OFF')]
        self.store.fail_next(
            exception.StoreUnavailable('away'), 'commit')
        self.assertRaises(exception.StoreUnavailable, self.sweep, page)
        self.assertEqual(['a'], self.made(page))
        self.assertEqual('OFF', self.state('a'))

    def test_after_a_take_over_all_is_read(self):
        page = [record('a')]
        self.sweep(page)
        self.collector.open()
        self.assertEqual(['a'], self.made(page))

    def test_what_has_no_id_is_still_unreadable(self):
        tally = reader.Tally()
        read = reader.Reader(self.thing)
        self.assertEqual([], read.all(
            self.thing.page([{'status': 'ACTIVE'}]), 'x', tally,
            self.collector._writer.unlike))
        self.assertEqual(1, tally.unreadable)
        self.assertEqual(0, tally.seen)

    def test_the_type_is_told_of_what_cannot_be_read(self):
        told = []
        self.thing.misread = told.append
        bad = [{'status': 'ACTIVE'}, {'id': 'b'}]
        reader.Reader(self.thing).all(
            self.thing.page([record('a'), *bad]), 'x', reader.Tally())
        self.assertEqual(bad, told)

    def test_what_has_no_mark_is_read_each_time(self):
        shown = [('a', None, record('a'))]
        self.sweep([record('a', rest=5)])
        self.assertIsNone(
            self.collector._writer.baseline.entry('a').mark)
        self.assertEqual(shown, self.collector._writer.unlike(
            shown, reading.BEFORE_THIS_RUN))


class _Remembering(doubles.Told):
    """Shows the same page, read long ago, each time."""

    def list(self, session):
        yield self.remembered
        return reading.COMPLETE


class EarlyTest(test_collector.CollectorCase):
    """A listing may show something by an answer from before it began."""

    kind = _Remembering

    def test_it_is_seen_all_the_same(self):
        self.thing.remembered = self.thing.page([record('a'), record('b')])
        for _ in range(2):
            self.clock.advance()
            self.collector.sweep()
        self.assertEqual([], self.asked)
        self.assertEqual(2, self.row().entities)

    def test_what_it_lacks_is_asked_for(self):
        self.thing.remembered = self.thing.page([record('a'), record('b')])
        self.collector.sweep()
        self.thing.remembered = self.thing.page([record('a')])
        self.clock.advance()
        self.collector.sweep()
        self.assertEqual(['b'], [id_ for id_, _ in self.asked])


class SoonTest(test_collector.CollectorCase):

    def commits(self, *pages, end=None, fails=None):
        """How many writes each commit has that such pages lead to: (when it
        was there, in how many seconds the next is expected)."""
        commits, commit = [], self.store.commit

        def counted(claim, writes):
            commits.append(len(writes))
            return commit(claim, writes)
        self.store.commit = counted
        began = self.clock.monotonic()

        def listing(session):
            for number, (at, soon) in enumerate(pages):
                yield reading.Page(
                    (record(f'id-{number}'),),
                    reading.Window(began + at - 0.01, began + at),
                    '2026-11-20T10:00:00.000000Z', soon=soon)
            if end is not None:
                raise end
            return reading.COMPLETE
        self.thing.list = listing
        if fails is None:
            self.collector.sweep()
        else:
            self.assertRaises(fails, self.collector.sweep)
        return commits

    def test_pages_at_hand_are_committed_together(self):
        self.assertEqual([2, 1], self.commits(
            (0.1, 0), (0.1, None), (0.1, None)))

    def test_so_are_those_that_are_expected_soon(self):
        self.assertEqual([3], self.commits((0.1, 0.1), (0.2, 0.1),
                                           (0.3, 0.1)))

    def test_not_all_wait_for_the_last(self):
        self.assertEqual([3, 2], self.commits(
            (0.1, 0.2), (0.3, 0.2), (0.5, 0.2), (0.7, 0.2), (0.9, 0.2)))

    def test_what_is_not_expected_soon_is_not_waited_for(self):
        self.assertEqual([1, 1], self.commits((0.1, 2.0), (2.1, 2.0)))

    def test_a_listing_that_fails_has_shown_what_it_showed(self):
        self.assertEqual([2], self.commits(
            (0.1, 0), (0.2, 0), end=exception.Unreachable('away'),
            fails=exception.Unreachable))
        self.assertEqual(2, self.row().revision)

    def test_what_cannot_be_stored_is_not_tried_twice(self):
        def commit(claim, writes):
            raise exception.StoreUnavailable('away')
        self.store.commit = commit
        self.assertEqual([1], self.commits(
            (0.1, None), (0.1, None), fails=exception.StoreUnavailable))

    def test_forms_are_not_mixed(self):
        forms = iter(('one', 'one', 'other'))
        self.thing.shape = lambda session: next(forms)
        self.assertEqual([2, 1], self.commits((0.1, 0), (0.1, 0), (0.1, 0)))

    def test_each_has_its_own_window(self):
        self.commits((0.1, 0), (0.2, 0))
        baseline = self.collector._writer.baseline
        self.assertLess(baseline.entry('id-0').window.end,
                        baseline.entry('id-1').window.start)
