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

"""The publisher, step by step; and what it does with threads."""

import dataclasses
import json
import threading

from synchronizer import exception
from synchronizer import metrics
from synchronizer.bus import backoff
from synchronizer.bus import wire
from synchronizer.model.initiator import Initiator
from synchronizer.northbound import drivers
from synchronizer.northbound import publisher
from synchronizer.tests import base
from synchronizer.tests.unit import counts
from synchronizer.tests.unit.northbound import filled
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA


class Recorder:
    """A driver that remembers, and fails as it is told."""

    def __init__(self):
        self.said = []
        self.errors = []
        self.event = threading.Event()

    def _fail(self):
        if self.errors and (error := self.errors.pop(0)):
            raise error

    def changed(self, type_, epoch, changes):
        self._fail()
        self.said += [(type_, change.revision) for change in changes]
        self.event.set()

    def bookmark(self, type_, head):
        self._fail()
        self.said.append((type_, 'bookmark', head.revision))
        self.event.set()


class PublisherTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.filled = filled.Filled(NOVA, HEAT)
        self.store = self.filled.store
        self.driver = Recorder()
        self.now = 0.0
        self.publisher = self.make()

    def make(self, types=(NOVA,), **kwargs):
        return publisher.Publisher(
            self.store, types, [self.driver], bookmark_interval=5,
            clock=lambda: self.now,
            backoff=backoff.Backoff(1, 30, lambda: 1.0), **kwargs)

    def said(self):
        said, self.driver.said = self.driver.said, []
        return said

    def step(self, after=0.0):
        self.now += after
        return self.publisher.step()


