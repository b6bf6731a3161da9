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

"""The past, as callers see it: times, positions, pages, errors."""

import json

from synchronizer import exception
from synchronizer.northbound import endpoint
from synchronizer.tests import store_suite
from synchronizer.tests.unit.northbound import filled
from synchronizer.tests.unit.northbound import test_endpoint
from synchronizer.tests.unit.northbound.filled import CINDER
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA

NOON, ONE, TWO, THREE = (
    f'2026-11-20T{hour}:00:00.000000Z' for hour in (12, 13, 14, 15))


class PastTest(test_endpoint.EndpointTest):
    """Seen whole at noon; things at one and two; it is three o'clock."""

    def setUp(self):
        super().setUp()
        self.clock = store_suite.Clock()
        self.filled = filled.Filled(*test_endpoint.TYPES, clock=self.clock)
        self.store = self.filled.store
        self.endpoint = endpoint.Endpoint(
            self.store, test_endpoint.TYPES, '1.2', 'here',
            page_bytes=self.page_bytes,
            wall=lambda: self.clock.now.timestamp(), ready=self.ready)

    def fill(self, **attributes):
        for type_ in test_endpoint.TYPES:
            self.filled.collected(type_)
        self.clock.forward(hours=1)
        self.filled.commit('created', NOVA, *'bac', **attributes)
        self.filled.commit('created', HEAT, 's')
        self.clock.forward(hours=1)
        self.filled.commit('updated', NOVA, 'a', **attributes)
        self.filled.commit('deleted', NOVA, 'b')
        self.filled.commit('created', NOVA, 'd')
        self.clock.forward(hours=1)

    def all_at(self, time, **kwargs):
        pages = [self.call('get_at', time=time, **kwargs)]
        while pages[-1]['marker'] is not None:
            pages.append(self.call('get_at', marker=pages[-1]['marker'],
                                   limit=kwargs.get('limit', 1000)))
        return pages


class GetAtTest(PastTest):

    def test_it_is_as_it_was(self):
        self.fill()
        was = {NOON: [], ONE: [(HEAT, 's', 1), (NOVA, 'a', 2),
                               (NOVA, 'b', 1), (NOVA, 'c', 3)],
               TWO: [(HEAT, 's', 1), (NOVA, 'a', 4), (NOVA, 'c', 3),
                     (NOVA, 'd', 6)]}
        for time, expected in was.items():
            for limit in (1, 2, 1000):
                found = self.all_at(time, limit=limit)
                self.assertEqual(expected, [
                    (e['type'], e['id'], e['revision'])
                    for page in found for e in page['entities']])

    def test_the_answer(self):
        self.fill()
        page = self.call('get_at', time=ONE, types=[NOVA, CINDER], limit=1)
        self.assertEqual({'time', 'streams', 'entities', 'marker'},
                         set(page))
        rows = self.store.streams()
        self.assertEqual(
            (ONE, {NOVA: {'epoch': rows[NOVA].epoch, 'revision': 3},
                   CINDER: {'epoch': rows[CINDER].epoch, 'revision': 0}}),
            (page['time'], page['streams']))
        created = self.call('get_history', type=NOVA, id='a')[-1]['entity']
        self.assertEqual([created], page['entities'])

    def test_pages_have_one_position_and_one_past(self):
        self.fill()
        first = self.call('get_at', time=ONE, limit=2)
        self.filled.commit('deleted', NOVA, 'c')
        self.filled.commit('created', NOVA, 'bb')
        second = self.call('get_at', time=ONE, limit=2,
                           marker=first['marker'])
        self.assertEqual((first['time'], first['streams']),
                         (second['time'], second['streams']))
        self.assertEqual((['b', 'c'], None), (
            [e['id'] for e in second['entities']], second['marker']))

    def test_times(self):
        self.fill()
        for text in ('2026-11-20T13:00:00', '2026-11-20 13:00',
                     '2026-11-20T14:00:00+01:00', '20261120T130000Z', ONE):
            self.assertEqual(ONE, self.call('get_at', time=text)['time'])
        # to the microsecond
        self.assertEqual(0, self.call(
            'get_at', time='2026-11-20T12:59:59.999999Z')[
                'streams'][NOVA]['revision'])
        self.assertEqual(6, self.call('get_at', time=THREE)[
            'streams'][NOVA]['revision'])
        # to a caller whose clock is a little ahead it is now
        self.assertEqual(THREE, self.call(
            'get_at', time='2026-11-20T15:00:59Z')['time'])
        for wrong in (None, 5, 5.0, '', 'now', '2026-13-01', [ONE],
                      '2026-11-20T15:01:00.000001Z', '\ud800',
                      '9999-12-31T23:59:59-01:00'):
            for method, more in (('get_at', {}), (
                    'get_entity_at', {'type': NOVA, 'id': 'a'})):
                self.refused(exception.InvalidArgument, method, time=wrong,
                             **more)

    def test_arguments(self):
        self.fill()
        for wrong in ({'types': NOVA}, {'types': []}, {'limit': 0},
                      {'marker': 5}):
            self.refused(exception.InvalidArgument, 'get_at', time=ONE,
                         **wrong)
        self.refused(exception.UnknownType, 'get_at', time=ONE,
                     types=['x.y'])
        self.refused(exception.InvalidArgument, 'get_at')

    def test_beyond(self):
        self.fill()
        for time in ('2026-11-20T11:59:59.999999Z', '1999-01-01',
                     '0999-01-01', '0001-01-01T00:00:00Z'):
            error = self.refused(exception.BeyondJournal, 'get_at',
                                 time=time)
            self.assertEqual(NOON, error.since)
            self.assertIn(f'since {NOON}', str(error))
        self.store.trim(NOVA, '', 2)
        error = self.refused(exception.BeyondJournal, 'get_at', time=ONE)
        self.assertEqual(f'{NOVA} can be shown as it was since {TWO}, and '
                         'no earlier', str(error))
        self.refused(exception.BeyondJournal, 'get_entity_at', time=ONE,
                     type=NOVA, id='c')
        self.call('get_at', time=ONE, types=[HEAT])

    def test_trimmed_between_two_pages(self):
        self.fill()
        first = self.call('get_at', time=ONE, limit=2)
        self.store.trim(NOVA, '', 1)
        self.refused(exception.BeyondJournal, 'get_at',
                     marker=first['marker'])

    def test_what_was_never_collected(self):
        self.filled.collected(HEAT)
        self.assertEqual({HEAT}, set(self.call('get_at', time=NOON)[
            'streams']))
        self.refused(exception.SnapshotNotReady, 'get_at', time=NOON,
                     types=[HEAT, NOVA])
        self.clock.forward(hours=1)
        self.filled.collected(NOVA)
        error = self.refused(exception.BeyondJournal, 'get_at', time=NOON)
        self.assertEqual(ONE, error.since)

    def test_nothing_at_all(self):
        self.assertEqual(
            {'time': NOON, 'streams': {}, 'entities': [], 'marker': None},
            self.call('get_at', time=NOON))

    def test_markers(self):
        self.fill()
        mine = self.call('get_at', time=ONE, types=[NOVA], limit=1)['marker']
        other = self.call('get_all', types=[NOVA], limit=1)['marker']
        for method, wrong in (
                ('get_all', {'marker': mine}), ('get_at', {'marker': other}),
                ('get_at', {'marker': 'x'}),
                ('get_at', {'marker': mine[:-4] + 'AAAA'}),
                ('get_at', {'marker': mine, 'types': [HEAT]}),
                ('get_at', {'marker': mine, 'time': TWO})):
            self.refused(exception.InvalidMarker, method, **wrong)
        self.call('get_at', marker=mine, time='2026-11-20T13:00',
                  types=[NOVA])
        self.store.reset(NOVA)
        self.refused(exception.InvalidMarker, 'get_at', marker=mine)

    def test_a_reset_between_position_and_page(self):
        self.fill()
        look = self.store.entities_at

        def reset_first(*args):
            self.store.reset(NOVA)
            return look(*args)

        self.store.entities_at = reset_first
        self.refused(exception.Unavailable, 'get_at', time=ONE)


