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

"""What is kept of a record, when two are equal, and what differs."""

import hypothesis
from hypothesis import strategies

from synchronizer.model import entity as entity_module
from synchronizer.model import shape
from synchronizer.model.entity import Entity
from synchronizer.model.entity import Relation
from synchronizer.tests import base

JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers()
    | strategies.text(),
    lambda inner: strategies.lists(inner)
    | strategies.dictionaries(strategies.text(), inner))


LINKS = strategies.lists(strategies.fixed_dictionaries(
    {'href': strategies.text()}), max_size=2)
LINKED = strategies.recursive(
    JSON, lambda inner: strategies.lists(inner)
    | strategies.fixed_dictionaries(
        {}, optional={'links': LINKS | inner, 'a': inner, 'big': inner}))


def without_links(value):
    """As plainly as it can be said."""
    if isinstance(value, list):
        return [without_links(member) for member in value]
    if isinstance(value, dict):
        return {key: without_links(inner) for key, inner in value.items()
                if key != 'links' or not isinstance(inner, list) or not all(
                    isinstance(link, dict) and 'href' in link
                    for link in inner)}
    return value


class StripTest(base.TestCase):

    @hypothesis.given(LINKED)
    def test_it_is_the_plain_walk(self, value):
        for inner in (value, [value, 2 ** 70], {'odd': '\ud800', 'a': value}):
            record = {'a': inner, 'links': [{'href': ''}]}
            self.assertEqual({'a': without_links(inner)},
                             shape.strip(record, ()))
            self.assertEqual({}, shape.strip(record, ('a',)))

    def test_links_go_at_any_depth(self):
        links = [{'rel': 'self', 'href': 'http://here'}]
        self.assertEqual(
            {'id': '1', 'image': {'id': '2'}, 'list': [{'a': 1}]},
            shape.strip({'id': '1', 'links': links,
                         'image': {'id': '2', 'links': links},
                         'list': [{'a': 1, 'links': links}]}, ()))

    def test_a_users_field_of_that_name_stays(self):
        record = {'metadata': {'links': 'mine'}, 'tags': ['links']}
        self.assertEqual(record, shape.strip(record, ()))

    def test_paths_go_through_every_key_and_every_member(self):
        record = {'a': 1, 'hosts': {'h1': {'s': {'updated_at': 1, 'on': 1}},
                                    'h2': {'s': {'updated_at': 2, 'on': 2}}},
                  'rows': [{'stamp': 1, 'x': 2}]}
        self.assertEqual(
            {'hosts': {'h1': {'s': {'on': 1}}, 'h2': {'s': {'on': 2}}},
             'rows': [{'x': 2}]},
            shape.strip(record, ('a', 'hosts/*/*/updated_at', 'rows/stamp')))

    def test_a_path_names_one_place_only(self):
        record = {'stamp': 1, 'inner': {'stamp': 2}}
        self.assertEqual({'inner': {'stamp': 2}},
                         shape.strip(record, ('stamp',)))

    def test_the_record_itself_is_not_touched(self):
        record = {'a': {'b': 1}}
        shape.strip(record, ('a/b',))
        self.assertEqual({'a': {'b': 1}}, record)


