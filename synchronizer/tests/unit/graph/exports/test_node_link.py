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

"""Node-link JSON comes back as the same graph."""

import inspect
import json

import hypothesis
import networkx

from synchronizer import graph as graph_module
from synchronizer.graph import arrows
from synchronizer.graph import exports
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples

# before 3.4 networkx named it otherwise
EDGES = ('edges' if 'edges' in inspect.signature(
    networkx.node_link_graph).parameters else 'link')


class NodeLinkTest(base.TestCase):

    @hypothesis.given(samples.graphs())
    def test_networkx_reads_it_back(self, graph):
        text = json.dumps(exports.to_node_link(graph.nx))
        read = networkx.node_link_graph(json.loads(text), **{EDGES: 'edges'})
        self.assertEqual({arrows.text(node) for node in graph.nx}, set(read))
        self.assertEqual(
            sorted((arrows.text(start), arrows.text(end), kind)
                   for start, end, kind in graph.nx.edges(keys=True)),
            sorted(read.edges(keys=True)))
        for (type_, id_), entity in graph.nx.nodes(data='entity'):
            body = read.nodes[f'{type_}/{id_}']
            self.assertEqual((type_, id_, entity is not None), (
                body['type'], body['entity_id'], body['known']))
            if entity is not None:
                self.assertEqual(
                    (entity.name, entity.state, entity.attributes),
                    (body['name'], body['state'], body['attributes']))

    def test_drift(self):
        graph = samples.cloud_graph()
        graph.put(samples.drift(samples.BODY, 'unknown'))
        nodes = exports.to_node_link(graph.nx)['nodes']
        self.assertEqual(
            {'heat.resource/stack/body': 'unknown',
             'nova.instance/s': 'unknown'},
            {node['id']: node['drift'] for node in nodes if node['drift']})

    def test_in_order_whatever_came_first(self):
        entities = samples.cloud()
        self.assertEqual(
            exports.to_node_link(graph_module.EntityGraph(entities).nx),
            exports.to_node_link(
                graph_module.EntityGraph(entities[::-1]).nx))

    def test_it_says_what_was_loaded(self):
        graph = samples.cloud_graph()
        self.assertEqual({'types': sorted(samples.TYPES)},
                         exports.to_node_link(graph.nx)['graph'])
        graph.types = None
        self.assertEqual({'types': None},
                         exports.to_node_link(graph.nx)['graph'])
