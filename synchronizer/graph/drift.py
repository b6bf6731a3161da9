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

"""Drift in the graph: which nodes are not what their stacks say.

It is said of a resource, and shown at the thing behind it as well.
"""

from collections.abc import Iterator
import json
from typing import Any

import networkx

from synchronizer.graph import states
from synchronizer.graph.arrows import Node
from synchronizer.model import entity as entity_module

TYPE = 'heat.drift'
KEY = 'drift'
"""Where a part of a graph keeps what its whole knew; see `keep`."""

LONGEST = 120

_WORST_FIRST = ('missing', 'changed', 'unknown')


def at(graph: networkx.MultiDiGraph, node: Node
       ) -> tuple[entity_module.Entity, ...]:
    """The drifts of a resource, or of what stands behind resources, the
    worst first."""
    if KEY in graph.graph:
        return graph.graph[KEY].get(node, ())
    found = {drift.id: drift for one in (node, *_realized(graph, node))
             for drift in _about(graph, one)}
    return tuple(sorted(found.values(), key=_rank))


def keep(whole: networkx.MultiDiGraph, part: networkx.MultiDiGraph) -> None:
    """Let a part know of drift which it has no room for."""
    part.graph[KEY] = {node: found for node in part
                       if (found := at(whole, node))}


def verdict(drifts: tuple[entity_module.Entity, ...]) -> str | None:
    """The worst of them."""
    return drifts[0].state if drifts else None


def class_of(drifts: tuple[entity_module.Entity, ...], own: str) -> str:
    """The class of a node that is in drift, given its own. What nobody
    knows hides no error."""
    if not drifts:
        return own
    found = states.class_of(TYPE, verdict(drifts))
    return own if (found, own) == (states.DRIFT_UNKNOWN, states.ERROR
                                   ) else found


def lines(drifts: tuple[entity_module.Entity, ...], values: bool = True
          ) -> list[str]:
    """In words, a line for each property.

    :param values: whether to tell them, or only which property it is
    """
    return [line if len(line) <= LONGEST else f'{line[:LONGEST - 1]}…'
            for drift in drifts for line in _lines(drift, values)]


def _lines(drift: entity_module.Entity, values: bool) -> Iterator[str]:
    reason = drift.attributes.get('reason')
    yield f'drift: {drift.state}' + (f', {reason}' if reason else '')
    for one in drift.attributes.get('properties') or ():
        told = one['property']
        if values:
            told += (f': {_text(one.get("desired"))} -> '
                     f'{_text(one.get("actual"))}')
        yield f'  {told}'


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(
        value, sort_keys=True, ensure_ascii=False)


def _about(graph: networkx.MultiDiGraph, node: Node
           ) -> Iterator[entity_module.Entity]:
    for start in _before(graph, node, TYPE, 'about'):
        entity = graph.nodes[start]['entity']
        if entity is not None:
            yield entity


def _realized(graph: networkx.MultiDiGraph, node: Node) -> list[Node]:
    return _before(graph, node, 'heat.resource', 'realized-by')


def _before(graph: networkx.MultiDiGraph, node: Node, type_: str, kind: str
            ) -> list[Node]:
    """The nodes of a type from which such an arrow leads here."""
    return [start for start, kinds in graph.pred[node].items()
            if start[0] == type_ and kind in kinds]


def _rank(drift: entity_module.Entity) -> tuple[int, str]:
    state = drift.state
    return (_WORST_FIRST.index(state) if state in _WORST_FIRST
            else len(_WORST_FIRST), drift.id)
