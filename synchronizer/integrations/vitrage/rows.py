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

"""Entities as the rows that Vitrage's own drivers would have read."""

from collections.abc import Callable
from collections.abc import Collection
import dataclasses
from typing import Any

from synchronizer.model import entity as entity_module

Row = dict[str, Any]

COMPUTE = 'nova-compute'
INTERNAL = 'internal'
"""The zone of what is no compute host; Vitrage does not show it."""

DYING = frozenset(('DELETE_IN_PROGRESS', 'DELETE_COMPLETE'))
"""What Vitrage takes for a stack that is gone."""

HIDDEN = frozenset(('DELETED', 'SOFT_DELETED'))
"""Servers that no listing shows; so to Vitrage they are gone, too."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """How one type becomes rows of one datasource."""

    type: str
    """The type that is read."""

    row: Callable[[entity_module.Entity], Row | None]
    """The row, or None for what the datasource does not show."""

    links: str | None = None
    """The key of a row's list that edges are drawn from, where that list
    may become empty."""

    gone: frozenset[str] = frozenset()
    """States that Vitrage takes for deletion."""


def instance(entity: entity_module.Entity) -> Row:
    """A server."""
    return dict(entity.attributes)


def host(entity: entity_module.Entity) -> Row | None:
    """A compute service: that is what Vitrage calls a host."""
    if entity.attributes.get('binary') != COMPUTE:
        return None
    return dict(entity.attributes)


def zone(entity: entity_module.Entity) -> Row | None:
    """An availability zone with its hosts."""
    if entity.id == INTERNAL:
        return None
    # Nova gives no hosts at all where there is none to show
    return {**entity.attributes,
            'hosts': entity.attributes.get('hosts') or {}}


def volume(entity: entity_module.Entity) -> Row:
    """A volume, with the servers it is attached to."""
    servers = [{'server_id': attachment['server_id']}
               for attachment in entity.attributes.get('attachments') or ()
               if attachment.get('server_id')]
    return {**entity.attributes, 'attachments': servers}


def stack(entity: entity_module.Entity, links: Collection[Row]) -> Row:
    """A stack with what it has brought about."""
    return {**entity.attributes, 'resources': list(links)}


def resource(entity: entity_module.Entity) -> Row | None:
    """What a stack's resource says of the thing; None before there is one.
    """
    physical = entity.attributes.get('physical_resource_id')
    if not physical:
        return None
    return {'resource_type': entity.attributes['resource_type'],
            'physical_resource_id': physical}


INSTANCES = Shape('nova.instance', instance, gone=HIDDEN)
HOSTS = Shape('nova.service', host)
ZONES = Shape('nova.zone', zone)
VOLUMES = Shape('cinder.volume', volume, 'attachments')
