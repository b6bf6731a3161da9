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

"""Retries and deadlines of the client, without a bus."""

import threading

from synchronizer import exception
from synchronizer.bus import transport
from synchronizer.bus import wire
from synchronizer.client import rpc
from synchronizer.model import position
from synchronizer.tests import base

ENTITY = {'type': 't', 'id': 'i', 'revision': 2}


class FakeRequests:
    """In place of `transport.RequestClient`."""

    def __init__(self):
        self.calls = []
        self.versions = set()
        self.results = []

    def call(self, method, arguments, timeout, version='1.0'):
        self.calls.append((method, arguments))
        self.versions.add(version)
        result = self.results.pop(0)
        if callable(result):
            result = result()
        if isinstance(result, Exception):
            raise result
        return result


class ClientTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.requests = FakeRequests()
        self.patch(transport, 'RequestClient', lambda *_: self.requests)
        self.pauses = []

    def client(self, **kwargs):
        return rpc.SynchronizerClient(None, wait=self.pauses.append,
                                      **kwargs)

    def test_tried_again(self):
        self.requests.results = [exception.BusError('x')] * 2 + [{'a': 1}]
        self.assertEqual({'a': 1}, self.client().describe())
        self.assertEqual(2, len(self.pauses))

    def test_in_vain(self):
        self.requests.results = [exception.BusError('x')] * 3
        self.assertRaises(exception.BusError, self.client().describe)

    def test_what_the_service_says_is_final(self):
        self.requests.results = [exception.UnknownType('x')]
        self.assertRaises(exception.UnknownType, self.client().describe)

    def test_pages(self):
        head = {'epoch': 'e', 'revision': 1}
        page = {'streams': {'t': head}, 'entities': []}
        self.requests.results = [
            {**page, 'marker': 'm'}, exception.BusError('x'),
            {**page, 'marker': None}]
        pages = list(self.client().get_all(['t'], limit=5, max_age=0))
        self.assertEqual(2, len(pages))
        self.assertEqual([
            {'types': ['t'], 'limit': 5, 'max_age': 0, 'form': 'packed'},
            *[{'limit': 5, 'marker': 'm', 'form': 'packed'}] * 2],
            [arguments for _, arguments in self.requests.calls])
        self.assertEqual({'1.2'}, self.requests.versions)

    def test_entities_come_as_one_text_where_the_service_knows_how(self):
        entity = wire.entity_from_dict(ENTITY)
        page = {'streams': {}, 'marker': None}
        for entities in (wire.pack([entity]), [ENTITY]):
            self.requests.results = [{**page, 'entities': entities}]
            self.assertEqual([rpc.Page({}, [entity])],
                             list(self.client().get_all()))

    def test_a_worker_of_an_older_release_is_asked_as_it_knows(self):
        page = {'streams': {}, 'entities': [ENTITY]}
        self.requests.results = [
            {**page, 'marker': 'm'}, transport.TooOld('x'),
            {**page, 'marker': 'n'}, {**page, 'marker': None}]
        self.assertEqual(3, len(list(self.client().get_all(limit=5))))
        self.assertEqual([
            {'limit': 5, 'form': 'packed'},
            {'limit': 5, 'marker': 'm', 'form': 'packed'},
            {'limit': 5, 'marker': 'm'}, {'limit': 5, 'marker': 'n'}],
            [arguments for _, arguments in self.requests.calls])
        self.assertEqual({'1.0', '1.2'}, self.requests.versions)

    def test_one_that_is_too_old_for_anything(self):
        self.requests.results = [transport.TooOld('x')] * 2
        self.assertRaises(exception.Unavailable,
                          list, self.client().get_all())

    def test_pages_of_the_past(self):
        page = {'time': 'T', 'entities': [ENTITY],
                'streams': {'t': {'epoch': 'e', 'revision': 3}}}
        self.requests.results = [{**page, 'marker': 'm'},
                                 {**page, 'marker': None}]
        pages = list(self.client().get_at('t', ['t'], limit=5))
        self.assertEqual([rpc.PastPage(
            'T', {'t': position.Position('e', 3)},
            [wire.entity_from_dict(ENTITY)])] * 2, pages)
        self.assertEqual([
            ('get_at', {'time': 't', 'limit': 5, 'types': ['t']}),
            ('get_at', {'limit': 5, 'marker': 'm'})], self.requests.calls)

    def test_an_entity_of_the_past(self):
        self.requests.results = [{'entity': ENTITY}, {'entity': None}]
        client = self.client()
        self.assertEqual('i', client.get_entity_at('T', 't', 'i').id)
        self.assertIsNone(client.get_entity_at('T', 't', 'j'))
        self.assertEqual(
            ('get_entity_at', {'time': 'T', 'type': 't', 'id': 'j'}),
            self.requests.calls[-1])

    def test_many_ids_in_portions(self):
        self.requests.results = [{'a': None}] * 3
        self.client().get('t', map(str, range(500)))
        self.assertEqual([200, 200, 100], [
            len(arguments['ids']) for _, arguments in self.requests.calls])

    def test_a_call_that_hangs(self):
        go = threading.Event()
        self.addCleanup(go.set)
        self.requests.results = [lambda: go.wait(30)]
        client = self.client(timeout=-0.9, retries=0)
        self.assertRaises(exception.BusError, client.describe)

    def test_no_more_than_so_many_hang(self):
        self.patch(rpc, 'MOST_CALLS', 1)
        go = threading.Event()
        self.addCleanup(go.set)
        self.requests.results = [lambda: go.wait(30), {}]
        client = self.client(timeout=0.01, retries=0)
        self.assertRaises(exception.BusError, client.describe)
        error = self.assertRaises(exception.BusError, client.describe)
        self.assertIn('too many', str(error))
        self.assertEqual(1, len(self.requests.calls))
