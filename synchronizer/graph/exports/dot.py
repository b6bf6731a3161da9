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

"""The language of Graphviz."""

import networkx

from synchronizer.graph import arrows
from synchronizer.graph import drift
from synchronizer.graph import states
from synchronizer.graph.arrows import Node
from synchronizer.graph.exports import content
from synchronizer.model import entity as entity_module

_LOOKS = {look.name: look for look in states.LOOKS}
_STYLES = {'double': 'bold'}


def to_dot(graph: networkx.MultiDiGraph) -> str:
    """One line for each node and edge, coloured by state."""
    lines = ['digraph synchronizer {',
             '  rankdir=LR;',
             '  node [shape=box, fontname="sans-serif"];',
             *(_node(graph, node, entity)
               for node, entity in content.nodes(graph)),
             *(f'  {_name(edge.start)} -> {_name(edge.end)} '
               f'[label={_quoted(edge.kind)}];'
               for edge in content.edges(graph)),
             '}', '']
    return '\n'.join(lines)


def _node(graph: networkx.MultiDiGraph, node: Node,
          entity: entity_module.Entity | None) -> str:
    look = _LOOKS[content.state_class(graph, node, entity)]
    style = _STYLES.get(look.border, look.border)
    lines = [content.label(node, entity), node[0]]
    if entity is not None and entity.state:
        lines.append(entity.state)
    label = '\\n'.join(_escaped(line) for line in lines)
    return (f'  {_name(node)} [label="{label}", color="{look.light}", '
            f'style="{style}"{_drift(graph, node)}];')


def _drift(graph: networkx.MultiDiGraph, node: Node) -> str:
    found = drift.at(graph, node)
    if not found:
        return ''
    tooltip = '\\n'.join(map(_escaped, drift.lines(found)))
    return (f', drift={_quoted(str(drift.verdict(found)))}, '
            f'tooltip="{tooltip}"')


def _name(node: Node) -> str:
    return _quoted(arrows.text(node))


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Graphviz reads a backslash in a label as the start of an escape."""
    return content.visible(text).replace('\\', '\\\\').replace('"', '\\"')
