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

"""The drawing shows every node and edge, in layers."""

from xml.etree import ElementTree

import hypothesis

from synchronizer import exception
from synchronizer import graph as graph_module
from synchronizer.graph import exports
from synchronizer.graph.exports import content
from synchronizer.graph.exports import layers
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples

SVG = '{http://www.w3.org/2000/svg}'


def groups(text, class_):
    root = ElementTree.fromstring(text)
    return [group for group in root.iter(f'{SVG}g')
            if group.get('class').split()[0] == class_]


def titles(text, class_):
    return [group.find(f'{SVG}title').text
            for group in groups(text, class_)]


class SvgTest(base.TestCase):

    @hypothesis.given(samples.graphs())
    def test_no_name_breaks_it(self, graph):
        text = exports.to_svg(graph.nx)
        text.encode()
        self.assertEqual(
            [content.label(*node) for node in content.nodes(graph.nx)],
            [title.split('\n')[0] for title in titles(text, 'node')])
        self.assertEqual(
            [edge.kind for edge in content.edges(graph.nx)],
            titles(text, 'edge'))

    def test_a_node_bears_its_state(self):
        graph = samples.cloud_graph()
        graph.remove(*samples.HOST)
        text = exports.to_svg(graph.nx)
        self.assertIn('web-2\nnova.instance o\nERROR', titles(text, 'node'))
        self.assertIn('h\nnova.host h\nnot there', titles(text, 'node'))
        self.assertEqual(
            {'ok', 'error', 'stateless', 'missing'},
            {group.get('class').split()[1]
             for group in groups(text, 'node')})
        self.assertEqual(4, len(groups(text, 'legend')))

    def test_drift_is_told_by_colour_attribute_and_title(self):
        graph = samples.cloud_graph()
        graph.put(samples.drift(samples.BODY, properties=[
            ('name', 'web', 'w\neb')]))
        text = exports.to_svg(graph.nx)
        drifted = [group for group in groups(text, 'node')
                   if group.get('data-drift')]
        self.assertEqual(
            [('node drift-changed', 'changed', 'drift: changed\n'
              '  name: web -> w\\u000aeb')] * 2,
            [(group.get('class'), group.get('data-drift'),
              group.find(f'{SVG}title').text.split('\n', 3)[3])
             for group in drifted])
        self.assertIn('in drift: changed', [
            group.find(f'{SVG}text').text
            for group in groups(text, 'legend')])

    def test_too_much_is_refused(self):
        error = self.assertRaises(
            exception.InvalidArgument, exports.to_svg,
            samples.cloud_graph().nx, limit=16)
        self.assertEqual(
            'A drawing shows at most 16 entities, and these are 17: choose '
            'the part around one of them', str(error))

    def test_nothing_is_drawn_too(self):
        text = exports.to_svg(graph_module.EntityGraph().nx)
        self.assertEqual([], titles(text, 'node'))

    def test_in_order_whatever_came_first(self):
        entities = samples.cloud()
        self.assertEqual(
            exports.to_svg(graph_module.EntityGraph(entities).nx),
            exports.to_svg(graph_module.EntityGraph(entities[::-1]).nx))


class LayersTest(base.TestCase):

    def test_what_stands_lies_above_what_it_stands_on(self):
        rows = layers.rows(samples.cloud_graph().nx, 12)
        place = {node: number for number, row in enumerate(rows)
                 for node in row}
        order = [samples.STACK, samples.BODY, samples.SERVER, samples.VOLUME,
                 samples.POOL]
        self.assertEqual(sorted(place[node] for node in order),
                         [place[node] for node in order])
        self.assertEqual(17, len(place))

    def test_rows_are_no_wider_than_asked(self):
        rows = layers.rows(samples.cloud_graph().nx, 2)
        self.assertEqual(2, max(map(len, rows)))
        self.assertEqual(17, sum(map(len, rows)))

    def test_what_is_joined_lies_near(self):
        """Sorted by name alone, each pair of lines would cross."""
        pairs = [(('nova.instance', f's{number}'),
                  ('nova.host', f'h{9 - number}')) for number in range(10)]
        graph = graph_module.EntityGraph(
            samples.entity(server, ('runs-on', host))
            for server, host in pairs)
        servers, hosts = layers.rows(graph.nx, 12)
        below = dict(pairs)
        self.assertEqual([below[server] for server in servers], hosts)
