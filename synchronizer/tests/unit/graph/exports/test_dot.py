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

"""The DOT text has one statement for each node and edge."""

import re

import hypothesis

from synchronizer import graph as graph_module
from synchronizer.graph import arrows
from synchronizer.graph import exports
from synchronizer.graph.exports import content
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples

STRING = r'"((?:[^"\\\n]|\\.)*)"'
ATTRIBUTES = rf'\[(?:[a-z]+={STRING}(?:, )?)+\]'
NODE = re.compile(rf'  {STRING} {ATTRIBUTES};')
EDGE = re.compile(rf'  {STRING} -> {STRING} \[label={STRING}\];')


def read(text):
    """The nodes and edges; fails on a line that is neither."""
    nodes, edges = [], []
    for line in text.split('\n')[3:-2]:
        edge, node = EDGE.fullmatch(line), NODE.fullmatch(line)
        if edge:
            edges.append(tuple(map(plain, edge.groups())))
        else:
            nodes.append(plain(node[1]))
    return nodes, edges


def plain(text):
    return re.sub(r'\\(.)', r'\1', text)


def name(node):
    return content.visible(arrows.text(node))


class DotTest(base.TestCase):

    @hypothesis.given(samples.graphs())
    def test_no_name_breaks_it(self, graph):
        nodes, edges = read(exports.to_dot(graph.nx))
        self.assertEqual([name(node) for node in sorted(graph.nx)], nodes)
        self.assertEqual(
            [(name(edge.start), name(edge.end), edge.kind)
             for edge in content.edges(graph.nx)], edges)

    def test_a_node_is_told_by_name_type_and_state(self):
        self.assertIn(
            '  "nova.instance/o" [label="web-2\\nnova.instance\\nERROR", '
            'color="#d55e00", style="bold"];\n',
            exports.to_dot(samples.cloud_graph().nx))

    def test_drift_is_told_by_colour_attribute_and_tooltip(self):
        graph = samples.cloud_graph()
        graph.put(samples.drift(samples.BODY, properties=[
            ('metadata', {'a': '"\\'}, None)]))
        text = exports.to_dot(graph.nx)
        read(text)
        tooltip = ('drift: changed\\n  metadata: {\\"a\\": \\"'
                   '\\\\\\"\\\\\\\\\\"} -> null')
        for name, label in (
                ('heat.resource/stack/body', 'stack/body\\nheat.resource'),
                ('nova.instance/s', 'web\\nnova.instance\\nACTIVE')):
            self.assertIn(
                f'  "{name}" [label="{label}", color="#cc79a7", '
                f'style="bold", drift="changed", tooltip="{tooltip}"];\n',
                text)
        self.assertEqual(2, text.count('drift="'))

    def test_in_order_whatever_came_first(self):
        entities = samples.cloud()
        self.assertEqual(
            exports.to_dot(graph_module.EntityGraph(entities).nx),
            exports.to_dot(graph_module.EntityGraph(entities[::-1]).nx))
