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

import base64
import dataclasses
import json
from unittest import mock
import zlib

import hypothesis
from hypothesis import strategies
import orjson

from synchronizer.bus import topics
from synchronizer.bus import wire
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import kept
from synchronizer.model import stream as stream_module
from synchronizer.model.initiator import Initiator
from synchronizer.store import codec
from synchronizer.tests import base
from synchronizer.tests.unit.model import test_kept

ENTITY = entity_module.Entity(
    'nova.instance', 'i', 'n', None, 'u', 'ACTIVE',
    (entity_module.Relation('runs-on', 'nova.host', 'h'),), {'a': [1]}, 7,
    '2026-11-20T10:00:00.123456Z')
CHANGE = change_module.Change(
    'updated', ENTITY, 'hint', ('state', 'attributes.a'), 'e', 7,
    '2026-11-20T10:00:01.000000Z')

WORDS = strategies.text(max_size=3)
CHANGES = strategies.builds(
    change_module.Change, WORDS, test_kept.ENTITIES, WORDS,
    strategies.lists(WORDS, max_size=2).map(tuple), WORDS,
    strategies.integers(), WORDS, strategies.none() | strategies.builds(
        Initiator, strategies.none() | WORDS, WORDS, WORDS))

BY_SOMEBODY = dataclasses.replace(
    CHANGE, initiator=Initiator('u', request_id='req-1'))