class StepTest(PublisherTest):

    def setUp(self):
        super().setUp()
        self.filled.commit('created', NOVA, 'a', 'b')
        self.step()
        self.said()

    def test_changes_go_out_when_woken(self):
        self.filled.commit('created', NOVA, 'c', 'd')
        self.publisher.wake(NOVA)
        self.step()
        self.assertEqual([(NOVA, 3), (NOVA, 4)], self.said())

    def test_and_before_a_bookmark(self):
        self.filled.commit('created', NOVA, 'c')
        self.step(5)
        self.assertEqual([(NOVA, 3), (NOVA, 'bookmark', 3)], self.said())

    def test_bookmarks_come_in_time(self):
        pause = self.step()
        self.assertLess(pause, 5)
        self.step(pause)
        self.assertEqual([(NOVA, 'bookmark', 2)], self.said())

    def test_bookmarks_come_in_every_state(self):
        self.store.set_paused(NOVA, True)
        self.step(5)
        self.assertEqual([(NOVA, 'bookmark', 2)], self.said())

    def test_the_end_of_a_sweep_and_a_new_state_are_told_at_once(self):
        for when, state in ((1000, 'live'), (2000, 'live'),
                            (2000, 'degraded')):
            self.filled.collected(NOVA, when, state)
            self.publisher.wake(NOVA)
            self.step()
            self.assertEqual([(NOVA, 'bookmark', 2)], self.said())
        self.publisher.wake(NOVA)
        self.step()
        self.assertEqual([], self.said())

    def test_what_is_not_ours_is_not_woken(self):
        self.publisher.wake(HEAT)
        self.step()
        self.assertEqual([], self.said())

    def test_a_lost_broker(self):
        self.filled.commit('created', NOVA, 'c', 'd')
        self.publisher.wake(NOVA)
        self.driver.errors = [exception.BusError('x')] * 3
        self.assertEqual([1, 2, 4], [self.step(), self.step(), self.step()])
        self.filled.commit('created', NOVA, 'e')
        self.step()
        self.assertEqual([(NOVA, 3), (NOVA, 4), (NOVA, 5)], self.said())
        self.assertIn('Nothing can be published', self.log.output)
        self.assertNotIn('Traceback', self.log.output)

    def test_lost_between_changes_and_bookmark(self):
        self.filled.commit('created', NOVA, 'c')
        self.driver.errors = [None, exception.BusError('x')]
        self.step(5)
        self.step(1)
        self.assertEqual([(NOVA, 3), (NOVA, 'bookmark', 3)], self.said())

    def test_a_lost_store(self):
        self.filled.commit('created', NOVA, 'c')
        self.publisher.wake(NOVA)
        for method in ('streams', 'changes_since'):
            self.store.fail_next(exception.StoreUnavailable('x'), method)
            self.step()
        self.assertEqual([], self.said())
        self.step()
        self.assertEqual([(NOVA, 3)], self.said())

    def test_far_behind(self):
        self.patch(publisher, 'TOO_FAR_BEHIND', 3)
        self.filled.commit('created', NOVA, *'cdef')
        self.step(5)
        self.assertEqual([(NOVA, 'bookmark', 6)], self.said())

    def test_trimmed_before_it_was_cast(self):
        self.filled.commit('created', NOVA, *'cdef')
        self.store.trim(NOVA, '', 1)
        self.step(5)
        self.assertEqual([(NOVA, 'bookmark', 6)], self.said())

    def test_a_database_that_lacks_what_the_row_said(self):
        self.filled.commit('created', NOVA, *'cd')
        self.store.changes_since = lambda *args: (2, [])
        self.step(5)
        self.assertEqual([(NOVA, 'bookmark', 4)], self.said())
        self.assertNotIn('Traceback', self.log.output)

    def test_a_new_epoch_from_its_beginning(self):
        self.store.reset(NOVA)
        self.filled.claim(NOVA)
        self.filled.commit('created', NOVA, 'x')
        self.step(5)
        self.assertEqual([(NOVA, 1), (NOVA, 'bookmark', 1)], self.said())

    def test_many_changes_in_several_messages(self):
        sizes = []
        self.driver.changed = lambda type_, epoch, changes: sizes.append(
            len(changes))
        self.filled.commit('created', NOVA, *map(str, range(250)))
        self.step(5)
        self.assertEqual([100, 100, 50], sizes)

    def test_lost_between_two_messages(self):
        self.said()
        self.filled.commit('created', NOVA, *map(str, range(250)))
        self.publisher.wake(NOVA)
        self.driver.errors = [None, exception.BusError('x')]
        self.step()
        self.assertEqual(100, len(self.said()))
        self.step(1)
        self.assertEqual([(NOVA, 2 + number) for number in range(101, 251)],
                         self.said()[:150])

    def test_messages_have_at_most_a_mebibyte(self):
        sizes = []
        self.driver.changed = lambda type_, epoch, changes: sizes.append(
            len(changes))
        for text in (300_000, 300_000, 300_000, 300_000, 2_000_000, 1):
            self.filled.commit('created', NOVA, f'{text}-{len(sizes)}',
                               text='x' * text)
        self.step(5)
        self.assertEqual([3, 1, 1, 1], sizes)

    def test_one_that_cannot_be_cast_holds_up_nobody(self):
        self.publisher = self.make((HEAT, NOVA))
        self.filled.claim(HEAT)
        self.step()
        self.said()
        self.filled.commit('created', HEAT, 's')
        self.filled.commit('created', NOVA, 'c')
        self.driver.errors = [TypeError('not JSON')]
        self.step(5)
        self.assertEqual([
            (HEAT, 'bookmark', 1), (NOVA, 3), (NOVA, 'bookmark', 3)],
            self.said())
        self.assertIn('Traceback', self.log.output)


class OwnerTest(PublisherTest):

    def test_nothing_without_an_owner(self):
        self.step()
        self.assertEqual([], self.said())

    def test_bookmarks_from_the_claim_on(self):
        self.step()
        self.filled.claim(NOVA)
        self.step(5)
        self.assertEqual([(NOVA, 'bookmark', 0)], self.said())

    def test_what_follows_a_first_claim_goes_out(self):
        self.step()
        self.filled.commit('created', NOVA, 'a')
        self.publisher.wake(NOVA)
        self.step()
        self.assertEqual([(NOVA, 1)], self.said()[:1])

    def test_it_begins_at_the_head(self):
        self.filled.commit('created', NOVA, 'a', 'b')
        self.step()
        self.assertEqual([(NOVA, 'bookmark', 2)], self.said())

    def test_another_owner(self):
        self.publisher = self.make(owner='host')
        self.filled.commit('created', NOVA, 'a')
        self.step()
        self.said()
        self.filled.claim(NOVA, 'other')
        self.filled.commit('created', NOVA, 'b')
        self.step(5)
        self.assertEqual([], self.said())
        self.filled.claim(NOVA, 'host')
        self.filled.commit('created', NOVA, 'c')
        self.step(5)
        self.assertEqual([(NOVA, 3), (NOVA, 'bookmark', 3)], self.said())


