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

"""The contract of states and freshness: what may be believed, and when."""

from concurrent import futures
import time

from synchronizer import exception
from synchronizer.tests.functional import contract
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import raw as raw_module

INSTANCE, ZONE = 'nova.instance', 'nova.zone'
ZONES = '/os-availability-zone/detail'
SERVERS = '/servers/detail'


class FreshnessTest(contract.ContractCase):

    sizes = {'servers': 3}
    more = contract.QUIET.replace('timeout = 8', 'timeout = 4')

    def setUp(self):
        super().setUp()
        self.addCleanup(self.server.faults.clear)

    def age(self, type_):
        """Until it is older than half a second."""
        seen = self.raw.describe()[type_]['collected_at']
        daemon_module.until(
            lambda: time.time() - raw_module.seconds(seen) > 0.5, 'an age')

    def test_zero_is_a_sweep_that_begins_after_the_call(self):
        before = time.time()
        reply = self.raw.call('get_all', types=[ZONE], max_age=0)
        self.assertGreaterEqual(
            raw_module.seconds(reply['streams'][ZONE]['collected_at']), before)
        # one that is under way does not do
        self.server.faults.add('hang', ZONES, times=1)
        with futures.ThreadPoolExecutor(2) as pool:
            first = pool.submit(self.raw.call, 'get_all', types=[ZONE],
                                max_age=0)
            self.assertTrue(self.server.faults.wait_hanging())
            before = time.time()
            second = pool.submit(self.raw.call, 'get_all', types=[ZONE],
                                 max_age=0)
            self.raw.describe()
            self.server.faults.release()
            first.result()
            reply = second.result()
        self.assertGreaterEqual(
            raw_module.seconds(reply['streams'][ZONE]['collected_at']), before)

    def test_fresh_enough_asks_nobody(self):
        before = self.asked(ZONES)
        self.raw.call('get_all', types=[ZONE], max_age=600)
        self.raw.call('get_all', max_age=600.5)
        self.assertEqual(before, self.asked(ZONES))

    def test_many_callers_cause_one_sweep(self):
        self.age(ZONE)
        before = self.asked(ZONES)
        with futures.ThreadPoolExecutor(12) as pool:
            list(pool.map(lambda _: self.raw.call(
                'get_all', types=[ZONE], max_age=0.5), range(12)))
        self.raw.sweep('nova.flavor')
        self.assertEqual(before + 1, self.asked(ZONES))

    def test_callers_during_a_sweep_that_will_do_cause_no_other(self):
        self.age(ZONE)
        before = self.asked(ZONES)
        self.server.faults.add('hang', ZONES, times=1)
        with futures.ThreadPoolExecutor(6) as pool:
            calls = [pool.submit(self.raw.call, 'get_all', types=[ZONE],
                                 max_age=0.5)]
            self.assertTrue(self.server.faults.wait_hanging())
            calls += [pool.submit(self.raw.call, 'get_all', types=[ZONE],
                                  max_age=30) for _ in range(5)]
            self.raw.describe()
            self.server.faults.release()
            for call in calls:
                call.result()
        # another stream's sweep shows that there was time for a second
        self.raw.sweep('nova.flavor')
        self.raw.sweep('nova.flavor')
        self.assertEqual(before + 1, self.asked(ZONES))

    def test_without_types_it_holds_for_all(self):
        before = time.time()
        for head in self.raw.call(
                'get_all', max_age=0)['streams'].values():
            self.assertGreaterEqual(
                raw_module.seconds(head['collected_at']), before)

    def test_too_stale_after_the_time_out(self):
        self.server.faults.add('error', ZONES, status=503)
        began = time.monotonic()
        error = self.refused(exception.TooStale, 'get_all', types=[ZONE],
                             max_age=0)
        # its time-out is of 4 s, that of the call of 30
        self.assertLess(time.monotonic() - began, 20)
        self.assertGreater(error.age, 0)
        self.await_states('degraded', ZONE)
        self.assertTrue(self.raw.describe()[ZONE]['error'])
        self.server.faults.clear()
        self.raw.sweep(ZONE)
        self.await_states('live', ZONE)
        self.assertIsNone(self.raw.describe()[ZONE]['error'])

    def test_paused(self):
        type_ = 'nova.aggregate'
        ear = self.ear(type_)
        self.manage('stream', 'pause', type_)
        self.addCleanup(self.manage, 'stream', 'resume', type_)
        began = time.monotonic()
        for arguments in ({'types': [type_]}, {}):
            error = self.refused(exception.TooStale, 'get_all', max_age=0,
                                 **arguments)
            self.assertGreater(error.age, 0)
        # neither waited for a sweep, which takes 4 s
        self.assertLess(time.monotonic() - began, 4)
        self.raw.call('get_all', types=[type_], max_age=600)
        stream = self.raw.describe()[type_]
        self.assertEqual('paused', stream['state'])
        page = self.raw.call('get_all', types=[type_])
        self.assertEqual('paused', page['streams'][type_]['state'])
        self.assertTrue(page['entities'])
        marks = ear.wait_bookmarks(5)
        self.assertEqual('paused', marks[-1][1]['state'])
        self.assertLess(raw_module.rhythm(marks), 1)
        # it holds what is seen, too
        self.cloud.create_aggregate('unseen')
        self.raw.sweep('nova.flavor')
        asked = self.asked('/os-aggregates')
        self.assertEqual(stream['revision'],
                         self.raw.describe()[type_]['revision'])
        self.manage('stream', 'resume', type_)
        daemon_module.until(
            lambda: self.raw.describe()[type_]['revision']
            == stream['revision'] + 1, 'what was not seen')
        self.assertLess(asked, self.asked('/os-aggregates'))
        self.await_states('live', type_)

    def test_a_token_that_expires_in_mid_listing(self):
        for _ in range(4):
            self.cloud.boot()
        self.cloud.page_limit = 2
        self.addCleanup(setattr, self.cloud, 'page_limit', 1000)
        self.server.faults.add(
            'call', f'{SERVERS}.*marker', times=1,
            fn=lambda path: self.server.identity.expire_tokens())
        self.raw.sweep(INSTANCE)
        self.assertEqual(set(self.cloud.truth()[INSTANCE]),
                         set(self.raw.all(INSTANCE)[0]))
        self.assertEqual('live', self.raw.state(INSTANCE))


