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

"""The endpoint without a bus: arguments, answers, errors."""

import functools
import json
from unittest import mock

from oslo_messaging._drivers import common
from oslo_messaging.rpc import dispatcher

from synchronizer import exception
from synchronizer import memory
from synchronizer.bus import envelope
from synchronizer.bus import wire
from synchronizer.northbound import endpoint
from synchronizer.tests import base
from synchronizer.tests.unit import counts
from synchronizer.tests.unit.northbound import filled
from synchronizer.tests.unit.northbound.filled import CINDER
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA

TYPES = (NOVA, CINDER, HEAT)


class EndpointTest(base.TestCase):

    page_bytes = 4 * 2 ** 20
    ready = False

    def setUp(self):
        super().setUp()
        self.filled = filled.Filled(*TYPES)
        self.store = self.filled.store
        self.endpoint = endpoint.Endpoint(
            self.store, TYPES, '1.2', 'here', page_bytes=self.page_bytes,
            wall=lambda: 1000.0, wait=lambda seconds: True,
            ready=self.ready)

    def call(self, method, **kwargs):
        """As oslo.messaging does; what a caller would see raised."""
        try:
            answer = getattr(self.endpoint, method)({}, **kwargs)
        except dispatcher.ExpectedException as wrapped:
            raise wrapped.exc_info[1] from None
        # all of it must be JSON
        sent = envelope.dumps(common.serialize_msg(answer))
        return common.deserialize_msg(json.loads(sent))

    def refused(self, error, method, **kwargs):
        return self.assertRaises(error, self.call, method, **kwargs)

    def fill(self):
        self.filled.commit('created', NOVA, 'b', 'a', 'c')
        self.filled.commit('created', HEAT, 's')
        for type_ in TYPES:
            self.filled.collected(type_)

    def pages(self, **kwargs):
        pages = [self.call('get_all', **kwargs)]
        while pages[-1]['marker'] is not None:
            kwargs = {name: value for name, value in kwargs.items()
                      if name == 'limit'}
            pages.append(self.call('get_all', marker=pages[-1]['marker'],
                                   **kwargs))
        return pages


class ExposedTest(EndpointTest):

    def test_only_the_methods_of_the_contract(self):
        policy = dispatcher.ExplicitRPCAccessPolicy()
        self.assertEqual(
            {'describe', 'get_all', 'get', 'get_changes', 'get_history',
             'get_at', 'get_entity_at'},
            {name for name in dir(self.endpoint)
             if policy.is_allowed(self.endpoint, name)})

    def test_callers_of_any_minor_version_are_answered(self):
        called = dispatcher.RPCDispatcher([self.endpoint], None)

        def ask(version):
            message = {'method': 'describe', 'args': {}, 'version': version}
            return called.dispatch(mock.Mock(
                ctxt={}, message=message, client_timeout=0))
        for version in ('1.0', '1.1', '1.2'):
            self.assertEqual('here', ask(version)['service']['host'])
        self.assertRaises(dispatcher.UnsupportedVersion, ask, '1.3')

    def test_arguments_that_do_not_exist(self):
        for method in ('describe', 'get_all', 'get', 'get_history',
                       'get_at', 'get_entity_at'):
            self.refused(exception.InvalidArgument, method, nonsense=1)

    def test_arguments_that_are_missing(self):
        self.refused(exception.InvalidArgument, 'get', type=NOVA)
        self.refused(exception.InvalidArgument, 'get_changes')

    def test_a_store_that_fails(self):
        for error in (exception.StoreUnavailable('down: secret'),
                      KeyError('inside'), RuntimeError('x')):
            self.store.fail_next(error)
            seen = self.refused(exception.Unavailable, 'describe')
            self.assertNotIn('secret', str(seen))
            self.assertIsNone(seen.__cause__)
            self.assertTrue(seen.__suppress_context__)
        self.assertIn('down: secret', self.log.output)

    def test_a_type_that_is_not_in_the_store(self):
        self.endpoint._types += ('nova.flavor',)
        self.refused(exception.Unavailable, 'describe')
        self.refused(exception.Unavailable, 'get', type='nova.flavor',
                     ids=['x'])


class DescribeTest(EndpointTest):

    def test_streams_in_the_order_of_the_configuration(self):
        self.fill()
        answer = self.call('describe')
        self.assertEqual({'version': '1.2', 'host': 'here'},
                         answer['service'])
        self.assertEqual(list(TYPES), [s['type'] for s in answer['streams']])
        stream = answer['streams'][0]
        self.assertEqual({
            'type': NOVA, 'plugin': 'nova',
            'epoch': self.store.streams()[NOVA].epoch, 'revision': 3,
            'entities': 3, 'collected_at': '1970-01-01T00:16:40.000000Z',
            'state': 'live', 'error': None, 'owner': 'host',
            'interval': 600, 'oldest_revision': 1}, stream)
        self.assertIs(int, type(stream['interval']))

    def test_an_empty_journal(self):
        self.assertEqual([(0, 1, None)] * 3, [
            (s['revision'], s['oldest_revision'], s['owner'])
            for s in self.call('describe')['streams']])

    def test_only_the_host_of_the_owner(self):
        self.filled.claim(NOVA, 'host:1234')
        self.assertEqual('host',
                         self.call('describe')['streams'][0]['owner'])


