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

"""From hints to requests and changes, step by step, without threads."""

import random

from synchronizer import exception
from synchronizer.collector import poller as poller_module
from synchronizer.collector import refetch
from synchronizer.collector import runner
from synchronizer.collector import settings
from synchronizer.collector import silence
from synchronizer.model.initiator import Initiator
from synchronizer.model.reading import Outcome
from synchronizer.plugins.hints import Hint
from synchronizer.plugins.hints import Look
from synchronizer.store import base as store_base
from synchronizer.store import memory
from synchronizer.tests import base
from synchronizer.tests.unit.collector import doubles
from synchronizer.tests.unit.collector.doubles import record

TYPE, LISTED, HOST = 'test.thing', 'test.listed', 'test.host'


class Host(doubles.Told):
    name = HOST


class FakeEar:

    def __init__(self):
        self.wanted, self.waits = [], []

    def want(self, wanted):
        self.wanted.append(wanted)

    def wait(self, timeout):
        self.waits.append(timeout)
        return False


class RunnerCase(base.TestCase):

    kind = doubles.Told

    def setUp(self):
        super().setUp()
        self.clock = doubles.Clock()
        self.store = memory.MemoryStore(self.clock.wall)
        self.thing = self.kind(self.clock)
        self.listed, self.host = doubles.Listed(self.clock), Host(self.clock)
        kinds = [self.thing, self.listed, self.host]
        self.store.ensure(store_base.StreamSpec(kind.name, 'test', 600)
                          for kind in kinds)
        self.plugin, self.elsewhere = doubles.Plugin(), []
        self.plugin.hints = {'thing.*': (Look(TYPE, 'id'),)}
        self.runner = runner.Runner(
            self.plugin, kinds, self.store, 'here', lambda type_: None,
            settings.Settings(poll_interval=600, delta_interval=0),
            self.clock, random.Random(1),
            elsewhere=self.elsewhere.append)

    def open(self, type_, *ids, **more):
        kind = {TYPE: self.thing, LISTED: self.listed, HOST: self.host}[type_]
        kind.script([record(id_, **more) for id_ in ids])
        self.steps(type_)
        self.assertEqual(0, len(kind.listings))

    def steps(self, type_):
        """Let its thread do what is due now."""
        poller = self.runner.pollers[type_]
        while poller.step() <= self.clock.monotonic():
            continue

    def hint(self, *ids, type_=TYPE, **more):
        for id_ in ids:
            self.runner.hint(Hint(type_, id_, **more))

    def settle(self, seconds=0.05):
        """Let so much time pass, and what is due be asked for."""
        self.clock.advance(seconds)
        return self.ask_all()

    def ask_all(self):
        count = 0
        while self.runner._refetcher.step():
            count += 1
        return count

    def told(self, type_=TYPE):
        row = self.row(type_)
        _, changes = self.store.changes_since(
            type_, row.epoch, 0, 10**6, 10**9)
        return [(change.action, change.id, change.cause)
                for change in changes if change.cause != 'startup']

    def row(self, type_=TYPE):
        return self.store.streams([type_])[type_]

    def waiting(self):
        return len(self.runner._queue)


