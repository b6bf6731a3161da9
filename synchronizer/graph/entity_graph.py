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

"""The graph of all entities, kept level by every change."""

from collections.abc import Iterable
from collections.abc import Iterator

import networkx

from synchronizer.graph import arrows
from synchronizer.graph import finding
from synchronizer.graph import moments
from synchronizer.graph import orphans as orphans_module
from synchronizer.graph import reach
from synchronizer.graph import vicinity
from synchronizer.graph.arrows import Edge
from synchronizer.graph.arrows import Node
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module


class EntityGraph:
    """Nodes are entities by (type, id); edges are relations by their kind.

    A node has the attribute ``entity``, which is None for one that is known
    only because a relation points to it (or because it was deleted and one
    still does). Each change costs its own relations, whatever the size of
    the graph. Not thread-safe: its owner says who may look when.

    `types` are those that are loaded whole, None where nobody said so. Of
    them alone it is ever said that something is not there.
    """

    def __init__(self, entities: Iterable[entity_module.Entity] = (),
                 types: Iterable[str] | None = None) -> None:
        self.nx = networkx.MultiDiGraph()
        self.types = types
        self._told: dict[Node, list[Edge]] = {}
        self._told_twice: set[Edge] = set()
        for entity in entities:
            self.put(entity)

    # --- keeping it level ------------------------------------------------

    def apply(self, change: change_module.Change) -> None:
        """Follow one change."""
        if change.action == change_module.DELETED:
            self.remove(change.type, change.id)
        else:
            self.put(change.entity)

    def put(self, entity: entity_module.Entity) -> None:
        """Add an entity, or replace it by a newer version of itself."""
        node = (entity.type, entity.id)
        told = arrows.told_by(entity)
        self.nx.add_node(node, entity=entity)
        if told != self._told.get(node):
            self._untell(node)
            self._told[node] = told
            for edge in told:
                self._tell(edge)

    def remove(self, type_: str, id_: str) -> None:
        """Forget an entity; what points to it still shows the place."""
        node = (type_, id_)
        if node in self.nx:
            self.nx.nodes[node]['entity'] = None
            self._untell(node)
            self._tidy(node)

    def copy(self) -> 'EntityGraph':
        """This moment, to be compared with a later one. Entities are
        shared: nobody changes them."""
        return EntityGraph(self.entities(), self.types)

    # --- what is known ---------------------------------------------------

    @property
    def types(self) -> frozenset[str] | None:
        """Those that are loaded whole, as far as the owner has said."""
        return self.nx.graph['types']

    @types.setter
    def types(self, types: Iterable[str] | None) -> None:
        # kept in the graph, so that parts of it and exports know it too
        self.nx.graph['types'] = None if types is None else frozenset(types)

    def entity(self, type_: str, id_: str) -> entity_module.Entity | None:
        """The entity, if it is known as more than the end of a relation."""
        node = (type_, id_)
        return self.nx.nodes[node]['entity'] if node in self.nx else None

    def entities(self) -> Iterator[entity_module.Entity]:
        """All that are known."""
        return (entity for _, entity in self.nx.nodes(data='entity')
                if entity is not None)

    def edges_told(self) -> Iterator[tuple[Node, Edge]]:
        """Every edge, after the entity whose record shows it."""
        return ((node, edge) for node, edges in self._told.items()
                for edge in edges)

    def is_loaded(self, type_: str) -> bool:
        """Whether one of that type that is not known does not exist."""
        return arrows.is_loaded(self.nx, type_)

    def is_missing(self, node: Node) -> bool:
        """Whether something points to it, and it does not exist."""
        return (node in self.nx and self.nx.nodes[node]['entity'] is None
                and self.is_loaded(node[0]))

    # --- questions -------------------------------------------------------

    def find(self, text: str, types: Iterable[str] | None = None,
             limit: int = 50) -> list[Node]:
        """Those whose id or name is the text, begins with it or has it, in
        that order; capitals count for nothing."""
        return finding.find(self.nx, text, types, limit)

    def runs_on(self, type_: str, id_: str) -> list[reach.Reached]:
        """All that it stands on, nearest first."""
        return reach.runs_on(self.nx, (type_, id_))

    def hangs_on(self, type_: str, id_: str) -> list[reach.Reached]:
        """All that is hurt when it fails, nearest first."""
        return reach.hangs_on(self.nx, (type_, id_))

    def path(self, start: Node, end: Node) -> list[Edge] | None:
        """A shortest way between two, whatever the edges' directions; none
        if there is no way, and empty from one to itself."""
        return vicinity.path(self.nx, start, end)

    def around(self, type_: str, id_: str, depth: int = 1,
               limit: int = vicinity.LIMIT) -> networkx.MultiDiGraph:
        """The part within so many steps, at most `limit` nodes of it; the
        part's ``graph['left_out']`` says how many there was no room for."""
        return vicinity.around(self.nx, (type_, id_), depth, limit)

    def orphans(self) -> list[orphans_module.Orphan]:
        """Those that point to what is not there, or lack what they need."""
        return orphans_module.orphans(self)

    def differences(self, other: 'EntityGraph') -> moments.Differences:
        """What was added, removed and changed from this to the other."""
        return moments.differences(self, other)

    # --- inside ----------------------------------------------------------

    def _tell(self, edge: Edge) -> None:
        for node in (edge.start, edge.end):
            if node not in self.nx:
                self.nx.add_node(node, entity=None)
        if self.nx.has_edge(edge.start, edge.end, edge.kind):
            self._told_twice.add(edge)
        else:
            self.nx.add_edge(edge.start, edge.end, key=edge.kind)

    def _untell(self, node: Node) -> None:
        for edge in self._told.pop(node, ()):
            if edge in self._told_twice:
                self._told_twice.remove(edge)
                continue
            self.nx.remove_edge(edge.start, edge.end, key=edge.kind)
            self._tidy(edge.end if edge.start == node else edge.start)

    def _tidy(self, node: Node) -> None:
        """A place that holds nothing, and nothing points to, goes."""
        if (node in self.nx and self.nx.nodes[node]['entity'] is None
                and not self.nx.pred[node] and not self.nx.succ[node]):
            self.nx.remove_node(node)
