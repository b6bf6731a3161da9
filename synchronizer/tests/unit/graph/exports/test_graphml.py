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

"""GraphML comes back as the same graph."""

import io

import hypothesis
import networkx

from synchronizer.graph import arrows
from synchronizer.graph import exports
from synchronizer.graph.exports import content
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples


def written(graph):
    buffer = io.BytesIO()
    exports.write_graphml(graph, buffer)
    return buffer.getvalue()


class GraphmlTest(base.TestCase):

    def test_networkx_reads_it_back(self):
        graph = samples.cloud_graph()
        read = networkx.parse_graphml(written(graph.nx).decode(),
                                      force_multigraph=True)
        self.assertEqual(
            {'type': 'nova.instance', 'entity_id': 's', 'known': True,
             'name': 'web', 'state': 'ACTIVE', 'project_id': 'a'},
            read.nodes['nova.instance/s'])
        self.assertEqual(
            sorted((arrows.text(start), arrows.text(end), kind)
                   for start, end, kind in graph.nx.edges(keys=True)),
            sorted(read.edges(data='kind')))

    def test_drift(self):
        graph = samples.cloud_graph()
        graph.put(samples.drift(samples.BODY, 'missing'))
        read = networkx.parse_graphml(written(graph.nx).decode())
        self.assertEqual(
            {'heat.resource/stack/body': 'missing',
             'nova.instance/s': 'missing'},
            dict(node for node in read.nodes(data='drift') if node[1]))

    def test_two_relations_of_the_same_two_are_two_edges(self):
        graph = samples.cloud_graph()
        graph.put(samples.entity(samples.VOLUME,
                                 ('attached-to', samples.SERVER),
                                 ('made-from', samples.SERVER)))
        read = networkx.parse_graphml(written(graph.nx).decode())
        self.assertEqual(
            {'attached-to', 'made-from'},
            {data['kind'] for data in
             read['cinder.volume/v']['nova.instance/s'].values()})

    @hypothesis.given(samples.graphs())
    def test_no_name_breaks_it(self, graph):
        read = networkx.parse_graphml(written(graph.nx).decode(),
                                      force_multigraph=True)
        self.assertEqual(
            {content.storable(arrows.text(node)) for node in graph.nx},
            set(read))
        for node, entity in graph.nx.nodes(data='entity'):
            # an empty element is read as no text
            name = content.storable((entity and entity.name) or '')
            body = read.nodes[content.storable(arrows.text(node))]
            self.assertEqual(name, body.get('name') or '')

    def test_in_order_whatever_came_first(self):
        self.assertEqual(written(samples.cloud_graph().nx),
                         written(samples.cloud_graph().copy().nx))