class HintTest(RunnerCase):

    def test_a_hint_becomes_a_change_at_once(self):
        self.open(TYPE, 'a', 'b')
        self.thing.truth = {'a': record('a', 'SHUTOFF'), 'n': record('n')}
        self.hint('a', 'b', 'n')
        self.assertEqual(0, self.ask_all())
        self.settle()
        self.assertEqual([('updated', 'a', 'hint'), ('deleted', 'b', 'hint'),
                          ('created', 'n', 'hint')], self.told())

    def test_doubled_ones_cost_one_request(self):
        self.open(TYPE, 'a')
        self.hint('a', 'a', 'a')
        self.settle()
        self.assertEqual(['a'], self.thing.gets)

    def test_one_before_the_first_sweep_is_seen_by_it(self):
        self.hint('a')
        self.assertEqual(0, self.waiting())
        self.open(TYPE, 'a')
        self.assertEqual(0, self.settle())

    def test_one_of_a_type_that_is_off_is_not_for_us(self):
        self.open(TYPE, 'a')
        self.hint('a', type_='test.unknown')
        self.assertEqual(0, self.waiting())

    def test_one_of_a_stream_that_is_another_owners_is_not_for_us(self):
        self.open(TYPE, 'a')
        self.hint('a')
        self.store.claim(TYPE, 'elsewhere')
        self.runner.watch()
        self.hint('b')
        self.settle()
        self.assertEqual(([], 0), (self.thing.gets, self.waiting()))

    def test_one_of_a_paused_stream_waits_for_the_sweep_that_resumes_it(self):
        self.open(TYPE, 'a')
        self.store.set_paused(TYPE, True)
        self.runner.watch()
        self.hint('a')
        self.assertEqual((0, []), (self.waiting(), self.thing.gets))

    def test_many_that_waited_when_it_was_paused_are_left_to_that_sweep(self):
        self.open(TYPE, 'a')
        self.hint(*(str(number) for number in range(30)))
        self.store.set_paused(TYPE, True)
        self.runner.watch()
        self.settle()
        self.assertEqual(([], [], 0), (
            self.thing.gets, self.thing.since, self.waiting()))

    def test_a_reading_that_began_after_it_was_received_settles_it(self):
        self.open(TYPE, 'a')
        self.hint('a')
        self.thing.script([record('a', 'SHUTOFF')])
        self.runner.pollers[TYPE].collector.look()
        self.settle()
        self.assertEqual(([], 0), (self.thing.gets, self.waiting()))

    def test_a_reading_that_began_before_it_does_not(self):
        self.open(TYPE, 'a')
        self.thing.truth['a'] = record('a', 'SHUTOFF')
        make = self.thing.page

        def hinted_meanwhile(records):
            page = make(records)
            self.hint('a')
            return page
        self.thing.page = hinted_meanwhile
        self.thing.script([record('a')])
        self.runner.pollers[TYPE].collector.look()
        self.thing.page = make
        self.settle()
        self.assertEqual(['a'], self.thing.gets)

    def test_an_answer_that_fails_is_tried_again(self):
        self.open(TYPE, 'a')
        self.thing.truth['a'] = exception.Unreachable('503')
        self.hint('a')
        self.settle()
        self.runner.watch()
        # what is held may be right: nothing is in doubt
        self.assertEqual(('live', None), (self.row().state, self.row().error))
        self.thing.truth['a'] = record('a', 'SHUTOFF')
        self.settle(1)
        self.assertEqual([('updated', 'a', 'hint')], self.told())


    def test_one_that_is_never_answered_is_settled_by_a_complete_sweep(self):
        self.open(TYPE, 'a')
        self.thing.truth['x'] = exception.BrokenAnswer('400')
        self.hint('x')
        self.settle()
        self.assertEqual(1, self.waiting())
        self.clock.advance(600)
        self.thing.script([record('a')])
        self.steps(TYPE)
        self.settle()
        self.assertEqual((0, 1), (self.waiting(), len(self.thing.gets)))


