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

"""Entities as the elements of Watcher's compute model, field by field."""

import math
from typing import Any

from synchronizer.model import entity as entity_module

HOST = 'nova.host'
INSTANCE = 'nova.instance'
NODE = 'OS-EXT-SRV-ATTR:hypervisor_hostname'

# what Nova's listing leaves out, and a look at one server may still show
GONE = ('deleted', 'soft-delete')

# resource class, and how an element and a hypervisor's record name its total
RESOURCES = (('VCPU', 'vcpus', 'vcpus'),
             ('MEMORY_MB', 'memory', 'memory_mb'),
             ('DISK_GB', 'disk', 'local_gb'))
RESERVED = {'VCPU': 'vcpu_reserved', 'MEMORY_MB': 'memory_mb_reserved',
            'DISK_GB': 'disk_gb_reserved'}
RATIO = {'VCPU': 'vcpu_ratio', 'MEMORY_MB': 'memory_ratio',
         'DISK_GB': 'disk_ratio'}

Entity = entity_module.Entity


def is_node(entity: Entity) -> bool:
    """Whether it is a compute node: one of bare metal is not."""
    return entity.attributes.get('hypervisor_type') != 'ironic'


def node_of(entity: Entity) -> str | None:
    """The id of the host that an instance is on, if it counts there."""
    if entity.attributes.get('OS-EXT-STS:vm_state') in GONE:
        return None
    return entity.attributes.get(NODE)


def node_fields(entity: Entity, inventories: dict[str, dict[str, Any]]
                ) -> dict[str, Any]:
    """A compute node.

    Where Placement has nothing it has what Nova says, with nothing set
    aside and nothing overbooked, as Watcher means to have it.
    """
    record = entity.attributes
    fields = {'uuid': record['id'], 'hostname': record['service']['host'],
              'state': record['state'], 'status': record['status'],
              'disabled_reason': record['service'].get('disabled_reason')}
    for resource, total, own in RESOURCES:
        found = inventories.get(resource) or {
            'total': record.get(own) or 0, 'reserved': 0,
            'allocation_ratio': 1.0}
        fields |= {total: found['total'],
                   RESERVED[resource]: found['reserved'],
                   RATIO[resource]: found['allocation_ratio']}
    return fields


def instance_fields(entity: Entity, extended: bool, pinned: bool
                    ) -> dict[str, Any]:
    """An instance.

    `extended` and `pinned`: whether Watcher is configured to know its
    flavor's extra specs, and the zone that it is pinned to.
    """
    record = entity.attributes
    flavor = record['flavor']
    fields = {
        'uuid': entity.id, 'name': entity.name,
        'project_id': entity.project_id, 'memory': flavor['ram'],
        'vcpus': flavor['vcpus'], 'disk': _local_disk(record),
        'state': record['OS-EXT-STS:vm_state'],
        'metadata': record['metadata'], 'locked': record['locked'],
        'created': record['created'],
        'host': record['OS-EXT-SRV-ATTR:host'],
        'hypervisor_hostname': record[NODE],
        'flavor_extra_specs': {}, 'pinned_az': ''}
    if extended:
        fields['flavor_extra_specs'] = flavor.get('extra_specs') or {}
    if extended and pinned:
        fields['pinned_az'] = record.get('pinned_availability_zone') or ''
    return fields


def _local_disk(record: dict[str, Any]) -> int:
    """In GB, of its host: a root disk that is a volume takes none there."""
    flavor = record['flavor']
    root = flavor['disk'] if record.get('image') else 0
    return root + flavor['ephemeral'] + math.ceil(flavor['swap'] / 1024)
