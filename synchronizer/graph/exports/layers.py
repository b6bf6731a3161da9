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

"""Places for a drawing: what stands on something lies above it."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

import networkx

from synchronizer.graph.arrows import Node

TIERS = (
    ('heat.stack',),
    ('heat.snapshot', 'heat.event', 'heat.drift'),
    ('heat.resource',),
    ('heat.software_deployment', 'heat.software_config',
     'heat.resource_type'),
    ('nova.server_group', 'cinder.backup'),
    ('nova.instance',),
    ('cinder.snapshot',),
    ('cinder.volume',),
    ('nova.host', 'cinder.pool', 'nova.flavor', 'cinder.volume_type'),
    ('nova.zone', 'nova.aggregate'),
    ('nova.service', 'cinder.service', 'heat.service'),
)
"""From the top. A type that is not among them lies below all."""

_TIER = {type_: tier for tier, types in enumerate(TIERS) for type_ in types}
SWEEPS = 4

Row = list[Node]


def rows(graph: networkx.MultiDiGraph, width: int) -> list[Row]:
    """The nodes in rows of at most `width`; those that are joined lie
    near each other."""
    tiers: dict[int, Row] = {}
    for node in sorted(graph):
        tiers.setdefault(_TIER.get(node[0], len(TIERS)), []).append(node)
    ordered = [tiers[tier] for tier in sorted(tiers)]
    _settle(graph, ordered)
    return [row[first:first + width] for row in ordered
            for first in range(0, len(row), width)]


def _settle(graph: networkx.MultiDiGraph, tiers: Sequence[Row]) -> None:
    """Down and up again: each by the middle of its neighbours."""
    places: dict[Node, float] = {}
    for tier in tiers:
        _place(tier, places)
    for sweep in range(SWEEPS):
        for tier in tiers if sweep % 2 == 0 else reversed(tiers):
            middles = {node: _middle(graph, node, places) for node in tier}
            tier.sort(key=lambda node, m=middles: (m[node], node))
            _place(tier, places)


def _place(tier: Row, places: dict[Node, float]) -> None:
    for number, node in enumerate(tier):
        places[node] = (number + 0.5) / len(tier)


def _middle(graph: networkx.MultiDiGraph, node: Node,
            places: Mapping[Node, float]) -> float:
    near = [places[other] for other in _neighbours(graph, node)]
    return sum(near) / len(near) if near else places[node]


def _neighbours(graph: networkx.MultiDiGraph, node: Node) -> Iterable[Node]:
    # in order, since the sum of floats depends on it
    return sorted({*graph.succ[node], *graph.pred[node]} - {node})