class SleeperTest(PublisherTest):
    """An owner is paused, and another one goes on meanwhile."""

    def setUp(self):
        super().setUp()
        self.wall = 0.0
        self.publisher = self.make(
            owner='host', fresh=4, wall=lambda: self.wall)
        self.filled.commit('created', NOVA, 'a')
        self.step()
        self.said()

    def after(self, thing, name, what):
        """Do that once, after the next call of a method of the thing."""
        method = getattr(thing, name)

        def called(*arguments):
            found = method(*arguments)
            setattr(thing, name, method)
            what()
            return found
        setattr(thing, name, called)

    def sleep(self, seconds=60.0):
        self.now += seconds

    def lose(self, seconds=60.0):
        self.sleep(seconds)
        self.filled.claim(NOVA, 'other')
        self.filled.commit('created', NOVA, 'late')

    def test_between_the_row_and_the_journal(self):
        self.filled.commit('created', NOVA, 'b')
        self.after(self.store, 'streams', self.lose)
        self.step(5)
        self.assertEqual([], self.said())

    def test_between_the_journal_and_the_cast(self):
        self.filled.commit('created', NOVA, 'b')
        self.after(self.store, 'changes_since', self.lose)
        self.step(5)
        self.assertEqual([], self.said())

    def test_between_two_casts(self):
        self.filled.commit('created', NOVA, *map(str, range(150)))
        self.after(self.driver, 'changed', self.lose)
        self.step(5)
        self.assertEqual([(NOVA, number) for number in range(2, 102)],
                         self.said())

    def test_between_changes_and_bookmark(self):
        self.filled.commit('created', NOVA, 'b')
        self.after(self.driver, 'changed', self.lose)
        self.step(5)
        self.assertEqual([(NOVA, 2)], self.said())

    def test_between_two_drivers(self):
        self.filled.commit('created', NOVA, 'b')
        second = Recorder()
        self.publisher._drivers += (second,)
        self.after(self.driver, 'changed', self.lose)
        self.step(5)
        self.assertEqual([(NOVA, 2)], self.said())
        self.assertEqual([], second.said)

    def test_before_a_bookmark_alone(self):
        self.after(self.store, 'streams', self.lose)
        self.step(5)
        self.assertEqual([], self.said())

    def test_while_the_whole_machine_is_suspended(self):
        def suspend():
            self.wall += 60
            self.lose(0)
        self.after(self.store, 'streams', suspend)
        self.step(5)
        self.assertEqual([], self.said())

    def test_the_others_go_on(self):
        self.publisher._types = (NOVA, HEAT)
        self.filled.claim(HEAT)
        self.step()
        self.said()
        self.filled.commit('created', HEAT, 's')
        self.after(self.store, 'streams', self.lose)
        self.step(5)
        self.assertEqual([(HEAT, 1), (HEAT, 'bookmark', 1)], self.said())

    def test_nobody_took_it(self):
        self.filled.commit('created', NOVA, 'b')
        self.after(self.store, 'streams', self.sleep)
        self.step(5)
        self.assertEqual([(NOVA, 2), (NOVA, 'bookmark', 2)], self.said())

    def test_it_was_reset(self):
        def reset():
            self.sleep()
            self.store.reset(NOVA)
            self.filled.claim(NOVA, 'host')
        self.after(self.store, 'streams', reset)
        self.step(5)
        self.assertEqual([], self.said())
        self.step(5)
        self.assertEqual([(NOVA, 'bookmark', 0)], self.said())

    def test_what_it_did_not_cast_is_left_to_the_journal(self):
        count = self.useFixture(counts.Counts())
        self.filled.commit('created', NOVA, 'b', 'c')
        self.after(self.store, 'streams', self.lose)
        self.step(5)
        self.assertEqual(
            2, count('unpublished_changes_total', type=NOVA))
        self.assertIn('paused', self.log.output)

    def test_what_it_gets_back_goes_on_from_there(self):
        self.after(self.store, 'streams', self.lose)
        self.step(5)
        self.filled.claim(NOVA, 'host')
        self.filled.commit('created', NOVA, 'd')
        self.step(5)
        self.assertEqual([(NOVA, 3), (NOVA, 'bookmark', 3)], self.said())

    def test_who_is_awake_looks_once(self):
        looks = []
        streams = self.store.streams
        self.store.streams = lambda types: looks.append(1) or streams(types)
        self.filled.commit('created', NOVA, *map(str, range(150)))
        self.step(5)
        self.assertEqual([1], looks)

    def test_a_look_that_takes_for_ever_is_no_look(self):
        streams = self.store.streams

        def slowly(types):
            self.sleep(5)
            return streams(types)
        self.store.streams = slowly
        self.step(5)
        self.assertEqual([], self.said())
        self.assertIn('Nothing can be published: a look at', self.log.output)
        self.store.streams = streams
        self.step(1)
        self.assertEqual([(NOVA, 'bookmark', 1)], self.said())