class GetAtReadyTest(GetAtTest):
    """As kombu has it."""

    ready = True


class PastBytesTest(PastTest):

    page_bytes = 4096

    def test_pages_are_bounded_and_complete(self):
        for number in range(30):
            self.filled.commit('created', NOVA, f'{number:02}€"',
                               text='"é' * (number * 7 % 150))
        self.filled.collected(NOVA)
        time = self.clock.now.isoformat()
        self.clock.forward(hours=1)
        ids = [f'{number:02}€"' for number in range(30)]
        self.filled.commit('updated', NOVA, *ids[::3], text='')
        self.filled.commit('deleted', NOVA, *ids[1::3])
        found = self.all_at(time, types=[NOVA])
        self.assertEqual(ids, [e['id'] for page in found
                               for e in page['entities']])
        self.assertGreater(len(found), 3)
        self.assertLessEqual(max(len(json.dumps(page)) for page in found),
                             4096)


class GetEntityAtTest(PastTest):

    def test_one(self):
        self.fill()
        history = self.call('get_history', type=NOVA, id='a')
        row = self.store.streams()[NOVA]
        for time, revision, expected in (
                (NOON, 0, None), (ONE, 3, history[1]['entity']),
                (TWO, 6, history[0]['entity'])):
            self.assertEqual(
                {'time': time, 'epoch': row.epoch, 'revision': revision,
                 'entity': expected},
                self.call('get_entity_at', time=time, type=NOVA, id='a'))
        self.assertEqual('b', self.call(
            'get_entity_at', time=ONE, type=NOVA, id='b')['entity']['id'])
        self.assertIsNone(self.call(
            'get_entity_at', time=TWO, type=NOVA, id='b')['entity'])

    def test_errors(self):
        self.refused(exception.UnknownType, 'get_entity_at', time=NOON,
                     type='x.y', id='a')
        self.refused(exception.SnapshotNotReady, 'get_entity_at', time=NOON,
                     type=NOVA, id='a')
        self.refused(exception.InvalidArgument, 'get_entity_at', time=NOON,
                     type=NOVA, id=5)
