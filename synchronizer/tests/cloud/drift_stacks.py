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

"""The stacks that are changed behind Heat's back.

Besides what they make, `{names}` are: prefix, image, other_image, shared (a
network), default (a security group), project, zone and host.
"""

from typing import Any

NETWORK = [{'network': '{shared}'}]
KEY = ('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExla1CDSUkzT06sgqEp3l1NDmwt/'
       'lMgdNZcexaqVm/g')
INNER = ('{"heat_template_version": "2018-08-31", "parameters": {"a": '
         '{"type": "number"}, "b": {"type": "string"}}, "resources": '
         '{"r": {"type": "OS::Heat::RandomString"}}}')


def resource(type_: str, after: list[str] | None = None, **properties: Any
             ) -> dict[str, Any]:
    found: dict[str, Any] = {'type': type_, 'properties': properties}
    return {**found, 'depends_on': after} if after else found


def the(name: str) -> dict[str, str]:
    """The physical id of another resource."""
    return {'get_resource': name}


def server(after: list[str] | None = None, **properties: Any
           ) -> dict[str, Any]:
    return resource('OS::Nova::Server', after, **{
        'image': 'tiny', 'flavor': 'f.nano',
        'networks': [{'allocate_network': 'none'}], **properties})


def volume(**properties: Any) -> dict[str, Any]:
    return resource('OS::Cinder::Volume', **{'size': 1, **properties})


FACE = {
    'group': resource('OS::Nova::ServerGroup', name='{prefix}-group',
                      policies=['anti-affinity']),
    'sg': resource('OS::Neutron::SecurityGroup', name='{prefix}-sg',
                   description='of the test'),
    'key': resource('OS::Nova::KeyPair', name='{prefix}-key',
                    public_key=KEY),
    'server': server(
        name='{prefix}-server', flavor='f.tiny', networks=NETWORK,
        security_groups=['default'], tags=['{prefix}-a', '{prefix}-b'],
        metadata={'n': 1, 'b': True, 't': 'x', 'd': {'z': 1, 'a': [1, 'é']}},
        key_name=the('key'), scheduler_hints={'group': the('group')},
        user_data='#!/bin/sh')}

LIFE = {'box': server(name='{prefix}-box', flavor='f.tiny'),
        'other': server()}

DISKS = {
    'host': server(name='{prefix}-host'),
    'first': volume(name='{prefix}-first', description='as made',
                    metadata={'k': 'v', 'n': '2'}, volume_type='fast'),
    'second': volume(size='2', read_only=False, volume_type='fast'),
    'attached': resource('OS::Cinder::VolumeAttachment', volume_id=the(
        'first'), instance_uuid=the('host'), mountpoint='/dev/vdb'),
    'root': volume(image='tiny', name='{prefix}-root'),
    'booted': resource(
        'OS::Nova::Server', name='{prefix}-booted', flavor='f.nano',
        networks=[{'allocate_network': 'none'}], block_device_mapping_v2=[
            {'volume_id': the('root'), 'boot_index': 0}]),
    'many': resource(
        'OS::Heat::ResourceGroup', count=2, resource_def=volume(
            name='{prefix}-many-%index%'))}

def net(prefix: str, **more: Any) -> dict[str, Any]:
    """A network with a subnet."""
    return {
        'net': resource('OS::Neutron::Net', name='{prefix}-net', tags=['a']),
        'subnet': resource(
            'OS::Neutron::Subnet', network=the('net'),
            name='{prefix}-subnet', cidr=f'{prefix}.0/24', **more)}


NETS = {
    **net('10.8.0', dns_nameservers=['8.8.8.8', '9.9.9.9']),
    'sg': resource('OS::Neutron::SecurityGroup', name='{prefix}-sg', rules=[
        {'protocol': 'tcp', 'port_range_min': 22, 'port_range_max': 22}]),
    'key': resource('OS::Nova::KeyPair', name='{prefix}-key',
                    public_key=KEY),
    'nested': resource('OS::Heat::Stack', template=INNER,
                       parameters={'a': '1', 'b': 'x'})}

PORTS = {
    **net('10.9.0'),
    'port': resource(
        'OS::Neutron::Port', ['subnet'], network=the('net'),
        name='{prefix}-port', security_groups=['default'],
        admin_state_up=True, fixed_ips=[{'ip_address': '10.9.0.50'}]),
    'on_port': server(networks=[{'port': the('port')}]),
    'on_two': server(['subnet'], networks=[
        {'network': the('net'), 'fixed_ip': '10.9.0.60'}, *NETWORK])}

CLOUD = {
    'flavor': resource(
        'OS::Nova::Flavor', name='{prefix}-flavor', ram=128, vcpus=1, disk=2,
        swap='1', extra_specs={'hw:cpu_policy': 'shared'}, is_public=False,
        tenants=['{project}']),
    'aggregate': resource(
        'OS::Nova::HostAggregate', name='{prefix}-aggregate',
        availability_zone='{zone}', hosts=['{host}'],
        metadata={'m': '1', 'n': '3'}),
    'type': resource(
        'OS::Cinder::VolumeType', name='{prefix}-type', description='made',
        metadata={'k': 'v'}, is_public=False, projects=['{project}']),
    'tenant': resource('OS::Keystone::Project', name='{prefix}-tenant',
                       enabled=True),
    'user': resource('OS::Keystone::User', name='{prefix}-user',
                     email='a@b', domain='default'),
    'role': resource('OS::Keystone::Role', name='{prefix}-role')}
