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

"""The shortest way, and the part around one."""

import hypothesis
import networkx

from synchronizer import exception
from synchronizer import graph
from synchronizer.graph.arrows import Edge
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples
from synchronizer.tests.unit.graph.samples import entity


class PathTest(base.TestCase):

    def test_a_way_goes_against_the_arrows_too(self):
        self.assertEqual([
            Edge(samples.VOLUME, 'stored-in', samples.POOL),
            Edge(samples.VOLUME, 'attached-to', samples.SERVER),
            Edge(samples.SERVER, 'runs-on', samples.HOST)],
            samples.cloud_graph().path(samples.POOL, samples.HOST))

    def test_to_itself_there_is_nothing_to_walk(self):
        self.assertEqual([], samples.cloud_graph().path(
            samples.POOL, samples.POOL))

    def test_there_may_be_no_way(self):
        apart = samples.cloud_graph()
        alone = ('nova.flavor', 'alone')
        apart.put(entity(alone))
        self.assertIsNone(apart.path(alone, samples.POOL))
        self.assertIsNone(apart.path(samples.POOL, ('nova.host', 'x')))

    @hypothesis.given(samples.graphs())
    def test_no_way_is_shorter(self, any_graph):
        nodes = sorted(any_graph.nx)
        plain = networkx.Graph(any_graph.nx)
        for end in nodes:
            found = any_graph.path(nodes[0], end)
            if networkx.has_path(plain, nodes[0], end):
                self.assertEqual(networkx.shortest_path_length(
                    plain, nodes[0], end), len(found))
            else:
                self.assertIsNone(found)


class AroundTest(base.TestCase):

    def test_one_step(self):
        part = samples.cloud_graph().around(*samples.VOLUME)
        self.assertEqual({samples.VOLUME, samples.SERVER, samples.POOL,
                          samples.SNAPSHOT}, set(part))
        self.assertEqual(3, part.number_of_edges())
        self.assertEqual(0, part.graph['left_out'])
        self.assertEqual(frozenset(samples.TYPES), part.graph['types'])

    def test_a_part_is_no_window(self):
        whole = samples.cloud_graph()
        part = whole.around(*samples.VOLUME)
        part.remove_node(samples.SERVER)
        self.assertIn(samples.SERVER, whole.nx)

    def test_what_all_share_does_not_take_the_room(self):
        crowd = [entity(('nova.instance', f'x{number}'),
                        ('has-flavor', samples.FLAVOR))
                 for number in range(20)]
        part = graph.EntityGraph(samples.cloud() + crowd).around(
            *samples.SERVER, depth=2, limit=11)
        self.assertEqual(11, len(part))
        self.assertEqual(
            set(), {samples.ZONE, samples.POOL, samples.STACK} - set(part))
        # 20 of the crowd and OTHER had no room but for what was left
        self.assertEqual(21, part.graph['left_out'])

    def test_around_nothing_there_is_no_part(self):
        error = self.assertRaises(
            exception.InvalidArgument,
            samples.cloud_graph().around, 'nova.host', 'x')
        self.assertEqual('Nothing is known of nova.host x', str(error))
