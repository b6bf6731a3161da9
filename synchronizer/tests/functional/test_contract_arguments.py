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

"""The contract of arguments: what is refused, and with which error."""

from concurrent import futures

import oslo_messaging

from synchronizer import exception
from synchronizer.tests.functional import contract

INSTANCE = 'nova.instance'
ODD = 'a"b\\c <ü> 日本 😀'


class ArgumentsTest(contract.ContractCase):

    sizes = {'servers': 2}

    def test_types(self):
        for bad in ([], INSTANCE, '', 5, True, {INSTANCE: 1}, [5], [None],
                    [[INSTANCE]]):
            self.refused(exception.InvalidArgument, 'get_all', types=bad)
        for bad in (['nova.nothing'], [INSTANCE, 'heat.stack'], ['']):
            self.refused(exception.UnknownType, 'get_all', types=bad)

    def test_limits(self):
        epoch = self.raw.describe()[INSTANCE]['epoch']
        id_ = next(iter(self.cloud.truth()[INSTANCE]))
        for method, arguments in (
                ('get_all', {}),
                ('get_changes', {'type': INSTANCE, 'epoch': epoch,
                                 'since': 0}),
                ('get_history', {'type': INSTANCE, 'id': id_})):
            for bad in (0, -1, True, False, '5', 2.0, None, [1],
                        float('nan')):
                self.refused(exception.InvalidArgument, method, limit=bad,
                             **arguments)
            for good in (1, 1000, 1001, 10 ** 30):
                self.raw.call(method, limit=good, **arguments)

    def test_max_age(self):
        for bad in (-1, -0.5, True, '5', [1], float('nan'), float('inf')):
            self.refused(exception.InvalidArgument, 'get_all', max_age=bad)
        for good in (10 ** 6, 1e6, 10 ** 400):
            self.raw.call('get_all', max_age=good)

    def test_types_ids_epochs_and_positions(self):
        epoch = self.raw.describe()[INSTANCE]['epoch']
        argument = exception.InvalidArgument
        for bad in (5, None, [INSTANCE], True):
            self.refused(argument, 'get', type=bad, ids=['a'])
            self.refused(argument, 'get_history', type=bad, id='a')
            self.refused(argument, 'get_changes', type=bad, epoch=epoch,
                         since=0)
            self.refused(argument, 'get_history', type=INSTANCE,
                         id=5 if bad == [INSTANCE] else bad)
            self.refused(argument, 'get_changes', type=INSTANCE, since=0,
                         epoch=5 if bad == [INSTANCE] else bad)
        for bad in (5, None, [5], [None], {'a': 1}, ['x'] * 1001):
            self.refused(argument, 'get', type=INSTANCE, ids=bad)
        for bad in (-1, '1', 1.0, True, None):
            self.refused(argument, 'get_changes', type=INSTANCE,
                         epoch=epoch, since=bad)

    def test_missing_and_unknown_arguments(self):
        for method, arguments in (
                ('describe', {'x': 1}), ('get_all', {'typs': [INSTANCE]}),
                ('get', {}), ('get', {'type': INSTANCE}),
                ('get_changes', {'type': INSTANCE}),
                ('get_history', {'type': INSTANCE}),
                ('get_history', {'type': INSTANCE, 'id': 'a', 'y': 1})):
            self.refused(exception.InvalidArgument, method, **arguments)

    def test_a_marker_of_the_wrong_kind(self):
        for bad in (5, True, ['x'], {'x': 1}):
            error = self.refused(exception.RequestError, 'get_all',
                                 marker=bad)
            self.assertIsInstance(error, (exception.InvalidArgument,
                                          exception.InvalidMarker))

    def test_unknown_types(self):
        for bad in ('nova.nothing', 'heat.stack', '', 'nova.Instance'):
            self.refused(exception.UnknownType, 'get', type=bad, ids=['a'])
            self.refused(exception.UnknownType, 'get_history', type=bad,
                         id='a')
            self.refused(exception.UnknownType, 'get_changes', type=bad,
                         epoch='e', since=0)

    def test_positions_that_are_not_to_be_had(self):
        head = self.raw.describe()[INSTANCE]
        for epoch, since in ((head['epoch'], head['revision'] + 1),
                             (head['epoch'], 10 ** 30), ('other', 0),
                             ('', 0), ('\ud800', 0)):
            self.refused(exception.ResyncRequired, 'get_changes',
                         type=INSTANCE, epoch=epoch, since=since)

    def test_ids_that_no_service_ever_gave(self):
        for odd in ('', '\x00', 'x' * 5000, "'; --", '%', '\ud800', ODD):
            self.assertEqual({odd: None}, self.raw.call(
                'get', type=INSTANCE, ids=[odd]), repr(odd))
            self.assertEqual([], self.raw.call(
                'get_history', type=INSTANCE, id=odd), repr(odd))

    def test_only_what_is_meant_to_be_called_can_be(self):
        for method in ('_first_page', '_rows', 'target', 'exposed',
                       '__init__', 'get_none'):
            error = self.assertRaises(
                oslo_messaging.RemoteError, self.raw.call, method)
            self.assertEqual('NoSuchMethod', error.exc_type)

    def test_many_at_once(self):
        with futures.ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(
                lambda _: self.raw.call('get_all', types=[INSTANCE]),
                range(40)))
        self.assertEqual([replies[0]] * 40, replies)
