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

"""The relations of a resource, told from what its stack's listing shows."""

from synchronizer.model.entity import Relation
from synchronizer.plugins import base

NEEDS = 'synchronizer:needs'
"""Where a record of ours has the names of those that it depends on."""

REALIZED = {
    'AWS::EC2::Instance': 'nova.instance',
    'AWS::EC2::Volume': 'cinder.volume',
    'OS::Cinder::EncryptedVolumeType': 'cinder.volume_type',
    'OS::Cinder::Volume': 'cinder.volume',
    'OS::Cinder::VolumeType': 'cinder.volume_type',
    'OS::Heat::CloudConfig': 'heat.software_config',
    'OS::Heat::MultipartMime': 'heat.software_config',
    'OS::Heat::SoftwareComponent': 'heat.software_config',
    'OS::Heat::SoftwareConfig': 'heat.software_config',
    'OS::Heat::SoftwareDeployment': 'heat.software_deployment',
    'OS::Heat::StructuredConfig': 'heat.software_config',
    'OS::Heat::StructuredDeployment': 'heat.software_deployment',
    'OS::Nova::Flavor': 'nova.flavor',
    'OS::Nova::HostAggregate': 'nova.aggregate',
    'OS::Nova::Server': 'nova.instance',
    'OS::Nova::ServerGroup': 'nova.server_group',
}
"""Resource type -> the type of the physical thing, where we have it."""


def needs(records: list[base.Record]) -> dict[str, list[str]]:
    """Of the resources of one stack, by name: the names of what it needs.

    A resource tells who requires it; whom it requires is told by the
    others, and all of them come in one answer.
    """
    found: dict[str, list[str]] = {}
    for record in records:
        for name in record.get('required_by') or ():
            found.setdefault(name, []).append(record['resource_name'])
    return found


def newest(records: list[base.Record]) -> list[base.Record]:
    """One of each name: while one is replaced there may be two."""
    found: dict[str, base.Record] = {}
    for record in records:
        name = record['resource_name']
        if name not in found or _age(record) >= _age(found[name]):
            found[name] = record
    return list(found.values())


def _age(record: base.Record) -> tuple[str, bool]:
    """Of two made in the same second, the one that is not on its way out.
    """
    return (record.get('creation_time') or '',
            not str(record.get('resource_status')).startswith('DELETE'))


def nested_id(record: base.Record) -> str | None:
    """The stack that the resource is made of, whatever its type."""
    for link in record.get('links') or ():
        if link.get('rel') == 'nested':
            return link['href'].rstrip('/').rpartition('/')[2]
    return None


def of(record: base.Record, stack: str) -> list[Relation]:
    """What a resource of that stack points to."""
    found = [Relation('contains', 'heat.stack', stack)]
    found += [Relation('depends-on', 'heat.resource', f'{stack}/{name}')
              for name in record[NEEDS]]
    nested = nested_id(record)
    kind = 'heat.stack' if nested else REALIZED.get(record['resource_type'])
    physical = nested or record.get('physical_resource_id')
    if kind and physical:
        found.append(Relation('realized-by', kind, str(physical)))
    return found
