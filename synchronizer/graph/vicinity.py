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

"""What is near: the shortest way to another, and the part around one."""

import networkx

from synchronizer import exception
from synchronizer.graph import drift
from synchronizer.graph import reach
from synchronizer.graph.arrows import Edge
from synchronizer.graph.arrows import Node

LIMIT = 500
"""Nodes of a part, unless more are asked for."""


def path(graph: networkx.MultiDiGraph, start: Node, end: Node
         ) -> list[Edge] | None:
    """The edges of a shortest way, in the order walked."""
    if start not in graph or end not in graph:
        return None
    came_by: dict[Node, Edge | None] = {start: None}
    level = [start]
    while level and end not in came_by:
        following = []
        for node in level:
            for edge, _ in reach.edges_at(graph, node):
                other = edge.other(node)
                if other not in came_by:
                    came_by[other] = edge
                    following.append(other)
        level = following
    return _trace(came_by, end) if end in came_by else None


def _trace(came_by: dict[Node, Edge | None], end: Node) -> list[Edge]:
    steps, node = [], end
    while (edge := came_by[node]) is not None:
        steps.append(edge)
        node = edge.other(node)
    return steps[::-1]


def around(graph: networkx.MultiDiGraph, node: Node, depth: int,
           limit: int) -> networkx.MultiDiGraph:
    """A graph of its own. Those with few neighbours lead on first, so that
    a flavor that all share does not take the room of what is close."""
    if node not in graph:
        raise exception.InvalidArgument(
            f'Nothing is known of {node[0]} {node[1]}')
    kept, left_out = {node}, set()
    level = [node]
    for _ in range(depth):
        following = []
        for near in sorted(level, key=lambda n: (_neighbours(graph, n), n)):
            for edge, _ in reach.edges_at(graph, near):
                other = edge.other(near)
                if other in kept:
                    continue
                if len(kept) >= limit:
                    left_out.add(other)
                    continue
                kept.add(other)
                following.append(other)
        level = following
    part = graph.subgraph(kept).copy()
    part.graph['left_out'] = len(left_out)
    drift.keep(graph, part)
    return part


def _neighbours(graph: networkx.MultiDiGraph, node: Node) -> int:
    return len(graph.succ[node]) + len(graph.pred[node])