class EarlyTest(RunnerCase):

    def setUp(self):
        super().setUp()
        self.open(TYPE, 'a')

    def pauses(self):
        """Between the requests until it is given up."""
        times = []
        while self.waiting():
            before = len(self.thing.gets)
            if self.settle(0.05) and len(self.thing.gets) > before:
                times.append(self.clock.monotonic())
            self.assertLess(len(times), 10)
        return len(times)

    def test_one_read_too_early_is_read_again_three_times_and_no_more(self):
        self.thing.truth['a'] = record('a', updated='2026-11-20T10:00:00Z')
        self.hint('a', written=1795168800.0 + 60)
        self.assertEqual(1 + len(runner.EARLY), self.pauses())
        self.assertEqual((3, 4), (len(runner.EARLY), len(self.thing.gets)))

    def test_a_forged_delete_is_asked_for_again_and_believed_never(self):
        self.thing.truth['a'] = record('a')
        self.hint('a', gone=True)
        self.assertEqual(4, self.pauses())
        self.assertEqual(([], 1), (self.told(), self.row().entities))

    def test_one_that_is_there_at_last_is_taken_and_left_alone(self):
        self.thing.truth['a'] = record('a')
        self.hint('a', gone=True)
        self.settle()
        del self.thing.truth['a']
        self.assertEqual(1, self.pauses())
        self.assertEqual([('deleted', 'a', 'hint')], self.told())

    def test_the_pauses_grow(self):
        self.thing.truth['a'] = record('a')
        self.hint('a', gone=True)
        self.settle()
        for pause in runner.EARLY:
            self.assertEqual(0, self.settle(pause - 0.1))
            self.assertEqual(1, self.settle(0.2))
        self.assertEqual(0, self.waiting())

    def test_one_that_is_not_at_rest_is_followed(self):
        self.thing.truth['a'] = record('a', 'BUILD', rest=5)
        self.hint('a')
        for _ in range(4):
            self.settle(5)
        self.assertEqual(4, len(self.thing.gets))
        self.thing.truth['a'] = record('a')
        self.settle(5)
        self.assertEqual((0, None), (
            self.waiting(), self.runner._queue.next_at()))


class CrowdTest(RunnerCase):

    def many(self, count):
        return [f'id{number:03}' for number in range(count)]

    def test_a_burst_costs_one_listing_of_what_moved(self):
        ids = self.many(500)
        self.open(TYPE, *ids)
        self.hint(*ids[:300])
        self.thing.script([record(id_, 'SHUTOFF') for id_ in ids[:300]])
        self.settle()
        self.assertEqual((1, []), (len(self.thing.since), self.thing.gets))
        self.assertEqual({('updated', id_, 'hint') for id_ in ids[:300]},
                         set(self.told()))

    def test_those_that_it_does_not_show_are_asked_for(self):
        ids = self.many(500)
        self.open(TYPE, *ids)
        self.thing.truth = {id_: record(id_, tags=[1]) for id_ in ids}
        self.hint(*ids[:45])
        self.thing.script([record(id_, 'SHUTOFF') for id_ in ids[:20]])
        self.settle()
        self.settle()
        self.assertEqual(ids[20:45], self.thing.gets)
        self.assertEqual(0, self.waiting())

    def test_if_they_are_many_of_those_that_live_all_is_listed(self):
        ids = self.many(400)
        self.open(TYPE, *ids)
        self.hint(*ids[:22])
        self.thing.script([record(ids[0], 'SHUTOFF')])
        self.settle()
        self.assertEqual(([], 0), (self.thing.gets, self.waiting()))
        self.thing.script([record(id_, 'PAUSED') for id_ in ids])
        self.clock.advance(60)
        self.steps(TYPE)
        self.assertEqual([('updated', ids[1], 'hint')], self.told()[2:3])
        self.assertIn('21 hints at once lead to a sweep', self.log.output)

    def test_just_under_a_twentieth_is_asked_for(self):
        ids = self.many(440)
        self.open(TYPE, *ids)
        self.hint(*ids[:22])
        self.thing.script([])
        self.settle()
        self.settle()
        self.assertEqual(22, len(self.thing.gets))

    def test_a_look_that_fails_loses_nothing(self):
        ids = self.many(25)
        self.open(TYPE, *ids)
        self.hint(*ids)
        self.thing.script(outcome=exception.Unreachable('503'))
        self.settle()
        self.assertEqual(25, self.waiting())
        self.thing.script([record(id_, 'SHUTOFF') for id_ in ids])
        self.settle(1.1)
        self.assertEqual((25, 0), (len(self.told()), self.waiting()))

    def test_without_a_listing_of_what_moved_each_is_asked_for(self):
        ids = self.many(500)
        self.thing.can_list_since = False
        self.open(TYPE, *ids)
        self.hint(*ids[:25])
        self.settle()
        self.settle()
        self.assertEqual((25, []), (len(self.thing.gets), self.thing.since))

    def test_ten_thousand_cost_bounded_requests_and_lose_nothing(self):
        ids = [f'{number:05}' for number in range(12_000)]
        self.open(TYPE, *ids)
        self.hint(*ids)
        self.assertEqual(refetch.MOST, self.waiting())
        self.thing.script([record(id_, 'SHUTOFF') for id_ in ids])
        # the last sweep took two seconds
        self.clock.advance(20)
        self.steps(TYPE)
        self.settle()
        self.assertEqual(([], 0, 0), (
            self.thing.gets, self.waiting(), len(self.thing.listings)))
        self.assertEqual(12_000, len({id_ for _, id_, _ in self.told()}))


