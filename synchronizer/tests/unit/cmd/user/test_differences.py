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

"""What differs between two versions, leaf by leaf."""

import json

from hypothesis import given
from hypothesis import strategies

from synchronizer.cmd.user import differences
from synchronizer.model import entity as entity_module
from synchronizer.tests import base

VALUES = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers()
    | strategies.text(max_size=3),
    lambda inner: strategies.lists(inner, max_size=3)
    | strategies.dictionaries(strategies.text('ab', max_size=2), inner,
                              max_size=3), max_leaves=6)
RECORDS = strategies.dictionaries(strategies.text('ab.', max_size=2), VALUES,
                                  max_size=3)


def entity(attributes, **fields):
    return entity_module.Entity('a.b', 'i', attributes=attributes, **fields)


def told(old, new):
    return list(map(str, differences.between(
        old, new, entity_module.differences(old, new))))


class DifferencesTest(base.TestCase):

    def test_leaves(self):
        old = entity({'a': {'b': 1, 'c': None}, 'd.e': 'x y', 'f': 0},
                     state='BUILD')
        new = entity({'a': {'b': True, 'c': None, 'g': []}, 'd.e': ''},
                     state='ACTIVE')
        self.assertEqual(
            ['state: BUILD -> ACTIVE', 'attributes.a.b: 1 -> true',
             'attributes.a.g: - -> []', 'attributes.d.e: "x y" -> ""',
             'attributes.f: 0 -> -'], told(old, new))

    def test_relations(self):
        new = entity({}, relations=(
            entity_module.Relation('runs-on', 'nova.host', 'h'),))
        line, = told(entity({}), new)
        self.assertIn('relations: [] -> [{"id": "h"', line)

    def test_without_the_old_one(self):
        found = differences.between(None, entity({'a': 1}), ['attributes.a'])
        self.assertEqual(
            [{'field': 'attributes.a', 'new': 1, 'old_known': False}],
            [one.as_dict() for one in found])
        self.assertEqual(['attributes.a: ? -> 1'], list(map(str, found)))

    def test_what_could_lead_a_terminal_astray_is_written_out(self):
        new = entity({'a\x1b[2J\nb': 1})
        found = differences.between(entity({}), new, [
            'attributes.a\x1b[2J\nb'])
        self.assertEqual(['attributes.a\\u001b[2J\\nb: - -> 1'],
                         list(map(str, found)))

    def test_what_is_long_is_cut(self):
        line, = told(entity({'a': 1}), entity({'a': 'x' * 500}))
        self.assertEqual(differences.LONGEST,
                         len(line.partition(' -> ')[2]))

    def test_one_line(self):
        line, = told(entity({'a': 1}), entity({'a': 'x\n\x1b'}))
        self.assertEqual('attributes.a: 1 -> "x\\n\\u001b"', line)

    @given(RECORDS, RECORDS)
    def test_something_is_told_of_all_that_changed(self, old, new):
        changed = entity_module.differences(entity(old), entity(new))
        found = differences.between(entity(old), entity(new), changed)
        for name in changed:
            self.assertTrue(any(one.path.startswith(name) for one in found))
        for one in map(differences.Difference.as_dict, found):
            self.assertNotEqual(
                *(json.dumps(one[side], sort_keys=True) if side in one
                  else None for side in ('old', 'new')))