class GetAllTest(EndpointTest):

    def test_all_in_order_of_type_and_id(self):
        self.fill()
        page, = self.pages()
        self.assertEqual(
            [(HEAT, 's'), (NOVA, 'a'), (NOVA, 'b'), (NOVA, 'c')],
            [(e['type'], e['id']) for e in page['entities']])
        self.assertEqual(set(TYPES), set(page['streams']))
        self.assertEqual(
            {'epoch': self.store.streams()[NOVA].epoch, 'revision': 3,
             'collected_at': '1970-01-01T00:16:40.000000Z', 'state': 'live'},
            page['streams'][NOVA])

    def test_pages_have_one_position(self):
        self.fill()
        first = self.call('get_all', types=[NOVA], limit=2)
        self.filled.commit('created', NOVA, 'd')
        second = self.call('get_all', limit=2, marker=first['marker'])
        self.assertEqual(first['streams'], second['streams'])
        self.assertEqual(['c', 'd'], [e['id'] for e in second['entities']])
        self.assertIsNone(second['marker'])

    def test_packed_pages_are_the_same_pages(self):
        self.fill()
        for limit in (1, 2, 1000):
            plain = self.pages(limit=limit)
            packed, arguments = [], {'limit': limit}
            while arguments:
                page = self.call('get_all', form='packed', **arguments)
                packed.append({**page, 'entities': [
                    wire.entity_to_dict(entity)
                    for entity in wire.unpack(page['entities'])]})
                arguments = page['marker'] and {
                    'limit': limit, 'marker': page['marker']}
            self.assertEqual(plain, packed)

    def test_a_form_that_does_not_exist(self):
        self.fill()
        for form in ('plain', '', 1, ['packed'], {}):
            self.refused(exception.InvalidArgument, 'get_all', form=form)

    def test_full_pages_end(self):
        self.fill()
        for limit in (1, 2, 3, 4, 5, 1000, 10 ** 9):
            pages = self.pages(limit=limit)
            self.assertEqual(4, sum(len(p['entities']) for p in pages))
            self.assertTrue(all(p['entities'] for p in pages), limit)

    def test_a_limit_above_is_cut(self):
        self.filled.commit('created', NOVA, *map(str, range(1100)))
        self.filled.collected(NOVA)
        self.assertEqual([1000, 100],
                         [len(p['entities']) for p in self.pages(
                             types=[NOVA], limit=5000)])

    def test_what_was_never_collected(self):
        self.filled.commit('created', NOVA, 'half')
        self.filled.collected(HEAT)
        page, = self.pages()
        self.assertEqual([], page['entities'])
        self.assertEqual('starting', page['streams'][NOVA]['state'])
        self.assertIsNone(page['streams'][NOVA]['collected_at'])
        self.refused(exception.SnapshotNotReady, 'get_all', types=[NOVA])
        self.refused(exception.SnapshotNotReady, 'get_all',
                     types=[HEAT, NOVA])
        self.refused(exception.UnknownType, 'get_all', types=[NOVA, 'x.y'])

    def test_doubles_are_tolerated(self):
        self.fill()
        page, = self.pages(types=[NOVA, NOVA])
        self.assertEqual(3, len(page['entities']))

    def test_arguments(self):
        self.fill()
        for wrong in ({'types': NOVA}, {'types': []}, {'types': {}},
                      {'types': [1]}, {'types': 0}, {'limit': 0},
                      {'limit': True}, {'limit': '5'}, {'limit': 1.0},
                      {'limit': None}, {'max_age': -1}, {'max_age': True},
                      {'max_age': '1'}, {'max_age': float('nan')}):
            self.refused(exception.InvalidArgument, 'get_all', **wrong)

    def test_markers(self):
        self.fill()
        marker = self.call('get_all', types=[NOVA], limit=1)['marker']
        self.refused(exception.InvalidMarker, 'get_all', marker='x')
        self.refused(exception.InvalidMarker, 'get_all', marker='')
        self.refused(exception.InvalidMarker, 'get_all', marker=marker,
                     types=[HEAT])
        self.refused(exception.InvalidMarker, 'get_all', marker=marker,
                     types=[NOVA, HEAT])
        self.call('get_all', marker=marker, types=[NOVA], max_age=0)
        self.store.reset(NOVA)
        self.refused(exception.InvalidMarker, 'get_all', marker=marker)

    def test_a_reset_between_position_and_page(self):
        self.fill()
        page = self.store.page

        def reset_first(*args):
            self.store.page = page
            self.store.reset(NOVA)
            return page(*args)

        self.store.page = reset_first
        answer, = self.pages()
        self.assertEqual(self.store.streams()[NOVA].epoch,
                         answer['streams'][NOVA]['epoch'])
        self.assertEqual([HEAT], [e['type'] for e in answer['entities']])


