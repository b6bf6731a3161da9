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

import networkx

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module

Node = tuple[str, str]
"""(type, id)."""

TOLD_FROM_THE_END = frozenset({
    ('nova.server_group', 'member-of'),
    ('heat.stack', 'contains'),
    ('heat.resource', 'contains'),
})
"""(type, kind) of relations that the record at their end shows: a server
group lists its members, a resource names its stack. They are stored there,
and drawn in the direction of the contract."""


class EntityGraph:
    """Nodes are entities by (type, id); edges are relations by their kind.

    A node has the attribute ``entity``, which is None for one that is known
    only because a relation points to it (or because it was deleted and one
    still does). Each change costs its own relations, whatever the size of
    the graph. Not thread-safe: its owner says who may look when.
    """

    def __init__(self, entities: Iterable[entity_module.Entity] = ()) -> None:
        self.nx = networkx.MultiDiGraph()
        self._told: dict[Node, list[tuple[Node, Node, str]]] = {}
        for entity in entities:
            self.put(entity)

    def apply(self, change: change_module.Change) -> None:
        """Follow one change."""
        if change.action == change_module.DELETED:
            self.remove(change.type, change.id)
        else:
            self.put(change.entity)

    def put(self, entity: entity_module.Entity) -> None:
        """Add an entity, or replace it by a newer version of itself."""
        node = (entity.type, entity.id)
        self._untell(node)
        self.nx.add_node(node, entity=entity)
        told = self._told[node] = []
        for relation in entity.relations:
            start, end = node, (relation.type, relation.id)
            if (entity.type, relation.kind) in TOLD_FROM_THE_END:
                start, end = end, start
            for other in (start, end):
                if other not in self.nx:
                    self.nx.add_node(other, entity=None)
            self.nx.add_edge(start, end, key=relation.kind)
            told.append((start, end, relation.kind))

    def remove(self, type_: str, id_: str) -> None:
        """Forget an entity; what points to it still shows the place."""
        node = (type_, id_)
        if node in self.nx:
            self._untell(node)
            if node in self.nx:
                self.nx.nodes[node]['entity'] = None
                self._tidy(node)

    def entity(self, type_: str, id_: str) -> entity_module.Entity | None:
        """The entity, if it is known as more than the end of a relation."""
        node = (type_, id_)
        return self.nx.nodes[node]['entity'] if node in self.nx else None

    def _untell(self, node: Node) -> None:
        for start, end, kind in self._told.pop(node, ()):
            self.nx.remove_edge(start, end, key=kind)
            self._tidy(end if start == node else start)

    def _tidy(self, node: Node) -> None:
        """A place that holds nothing, and nothing points to, goes."""
        if self.nx.nodes[node]['entity'] is None and not self.nx.degree(node):
            self.nx.remove_node(node)
