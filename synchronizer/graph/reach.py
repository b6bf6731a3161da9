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

"""What something stands on, and what falls with it."""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses

import networkx

from synchronizer.graph import dependencies
from synchronizer.graph.arrows import Edge
from synchronizer.graph.arrows import Node
from synchronizer.graph.dependencies import END
from synchronizer.graph.dependencies import Harm
from synchronizer.graph.dependencies import START
from synchronizer.model import entity as entity_module


@dataclasses.dataclass(frozen=True, slots=True)
class Reached:
    """One that was reached, and how."""

    node: Node
    entity: entity_module.Entity | None
    """None where it is known only by a relation to it."""

    depth: int
    """Steps from where the question began."""

    harm: Harm | None = None
    """What happens to it; none for what something stands on."""

    edge: Edge | None = None
    """The last step; none only where the question began."""

    before: 'Reached | None' = dataclasses.field(default=None, repr=False)
    """Where the last step came from."""

    @property
    def way(self) -> tuple[Edge, ...]:
        """The edges from where the question began, in the order walked."""
        steps = []
        step = self
        while step.edge is not None and step.before is not None:
            steps.append(step.edge)
            step = step.before
        return tuple(reversed(steps))


Steps = Callable[[Reached], Iterator[tuple[Edge, Harm | None]]]


def runs_on(graph: networkx.MultiDiGraph, node: Node) -> list[Reached]:
    """What it stands on; what its owner made for it is not counted."""
    def steps(reached: Reached) -> Iterator[tuple[Edge, None]]:
        for edge, hurt in edges_at(graph, reached.node):
            if any(rule.stands for rule in _rules(edge, hurt)):
                yield edge, None
    return _walk(graph, Reached(node, _entity(graph, node), 0), steps)


def hangs_on(graph: networkx.MultiDiGraph, node: Node) -> list[Reached]:
    """What is hurt when it fails, each by the worst that happens to it.

    What is impaired impairs others, but takes nothing of its own along: a
    stack that lost one server still has the rest. What is only touched
    hurts nobody.
    """
    def steps(reached: Reached) -> Iterator[tuple[Edge, Harm]]:
        for edge, end in edges_at(graph, reached.node):
            for rule in _rules(edge, START if end == END else END):
                harm = _passed_on(reached.harm, rule)
                if harm:
                    yield edge, harm
    first = Reached(node, _entity(graph, node), 0, Harm.LOST)
    return _worst(_walk(graph, first, steps))


def edges_at(graph: networkx.MultiDiGraph, node: Node
             ) -> Iterator[tuple[Edge, str]]:
    """The edges of a node, in order, and which end of each it is."""
    if node in graph:
        for other in sorted(graph.succ[node]):
            for kind in sorted(graph.succ[node][other]):
                yield Edge(node, kind, other), START
        for other in sorted(graph.pred[node]):
            for kind in sorted(graph.pred[node][other]):
                yield Edge(other, kind, node), END


def _walk(graph: networkx.MultiDiGraph, first: Reached, steps: Steps
          ) -> list[Reached]:
    """Level by level; once to a node for each harm that it suffers."""
    seen = {(first.node, first.harm)}
    level, found = [first], []
    while level:
        following = []
        for reached in level:
            for edge, harm in steps(reached):
                node = edge.other(reached.node)
                if node == first.node or (node, harm) in seen:
                    continue
                seen.add((node, harm))
                following.append(Reached(
                    node, _entity(graph, node), reached.depth + 1, harm,
                    edge, reached))
        level = following
        found += level
    return found


def _rules(edge: Edge, hurt: str) -> tuple[dependencies.Rule, ...]:
    return dependencies.of(edge.kind, edge.start[0], edge.end[0], hurt)


def _passed_on(harm: Harm | None, rule: dependencies.Rule) -> Harm | None:
    if harm is Harm.LOST:
        return rule.harm
    if harm is Harm.IMPAIRED and rule.stands:
        return Harm.IMPAIRED
    return None


def _worst(found: list[Reached]) -> list[Reached]:
    order = list(Harm)
    worst: dict[Node, Reached] = {}
    for reached in found:
        held = worst.get(reached.node)
        if held is None or (
                order.index(reached.harm) < order.index(held.harm)):
            worst[reached.node] = reached
    return sorted(worst.values(),
                  key=lambda reached: (reached.depth, reached.node))


def _entity(graph: networkx.MultiDiGraph, node: Node
            ) -> entity_module.Entity | None:
    return graph.nodes[node]['entity'] if node in graph else None