class WireTest(base.TestCase):

    def test_an_entity_has_the_shape_of_the_contract(self):
        self.assertEqual({
            'type': 'nova.instance', 'id': 'i', 'name': 'n',
            'project_id': None, 'user_id': 'u', 'state': 'ACTIVE',
            'revision': 7, 'sampled_at': '2026-11-20T10:00:00.123456Z',
            'relations': [
                {'kind': 'runs-on', 'type': 'nova.host', 'id': 'h'}],
            'attributes': {'a': [1]}}, wire.entity_to_dict(ENTITY))

    def test_a_change_has_the_shape_of_the_contract(self):
        self.assertEqual({
            'type': 'nova.instance', 'epoch': 'e', 'revision': 7,
            'action': 'updated', 'entity': wire.entity_to_dict(ENTITY),
            'changed': ['state', 'attributes.a'], 'cause': 'hint',
            'committed_at': '2026-11-20T10:00:01.000000Z'},
            wire.change_to_dict(CHANGE))

    def test_who_did_it_is_there_where_it_is_known(self):
        body = json.loads(json.dumps(wire.change_to_dict(BY_SOMEBODY)))
        self.assertEqual(
            wire.change_to_dict(CHANGE) | {'initiator': {
                'user_id': 'u', 'project_id': None,
                'request_id': 'req-1'}}, body)
        self.assertEqual(BY_SOMEBODY, wire.change_from_dict(body))

    def test_what_an_older_or_a_newer_peer_says_of_who_did_it(self):
        body = wire.change_to_dict(CHANGE)
        self.assertNotIn('initiator', body)
        self.assertEqual(CHANGE, wire.change_from_dict(body))
        for unknown in (None, {}, [], 'u', {'user_id': 5}):
            self.assertEqual(CHANGE, wire.change_from_dict(
                body | {'initiator': unknown}))
        self.assertEqual(BY_SOMEBODY, wire.change_from_dict(
            body | {'initiator': {'user_id': 'u', 'request_id': 'req-1',
                                  'said_by_a_later_version': 1}}))

    def test_there_and_back(self):
        body = json.loads(json.dumps(wire.change_to_dict(CHANGE)))
        self.assertEqual(CHANGE, wire.change_from_dict(body))
        head = wire.Head('e', 7, 'when', 'live')
        self.assertEqual(head, wire.head_from_dict(wire.head_to_dict(head)))

    @hypothesis.settings(max_examples=30)
    @hypothesis.given(strategies.lists(test_kept.ENTITIES, max_size=3))
    def test_packed_and_plain_are_the_same(self, entities):
        plain = json.loads(json.dumps(
            [wire.entity_to_dict(entity) for entity in entities]))
        packed = json.loads(json.dumps(wire.pack(entities)))
        self.assertEqual(entities, wire.entities_from(plain))
        self.assertEqual(entities, wire.entities_from(packed))
        self.assertEqual(packed, wire.pack(wire.entities_from(packed)))
        self.assertEqual(plain, wire.entities_to_list(
            wire.entities_from(packed)))

    @hypothesis.settings(max_examples=60)
    @hypothesis.given(strategies.lists(CHANGES, max_size=3))
    def test_what_is_ready_says_the_same(self, changes):
        entities = [change.entity for change in changes]
        texts = [codec.written(entity).whole for entity in entities]
        # a plain one, one whose body is kept, one that was sent, and those
        # of the store, whole or not
        for made in (entities, list(map(kept.of, entities)),
                     wire.entities_from(wire.entities_to_list(entities)),
                     wire.entities_from(wire.pack(entities)),
                     list(map(kept.of_whole, texts)),
                     [kept.made_of(*kept.own(entity), text)
                      for entity, text in zip(entities, texts)]):
            self.assertEqual(
                json.loads(json.dumps(wire.entities_to_list(entities))),
                json.loads(wire.entities_ready(made).text))
            told = [dataclasses.replace(change, entity=entity)
                    for change, entity in zip(changes, made)]
            ready = wire.changes_ready('t.x', told).text
            self.assertTrue(ready.isascii())
            self.assertEqual(
                [{**body, 'type': 't.x'} for body in json.loads(
                    json.dumps(wire.changes_to_list(changes)))],
                json.loads(ready))

    def test_what_is_ready_is_not_looked_into(self):
        entity = kept.of_whole(codec.written(ENTITY).whole)
        change = dataclasses.replace(BY_SOMEBODY, entity=entity)
        with mock.patch.object(orjson, 'loads') as loads:
            wire.entities_ready([entity])
            wire.changes_ready('t.x', [change])
            loads.assert_not_called()

    def test_what_cannot_be_unpacked(self):
        whole = wire.pack([ENTITY, ENTITY])
        lines = zlib.decompress(base64.b64decode(whole)).split(b'\n')
        for text in ('', 'é', 'xxx', whole[:-8], *(
                base64.b64encode(zlib.compress(b'\n'.join(part))).decode()
                for part in (lines[:2], lines[1:], [b'[{}]', b'{}']))):
            self.assertRaises(ValueError, wire.unpack, text)

    def test_what_is_not_known_is_ignored(self):
        body = wire.change_to_dict(CHANGE) | {'new': 1}
        body['entity'] |= {'new': 1}
        body['entity']['relations'][0]['new'] = 1
        self.assertEqual(CHANGE, wire.change_from_dict(body))

    def test_what_must_be_there(self):
        for read, body in ((wire.entity_from_dict, {'type': 't'}),
                           (wire.change_from_dict, {'action': 'x'}),
                           (wire.change_from_dict, None),
                           (wire.head_from_dict, {})):
            self.assertRaises(ValueError, read, body)

    def test_a_stream(self):
        row = stream_module.Stream('t.u', 't', 'e', interval=0.5, owner='h:1')
        body = wire.stream_to_dict(row)
        self.assertEqual((0.5, 'h', 'starting'), (
            body['interval'], body['owner'], body['state']))

    def test_times(self):
        text = '2026-11-20T10:00:00.123456Z'
        self.assertEqual(text, wire.text(wire.seconds(text)))
        self.assertEqual(wire.seconds('2026-11-20T10:00:00'),
                         wire.seconds('2026-11-20T11:00:00+01:00'))

    def test_topics(self):
        self.assertEqual('synchronizer.changes.nova.instance',
                         topics.changes('nova.instance'))
        self.assertEqual('synchronizer.nova.instance',
                         topics.notifications('nova.instance'))
