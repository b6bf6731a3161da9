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

"""Those that hang in the air: what they need or point to is not there."""

from collections.abc import Iterator
import dataclasses
from typing import TYPE_CHECKING

from synchronizer.graph.arrows import Edge
from synchronizer.graph.arrows import Node
from synchronizer.model import entity as entity_module

if TYPE_CHECKING:
    from synchronizer.graph.entity_graph import EntityGraph

UNATTACHED, BODILESS, DANGLING = KINDS = (
    'unattached', 'bodiless', 'dangling')

DEAD = frozenset({'DELETED', 'SOFT_DELETED'})

BODIES = {
    'AWS::EC2::Instance': 'nova.instance',
    'AWS::EC2::Volume': 'cinder.volume',
    'OS::Cinder::EncryptedVolumeType': 'cinder.volume_type',
    'OS::Cinder::Volume': 'cinder.volume',
    'OS::Cinder::VolumeType': 'cinder.volume_type',
    'OS::Nova::Flavor': 'nova.flavor',
    'OS::Nova::HostAggregate': 'nova.aggregate',
    'OS::Nova::Server': 'nova.instance',
    'OS::Nova::ServerGroup': 'nova.server_group',
}
"""Resource types that cannot be without a physical thing. Others may."""

YOUNG_OR_GONE = ('INIT_', 'DELETE_', 'CREATE_IN_PROGRESS')
"""States in which such a resource may be without."""


@dataclasses.dataclass(frozen=True, slots=True)
class Orphan:
    """One finding."""

    node: Node
    kind: str
    """``unattached``: a volume in use by nothing that lives; ``bodiless``:
    a resource whose physical thing is not there; ``dangling``: any other
    that points to what is not there."""

    reason: str
    """A sentence."""

    edge: Edge | None = None
    """The relation that leads nowhere, if it is one."""


def orphans(graph: 'EntityGraph') -> list[Orphan]:
    """In order. Of a type that is not loaded nothing is said to be missing.
    """
    found = [orphan for node, edge in graph.edges_told()
             if (orphan := _broken(graph, node, edge))]
    for entity in graph.entities():
        found += _CHECKS.get(entity.type, _nothing)(graph, entity)
    return sorted(found, key=lambda orphan: (
        orphan.node, orphan.kind, orphan.edge or ()))


def _broken(graph: 'EntityGraph', node: Node, edge: Edge) -> Orphan | None:
    """The edge that the node tells, if its other end is missing."""
    other = edge.other(node)
    told = (node[0], edge.kind)
    if told == ('heat.resource', 'realized-by'):
        return _without_body(graph, node, edge)
    if not graph.is_missing(other):
        return None
    if told == ('cinder.volume', 'attached-to') and not _lives_on(
            graph, node):
        return None     # told once for all of its attachments
    shown = (f'It is {edge.kind} {other[0]} {other[1]}'
             if edge.start == node else
             f'{other[0]} {other[1]} {edge.kind} it')
    return Orphan(node, DANGLING, f'{shown}, which is not there.', edge)


def _without_body(graph: 'EntityGraph', node: Node, edge: Edge
                  ) -> Orphan | None:
    other, entity = edge.other(node), graph.entity(*node)
    if entity is not None and _may_be_without(entity):
        return None
    if graph.is_missing(other):
        how = 'is not there'
    elif _is_dead(graph, other):
        how = f'is {graph.entity(*other).state}'
    else:
        return None
    return Orphan(node, BODILESS,
                  f'Its physical {other[0]} {other[1]} {how}.', edge)


def _may_be_without(resource: entity_module.Entity) -> bool:
    return (resource.state or '').startswith(YOUNG_OR_GONE)


def _nothing(graph: 'EntityGraph', entity: entity_module.Entity
             ) -> Iterator[Orphan]:
    return iter(())


def _volume(graph: 'EntityGraph', entity: entity_module.Entity
            ) -> Iterator[Orphan]:
    node = (entity.type, entity.id)
    ends = _attached(graph, node)
    if not graph.is_loaded('nova.instance') or _lives_on(graph, node):
        return
    if ends:
        names = ', '.join(f'{type_} {id_}' for type_, id_ in ends)
        yield Orphan(node, UNATTACHED, f'It is attached to {names}, and '
                     'none of these lives.')
    elif entity.state == 'in-use' and not entity.attributes.get(
            'attachments'):
        # one that only a host has is attached, though to no server
        yield Orphan(node, UNATTACHED,
                     'It is in-use, and attached to nothing.')


def _attached(graph: 'EntityGraph', node: Node) -> list[Node]:
    return sorted(end for end, kinds in graph.nx.succ[node].items()
                  if 'attached-to' in kinds)


def _lives_on(graph: 'EntityGraph', node: Node) -> bool:
    """Whether one that the volume is attached to lives, or may."""
    return any(not graph.is_missing(end) and not _is_dead(graph, end)
               for end in _attached(graph, node))


def _is_dead(graph: 'EntityGraph', node: Node) -> bool:
    entity = graph.entity(*node)
    return entity is not None and entity.state in DEAD


def _resource(graph: 'EntityGraph', entity: entity_module.Entity
              ) -> Iterator[Orphan]:
    kind = BODIES.get(entity.attributes.get('resource_type', ''))
    if (kind and graph.is_loaded(kind)
            and not entity.attributes.get('physical_resource_id')
            and not _may_be_without(entity)):
        yield Orphan((entity.type, entity.id), BODILESS,
                     f'It is {entity.state}, and has no {kind}.')


_CHECKS = {'cinder.volume': _volume, 'heat.resource': _resource}
