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

"""One page that needs nothing else: no network, no program but a browser."""

import base64
import hashlib
import html
from importlib import resources
import json
import re
from typing import Any

import networkx

from synchronizer.graph import drift
from synchronizer.graph import states
from synchronizer.graph.arrows import Node
from synchronizer.graph.exports import content
from synchronizer.model import entity as entity_module
from synchronizer.model import shape

SCRIPTS = ('store.js', 'filter.js', 'drawing.js', 'panel.js', 'finder.js',
           'main.js')
LIBRARY = 'cytoscape.min.js'
"""Cytoscape.js 3.34.4, as its npm package has it; the licence lies beside.
"""

LIBRARY_STYLE = '.__________cytoscape_container { position: relative; }'
"""What the library would add by itself; the page's policy forbids that."""

_SLOT = re.compile(r'\{\{(\w+)\}\}')
Json = dict[str, Any]


def to_html(graph: networkx.MultiDiGraph, title: str = 'Synchronizer',
            made: str = '', attributes: bool = True) -> str:
    """The page's text.

    :param made: shown beside the title, as when and from what it was made
    :param attributes: whether to bring all that is known of each entity;
        without, the page is a tenth of the size
    """
    script = '"use strict";\n(() => {\n' + ''.join(
        _asset(name) for name in SCRIPTS) + '})();\n'
    style, library = _asset('page.css'), _asset(LIBRARY)
    slots = {
        'title': html.escape(content.visible(title)),
        'made': html.escape(content.visible(made)),
        'policy': _policy((library, script), (style, LIBRARY_STYLE)),
        'style': style, 'library_style': LIBRARY_STYLE,
        'library': library, 'script': script,
        'data': _embedded(_data(graph, attributes)),
        'attributes': '\n'.join(_embedded(_details(entity, attributes))
                                for _, entity in content.nodes(graph))}
    # once through: what is put in is not looked at again
    return _SLOT.sub(lambda found: slots[found[1]], _asset('page.html'))


def _asset(name: str) -> str:
    return resources.files('synchronizer.graph').joinpath(
        'page', name).read_text('utf-8')


def _policy(scripts: tuple[str, ...], styles: tuple[str, ...]) -> str:
    """Only what is in the page runs, and it can reach nothing outside."""
    return '; '.join((
        "default-src 'none'",
        'script-src ' + ' '.join(map(_hash, scripts)),
        'style-src ' + ' '.join(map(_hash, styles)),
        "base-uri 'none'", "form-action 'none'"))


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _embedded(body: Json) -> str:
    """JSON in which no tag and no comment can begin or end."""
    try:
        text = json.dumps(body, separators=(',', ':'), allow_nan=False)
    except ValueError:
        # an endless pool, say: no browser reads that
        text = json.dumps(shape.finite(body), separators=(',', ':'))
    for letter in '<>&':
        text = text.replace(letter, f'\\u{ord(letter):04x}')
    return text


def _data(graph: networkx.MultiDiGraph, values: bool) -> Json:
    """Tables of what repeats, and rows that count into them."""
    nodes = list(content.nodes(graph))
    edges = content.edges(graph)
    number = {node: count for count, (node, _) in enumerate(nodes)}
    types = _table(node[0] for node, _ in nodes)
    projects = _table(entity.project_id for _, entity in nodes if entity)
    kinds = _table(edge.kind for edge in edges)
    classes = {node: content.state_class(graph, node, entity)
               for node, entity in nodes}
    used = set(classes.values())
    looks = [look for look in states.LOOKS if look.name in used]
    places = {look.name: count for count, look in enumerate(looks)}
    return {
        'types': list(types), 'projects': list(projects),
        'kinds': list(kinds), 'looks': [look._asdict() for look in looks],
        'nodes': [_row(node, entity, types, projects) + [
            places[classes[node]]] for node, entity in nodes],
        'edges': [value for edge in edges for value in (
            number[edge.start], kinds[edge.kind], number[edge.end])],
        'drift': {number[node]: drift.lines(found, values)
                  for node, _ in nodes if (found := drift.at(graph, node))}}


def _table(values: Any) -> dict[str, int]:
    ordered = sorted({value for value in values if value is not None})
    return {value: count for count, value in enumerate(ordered)}


def _row(node: Node, entity: entity_module.Entity | None,
         types: dict[str, int], projects: dict[str, int]) -> list:
    name, project, state = (
        (entity.name, entity.project_id, entity.state) if entity is not None
        else (None, None, None))
    return [types[node[0]], node[1], name, projects.get(project), state]


def _details(entity: entity_module.Entity | None, attributes: bool) -> Json:
    if entity is None:
        return {}
    body: Json = {'user_id': entity.user_id, 'revision': entity.revision,
                  'sampled_at': entity.sampled_at}
    if attributes:
        body['attributes'] = entity.attributes
    return body
