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
"""An entity kept as text is an entity like any other."""

import copy
import dataclasses
import json
import math
import pickle
from unittest import mock

import hypothesis
from hypothesis import strategies

from synchronizer.bus import wire
from synchronizer.model import entity as entity_module
from synchronizer.model import kept
from synchronizer.store import codec
from synchronizer.tests import base

JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers()
    | strategies.floats(allow_nan=False, allow_infinity=False)
    | strategies.text(),
    lambda inner: strategies.lists(inner, max_size=3)
    | strategies.dictionaries(strategies.text(), inner, max_size=3),
    max_leaves=5)
MAYBE = strategies.none() | strategies.text()
RELATIONS = strategies.lists(strategies.builds(
    entity_module.Relation, strategies.text(), strategies.text(),
    strategies.text())).map(tuple)
ENTITIES = strategies.builds(
    entity_module.Entity, strategies.text(), strategies.text(), MAYBE, MAYBE,
    MAYBE, MAYBE, RELATIONS, strategies.dictionaries(strategies.text(), JSON),
    strategies.integers(), strategies.text())
ENTITY = entity_module.Entity(
    'nova.instance', 'i', state='ACTIVE', attributes={'a': [1, 2 ** 70]},
    relations=(entity_module.Relation('runs-on', 'nova.host', 'h'),),
    revision=3)


class KeptTest(base.TestCase):

    @hypothesis.settings(max_examples=30)
    @hypothesis.given(ENTITIES)
    def test_it_is_what_was_kept(self, entity):
        made = kept.of(entity)
        self.assertEqual(entity, made)
        self.assertEqual(made, entity)
        self.assertEqual(repr(entity), repr(kept.of(made)))
        self.assertEqual(dataclasses.asdict(entity),
                         dataclasses.asdict(made))

    @hypothesis.settings(max_examples=30)
    @hypothesis.given(ENTITIES, ENTITIES)
    def test_it_differs_from_what_the_other_differs_from(self, one, other):
        self.assertEqual(one == other, kept.of(one) == kept.of(other))
        self.assertEqual(one == other, kept.of(one) == other)
        self.assertEqual(one == other, one == kept.of(other))

    def test_each_field_counts(self):
        for change in ({'attributes': {}}, {'relations': ()}, {'id': 'j'},
                       {'revision': 4}, {'state': None}):
            self.assertNotEqual(
                kept.of(ENTITY),
                kept.of(dataclasses.replace(ENTITY, **change)))
        self.assertNotEqual(kept.of(ENTITY), 'i')

    def test_what_is_made_of_it_is_plain(self):
        for made in (copy.copy, copy.deepcopy,
                     lambda one: pickle.loads(pickle.dumps(one)),
                     lambda one: one.stamped(3)):
            self.assertEqual(ENTITY, made(kept.of(ENTITY)))
            self.assertIs(entity_module.Entity, type(made(kept.of(ENTITY))))

    def test_it_cannot_be_changed(self):
        for name in ('revision', 'attributes'):
            self.assertRaises(AttributeError, setattr, kept.of(ENTITY), name,
                              1)

    def test_it_is_read_once_and_only_when_looked_into(self):
        with mock.patch.object(json, 'loads', wraps=json.loads) as loads:
            one = kept.of(ENTITY)
            self.assertEqual(('i', 3), (one.id, one.revision))
            self.assertEqual(one, kept.of(one))
            loads.assert_not_called()
            self.assertIs(one.attributes, one.attributes)
            self.assertEqual(ENTITY.relations, one.relations)
            loads.assert_called_once()

    @hypothesis.settings(max_examples=30)
    @hypothesis.given(strategies.lists(ENTITIES, max_size=3))
    def test_many_are_read_at_once(self, entities):
        many = [kept.of(entity) for entity in entities]
        kept.read([*many, ENTITY])
        with mock.patch.object(json, 'loads') as loads:
            self.assertEqual(
                [entity.attributes for entity in entities],
                [one.attributes for one in many])
            self.assertEqual(
                [entity.relations for entity in entities],
                [one.relations for one in many])
            loads.assert_not_called()

    @hypothesis.settings(max_examples=30)
    @hypothesis.given(ENTITIES)
    def test_what_was_read_is_the_same_as_its_text(self, entity):
        read = kept.read_as(kept.body(entity), *kept.own(entity))
        self.assertEqual(entity, read)
        self.assertTrue(kept.same(kept.of(entity), read))
        self.assertIs(read.body, kept.body(read))
        self.assertTrue(read.text.isascii())

    @hypothesis.settings(max_examples=30)
    @hypothesis.given(ENTITIES)
    def test_what_all_of_it_says(self, entity):
        text = codec.written(entity).whole
        whole = kept.of_whole(text)
        self.assertEqual(entity, whole)
        self.assertEqual(whole, entity)
        self.assertEqual(kept.own(entity), kept.own(whole))
        self.assertEqual(entity.relations, whole.relations)
        self.assertEqual(json.loads(kept.of(entity).text),
                         json.loads(whole.text))
        self.assertEqual(wire.entity_to_dict(entity),
                         wire.entity_to_dict(whole))
        for made in (copy.copy(whole), dataclasses.replace(whole),
                     whole.stamped(entity.revision)):
            self.assertEqual(entity, made)
            self.assertIs(entity_module.Entity, type(made))

    def test_nothing_of_it_can_be_changed(self):
        text = codec.written(ENTITY).whole
        whole = kept.of_whole(text)
        for name in ('revision', 'attributes', 'id'):
            self.assertRaises(AttributeError, setattr, whole, name, 1)

    def test_what_json_has_no_word_for_is_null(self):
        for number in (math.inf, -math.inf, math.nan):
            one = dataclasses.replace(ENTITY, attributes={'a': number})
            self.assertEqual({'a': None}, kept.of(one).attributes)

    def test_what_many_have_alike_is_there_once(self):
        one, other = (
            kept.of(dataclasses.replace(ENTITY, sampled_at=''.join(
                ['2026-11-20', 'T', '10']))) for _ in range(2))
        self.assertIs(one.sampled_at, other.sampled_at)

    def test_equal_without_reading(self):
        self.assertTrue(kept.same(ENTITY, ENTITY))
        self.assertTrue(kept.same(kept.of(ENTITY), kept.of(ENTITY)))
        self.assertFalse(kept.same(kept.of(ENTITY), kept.of(
            dataclasses.replace(ENTITY, attributes={'a': [1.0, 2 ** 70]}))))