class StartingTest(contract.ContractCase):
    """The cloud is down when the service starts for the first time."""

    sizes = {'servers': 2}
    start = False
    more = contract.QUIET.replace('timeout = 8', 'timeout = 1')

    def test_starting(self):
        self.server.stop()
        self.daemon.start()
        daemon_module.until(self.all_failed, 'an error in each stream')
        ear = self.ear(INSTANCE)
        page = self.raw.call('get_all')
        self.assertEqual(([], None), (page['entities'], page['marker']))
        self.assertEqual(set(contract.TYPES), set(page['streams']))
        for type_, head in page['streams'].items():
            self.assertEqual(('starting', None, 0), (
                head['state'], head['collected_at'], head['revision']))
            self.assert_not_ready(type_)
            reply = self.raw.call('get_changes', type=type_, since=0,
                                  epoch=head['epoch'])
            self.assertEqual({'epoch': head['epoch'], 'revision': 0,
                              'changes': [], 'more': False}, reply)
        self.refused(exception.UnknownType, 'get_all',
                     types=[INSTANCE, 'nova.nothing'])
        self.refused(exception.UnknownType, 'get_all',
                     types=['nova.nothing', INSTANCE])
        self.refused(exception.InvalidArgument, 'get_all', types=[INSTANCE],
                     limit=0)
        self.refused(exception.TooStale, 'get_all', max_age=5)
        mark = ear.wait_bookmarks(4)[-1][1]
        self.assertEqual(('starting', None, 0), (
            mark['state'], mark['collected_at'], mark['revision']))
        self.server.start()
        self.await_states('live')
        self.assertEqual(set(self.cloud.truth()[INSTANCE]),
                         set(self.raw.all(INSTANCE)[0]))
        copy = raw_module.Copy().apply(self.raw.journal(INSTANCE))
        self.assertEqual({('created', 'startup')}, set(copy.causes))

    def all_failed(self):
        with self.no_answer():
            found = self.raw.describe(timeout=2).values()
            return all(s['error'] and s['owner'] == 'here' for s in found)

    def assert_not_ready(self, type_):
        stream = self.raw.describe()[type_]
        self.assertEqual((None, 'starting', 0, 1), (
            stream['collected_at'], stream['state'], stream['entities'],
            stream['oldest_revision']))
        for method, arguments in (('get_all', {'types': [type_]}),
                                  ('get', {'type': type_, 'ids': ['a']}),
                                  ('get_history', {'type': type_,
                                                   'id': 'a'})):
            self.refused(exception.SnapshotNotReady, method, **arguments)
