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

"""One stream, from what a plugin shows to what is told of it."""

import random

from synchronizer import exception
from synchronizer.collector import collector as collector_module
from synchronizer.collector import settings
from synchronizer.model.reading import Outcome
from synchronizer.store import base as store_base
from synchronizer.store import memory
from synchronizer.tests import base
from synchronizer.tests.unit.collector import doubles
from synchronizer.tests.unit.collector.doubles import record


class CollectorCase(base.TestCase):

    kind = doubles.Thing

    def setUp(self):
        super().setUp()
        self.clock = doubles.Clock()
        self.store = memory.MemoryStore(self.clock.wall)
        self.thing = self.kind(self.clock)
        self.type = self.thing.name
        self.plugin = doubles.Plugin()
        self.store.ensure([store_base.StreamSpec(self.type, 'test', 600)])
        self.asked, self.sweeps, self.woken = [], [], []
        self.behind = {}
        self.collector = self.open()

    def open(self):
        needs = collector_module.Needs(
            self.note_asked, self.sweeps.append, self.woken.append)
        new = collector_module.Collector(
            self.plugin, self.thing, self.store, 'host', needs,
            settings.Settings(brake_min=3, brake_sample=2), self.clock,
            random.Random(1))
        new.open()
        return new

    def note_asked(self, type_, id_, cause, initiator):
        self.asked.append((id_, cause))
        self.behind[id_] = initiator

    def sweep(self, *pages, outcome=None):
        self.thing.script(*pages, **({'outcome': outcome} if outcome else {}))
        try:
            return self.collector.sweep()
        finally:
            self.collector.report()

    def refetch_all(self):
        asked, self.asked = self.asked, []
        for id_, cause in asked:
            self.collector.refetch(id_, cause)
        self.collector.report()

    def told(self):
        row = self.row()
        _, changes = self.store.changes_since(
            self.type, row.epoch, 0, 1000, 10**9)
        return [(change.action, change.id, change.cause)
                for change in changes]

    def row(self):
        return self.store.streams([self.type])[self.type]

    def says(self):
        return self.row().state, self.row().error


class SweepTest(CollectorCase):

    def test_the_first_sweep_is_startup_and_later_ones_are_not(self):
        self.assertEqual(('starting', None), self.says())
        self.sweep([record('a')], [record('b')])
        self.sweep([record('a', 'SHUTOFF')], [record('b')])
        self.assertEqual([('created', 'a', 'startup'),
                          ('created', 'b', 'startup'),
                          ('updated', 'a', 'sweep')], self.told())
        self.assertEqual(('live', None), self.says())
        # one for each page that was news, one for each report
        self.assertEqual([self.type] * 5, self.woken)

    def test_collected_at_is_the_start_of_the_sweep(self):
        began = settings.stamp(self.clock.wall())
        self.sweep([record('a')])
        self.assertEqual(began, self.row().collected_at)

    def test_sampled_at_is_when_the_page_was_asked_for(self):
        self.sweep([record('a')])
        self.sweep([record('a', beat=2)])
        entity, _ = self.store.entities(self.type, ['a'])['a']
        self.assertEqual('2026-11-20T10:00:02.000000Z', entity.sampled_at)
        self.assertEqual({'id': 'a', 'status': 'ACTIVE'}, entity.attributes)

    def test_a_failed_sweep_says_so_and_keeps_what_it_saw(self):
        self.assertRaises(exception.Unreachable, self.sweep, [record('a')],
                          outcome=exception.Unreachable('no answer'))
        self.assertEqual(
            ('starting', 'the last sweep failed: no answer'), self.says())
        self.assertIsNone(self.row().collected_at)
        self.assertEqual([('created', 'a', 'startup')], self.told())

    def test_failure_degrades_and_success_heals(self):
        self.sweep([record('a')])
        collected_at = self.row().collected_at
        self.assertRaises(exception.Refused, self.sweep,
                          outcome=exception.Refused('403'))
        self.assertEqual(('degraded', 'the last sweep failed: 403'),
                         self.says())
        self.assertEqual(collected_at, self.row().collected_at)
        self.sweep([record('a')])
        self.assertEqual(('live', None), self.says())

    def test_a_cloud_that_cannot_be_reached_fails_the_sweep(self):
        self.plugin.agreed = exception.Unreachable('keystone is down')
        self.assertRaises(exception.Unreachable, self.sweep)
        self.assertIn('keystone is down', self.says()[1])

    def test_after_a_restart_it_is_never_starting(self):
        self.sweep([record('a')])
        self.collector = self.open()
        self.assertRaises(exception.Refused, self.sweep,
                          outcome=exception.Refused('403'))
        self.assertEqual('degraded', self.row().state)

    def test_a_record_that_cannot_be_read_costs_only_itself(self):
        self.sweep([record('a')])
        outcome = self.sweep([{'id': 'a'}, record('b')])
        self.assertEqual('1 records could not be read', outcome.reason)
        self.assertEqual([], self.asked)
        self.assertEqual(('created', 'b', 'sweep'), self.told()[-1])
        self.assertEqual('degraded', self.row().state)

    def test_a_full_store_fails_the_sweep_and_the_next_finds_it(self):
        self.store.fail_next(exception.StoreUnavailable('full'), 'commit')
        self.assertRaises(exception.StoreUnavailable, self.sweep,
                          [record('a')])
        self.assertEqual([], self.told())
        self.sweep([record('a')])
        self.assertEqual([('created', 'a', 'startup')], self.told())

    def test_a_requested_sweep_is_served_by_one_begun_after_it(self):
        self.store.request_sweep([self.type])
        self.thing.between_pages = lambda: self.store.request_sweep(
            [self.type])
        self.sweep([record('a')], [record('b')])
        self.assertEqual((2, 1), (self.row().sweeps_requested,
                                  self.row().sweeps_served))


