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

"""The quick envelope and kombu's own say the same."""

import datetime
import json
from unittest import mock
import uuid

import hypothesis
from hypothesis import strategies
import kombu
from kombu import serialization
from kombu.utils import json as plain
from oslo_messaging._drivers import common
from oslo_serialization import jsonutils

from synchronizer.bus import envelope
from synchronizer.bus import transport
from synchronizer.tests import base

# halves of surrogate pairs as well: JSON knows them
TEXTS = strategies.text(strategies.characters(codec=None), max_size=20)
JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers()
    | strategies.floats(allow_nan=False) | TEXTS,
    lambda inner: strategies.lists(inner, max_size=3)
    | strategies.dictionaries(TEXTS | strategies.sampled_from(
        ['__type__', '__value__', envelope.MARK]), inner, max_size=3))
MESSAGES = JSON | strategies.fixed_dictionaries(
    {envelope.MARK: TEXTS, 'oslo.version': TEXTS})


def said(loads, body):
    """What is read, or how it is refused."""
    try:
        return loads(body)
    except (ValueError, TypeError) as error:
        return type(error), str(error)


class EnvelopeTest(base.TestCase):

    @hypothesis.given(MESSAGES)
    def test_what_is_written_kombu_reads_as_its_own(self, message):
        self.assertEqual(said(plain.loads, plain.dumps(message)),
                         said(plain.loads, envelope.dumps(message)))

    @hypothesis.given(MESSAGES)
    def test_what_kombu_writes_is_read_as_kombu_reads_it(self, message):
        body = plain.dumps(message)
        for form in (body, body.encode(), memoryview(body.encode())):
            self.assertEqual(said(plain.loads, body),
                             said(envelope.loads, form))

    def test_what_json_lacks_is_written_as_kombu_does(self):
        for value in (uuid.uuid4(), datetime.date(2026, 11, 30), b'\x00\xff'):
            message = {envelope.MARK: value}
            self.assertEqual(message, envelope.loads(envelope.dumps(message)))

    def test_what_is_no_json_is_refused_as_by_kombu(self):
        for body in ('', '{', b'\xff', '{"oslo.message": "a'):
            refused = said(plain.loads, body)
            self.assertTrue(issubclass(refused[0], ValueError))
            self.assertEqual(refused, said(envelope.loads, body))

    def test_an_envelope_is_neither_written_nor_read_by_kombu(self):
        message = common.serialize_msg({'method': 'x', 'args': {'a': [1]}})
        with mock.patch.object(plain, 'dumps') as dumps, mock.patch.object(
                plain, 'loads') as loads:
            read = envelope.loads(envelope.dumps(message))
            dumps.assert_not_called()
            loads.assert_not_called()
        self.assertEqual({'method': 'x', 'args': {'a': [1]}},
                         jsonutils.loads(read[envelope.MARK]))

    @hypothesis.given(strategies.lists(strategies.lists(
        JSON, max_size=3), max_size=3))
    def test_lists_that_are_ready_are_sent_as_they_are(self, lists):
        ready = [envelope.Ready(map(json.dumps, one)) for one in lists]
        message = common.serialize_msg({'result': {
            'a': ready, 'b': '"x"', **{str(n): one for n, one in enumerate(
                ready)}}})
        for _ in range(2):
            # the second time is another try to send it
            read = jsonutils.loads(
                envelope.loads(envelope.dumps(message))[envelope.MARK])
            self.assertEqual({'result': {
                'a': lists, 'b': '"x"', **{str(n): one for n, one in
                                           enumerate(lists)}}},
                json.loads(json.dumps(read)))

    def test_what_was_sent_is_forgotten(self):
        ready = envelope.Ready(['1'])
        held = len(envelope._ready)
        del ready
        self.assertEqual(held - 1, len(envelope._ready))

    def test_who_takes_what_is_ready(self):
        for url, takes in (('kombu+memory://', True), ('rabbit://h', True),
                           ('fake://', False)):
            bus = transport.private(url)
            self.assertEqual(takes, transport.takes_ready(bus))
            bus.cleanup()

    def test_kombu_uses_it(self):
        transport.private('kombu+memory://').cleanup()
        self.assertIs(envelope.dumps,
                      serialization.registry._encoders['json'].encoder)
        message = {envelope.MARK: '"\u20ac"'}
        kind, encoding, body = serialization.dumps(message)
        self.assertEqual(('application/json', 'utf-8'), (kind, encoding))
        self.assertEqual(message, json.loads(body))
        got = []
        with kombu.Connection('memory://') as connection:
            connection.Producer().publish(
                message, routing_key='envelope',
                declare=[kombu.Queue('envelope')])
            with connection.Consumer(
                    [kombu.Queue('envelope')], no_ack=True,
                    callbacks=[lambda body, _: got.append(body)]):
                connection.drain_events(timeout=5)
        self.assertEqual([message], got)