class PartOfListedTest(RunnerCase):

    def test_what_a_part_lacks_of_a_type_without_get_waits_for_sweeps(self):
        self.open(LISTED, 'p/a', 'p/b')

        def list_part(session, part):
            yield self.listed.page([record('p/a')])
            return Outcome(covers=lambda id_: id_.startswith('p/'))
        self.listed.list_part = list_part
        self.hint('p', type_=LISTED, part=True)
        self.settle()
        self.assertEqual(0, self.waiting())
        for _ in range(2):
            self.listed.script([record('p/a')])
            self.clock.advance(5)
            self.steps(LISTED)
        self.assertEqual([('deleted', 'p/b')], [
            (action, id_) for action, id_, _ in self.told(LISTED)])


class WholeTypeTest(RunnerCase):

    def sweeps(self, type_=LISTED):
        before = len(self.listed.listings)
        self.steps(type_)
        return before - len(self.listed.listings)

    def setUp(self):
        super().setUp()
        self.listed.between_pages = lambda: self.clock.advance(4)
        self.listed.script([record('a')], [])
        self.steps(LISTED)
        for status in ('B', 'C', 'D'):
            self.listed.script([record('a', status)], [])

    def test_a_hint_of_a_type_without_get_is_a_sweep(self):
        self.clock.advance(300)
        self.hint('a', type_=LISTED)
        self.assertEqual(0, self.sweeps())
        self.clock.advance(0.05)
        self.assertEqual(1, self.sweeps())
        self.assertEqual([('updated', 'a', 'hint')], self.told(LISTED))

    def test_so_is_one_of_no_id(self):
        self.clock.advance(300)
        self.hint(None, type_=LISTED)
        self.clock.advance(0.05)
        self.assertEqual(1, self.sweeps())

    def test_such_sweeps_leave_the_service_time_for_others(self):
        took = 8
        for _ in range(2):
            self.hint('a', type_=LISTED)
            self.clock.advance(poller_module.FRUGAL * took - 0.1)
            self.assertEqual(0, self.sweeps())
            self.clock.advance(0.2)
            self.assertEqual(1, self.sweeps())

    def test_hints_do_not_hurry_a_service_that_asks_for_patience(self):
        self.listed.listings.clear()
        for _ in range(9):
            self.listed.script(outcome=exception.Throttled(
                '429', retry_after=300))
        self.clock.advance(300)
        self.hint('a', type_=LISTED)
        self.clock.advance(0.05)
        self.assertEqual(1, self.sweeps())
        for _ in range(29):
            self.clock.advance(10)
            self.hint('a', type_=LISTED)
            self.assertEqual(0, self.sweeps())

    def test_what_shows_later_is_listed_again(self):
        self.clock.advance(300)
        self.runner.hint(Hint(LISTED, None, later=(100, 200)))
        self.clock.advance(0.05)
        self.assertEqual(1, self.sweeps())
        self.clock.advance(80)
        self.assertEqual(0, self.sweeps())
        self.clock.advance(20)
        self.assertEqual(1, self.sweeps())
        self.clock.advance(100)
        self.assertEqual(1, self.sweeps())
        self.clock.advance(100)
        self.assertEqual(0, self.sweeps())
        self.assertEqual(['hint'] * 3, [
            cause for _, _, cause in self.told(LISTED)])

    def test_a_deletion_that_needs_two_sweeps_has_the_cause_of_the_first(self):
        self.listed.listings.clear()
        self.listed.script([])
        self.listed.script([])
        self.clock.advance(300)
        self.hint('a', type_=LISTED)
        self.clock.advance(0.05)
        self.assertEqual(1, self.sweeps())
        self.clock.advance(5)
        self.assertEqual(1, self.sweeps())
        self.assertEqual([('deleted', 'a', 'hint')], self.told(LISTED))

    def test_many_hints_are_one_sweep(self):
        self.clock.advance(300)
        for _ in range(100):
            self.hint('a', type_=LISTED)
        self.clock.advance(0.05)
        self.assertEqual(1, self.sweeps())

    def test_a_sweep_of_another_cause_meets_it(self):
        self.clock.advance(300)
        self.hint('a', type_=LISTED)
        self.runner.pollers[LISTED].sweep_soon()
        self.assertEqual(1, self.sweeps())
        self.clock.advance(1)
        self.assertEqual(0, self.sweeps())

    def test_part_by_part(self):
        self.open(TYPE, 'a', 'b')
        self.thing.parts.append(
            (([record('a', 'SHUTOFF')],), Outcome(
                covers='ab'.__contains__, again=30)))
        self.hint('p', part=True)
        self.settle()
        self.settle()
        self.assertEqual([('updated', 'a', 'hint'), ('deleted', 'b', 'hint')],
                         self.told())
        self.thing.parts.append(
            (([],), Outcome(covers='ab'.__contains__)))
        self.assertEqual(0, self.settle(20))
        self.settle(10)
        self.assertEqual(('deleted', 'a', 'hint'), self.told()[-1])


