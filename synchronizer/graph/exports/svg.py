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

"""A drawing in layers, made without any other program."""

from typing import NamedTuple
from xml.etree import ElementTree

import networkx

from synchronizer import exception
from synchronizer.graph import drift
from synchronizer.graph import states
from synchronizer.graph.arrows import Edge
from synchronizer.graph.arrows import Node
from synchronizer.graph.exports import content
from synchronizer.graph.exports import layers
from synchronizer.model import entity as entity_module

LIMIT = 500
"""More nodes than this nobody can read on one sheet."""

LABELLED = 60
"""Up to so many edges bear their kind in writing; all show it under the
mouse."""

WIDTH, HEIGHT = 150, 44
GAP, DROP = 24, 64
MARGIN = 24
ROW = 12
NAME, TYPE = 20, 24
LEGEND = 22
"""Places in pixels; letters that fit; nodes in a row."""

STYLE = """
text { font-family: sans-serif; font-size: 11px; fill: #1b1f23; }
.type { font-size: 9px; fill: #57606a; }
.kind { font-size: 8px; fill: #57606a; text-anchor: middle;
  paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
rect { fill: #ffffff; stroke-width: 2; }
path { fill: none; stroke: #8c959f; stroke-width: 1; }
.double { stroke-width: 4; }
.dashed { stroke-dasharray: 6 3; }
.dotted { stroke-dasharray: 2 3; }
"""

_LOOKS = {look.name: look for look in states.LOOKS}


class Place(NamedTuple):
    """The upper left corner of a node."""

    x: float
    y: float


def to_svg(graph: networkx.MultiDiGraph, limit: int = LIMIT) -> str:
    """The whole graph; InvalidArgument if that is more than `limit` nodes.
    """
    if len(graph) > limit:
        raise exception.InvalidArgument(
            f'A drawing shows at most {limit} entities, and these are '
            f'{len(graph)}: choose the part around one of them')
    rows = layers.rows(graph, ROW)
    places = _places(rows)
    widest = max((len(row) for row in rows), default=1)
    used = [look for look in states.LOOKS if look.name in {
        content.state_class(graph, *node) for node in content.nodes(graph)}]
    legend = Place(MARGIN, MARGIN + len(rows) * (HEIGHT + DROP))
    root = _root(max(2 * MARGIN + widest * (WIDTH + GAP), 2 * WIDTH),
                 legend.y + len(used) * LEGEND + MARGIN)
    edges = content.edges(graph)
    for edge in edges:
        _draw_edge(root, edge, places, len(edges) <= LABELLED)
    for node, entity in content.nodes(graph):
        _draw_node(root, graph, node, entity, places[node])
    for number, look in enumerate(used):
        _draw_legend(root, look, Place(legend.x, legend.y + number * LEGEND))
    return ElementTree.tostring(root, encoding='unicode') + '\n'


def _places(rows: list[layers.Row]) -> dict[Node, Place]:
    """Each row in the middle of the sheet."""
    widest = max((len(row) for row in rows), default=1)
    return {
        node: Place(
            MARGIN + (column + (widest - len(row)) / 2) * (WIDTH + GAP),
            MARGIN + number * (HEIGHT + DROP))
        for number, row in enumerate(rows)
        for column, node in enumerate(row)}


def _root(width: float, height: float) -> ElementTree.Element:
    root = ElementTree.Element('svg', {
        'xmlns': 'http://www.w3.org/2000/svg', 'width': f'{width:g}',
        'height': f'{height:g}', 'viewBox': f'0 0 {width:g} {height:g}'})
    ElementTree.SubElement(root, 'style').text = STYLE
    marker = ElementTree.SubElement(
        ElementTree.SubElement(root, 'defs'), 'marker', {
            'id': 'arrow', 'viewBox': '0 0 8 8', 'refX': '8', 'refY': '4',
            'markerWidth': '8', 'markerHeight': '8',
            'orient': 'auto-start-reverse'})
    ElementTree.SubElement(marker, 'polygon', {
        'points': '0,0 8,4 0,8', 'fill': '#8c959f'})
    ElementTree.SubElement(root, 'rect', {
        'width': '100%', 'height': '100%', 'stroke': 'none'})
    return root


def _draw_node(root: ElementTree.Element, graph: networkx.MultiDiGraph,
               node: Node, entity: entity_module.Entity | None,
               place: Place) -> None:
    class_ = content.state_class(graph, node, entity)
    look = _LOOKS[class_]
    found = drift.at(graph, node)
    group = ElementTree.SubElement(root, 'g', {
        'class': f'node {class_}',
        'transform': f'translate({place.x:g} {place.y:g})',
        **({'data-drift': content.visible(str(drift.verdict(found)))}
           if found else {})})
    name = content.label(node, entity)
    state = entity.state if entity is not None else None
    _text(group, 'title', '\n'.join((
        name, f'{node[0]} {node[1]}', state or look.label,
        *map(content.visible, drift.lines(found)))))
    ElementTree.SubElement(group, 'rect', {
        'width': str(WIDTH), 'height': str(HEIGHT), 'rx': '6',
        'stroke': look.light, 'class': look.border})
    _text(group, 'text', _cut(name, NAME), {'x': '10', 'y': '19'})
    _text(group, 'text', _cut(node[0], TYPE),
          {'x': '10', 'y': '34', 'class': 'type'})


def _draw_edge(root: ElementTree.Element, edge: Edge,
               places: dict[Node, Place], labelled: bool) -> None:
    start, end = places[edge.start], places[edge.end]
    down = end.y >= start.y
    x1, y1 = start.x + WIDTH / 2, start.y + (HEIGHT if down else 0)
    x2, y2 = end.x + WIDTH / 2, end.y + (0 if down else HEIGHT)
    if start.y == end.y:    # under the row, and up again
        y2 = y1
        bend = (y1 + DROP / 2, y1 + DROP / 2)
    else:
        bend = ((y1 + y2) / 2, (y1 + y2) / 2)
    group = ElementTree.SubElement(root, 'g', {'class': 'edge'})
    _text(group, 'title', edge.kind)
    ElementTree.SubElement(group, 'path', {
        'd': f'M{x1:g} {y1:g}C{x1:g} {bend[0]:g} {x2:g} {bend[1]:g} '
             f'{x2:g} {y2:g}', 'marker-end': 'url(#arrow)'})
    if labelled:
        _text(group, 'text', edge.kind, {
            'x': f'{(x1 + x2) / 2:g}',
            'y': f'{(y1 + 3 * bend[0] + 3 * bend[1] + y2) / 8 - 2:g}',
            'class': 'kind'})


def _draw_legend(root: ElementTree.Element, look: states.Look,
                 place: Place) -> None:
    group = ElementTree.SubElement(root, 'g', {
        'class': 'legend',
        'transform': f'translate({place.x:g} {place.y:g})'})
    ElementTree.SubElement(group, 'rect', {
        'width': '24', 'height': '12', 'rx': '3', 'stroke': look.light,
        'class': look.border})
    _text(group, 'text', look.label, {'x': '34', 'y': '10'})


def _text(parent: ElementTree.Element, tag: str, text: str,
          attributes: dict[str, str] | None = None) -> None:
    lines = (content.visible(line) for line in text.split('\n'))
    ElementTree.SubElement(parent, tag, attributes or {}).text = (
        '\n'.join(lines))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length - 1] + '…'
