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

"""The page is whole, and what it was given stands in it unharmed."""

import base64
import hashlib
import json
import re

import hypothesis

from synchronizer import graph as graph_module
from synchronizer.graph import exports
from synchronizer.graph.exports import content
from synchronizer.graph.exports import html
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples


class Page:
    """The page as a browser cuts it: scripts and styles end at their first
    end tag, whatever stands before it."""

    BLOCK = re.compile(r'<(script|style|title)([^>]*)>(.*?)</\1>', re.DOTALL)

    def __init__(self, text):
        self.blocks = [found.groups() for found in self.BLOCK.finditer(text)]
        self.rest = self.BLOCK.sub('', text)

    def all(self, tag):
        return [(attributes, text) for kind, attributes, text in self.blocks
                if kind == tag]

    def embedded(self, id_):
        [text] = [text for attributes, text in self.all('script')
                  if f'id="{id_}"' in attributes]
        return text

    def policy(self):
        [text] = re.findall(
            r'Content-Security-Policy" content="([^"]*)"', self.rest)
        return dict(part.split(' ', 1) for part in text.split('; '))


def hash_of(text):
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class HtmlTest(base.TestCase):

    def test_the_tables_tell_all(self):
        graph = samples.cloud_graph()
        data = json.loads(
            Page(exports.to_html(graph.nx)).embedded('data'))
        nodes = [(data['types'][type_], id_)
                 for type_, id_, *_ in data['nodes']]
        self.assertEqual(sorted(graph.nx), nodes)
        flat = data['edges']
        self.assertEqual(content.edges(graph.nx), [
            (nodes[flat[at]], data['kinds'][flat[at + 1]],
             nodes[flat[at + 2]]) for at in range(0, len(flat), 3)])
        _, _, name, project, state, look = data['nodes'][
            nodes.index(samples.OTHER)]
        self.assertEqual(('web-2', 'b', 'ERROR', 'error'), (
            name, data['projects'][project], state,
            data['looks'][look]['name']))

    @hypothesis.given(samples.graphs())
    @hypothesis.settings(max_examples=30)
    def test_no_name_breaks_it(self, graph):
        page = Page(exports.to_html(graph.nx))
        self.assertEqual(4, len(page.all('script')))
        nodes = list(content.nodes(graph.nx))
        self.assertEqual(
            [[node[1], entity.name if entity else None]
             for node, entity in nodes],
            [row[1:3] for row in json.loads(page.embedded('data'))['nodes']])
        lines = page.embedded('attributes').split('\n')[:len(nodes)]
        self.assertEqual(
            [entity.attributes if entity else None for _, entity in nodes],
            [json.loads(line or '{}').get('attributes') for line in lines])

    def test_a_hostile_title_is_only_a_title(self):
        page = Page(exports.to_html(
            samples.cloud_graph().nx, title='</title><script>{{data}}',
            made='<b>'))
        [(_, title)] = page.all('title')
        self.assertEqual('&lt;/title&gt;&lt;script&gt;{{data}}', title)
        self.assertIn('<span id="made">&lt;b&gt;</span>', page.rest)

    def test_drift_has_looks_and_words(self):
        graph = samples.cloud_graph()
        graph.put(samples.drift(samples.BODY, properties=[
            ('size', 1, 'TOLD')]))
        graph.put(samples.drift(samples.OTHER_BODY, 'unknown',
                                reason='the cell is down'))
        data = json.loads(Page(exports.to_html(graph.nx)).embedded('data'))
        nodes = {(data['types'][row[0]], row[1]): (
            data['looks'][row[5]]['name'], data['drift'].get(str(number)))
            for number, row in enumerate(data['nodes'])}
        changed = ['drift: changed', '  size: 1 -> TOLD']
        unknown = ['drift: unknown, the cell is down']
        self.assertEqual({
            samples.BODY: ('drift-changed', changed),
            samples.SERVER: ('drift-changed', changed),
            samples.OTHER_BODY: ('drift-unknown', unknown),
            # what nobody knows hides no error
            samples.OTHER: ('error', unknown)},
            {node: told for node, told in nodes.items() if told[1]})
        self.assertNotIn('TOLD', exports.to_html(graph.nx, attributes=False))

    def test_attributes_can_stay_at_home(self):
        graph = graph_module.EntityGraph([samples.entity(
            samples.SERVER, attributes={'a': 'TOLD'})])
        self.assertIn('TOLD', exports.to_html(graph.nx))
        self.assertNotIn('TOLD', exports.to_html(graph.nx, attributes=False))

    def test_only_what_is_in_it_may_run_and_nothing_is_fetched(self):
        page = Page(exports.to_html(samples.cloud_graph().nx))
        policy = page.policy()
        self.assertEqual("'none'", policy['default-src'])
        self.assertEqual(
            [hash_of(text) for attributes, text in page.all('script')
             if 'application/json' not in attributes],
            policy['script-src'].split())
        self.assertEqual([hash_of(text) for _, text in page.all('style')],
                         policy['style-src'].split())
        self.assertIsNone(re.search(
            r'\s(src|href|style|on[a-z]+)=', page.rest))
        self.assertIsNone(re.search(
            r'url\(|@import', ''.join(text for _, text in
                                      page.all('style'))))

    def test_the_library_is_told_with_its_licence(self):
        self.assertIn('Permission is hereby granted, free of charge',
                      html._asset(html.LIBRARY)[:600])

    def test_in_order_whatever_came_first(self):
        entities = samples.cloud()
        self.assertEqual(
            exports.to_html(graph_module.EntityGraph(entities).nx),
            exports.to_html(graph_module.EntityGraph(entities[::-1]).nx))