class ThreadTest(PublisherTest):

    def setUp(self):
        super().setUp()
        self.filled.commit('created', NOVA, 'a')

    def start(self):
        self.publisher.start()
        self.addCleanup(self.publisher.stop, 1)

    def wait(self):
        self.assertTrue(self.driver.event.wait(10))
        self.driver.event.clear()

    def test_woken_from_another_thread(self):
        self.start()
        self.wait()
        self.filled.commit('created', NOVA, 'b')
        self.publisher.wake(NOVA)
        self.wait()
        self.assertEqual([(NOVA, 'bookmark', 1), (NOVA, 2)], self.said())

    def test_stop_casts_what_is_left(self):
        self.start()
        self.wait()
        self.filled.commit('created', NOVA, 'b')
        self.publisher.stop(10)
        self.assertIn((NOVA, 2), self.said())

    def test_stop_does_not_wait_for_a_broker(self):
        hung, done = threading.Event(), threading.Event()
        self.addCleanup(done.set)

        def hang(*args):
            hung.set()
            done.wait(30)

        self.driver.bookmark = hang
        self.start()
        self.assertTrue(hung.wait(10))
        self.publisher.stop(0.01)
        self.assertIn('left behind', self.log.output)

    def test_starts_without_the_store(self):
        self.store.fail_next(exception.StoreUnavailable('x'), 'streams')
        self.start()
        self.wait()
        self.assertEqual([(NOVA, 'bookmark', 1)], self.said())

    def test_stopped_before_it_started(self):
        self.make().stop()


class Casts:
    """In place of the bus."""

    def __init__(self):
        self.casts = []

    def cast(self, type_, method, **arguments):
        self.casts.append((type_, method, arguments))

    def announce(self, type_, action, payload):
        self.casts.append((type_, action, payload))


class DriversTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.filled = filled.Filled(NOVA)
        self.changes = self.filled.commit('created', NOVA, 'a')
        self.casts = Casts()

    def test_fanout(self):
        driver = drivers.FanoutDriver(self.casts)
        driver.changed(NOVA, 'e', self.changes)
        driver.bookmark(NOVA, wire.Head('e', 7, None, 'paused'))
        self.assertEqual([
            (NOVA, 'changed', {
                'epoch': 'e', 'changes': wire.changes_to_list(self.changes)}),
            (NOVA, 'bookmark', {'epoch': 'e', 'revision': 7,
                                'collected_at': None, 'state': 'paused'})],
            self.casts.casts)

    def test_fanout_of_what_is_ready(self):
        driver = drivers.FanoutDriver(self.casts, ready=True)
        driver.changed(NOVA, 'e', self.changes)
        (_, _, cast), = self.casts.casts
        self.assertEqual(wire.changes_to_list(self.changes),
                         json.loads(cast['changes'].text))

    def test_notifications(self):
        driver = drivers.NotificationDriver(self.casts)
        driver.changed(NOVA, 'e', self.changes)
        driver.bookmark(NOVA, wire.Head('e', 7, None, 'paused'))
        self.assertEqual(
            [(NOVA, 'created', wire.change_to_dict(self.changes[0]))],
            self.casts.casts)

    def test_both_tell_who_did_it(self):
        who = Initiator('u', 'p', 'req-1')
        change = dataclasses.replace(self.changes[0], initiator=who)
        for driver in (drivers.FanoutDriver(self.casts),
                       drivers.NotificationDriver(self.casts)):
            driver.changed(NOVA, 'e', [change])
        body = {'user_id': 'u', 'project_id': 'p', 'request_id': 'req-1'}
        (_, _, cast), (_, _, told) = self.casts.casts
        self.assertEqual([body, body], [
            cast['changes'][0]['initiator'], told['initiator']])

    def test_notifications_of_some_types_only(self):
        driver = drivers.NotificationDriver(self.casts, ['nova.host'])
        driver.changed(NOVA, 'e', self.changes)
        self.assertEqual([], self.casts.casts)


