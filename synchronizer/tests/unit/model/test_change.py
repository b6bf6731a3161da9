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

"""An update can be undone, whatever it changed."""

import dataclasses

import hypothesis
from hypothesis import strategies

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.store import codec
from synchronizer.tests import base

TEXT = strategies.text(
    strategies.characters(codec=None), max_size=3)
WORD = strategies.none() | TEXT
JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers(-1, 1)
    | strategies.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: strategies.lists(inner, max_size=3)
    | strategies.dictionaries(TEXT, inner, max_size=3), max_leaves=6)
RELATIONS = strategies.sets(strategies.builds(
    entity_module.Relation, TEXT, TEXT, TEXT), max_size=3).map(
        lambda found: tuple(sorted(found)))
# few names, so that the same one is often in both versions
NAMES = strategies.sampled_from(['', 'a', 'a.b', 'name', 'relations',
                                 'revision']) | TEXT
VERSIONS = strategies.builds(
    entity_module.Entity, type=strategies.just('t.x'),
    id=strategies.just('i'), name=WORD, project_id=WORD, user_id=WORD,
    state=WORD, relations=RELATIONS,
    attributes=strategies.dictionaries(NAMES, JSON, max_size=4),
    revision=strategies.integers(0, 9), sampled_at=TEXT)


def fingerprint(entity):
    return entity_module.digest(entity), entity.revision, entity.sampled_at


class BeforeTest(base.TestCase):

    @hypothesis.given(VERSIONS, VERSIONS)
    @hypothesis.settings(deadline=None)
    def test_undoing_gives_the_version_before(self, old, new):
        what = change_module.before(old, new)
        again = change_module.undone(new, what)
        self.assertEqual(fingerprint(old), fingerprint(again))
        self.assertEqual(old.relations, again.relations)

    @hypothesis.given(VERSIONS, VERSIONS)
    @hypothesis.settings(deadline=None)
    def test_and_through_the_journal(self, old, new):
        change = change_module.Change('updated', new, 'hint', ('x',), 'e', 1)
        row = codec.change_row(change, old)
        self.assertTrue(row.before.isascii())
        again = change_module.undone(codec.change(codec.told(row), 'e').entity,
                                     codec.before(row.before))
        self.assertEqual(fingerprint(old), fingerprint(again))
        self.assertEqual(old.relations, again.relations)

    def test_only_what_differs_is_kept(self):
        old = entity_module.Entity(
            't.x', 'i', name='n', state='OFF', revision=3, sampled_at='then',
            attributes={'same': [1], 'null': None, 'gone': 1, 'one': 1})
        new = dataclasses.replace(
            old, state=None, revision=7, sampled_at='now',
            attributes={'same': [1], 'new': None, 'null': 0, 'one': 1.0})
        self.assertEqual(
            change_module.Before(
                3, 'then', {'state': 'OFF', 'attributes.null': None,
                            'attributes.gone': 1, 'attributes.one': 1},
                ('attributes.new',)),
            change_module.before(old, new))

    def test_the_versions_are_left_alone(self):
        old = entity_module.Entity('t.x', 'i', attributes={'a': 1})
        new = entity_module.Entity('t.x', 'i', attributes={'b': 2})
        change_module.undone(new, change_module.before(old, new))
        self.assertEqual(({'a': 1}, {'b': 2}),
                         (old.attributes, new.attributes))
