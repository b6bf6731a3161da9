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

"""Relations as edges: from the record that tells to the contract's arrow."""

from typing import NamedTuple

import networkx

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


class Edge(NamedTuple):
    """A relation, in the direction of the contract."""

    start: Node
    kind: str
    end: Node

    def other(self, node: Node) -> Node:
        """The end that is not this one."""
        return self.end if node == self.start else self.start


def told_by(entity: entity_module.Entity) -> list[Edge]:
    """The edges that an entity's record shows, none twice."""
    node = (entity.type, entity.id)
    edges = [
        Edge((relation.type, relation.id), relation.kind, node)
        if (entity.type, relation.kind) in TOLD_FROM_THE_END
        else Edge(node, relation.kind, (relation.type, relation.id))
        for relation in entity.relations]
    return list(dict.fromkeys(edges))


def text(node: Node) -> str:
    """A node as one word, the same in every export. Types have no slash."""
    return f'{node[0]}/{node[1]}'


def is_loaded(graph: networkx.MultiDiGraph, type_: str) -> bool:
    """Whether the graph, or that of which it is a part, has all of a type.
    """
    return type_ in (graph.graph.get('types') or ())