class GetAllReadyTest(GetAllTest):
    """As kombu has it."""

    ready = True


class CrowdTest(EndpointTest):
    """Fifty who start at once are served, a few at a time."""

    def setUp(self):
        super().setUp()
        self.fill()
        self.told = []
        turn = self.endpoint._turn
        self.assertEqual(endpoint.AT_ONCE, turn._value)
        self.endpoint._turn = mock.Mock(
            __enter__=lambda _: self.told.append('begin') or turn.acquire(),
            __exit__=lambda *_: self.told.append('end') or turn.release())
        for name in ('page', 'changes_since', 'entities_at', 'at',
                     'request_sweep'):
            self.patch(self.store, name, functools.partial(
                self.told_of, name, getattr(self.store, name)))

    def told_of(self, name, method, *args):
        self.told.append(name)
        return method(*args)

    def test_pages_are_made_in_turn(self):
        page = self.call('get_all', types=[NOVA], limit=1)
        self.call('get_all', marker=page['marker'], limit=1)
        self.call('get_changes', type=NOVA, since=0,
                  epoch=page['streams'][NOVA]['epoch'])
        self.assertEqual(['begin', 'page', 'end', 'begin', 'page', 'end',
                          'begin', 'changes_since', 'end'], self.told)

    def test_of_the_past_too(self):
        now = self.store._clock().isoformat()
        self.patch(self.endpoint, '_wall', lambda: wire.seconds(now))
        page = self.call('get_at', time=now, types=[NOVA], limit=1)
        self.call('get_at', marker=page['marker'], limit=1)
        self.assertEqual(['begin', 'at', 'entities_at', 'end',
                          'begin', 'entities_at', 'end'], self.told)

    def test_nobody_waits_for_a_sweep_in_anothers_turn(self):
        self.refused(exception.Unavailable, 'get_all', max_age=0)
        self.assertEqual(['request_sweep'], self.told)

    def test_what_earlier_ones_left_goes_back_to_the_system(self):
        self.patch(memory, 'give_back', lambda: self.told.append('give'))
        self.call('get_all', types=[NOVA], limit=1)
        self.assertEqual(['begin', 'give', 'page', 'end'], self.told)

    def test_an_error_ends_the_turn(self):
        self.store.fail_next(exception.StoreUnavailable('down'))
        self.refused(exception.Unavailable, 'get_all')
        self.assertEqual(['begin', 'end'], self.told)


class BytesTest(EndpointTest):

    page_bytes = 4096

    def test_pages_are_bounded_and_complete(self):
        for number in range(60):
            self.filled.commit('created', NOVA, f'{number:02}€"',
                               text='"é' * (number * 7 % 150))
        self.filled.collected(NOVA)
        pages = self.pages(types=[NOVA])
        self.assertEqual(60, len({e['id'] for p in pages
                                  for e in p['entities']}))
        self.assertGreater(len(pages), 5)
        self.assertLessEqual(max(len(json.dumps(p)) for p in pages), 4096)

    def test_one_that_is_larger_goes_alone(self):
        self.filled.commit('created', NOVA, 'a', 'b', text='x' * 9000)
        self.filled.collected(NOVA)
        self.assertEqual([1, 1], [len(p['entities'])
                                  for p in self.pages(types=[NOVA])])

    def test_changes_too(self):
        self.filled.commit('created', NOVA, *'abcdefgh', text='x' * 1000)
        epoch, since, more = self.store.streams()[NOVA].epoch, 0, True
        while more:
            answer = self.call('get_changes', type=NOVA, epoch=epoch,
                               since=since)
            self.assertLessEqual(len(json.dumps(answer)), 4096)
            since, more = answer['changes'][-1]['revision'], answer['more']
        self.assertEqual(8, since)


class BytesReadyTest(BytesTest):

    ready = True