class BesideTest(RunnerCase):

    def test_types_of_ours_are_looked_at_and_others_elsewhere(self):
        self.open(HOST, 'h1', 'h2')
        self.open(TYPE, 'a', host='h1')
        self.thing.truth['a'] = record('a', host='h2', volume='v1')
        self.host.truth = {'h1': record('h1', 'EMPTY'),
                           'h2': record('h2', 'BUSY')}
        self.hint('a')
        self.settle()
        self.settle()
        self.assertEqual([('updated', 'h1', 'hint'),
                          ('updated', 'h2', 'hint')],
                         sorted(self.told(HOST)))
        self.assertEqual([{('other.volume', 'v1'): None}], self.elsewhere)

    def test_a_patient_type_waits_for_what_else_happens(self):
        self.host.patience = 10
        self.open(HOST, 'h1')
        self.open(TYPE, 'a', 'b')
        self.host.truth = {'h1': record('h1', 'BUSY')}
        for id_ in 'ab':
            self.thing.truth[id_] = record(id_, host='h1')
            self.hint(id_)
            self.settle()
        self.assertEqual([], self.told(HOST))
        self.assertEqual(1, self.settle(10))
        self.assertEqual([('updated', 'h1', 'hint')], self.told(HOST))

    def test_but_not_with_what_is_told_of_it(self):
        self.host.patience = 10
        self.open(HOST, 'h1')
        self.host.truth = {'h1': record('h1', 'BUSY')}
        self.hint('h1', type_=HOST)
        self.settle()
        self.assertEqual([('updated', 'h1', 'hint')], self.told(HOST))


