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

"""The graph follows every change, and nothing else stays behind."""

import fixtures
import hypothesis
from hypothesis import strategies

from synchronizer import graph
from synchronizer.model.change import Change
from synchronizer.model.change import CREATED
from synchronizer.model.change import DELETED
from synchronizer.model.change import UPDATED
from synchronizer.tests import base
from synchronizer.tests.unit.graph.samples import entity
from synchronizer.tests.unit.graph.samples import HOST
from synchronizer.tests.unit.graph.samples import SERVER


class EntityGraphTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.graph = graph.EntityGraph([entity(SERVER, ('runs-on', HOST))])

    def edges(self):
        return sorted(self.graph.nx.edges(keys=True))

    def test_an_end_that_is_not_known_is_marked_so(self):
        self.assertIsNone(self.graph.entity(*HOST))
        self.assertIn(HOST, self.graph.nx)
        self.graph.put(entity(HOST))
        self.assertEqual(entity(HOST), self.graph.entity(*HOST))
        self.assertEqual([(SERVER, HOST, 'runs-on')], self.edges())

    def test_a_new_version_replaces_the_relations(self):
        other = ('nova.host', 'i')
        self.graph.apply(Change(
            UPDATED, entity(SERVER, ('runs-on', other)), 'sweep'))
        self.assertEqual([(SERVER, other, 'runs-on')], self.edges())
        self.assertNotIn(HOST, self.graph.nx)

    def test_a_deleted_end_stays_as_a_place_while_something_points_there(self):
        self.graph.apply(Change(CREATED, entity(HOST), 'sweep'))
        self.graph.apply(Change(DELETED, entity(HOST), 'sweep'))
        self.assertIsNone(self.graph.entity(*HOST))
        self.assertEqual([(SERVER, HOST, 'runs-on')], self.edges())
        self.graph.remove(*SERVER)
        self.assertEqual(0, len(self.graph.nx))

    def test_what_the_end_tells_is_drawn_from_the_start(self):
        group, stack = ('nova.server_group', 'g'), ('heat.stack', 'p')
        resource = ('heat.resource', 'p/r')
        self.graph.put(entity(group, ('member-of', SERVER)))
        self.graph.put(entity(resource, ('contains', stack)))
        self.assertEqual(
            [(stack, resource, 'contains'), (SERVER, HOST, 'runs-on'),
             (SERVER, group, 'member-of')], self.edges())

    def test_a_relation_that_both_ends_tell_stays_until_both_are_silent(self):
        group = ('nova.server_group', 'g')
        told = [(SERVER, group, 'member-of')]
        self.graph.put(entity(group, ('member-of', SERVER)))
        self.graph.put(entity(SERVER, ('member-of', group)))
        self.assertEqual(told, self.edges())
        self.graph.put(entity(SERVER))
        self.assertEqual(told, self.edges())
        self.graph.remove(*group)
        self.assertEqual([], self.edges())

    def test_a_change_costs_nothing_of_those_who_share_its_ends(self):
        flavor = ('nova.flavor', 'f')
        self.graph = graph.EntityGraph(
            entity(('nova.instance', str(number)), ('has-flavor', flavor))
            for number in range(3))
        self.useFixture(fixtures.MockPatchObject(
            type(self.graph.nx), 'degree', side_effect=AssertionError))
        self.graph.put(entity(('nova.instance', '1')))
        self.assertEqual([(('nova.instance', '0'), flavor, 'has-flavor'),
                          (('nova.instance', '2'), flavor, 'has-flavor')],
                         self.edges())

    def test_only_of_what_is_loaded_it_is_said_that_it_is_not_there(self):
        self.assertFalse(self.graph.is_missing(HOST))
        self.graph.types = ['nova.instance']
        self.assertFalse(self.graph.is_missing(HOST))
        self.graph.types = ['nova.instance', 'nova.host']
        self.assertTrue(self.graph.is_missing(HOST))
        self.assertFalse(self.graph.is_missing(SERVER))
        self.assertFalse(self.graph.is_missing(('nova.host', 'unheard-of')))

    def test_a_copy_stays_as_it_was(self):
        self.graph.types = ['nova.host']
        copy = self.graph.copy()
        self.graph.remove(*SERVER)
        self.assertEqual([entity(SERVER, ('runs-on', HOST))],
                         list(copy.entities()))
        self.assertEqual(frozenset(['nova.host']), copy.types)
        self.assertEqual([], list(self.graph.entities()))

    # both ends of a membership may tell it
    NODES = strategies.sampled_from([
        (type_, id_) for type_ in ('nova.instance', 'nova.server_group')
        for id_ in 'ab'])

    @hypothesis.given(strategies.lists(strategies.tuples(
        NODES, strategies.none() | strategies.sets(NODES))))
    def test_however_it_came_about_it_equals_one_built_at_once(self, steps):
        living, kept = {}, graph.EntityGraph()
        for node, ends in steps:
            if ends is None:
                living.pop(node, None)
                kept.remove(*node)
            else:
                living[node] = entity(
                    node, *(('member-of', end) for end in sorted(ends)))
                kept.put(living[node])
        built = graph.EntityGraph(living.values())
        self.assertEqual(dict(built.nx.nodes(data=True)),
                         dict(kept.nx.nodes(data=True)))
        self.assertEqual(sorted(built.nx.edges(keys=True)),
                         sorted(kept.nx.edges(keys=True)))
