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

"""Rows, and what goes into a reply."""

import dataclasses
import datetime
import json

import hypothesis
from hypothesis import strategies

from synchronizer.bus import wire
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import kept
from synchronizer.store import base as store_base
from synchronizer.store import codec
from synchronizer.store import schema
from synchronizer.tests import base
from synchronizer.tests import store_suite

WORDS = (',"revision":', ',"relations":', '","id":"', '"name":', 'revision',
         'id', 'a,', '\\', '"')


class CodecTest(base.TestCase):

    def test_stamp(self):
        zone = datetime.timezone(datetime.timedelta(hours=2))
        self.assertEqual(
            '2026-11-20T10:00:00.000000Z',
            codec.stamp(datetime.datetime(2026, 11, 20, 12, tzinfo=zone)))

    def test_equal_content_gives_equal_rows(self):
        stored = store_base.Stored('1:d', 's')
        rows = [codec.entity_row(store_suite.entity(attributes=attributes),
                                 stored)
                for attributes in ({'a': 1, 'b': [2]}, {'b': [2], 'a': 1})]
        self.assertEqual(*rows)
        self.assertTrue(rows[0].body.isascii())

    def test_rows_have_the_columns_of_their_tables_in_order(self):
        for row, table in ((codec.EntityRow, schema.ENTITIES),
                           (codec.ChangeRow, schema.JOURNAL)):
            self.assertEqual(list(row._fields), list(table.columns.keys()))

    def test_texts_and_weights_are_those_of_the_whole(self):
        entity = store_suite.entity(attributes={
            'a': 'x"\\', 'z': ['\xe4', '\ud800', 2 ** 70, 1.5, None]})
        whole = {**dataclasses.asdict(entity),
                 'relations': [dataclasses.asdict(relation)
                               for relation in entity.relations]}
        text = json.dumps(whole, sort_keys=True, separators=(',', ':'))
        change = codec.change_row(change_module.Change(
            'created', entity, 'sweep'))
        self.assertEqual(text, change.entity)
        self.assertEqual(store_base.weigh(text + '[]'), change.weight)
        row = codec.entity_row(entity, store_base.Stored('1:d', 's'))
        self.assertEqual(store_base.weigh(text), row.weight)
        self.assertEqual(
            {'relations': whole['relations'],
             'attributes': entity.attributes}, json.loads(row.body))

    @hypothesis.given(*[strategies.one_of(
        strategies.none(), strategies.sampled_from(WORDS),
        strategies.text('a,":{}[]\\\xe4\ud800'))] * 4,
        strategies.lists(strategies.sampled_from(WORDS)))
    def test_a_body_is_cut_out_of_the_whole(self, id_, name, state, word,
                                            ends):
        entity = entity_module.Entity(
            store_suite.TYPE, id_ or 'a', name, word, name, state,
            tuple(entity_module.Relation(end, word or end, end)
                  for end in ends),
            {word or 'id': {'relations': [name], 'revision': 1, 'id': 'x',
                            'name': ends}, 'relations': [], 'revision': id_},
            7, 'now')
        body = codec.entity_row(entity, store_suite.STORED).body
        self.assertEqual(kept.body(entity), json.loads(body))
        self.assertEqual(list(json.loads(body)), ['attributes', 'relations'])
        lean = codec.entity_row(entity, store_suite.STORED, body='')
        whole = codec.written(entity).whole
        for read in (lambda made: None, kept.text, kept.body):
            made = codec.entity(lean, whole)
            read(made)
            self.assertEqual(entity, made)
            self.assertEqual(body, kept.text(made))
            self.assertEqual(
                wire.entity_to_dict(entity), wire.entity_to_dict(made))

    def test_who_did_it_weighs_something(self):
        rows = [codec.change_row(store_suite.created(initiator=who).change)
                for who in (None, store_suite.WHO)]
        self.assertEqual(
            [None, '{"project_id":"project","request_id":"req-1",'
                   '"user_id":"user"}'], [row.initiator for row in rows])
        self.assertGreater(rows[1].weight - rows[0].weight,
                           len(rows[1].initiator))

    def test_changes_are_read_as_each_one_is(self):
        rows = [codec.told(codec.change_row(store_suite.created(
            id_, attributes={'text': text}).change)) for id_, text in (
                ('a', ','), ('b', ']"'), ('c', '\ud800'), ('d', 2 ** 70))]
        for some in (rows, rows[:1], []):
            self.assertEqual([codec.change(row, 'e') for row in some],
                             codec.changes(some, 'e'))

    def test_weigh(self):
        self.assertEqual(store_base.ENVELOPE + len('{\\"a\\": 1}'),
                         store_base.weigh('{"a":1}'))
        self.assertEqual(store_base.ENVELOPE + 2 * 4,
                         store_base.weigh(',:"\\'))


class RoomTest(base.TestCase):

    def take(self, limit, max_bytes, *runs):
        room = codec.Room(limit, max_bytes)
        return [room.take(run) for run in runs]

    def test_by_count(self):
        self.assertEqual([2, 1, 0], self.take(3, 99, [1, 1], [1, 1], [1]))
        self.assertEqual([0], self.take(0, 99, [1]))

    def test_by_size(self):
        self.assertEqual([2], self.take(9, 10, [5, 5]))
        self.assertEqual([1, 1], self.take(9, 10, [5], [5, 1]))
        self.assertEqual([1, 0, 0], self.take(9, 10, [5], [6], [1]))

    def test_one_in_any_case(self):
        self.assertEqual([1, 0], self.take(9, 10, [99, 1], [1]))
        self.assertEqual([0, 0, 1], self.take(9, 10, [], [], [99]))