class InitiatorTest(RunnerCase):
    """From a hint to the change that it led to."""

    WHO, OTHER = Initiator('u', 'p', 'req-1'), Initiator('v')

    def behind(self, type_=TYPE):
        _, changes = self.store.changes_since(
            type_, self.row(type_).epoch, 0, 10**6, 10**9)
        return {change.id: change.initiator for change in changes
                if change.cause == 'hint'}

    def test_one_id(self):
        self.open(TYPE, 'a', 'b')
        self.thing.truth = {'a': record('a', 'SHUTOFF')}
        self.hint('a', initiator=self.WHO)
        self.hint('a')
        self.hint('b')
        self.settle()
        self.assertEqual({'a': self.WHO, 'b': None}, self.behind())

    def test_one_that_comes_to_rest(self):
        self.open(TYPE, 'a')
        self.thing.truth = {'a': record('a', 'BUILD', rest=30)}
        self.hint('a', initiator=self.WHO)
        self.settle()
        self.thing.truth = {'a': record('a', 'SHUTOFF')}
        self.settle(31)
        row = self.store.history(TYPE, 'a', 1)
        self.assertEqual([('SHUTOFF', self.WHO)], [
            (change.entity.state, change.initiator) for change in row])

    def test_a_crowd(self):
        ids = [f'id{number:03}' for number in range(500)]
        self.open(TYPE, *ids)
        for number, id_ in enumerate(ids[:30]):
            self.hint(id_, initiator=(self.WHO, self.OTHER)[number % 2])
        self.thing.script([record(id_, 'SHUTOFF') for id_ in ids[:31]])
        self.settle()
        self.assertEqual([self.WHO, self.OTHER, None], [
            self.behind()[id_] for id_ in (ids[0], ids[1], ids[30])])

    def test_a_crowd_that_leads_to_a_sweep(self):
        ids = [f'id{number:03}' for number in range(400)]
        self.open(TYPE, *ids)
        self.hint(*ids[:22], initiator=self.WHO)
        self.thing.script([])
        self.settle()
        self.thing.script([record(id_, 'PAUSED') for id_ in ids])
        self.clock.advance(60)
        self.steps(TYPE)
        self.assertEqual([self.WHO, None], [
            self.behind()[id_] for id_ in (ids[21], ids[22])])

    def test_a_part(self):
        self.open(TYPE, 'a', 'b')
        self.thing.parts.append(
            (([record('a', 'SHUTOFF')],), Outcome(
                covers='ab'.__contains__)))
        self.hint('p', part=True, initiator=self.WHO)
        self.settle()
        self.settle()
        self.assertEqual(dict.fromkeys('ab', self.WHO), self.behind())

    def test_a_type_without_a_get(self):
        self.open(LISTED, 'a', 'b', 'c')
        self.clock.advance(300)
        self.hint('a', type_=LISTED, initiator=self.WHO)
        self.hint(None, type_=LISTED, about='b', initiator=self.OTHER)
        self.hint(None, type_=LISTED, initiator=self.OTHER)
        self.listed.script([record(id_, 'DOWN') for id_ in 'abc'])
        self.clock.advance(0.05)
        self.steps(LISTED)
        self.assertEqual({'a': self.WHO, 'b': self.OTHER, 'c': None},
                         self.behind(LISTED))

    def test_a_deletion_that_two_sweeps_decide(self):
        self.open(LISTED, 'a', 'b')
        self.clock.advance(300)
        self.hint('a', type_=LISTED, initiator=self.WHO)
        for _ in range(2):
            self.listed.script([record('b')])
            self.clock.advance(5)
            self.steps(LISTED)
        self.assertEqual({'a': self.WHO}, self.behind(LISTED))

    def test_what_hangs_together_with_it(self):
        self.open(HOST, 'h1')
        self.open(TYPE, 'a')
        self.thing.truth['a'] = record('a', host='h1', volume='v1')
        self.host.truth = {'h1': record('h1', 'BUSY')}
        self.hint('a', initiator=self.WHO)
        self.settle()
        self.settle()
        self.assertEqual({'h1': self.WHO}, self.behind(HOST))
        self.assertEqual([{('other.volume', 'v1'): self.WHO}],
                         self.elsewhere)

    def test_what_another_owner_is_told_of(self):
        self.open(TYPE, 'a')
        self.store.claim(TYPE, 'elsewhere')
        self.runner.watch()
        self.hint('b', initiator=self.WHO)
        self.assertEqual([{(TYPE, 'b'): self.WHO}], self.elsewhere)


