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

"""What differs between two moments of the graph."""

import dataclasses
from typing import TYPE_CHECKING

from synchronizer.graph.arrows import Edge
from synchronizer.graph.arrows import Node
from synchronizer.model import entity as entity_module

if TYPE_CHECKING:
    from synchronizer.graph.entity_graph import EntityGraph


@dataclasses.dataclass(frozen=True, slots=True)
class Differences:
    """All in order. False if there are none."""

    added: tuple[Node, ...]
    removed: tuple[Node, ...]
    changed: tuple[tuple[Node, tuple[str, ...]], ...]
    """Each with what differs, as in a change."""

    edges_added: tuple[Edge, ...]
    edges_removed: tuple[Edge, ...]

    def __bool__(self) -> bool:
        return any(getattr(self, field.name)
                   for field in dataclasses.fields(self))


def differences(old: 'EntityGraph', new: 'EntityGraph') -> Differences:
    """Of the types that both have loaded; a type that only one of them has
    did not come or go."""
    only = _common(old.types, new.types)
    before, after = _entities(old, only), _entities(new, only)
    edges_before, edges_after = _edges(old, only), _edges(new, only)
    return Differences(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple((node, fields) for node in sorted(before.keys() & after.keys())
              if (fields := _fields(before[node], after[node]))),
        tuple(sorted(edges_after - edges_before)),
        tuple(sorted(edges_before - edges_after)))


def _common(one: frozenset[str] | None, two: frozenset[str] | None
            ) -> frozenset[str] | None:
    if one is None or two is None:
        return two if one is None else one
    return one & two


def _entities(graph: 'EntityGraph', only: frozenset[str] | None
              ) -> dict[Node, entity_module.Entity]:
    return {(entity.type, entity.id): entity for entity in graph.entities()
            if only is None or entity.type in only}


def _edges(graph: 'EntityGraph', only: frozenset[str] | None) -> set[Edge]:
    """Those that an entity of these types tells."""
    return {edge for teller, edge in graph.edges_told()
            if only is None or teller[0] in only}


def _fields(old: entity_module.Entity, new: entity_module.Entity
            ) -> tuple[str, ...]:
    if old is new:
        return ()
    return entity_module.differences(old, new)