class GetTest(EndpointTest):

    def test_by_id(self):
        self.fill()
        answer = self.call('get', type=NOVA, ids=['a', 'nope', 'a'])
        self.assertEqual({'a', 'nope'}, set(answer))
        self.assertIsNone(answer['nope'])
        self.assertEqual(2, answer['a']['revision'])
        self.assertEqual({'a'}, set(self.call('get', type=NOVA, ids='a')))
        self.assertEqual({}, self.call('get', type=NOVA, ids=[]))

    def test_arguments(self):
        self.fill()
        self.call('get', type=NOVA, ids=['x'] * 1000)
        for wrong in ({'type': NOVA, 'ids': ['x'] * 1001},
                      {'type': NOVA, 'ids': [1]},
                      {'type': NOVA, 'ids': None},
                      {'type': NOVA, 'ids': {'a': 1}},
                      {'type': [NOVA], 'ids': 'a'},
                      {'type': None, 'ids': 'a'}):
            self.refused(exception.InvalidArgument, 'get', **wrong)

    def test_unknown_comes_before_not_ready(self):
        self.refused(exception.UnknownType, 'get', type='x', ids='a')
        self.refused(exception.SnapshotNotReady, 'get', type=NOVA, ids='a')

    def test_more_than_the_bus_carries(self):
        self.fill()
        self.patch(endpoint, 'LARGEST_REPLY', 100)
        self.refused(exception.InvalidArgument, 'get', type=NOVA, ids='a')
        self.refused(exception.InvalidArgument, 'get_history', type=NOVA,
                     id='a')


class JournalTest(EndpointTest):

    def changes(self, since=0, **kwargs):
        kwargs.setdefault('epoch', self.store.streams()[NOVA].epoch)
        return self.call('get_changes', type=NOVA, since=since, **kwargs)

    def test_changes_of_a_stream_that_is_starting(self):
        self.filled.commit('created', NOVA, 'a', 'b')
        answer = self.changes()
        self.assertEqual((2, False), (answer['revision'], answer['more']))
        self.assertEqual([1, 2], [c['revision'] for c in answer['changes']])
        change = answer['changes'][0]
        self.assertEqual(
            {'type', 'epoch', 'revision', 'action', 'entity', 'changed',
             'cause', 'committed_at'}, set(change))
        self.assertEqual(1, change['entity']['revision'])

    def test_portions(self):
        self.filled.commit('created', NOVA, *'abcde')
        answer = self.changes(1, limit=2)
        self.assertEqual([2, 3], [c['revision'] for c in answer['changes']])
        self.assertTrue(answer['more'])
        self.assertFalse(self.changes(3, limit=2)['more'])

    def test_level(self):
        self.assertEqual(([], False), (self.changes()['changes'],
                                       self.changes()['more']))

    def test_not_to_be_had(self):
        self.filled.commit('created', NOVA, *'abcde')
        self.store.trim(NOVA, '', 2)
        self.changes(3)
        for since, epoch in ((2, None), (6, None), (0, 'other')):
            kwargs = {'epoch': epoch} if epoch else {}
            self.assertRaises(exception.ResyncRequired, self.changes, since,
                              **kwargs)

    def test_arguments(self):
        for wrong in ({'since': -1}, {'since': True}, {'since': '0'},
                      {'since': None}, {'epoch': 5}, {'limit': 0}):
            self.assertRaises(exception.InvalidArgument, self.changes,
                              **wrong)
        self.refused(exception.UnknownType, 'get_changes', type='x',
                     epoch='e', since=0)

    def test_history(self):
        self.fill()
        self.filled.commit('updated', NOVA, 'a')
        self.filled.commit('deleted', NOVA, 'a')
        answer = self.call('get_history', type=NOVA, id='a')
        self.assertEqual(['deleted', 'updated', 'created'],
                         [c['action'] for c in answer])
        self.assertEqual(1, len(self.call('get_history', type=NOVA, id='a',
                                          limit=1)))
        self.assertEqual([], self.call('get_history', type=NOVA, id='x'))

    def test_history_arguments(self):
        self.refused(exception.SnapshotNotReady, 'get_history', type=NOVA,
                     id='a')
        self.fill()
        self.refused(exception.InvalidArgument, 'get_history', type=NOVA,
                     id=5)
        self.refused(exception.InvalidArgument, 'get_history', type=NOVA,
                     id='a', limit=0)
        self.refused(exception.UnknownType, 'get_history', type='x', id='a')


class JournalReadyTest(JournalTest):

    ready = True


class CountsTest(EndpointTest):

    def test_each_request_by_how_it_was_answered(self):
        count = self.useFixture(counts.Counts())
        self.call('describe')
        self.assertRaises(exception.UnknownType, self.call, 'get',
                          type='nova.hots', ids=['a'])
        self.assertRaises(exception.InvalidArgument, self.call, 'get')
        with mock.patch.object(self.store, 'streams',
                               side_effect=exception.StoreUnavailable('x')):
            self.assertRaises(
                exception.Unavailable, self.call, 'describe')
        self.assertEqual([1, 1, 1, 1], [
            count('answers_total', method=method, status=status)
            for method, status in (
                ('describe', 'ok'), ('get', 'UnknownType'),
                ('get', 'InvalidArgument'), ('describe', 'Unavailable'))])
        self.assertEqual(2, count('answer_seconds_count', method='get'))