class EarTest(RunnerCase):

    def setUp(self):
        super().setUp()
        self.ear = FakeEar()
        self.runner.attach(self.ear)

    def test_the_first_sweep_waits_for_the_ear_but_not_for_ever(self):
        self.assertEqual([], self.ear.wanted)
        self.open(TYPE, 'a')
        self.assertEqual(([True], [settings.Settings().listen_patience]),
                         (self.ear.wanted, self.ear.waits))
        self.assertEqual('live', self.row().state)

    def test_the_ear_is_waited_for_before_the_sweep(self):
        seen = []
        self.ear.wait = lambda timeout: seen.append(
            len(self.thing.listings))
        self.open(TYPE, 'a')
        self.assertEqual([1], seen)

    def test_it_is_not_wanted_before_a_stream_is_ours(self):
        self.runner.watch()
        self.assertEqual([False], self.ear.wanted)

    def test_it_is_wanted_while_one_stream_is_ours(self):
        self.open(TYPE, 'a')
        self.open(HOST, 'h')
        for type_, wanted in ((TYPE, True), (HOST, False)):
            self.store.claim(type_, 'elsewhere')
            self.runner.watch()
            self.runner.watch()
            self.assertIs(wanted, self.ear.wanted[-1])

    def test_a_paused_stream_is_listened_for(self):
        self.open(TYPE, 'a')
        self.store.set_paused(TYPE, True)
        for _ in range(2):
            self.runner.watch()
        self.assertIs(True, self.ear.wanted[-1])

    def test_what_was_not_heard_is_looked_for(self):
        self.open(TYPE, 'a')
        self.thing.script([record('a', 'SHUTOFF')])
        self.runner.catch_up()
        self.steps(TYPE)
        self.assertEqual(1, len(self.thing.since))
        self.assertEqual([('updated', 'a', 'delta')], self.told())

    def test_or_swept_where_there_are_no_looks(self):
        self.listed.can_list_since = False
        self.runner.pollers[LISTED]._looks = False
        self.open(LISTED, 'a')
        self.listed.script([record('a', 'SHUTOFF')])
        self.runner.catch_up()
        self.steps(LISTED)
        self.assertEqual([], self.told(LISTED))
        # not at once: a broker may come and go
        self.clock.advance(30)
        self.steps(LISTED)
        self.assertEqual([('updated', 'a', 'sweep')], self.told(LISTED))

    def test_before_the_first_sweep_there_is_nothing_to_catch_up_with(self):
        self.ear.wait = lambda timeout: self.runner.catch_up()
        self.open(TYPE, 'a')
        self.clock.advance(500)
        self.steps(TYPE)
        self.assertEqual([], self.thing.since)

    def test_only_types_that_are_told_of_are_judged(self):
        for type_ in (TYPE, HOST):
            self.open(type_, *'abcdef')
        self.clock.advance(silence.LATELY)
        for type_ in (TYPE, HOST):
            kind = {TYPE: self.thing, HOST: self.host}[type_]
            kind.script([record(id_, 'SHUTOFF') for id_ in 'abcdef'])
            self.runner.pollers[type_].sweep_soon()
            self.steps(type_)
        self.clock.advance(silence.PATIENCE)
        self.runner.watch()
        self.assertIn('told by no notification', self.row(TYPE).error)
        self.assertIsNone(self.row(HOST).error)

    def test_after_an_outage_nothing_is_missed(self):
        self.open(TYPE, *'abcdef')
        self.clock.advance(silence.LATELY)
        self.thing.script([record(id_, 'SHUTOFF') for id_ in 'abcde'])
        self.thing.script([record(id_, 'SHUTOFF') for id_ in 'abcde'])
        self.runner.catch_up()
        self.steps(TYPE)
        # what is gone no look shows
        self.clock.advance(silence.PATIENCE)
        self.steps(TYPE)
        self.settle()
        self.runner.watch()
        self.assertEqual((6, None), (len(self.told()), self.row().error))