class AbsenceTest(CollectorCase):

    def test_a_missing_id_is_asked_for_and_then_deleted(self):
        self.sweep([record('a'), record('b')])
        collected_at = self.row().collected_at
        self.sweep([record('a')])
        self.assertEqual([('b', 'sweep')], self.asked)
        self.assertEqual(collected_at, self.row().collected_at)
        self.refetch_all()
        self.assertEqual(('deleted', 'b', 'sweep'), self.told()[-1])
        self.assertLess(collected_at, self.row().collected_at)

    def test_an_id_that_answers_stays(self):
        self.sweep([record('a'), record('b')])
        self.thing.truth['b'] = record('b', 'SOFT_DELETED')
        self.sweep([record('a')])
        self.refetch_all()
        self.assertEqual(('updated', 'b', 'sweep'), self.told()[-1])

    def test_an_error_decides_nothing(self):
        self.sweep([record('a'), record('b')])
        collected_at = self.row().collected_at
        self.thing.truth['b'] = exception.Refused('403')
        self.sweep([record('a')])
        self.assertRaises(exception.Refused, self.refetch_all)
        self.assertEqual(2, len(self.told()))
        self.collector.report(unsettled=1)
        self.assertEqual(('degraded', '1 doubts cannot be settled'),
                         self.says())
        self.assertEqual(collected_at, self.row().collected_at)

    def test_a_partial_sweep_says_nothing_of_what_it_did_not_see(self):
        self.sweep([record('a'), record('b')])
        self.sweep([record('a')], outcome=Outcome('a page came twice'))
        self.assertEqual([], self.asked)
        self.assertEqual(('degraded', 'a page came twice'), self.says())

    def test_behind_a_fence_nothing_is_asked_for(self):
        self.sweep([record('a', host='up'), record('b', host='down'),
                    record('c', host='up')])
        self.sweep([record('a', host='up')], outcome=Outcome(
            'cell down', lambda e: e.attributes['host'] == 'down'))
        self.assertEqual([('c', 'sweep')], self.asked)
        self.assertEqual(('degraded', 'cell down'), self.says())

    def test_what_came_during_the_sweep_is_not_missing(self):
        self.sweep([record('a')])
        self.thing.truth['new'] = record('new')
        self.thing.between_pages = lambda: self.collector.refetch(
            'new', 'hint')
        self.sweep([record('a')], [])
        self.assertEqual([], self.asked)
        self.assertEqual(('created', 'new', 'hint'), self.told()[-1])

    def test_a_page_under_way_does_not_revive_the_dead(self):
        self.sweep([record('a')], [record('b')])

        def dies():
            self.collector.refetch('b', 'hint')
        self.thing.between_pages = dies
        self.sweep([record('a')], [])
        self.assertEqual(('deleted', 'b', 'hint'), self.told()[-1])
        self.assertEqual([], self.asked)