class CountsTest(PublisherTest):

    def setUp(self):
        super().setUp()
        self.count = self.useFixture(counts.Counts())
        self.step()

    def waiting(self):
        return {labels: value for gauge, labels, value in
                self.publisher.gauges() if gauge is metrics.PUBLISH_QUEUE}

    def bus_up(self):
        (value,) = [value for gauge, _, value in self.publisher.gauges()
                    if gauge is metrics.BUS_UP]
        return value

    def commit(self, *ids):
        self.filled.commit('created', NOVA, *ids)
        self.publisher.wake(NOVA)

    def test_what_went_out_and_how_late(self):
        self.filled.commit('created', NOVA, 'a', 'b')
        (_, changes) = self.store.changes_since(
            NOVA, self.store.streams([NOVA])[NOVA].epoch, 0, 9, 10**6)
        self.publisher._wall = lambda: wire.seconds(
            changes[0].committed_at) + 3
        self.publisher.wake(NOVA)
        self.step()
        self.assertEqual(2, self.count('published_changes_total', type=NOVA))
        self.assertEqual(1, self.count('publish_seconds_count'))
        self.assertEqual(3, self.count('publish_lag_seconds_sum', type=NOVA))

    def test_a_clock_that_goes_back_is_no_negative_lag(self):
        self.publisher._wall = lambda: 0
        self.commit('a')
        self.step()
        self.assertEqual(0, self.count('publish_lag_seconds_sum', type=NOVA))
        self.assertEqual(
            1, self.count('publish_lag_seconds_count', type=NOVA))

    def test_what_waits_while_the_bus_is_away(self):
        self.driver.errors = [exception.BusError('away')]
        self.commit('a', 'b')
        self.step()
        self.assertEqual({(NOVA,): 2}, self.waiting())
        self.assertEqual(1, self.count('publish_failures_total'))
        self.step(30)
        self.assertEqual({(NOVA,): 0}, self.waiting())
        self.assertEqual(2, self.count('published_changes_total', type=NOVA))

    def test_whether_the_bus_takes_what_is_published(self):
        self.commit('a')
        self.step()
        self.assertEqual(1, self.bus_up())
        self.driver.errors = [exception.BusError('away')]
        self.step(5)
        self.assertEqual(0, self.bus_up())
        self.store.fail_next(exception.StoreUnavailable('x'), 'streams')
        self.step(30)
        self.assertEqual(0, self.bus_up())
        self.step(30)
        self.assertEqual(1, self.bus_up())

    def test_a_store_that_is_away_says_nothing_of_the_bus(self):
        self.store.fail_next(exception.StoreUnavailable('x'), 'streams')
        self.step(5)
        self.assertEqual(1, self.count('publish_failures_total'))
        self.assertEqual(1, self.bus_up())

    def test_what_cannot_be_cast_is_left_to_the_journal(self):
        self.driver.errors = [KeyError('a mistake of ours')]
        self.commit('a', 'b')
        self.step()
        self.assertEqual(
            2, self.count('unpublished_changes_total', type=NOVA))
        self.assertEqual({(NOVA,): 0}, self.waiting())

    def test_nothing_waits_for_us_of_another_epoch(self):
        self.commit('a')
        self.step()
        self.store.reset(NOVA)
        self.publisher.wake(NOVA)
        self.step()
        self.assertEqual({(NOVA,): 0}, self.waiting())
        self.assertEqual(
            0, self.count('unpublished_changes_total', type=NOVA))
