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

"""Finding entities by a name or an id, or by a part of one."""

from collections.abc import Iterable
import heapq

import networkx

from synchronizer.graph.arrows import Node
from synchronizer.model import entity as entity_module

Rank = tuple[int, str, str, str]


def find(graph: networkx.MultiDiGraph, text: str,
         types: Iterable[str] | None, limit: int) -> list[Node]:
    """The best so many."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    only = None if types is None else frozenset(types)
    ranks = (_rank(node, entity, wanted)
             for node, entity in graph.nodes(data='entity')
             if only is None or node[0] in only)
    best = heapq.nsmallest(limit, (rank for rank in ranks if rank))
    return [(type_, id_) for _, _, type_, id_ in best]


def _rank(node: Node, entity: entity_module.Entity | None, wanted: str
          ) -> Rank | None:
    """What sorts a hit among others; none if it is no hit."""
    name = entity.name if entity is not None else None
    fits = [fit for word in (node[1], name) if word
            and (fit := _fit(word.casefold(), wanted)) is not None]
    return (min(fits), (name or node[1]).casefold(), *node) if fits else None


def _fit(word: str, wanted: str) -> int | None:
    if word == wanted:
        return 0
    if word.startswith(wanted):
        return 1
    return 2 if wanted in word else None