class BrakeTest(CollectorCase):

    ids = 'abcdefghij'

    def setUp(self):
        super().setUp()
        self.sweep([record(id_) for id_ in self.ids])

    def test_an_empty_list_deletes_nothing(self):
        self.thing.truth = {id_: record(id_) for id_ in self.ids}
        self.sweep([])
        self.assertEqual('suspect', self.row().state)
        self.assertIn('10 entities are missing', self.row().error)
        self.assertEqual(2, len(self.asked))
        self.refetch_all()
        self.assertEqual('suspect', self.row().state)
        for _ in range(5):
            self.sweep([])
            self.refetch_all()
        # it asks again, but ever more seldom
        self.assertEqual(sorted(self.sweeps), self.sweeps)
        self.assertGreater(self.sweeps[-1], 10)
        self.sweep([record(id_) for id_ in self.ids])
        self.assertEqual(('live', None), self.says())
        self.assertEqual(10, len(self.told()))

    def test_a_true_mass_deletion_needs_sample_and_second_sweep(self):
        self.sweep([])
        self.refetch_all()
        self.assertEqual(10, len(self.told()))
        self.assertEqual([1], self.sweeps)
        collected_at = self.row().collected_at
        self.sweep([])
        self.assertEqual(set(self.ids), {id_ for id_, _ in self.asked})
        self.refetch_all()
        self.assertEqual([('deleted', id_, 'sweep') for id_ in self.ids],
                         sorted(self.told()[10:]))
        self.assertEqual(('live', None), self.says())
        self.assertLess(collected_at, self.row().collected_at)

    def test_nothing_that_the_brake_holds_is_deleted_by_a_late_answer(self):
        self.sweep([])
        self.collector.refetch('a', 'delta')
        self.assertEqual(10, len(self.told()))

    def test_the_sample_alone_does_not_make_it_collected(self):
        collected_at = self.row().collected_at
        self.sweep([])
        self.refetch_all()
        self.assertEqual(collected_at, self.row().collected_at)


class ListedTest(CollectorCase):

    kind = doubles.Listed

    def test_two_sweeps_in_a_row_delete(self):
        self.sweep([record('a'), record('b')])
        self.sweep([record('a')])
        self.assertEqual(([], [1]), (self.asked, self.sweeps))
        collected_at = self.row().collected_at
        self.sweep([record('a')])
        self.assertEqual(('deleted', 'b', 'sweep'), self.told()[-1])
        self.assertLess(collected_at, self.row().collected_at)

    def test_what_says_that_it_is_gone_is_gone(self):
        self.sweep([record('a')])
        self.sweep([record('a', 'DELETED')])
        self.assertEqual(('deleted', 'a', 'sweep'), self.told()[-1])


class LookTest(CollectorCase):

    def look(self, *pages, **how):
        self.thing.script(*pages, **how)
        self.collector.look()

    def test_it_looks_from_the_services_own_clock_with_an_overlap(self):
        self.sweep([record('a')])
        server_time = self.clock.seconds
        self.look([record('a', 'SHUTOFF')])
        self.look([])
        self.assertEqual([server_time - 10, server_time + 2 - 10],
                         self.thing.since)
        self.assertEqual(('updated', 'a', 'delta'), self.told()[-1])

    def test_before_the_first_complete_sweep_there_is_no_look(self):
        self.collector.look()
        self.assertEqual([], self.thing.since)

    def test_what_it_does_not_show_is_not_missing(self):
        self.sweep([record('a')])
        self.look([])
        self.assertEqual([], self.asked)

    def test_what_it_calls_deleted_is_asked_for_by_itself(self):
        self.sweep([record('a')])
        self.look([record('a', 'DELETED'), record('never', 'DELETED')])
        self.assertEqual([('a', 'delta')], self.asked)
        self.refetch_all()
        self.assertEqual(('deleted', 'a', 'delta'), self.told()[-1])

    def test_a_failed_look_is_looked_for_again_from_the_same_time(self):
        self.sweep([record('a')])
        self.assertRaises(exception.Unreachable, self.look,
                          outcome=exception.Unreachable('x'))
        self.look([])
        self.assertEqual(1, len(set(self.thing.since)))


class DoubtTest(CollectorCase):

    def test_an_overlapping_refetch_leads_to_another(self):
        self.sweep([record('a')])
        self.thing.truth['a'] = record('a', 'SHUTOFF')
        self.clock.seconds -= 1.5
        self.collector.refetch('a', 'hint')
        self.assertEqual([('a', 'hint')], self.asked)
        self.clock.advance(5)
        self.refetch_all()
        self.assertEqual(('updated', 'a', 'hint'), self.told()[-1])

    def test_a_get_that_cannot_be_read_is_a_broken_answer(self):
        self.thing.truth['a'] = {'id': 'a'}
        self.assertRaises(exception.BrokenAnswer,
                          self.collector.refetch, 'a', 'hint')


