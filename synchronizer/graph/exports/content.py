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

"""What every export has to tell, in order, and names made harmless."""

from collections.abc import Iterator
import re

import networkx

from synchronizer.graph import arrows
from synchronizer.graph import drift
from synchronizer.graph import states
from synchronizer.graph.arrows import Edge
from synchronizer.graph.arrows import Node
from synchronizer.model import entity as entity_module

_NOT_XML = re.compile(
    '[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]')
_CONTROL = re.compile(
    '[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff'
    '\ud800-\udfff\ufffe\uffff]')
"""Those that XML cannot hold, that break a line, or that turn the text
beside them around."""


def nodes(graph: networkx.MultiDiGraph
          ) -> Iterator[tuple[Node, entity_module.Entity | None]]:
    """By type and id; none for the entity where it is not known."""
    return ((node, graph.nodes[node]['entity']) for node in sorted(graph))


def edges(graph: networkx.MultiDiGraph) -> list[Edge]:
    """By start, kind and end."""
    return sorted(Edge(start, kind, end)
                  for start, end, kind in graph.edges(keys=True))


def fields(graph: networkx.MultiDiGraph, node: Node,
           entity: entity_module.Entity | None) -> dict[str, str | bool]:
    """What is short; what is not known is left out."""
    values = {'type': node[0], 'entity_id': node[1],
              'known': entity is not None}
    if entity is not None:
        values |= {name: getattr(entity, name)
                   for name in entity_module.FIELDS
                   if getattr(entity, name) is not None}
    verdict = drift.verdict(drift.at(graph, node))
    return values if verdict is None else {**values, 'drift': verdict}


def state_class(graph: networkx.MultiDiGraph, node: Node,
                entity: entity_module.Entity | None) -> str:
    """Of one that may not be known."""
    if entity is not None:
        return drift.class_of(drift.at(graph, node),
                              states.class_of(entity.type, entity.state))
    return (states.MISSING if arrows.is_loaded(graph, node[0])
            else states.NOT_LOADED)


def label(node: Node, entity: entity_module.Entity | None) -> str:
    """What people know it by."""
    return visible((entity.name if entity is not None else None) or node[1])


def visible(text: str) -> str:
    """With each character that does harm written as what it is."""
    return _CONTROL.sub(_written, text)


def storable(text: str) -> str:
    """As true as XML can hold it."""
    return _NOT_XML.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    return f'\\u{ord(found[0]):04x}'