class DigestTest(base.TestCase):

    def digest(self, attributes, *unordered, **fields):
        return entity_module.digest(
            Entity('t', '1', attributes=attributes, **fields), unordered)

    def test_equal_but_different_objects_are_equal(self):
        self.assertEqual(self.digest({'a': [1, {'b': 2}], 'c': None}),
                         self.digest({'c': None, 'a': [1, {'b': 2}]}))

    def test_types_of_values_count(self):
        values = (1, True, '1', None, [1], {'1': 1}, 0, False, '')
        digests = {self.digest({'a': value}) for value in values}
        self.assertEqual(len(values), len(digests))

    def test_order_counts_unless_declared(self):
        one, other = {'a': {'x': [2, 1]}}, {'a': {'x': [1, 2]}}
        self.assertNotEqual(self.digest(one), self.digest(other))
        self.assertEqual(self.digest(one, 'a/*'), self.digest(other, 'a/*'))

    def test_the_order_of_relations_does_not_count(self):
        relations = Relation('k', 't', '1'), Relation('k', 't', '2')
        self.assertEqual(
            self.digest({}, relations=relations),
            self.digest({}, relations=relations[::-1]))

    def test_it_tells_its_algorithm_and_depends_on_the_form(self):
        entity = Entity('t', '1')
        self.assertTrue(entity_module.digest(entity).startswith('2:'))
        self.assertNotEqual(entity_module.digest(entity, (), '2.1'),
                            entity_module.digest(entity, (), '2.2'))

    @hypothesis.given(JSON)
    def test_the_text_made_on_the_way(self, value):
        entity = Entity('t', '1', attributes={'a': value, 'b': [2, 1]})
        for unordered in ((), ('b',)):
            digest, text = entity_module.digested(entity, unordered, 'f')
            self.assertEqual(
                entity_module.digest(entity, unordered, 'f'), digest)
            self.assertIn(text, (None, shape.text(entity.attributes)))
        # the order of a list is kept as it came
        self.assertIsNone(text)
        self.assertIsNotNone(
            entity_module.digested(Entity('t', '1', attributes={'a': 1}))[1])

    def test_it_is_of_all_in_one(self):
        entity = Entity('t', '1', 'n', 'p', 'u', 's',
                        (Relation('k', 't', '2'),), {'b': [1.5], 'a': 'é'})
        self.assertEqual(
            shape.fingerprint(['f', 'n', 'p', 'u', 's', [['k', 't', '2']],
                               {'a': 'é', 'b': [1.5]}], '2'),
            entity_module.digest(entity, (), 'f'))

    def test_when_it_was_sampled_does_not_count(self):
        self.assertEqual(
            entity_module.digest(Entity('t', '1', sampled_at='a')),
            entity_module.digest(Entity('t', '1', revision=7)))

    @hypothesis.given(JSON, JSON)
    def test_it_differs_if_and_only_if_something_differs(self, one, other):
        old, new = (Entity('t', '1', attributes={'a': value})
                    for value in (one, other))
        same = entity_module.digest(old) == entity_module.digest(new)
        self.assertEqual(
            () if same else ('attributes.a',),
            entity_module.differences(old, new))


class DifferencesTest(base.TestCase):

    old = Entity('t', '1', 'n', 'p', 'u', 's', (Relation('k', 't', '1'),),
                 {'same': 1, 'other': 1, 'went': 1, 'a.b': [1, 2]})

    def test_complete_and_true(self):
        new = Entity('t', '1', 'n2', 'p', None, 's', (),
                     {'same': 1, 'other': 2, 'came': None, 'a.b': [2, 1]})
        self.assertEqual(
            ('name', 'user_id', 'relations', 'attributes.a.b',
             'attributes.came', 'attributes.other', 'attributes.went'),
            entity_module.differences(self.old, new))

    @hypothesis.given(strategies.lists(JSON, min_size=2, max_size=2))
    def test_values_are_compared_as_json(self, values):
        for one in values:
            for other in (*values, 1, True, 1.0, 0, False, -0.0, '', [], {}):
                self.assertEqual(
                    shape.encoded(one) != shape.encoded(other),
                    bool(entity_module.differences(
                        *(Entity('t', 'i', attributes={'a': value})
                          for value in (one, other)))))

    def test_a_list_without_order_differs_by_content_only(self):
        new = Entity('t', '1', 'n', 'p', 'u', 's', self.old.relations,
                     self.old.attributes | {'a.b': [2, 1]})
        self.assertEqual(
            (), entity_module.differences(self.old, new, ('a.b',)))

    def test_of_two_shapes_only_what_both_show_is_compared(self):
        old = Entity('t', '1', state='up', attributes={
            'flavor': {'id': '7'}, 'host': 'a', 'gone': 1, 'tags': ['x']})
        new = Entity('t', '1', state='up', attributes={
            'flavor': {'vcpus': 1}, 'host': 'a', 'came': 1, 'tags': ['x']})
        self.assertEqual((), entity_module.differences(
            old, new, same_shape=False))
        moved = Entity('t', '1', state='down',
                       attributes=new.attributes | {'host': 'b'})
        self.assertEqual(('state', 'attributes.host'),
                         entity_module.differences(
                             old, moved, same_shape=False))