class CoversTest(CollectorCase):
    """Listings that do not look at everything, or do not see it."""

    def setUp(self):
        super().setUp()
        self.sweep([record('a', host='x'), record('b', host='y'),
                    record('c', host='x')])

    def test_what_a_listing_does_not_speak_about_is_not_missing(self):
        self.sweep([], outcome=Outcome(covers=lambda id_: id_ == 'a'))
        self.assertEqual([('a', 'sweep')], self.asked)
        self.refetch_all()
        self.assertEqual(('deleted', 'a', 'sweep'), self.told()[-1])
        self.assertEqual(('live', None), self.says())

    def test_what_it_keeps_is_not_missing(self):
        self.sweep([record('a', host='x')], outcome=Outcome(
            covers=lambda id_: True, kept=lambda id_: id_ == 'b'))
        self.assertEqual([('c', 'sweep')], self.asked)

    def test_a_partial_one_is_believed_in_what_it_covers(self):
        self.sweep([], outcome=Outcome('b failed', covers='ac'.__contains__))
        self.assertEqual({'a', 'c'}, {id_ for id_, _ in self.asked})
        self.assertEqual(('degraded', 'b failed'), self.says())

    def test_the_brake_counts_what_is_covered(self):
        self.sweep([record(id_, host='x') for id_ in 'abcdefghij'])
        self.sweep([], outcome=Outcome(
            covers='abcd'.__contains__, kept='d'.__contains__))
        self.assertEqual(3, len(self.asked))
        self.asked = []
        self.sweep([], outcome=Outcome(
            covers='abcde'.__contains__, kept='e'.__contains__))
        self.assertEqual(2, len(self.asked))
        self.assertEqual('suspect', self.row().state)

    def test_a_note_is_said_of_a_live_stream(self):
        self.sweep([record(id_, host='x') for id_ in 'abc'],
                   outcome=Outcome(note='one project only'))
        self.assertEqual(('live', 'one project only'), self.says())
        self.sweep([record(id_, host='x') for id_ in 'abc'])
        self.assertEqual(('live', None), self.says())

    def test_a_note_stands_behind_a_failure(self):
        self.sweep([{'id': 'a'}], outcome=Outcome(note='one project only'))
        self.assertEqual(('degraded', '1 records could not be read; '
                                      'one project only'), self.says())

    def test_a_complete_one_that_sees_less_than_we_hold_is_partial(self):
        collected_at = self.row().collected_at
        outcome = self.sweep([record('a', host='x')], outcome=Outcome(
            fence=lambda e: e.attributes['host'] == 'y', note='only x'))
        self.assertFalse(outcome.complete)
        self.assertEqual([('c', 'sweep')], self.asked)
        self.assertEqual(
            ('degraded', '1 entities are out of sight: they are kept as they '
                         'were; only x'), self.says())
        self.assertEqual(collected_at, self.row().collected_at)

    def test_a_complete_one_that_lacks_nothing_behind_its_fence(self):
        outcome = self.sweep([record(id_, host='x') for id_ in 'ab'],
                             outcome=Outcome(fence=lambda e: False))
        self.assertTrue(outcome.complete)
        self.assertEqual([('c', 'sweep')], self.asked)

    def test_a_type_forgets_when_its_stream_is_opened(self):
        forgot = []
        self.thing.forget = lambda: forgot.append(1)
        self.open()
        self.assertEqual([1], forgot)


class ReportTest(CollectorCase):

    def test_a_sweep_that_serves_has_its_own_state_from_the_start(self):
        self.sweep([record('a')])
        self.assertRaises(exception.Refused, self.sweep,
                          outcome=exception.Refused('403'))
        said = []
        begin = self.collector._settling.begin

        def watched(*args):
            begin(*args)
            self.collector.report()
            said.append(self.says())
        self.collector._settling.begin = watched
        self.sweep([record('a')])
        self.assertEqual([('live', None)], said)

    def test_doubts_that_cannot_be_settled_outlast_a_sweep(self):
        self.sweep([record('a')])
        self.collector.report(unsettled=2)
        self.sweep([record('a')])
        self.assertEqual(('degraded', '2 doubts cannot be settled'),
                         self.says())
        self.collector.report(unsettled=0)
        self.assertEqual(('live', None), self.says())

    def test_only_news_is_written(self):
        self.sweep([record('a')])
        self.store.fail_next(exception.StoreUnavailable('x'), 'report')
        self.collector.report()
        self.assertRaises(exception.StoreUnavailable,
                          self.collector.report, unsettled=1)
        self.collector.report(unsettled=1)
        self.assertEqual('degraded', self.row().state)
