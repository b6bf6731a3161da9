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

"""The tables of Nova's types."""

from synchronizer.tables import cells
from synchronizer.tables import declare
from synchronizer.tables.declare import boolean
from synchronizer.tables.declare import integer
from synchronizer.tables.declare import json
from synchronizer.tables.declare import key
from synchronizer.tables.declare import passed
from synchronizer.tables.declare import text

_OF_INSTANCE = 'instance_id'

_INSTANCE_COLUMNS = (
    text('status'), text('vm_state', 'OS-EXT-STS:vm_state'),
    text('task_state', 'OS-EXT-STS:task_state'),
    integer('power_state', 'OS-EXT-STS:power_state'),
    text('host', 'OS-EXT-SRV-ATTR:host'),
    text('hypervisor_hostname', 'OS-EXT-SRV-ATTR:hypervisor_hostname'),
    text('host_status'), text('host_id', 'hostId'),
    text('availability_zone', 'OS-EXT-AZ:availability_zone'),
    text('pinned_availability_zone'),
    declare.related('flavor_id', 'has-flavor', 'nova.flavor'),
    text('flavor_name', 'flavor/original_name'),
    integer('flavor_vcpus', 'flavor/vcpus'),
    integer('flavor_ram', 'flavor/ram'),
    integer('flavor_disk', 'flavor/disk'),
    integer('flavor_ephemeral', 'flavor/ephemeral'),
    integer('flavor_swap', 'flavor/swap'),
    text('image_id', 'image/id'),
    json('image_properties', 'image/properties'),
    text('created'), text('updated'),
    text('launched_at', 'OS-SRV-USG:launched_at'),
    text('terminated_at', 'OS-SRV-USG:terminated_at'),
    text('description'), text('hostname', 'OS-EXT-SRV-ATTR:hostname'),
    text('instance_name', 'OS-EXT-SRV-ATTR:instance_name'),
    text('reservation_id', 'OS-EXT-SRV-ATTR:reservation_id'),
    integer('launch_index', 'OS-EXT-SRV-ATTR:launch_index'),
    text('kernel_id', 'OS-EXT-SRV-ATTR:kernel_id'),
    text('ramdisk_id', 'OS-EXT-SRV-ATTR:ramdisk_id'),
    text('root_device_name', 'OS-EXT-SRV-ATTR:root_device_name'),
    text('key_name'), boolean('config_drive'),
    text('disk_config', 'OS-DCF:diskConfig'), integer('progress'),
    text('access_ip_v4', 'accessIPv4'), text('access_ip_v6', 'accessIPv6'),
    boolean('locked'), text('locked_reason'),
    json('trusted_image_certificates'), json('scheduler_hints'))

_INSTANCE_CHILDREN = (
    declare.child(
        'nova_instance_addresses', 'An address of a server.', _OF_INSTANCE,
        'addresses/*/#', passed('network'), key(text('address', 'addr')),
        key(text('mac_address', 'OS-EXT-IPS-MAC:mac_addr')),
        integer('version'), text('type', 'OS-EXT-IPS:type')),
    declare.pairs('nova_instance_metadata', 'A key of a server\'s metadata.',
                  _OF_INSTANCE, 'metadata'),
    declare.listed('nova_instance_tags', 'A tag of a server.', _OF_INSTANCE,
                   'tags', 'tag'),
    declare.child(
        'nova_instance_volumes', 'A volume that a server has.', _OF_INSTANCE,
        'os-extended-volumes:volumes_attached/#',
        key(text('volume_id', 'id')), boolean('delete_on_termination')),
    declare.child(
        'nova_instance_security_groups', 'A security group of a server, by '
        'name.', _OF_INSTANCE, 'security_groups/#', key(text('name'))),
    declare.pairs(
        'nova_instance_flavor_extra_specs', 'An extra spec of the flavor '
        'that a server was made with.', _OF_INSTANCE, 'flavor/extra_specs'),
    declare.child(
        'nova_instance_faults', 'What went wrong with a server last.',
        _OF_INSTANCE, 'fault', integer('code'), text('created'),
        text('message'), text('details')))

INSTANCES = declare.main(
    'nova.instance', 'nova_instances', 'A server.', declare.ALL,
    _INSTANCE_COLUMNS, _INSTANCE_CHILDREN)

HOSTS = declare.main(
    'nova.host', 'nova_hosts', 'A hypervisor with its compute service.',
    declare.STATEFUL, (
        text('uuid', 'id'), text('hypervisor_hostname'), text('status'),
        text('hypervisor_type'), integer('hypervisor_version'),
        text('host_ip'), text('service_id', 'service/id'),
        text('service_host', 'service/host'),
        text('service_status', 'service/status'),
        text('service_state', 'service/state'),
        text('service_disabled_reason', 'service/disabled_reason'),
        boolean('service_forced_down', 'service/forced_down'),
        text('availability_zone', 'service/zone'),
        integer('vcpus'), integer('memory_mb'), integer('local_gb'),
        text('cpu_arch', 'cpu_info/arch'), text('cpu_model', 'cpu_info/model'),
        text('cpu_vendor', 'cpu_info/vendor'),
        integer('cpu_sockets', 'cpu_info/topology/sockets'),
        integer('cpu_cores', 'cpu_info/topology/cores'),
        integer('cpu_threads', 'cpu_info/topology/threads')), (
        declare.listed('nova_host_cpu_features', 'A feature of a '
                       'hypervisor\'s processors.', 'host_id',
                       'cpu_info/features', 'feature'),))

SERVICES = declare.main(
    'nova.service', 'nova_services', 'A process of Nova.', declare.STATEFUL, (
        text('binary'), text('host'), text('availability_zone', 'zone'),
        text('status'), text('disabled_reason'), boolean('forced_down')))

AGGREGATES = declare.main(
    'nova.aggregate', 'nova_aggregates', 'A host aggregate.', declare.NAMED, (
        text('uuid'), text('availability_zone'), text('created_at'),
        text('updated_at'), text('deleted_at'), boolean('deleted')), (
        declare.listed('nova_aggregate_hosts', 'A compute in an aggregate, '
                       'by the host of its service.', 'aggregate_id', 'hosts',
                       'host'),
        declare.pairs('nova_aggregate_metadata', 'A key of an aggregate\'s '
                      'metadata.', 'aggregate_id', 'metadata')))

ZONES = declare.main(
    'nova.zone', 'nova_zones', 'An availability zone.', declare.STATEFUL,
    (boolean('available', 'zoneState/available'),), (
        declare.child(
            'nova_zone_services', 'A service on a host in a zone.', 'zone_id',
            'hosts/*/*', passed('host'), passed('service', 1),
            boolean('available'), boolean('active')),))

FLAVORS = declare.main(
    'nova.flavor', 'nova_flavors', 'A flavor.', declare.NAMED, (
        integer('vcpus'), integer('ram'), integer('disk'),
        integer('ephemeral', 'OS-FLV-EXT-DATA:ephemeral'), integer('swap'),
        declare.real('rxtx_factor'),
        boolean('disabled', 'OS-FLV-DISABLED:disabled'),
        boolean('is_public', 'os-flavor-access:is_public'),
        text('description')), (
        declare.pairs('nova_flavor_extra_specs', 'An extra spec of a flavor.',
                      'flavor_id', 'extra_specs'),))

SERVER_GROUPS = declare.main(
    'nova.server_group', 'nova_server_groups', 'A server group.',
    ('name', 'project_id', 'user_id'), (
        text('policy'),
        integer('max_server_per_host', 'rules/max_server_per_host'),
        json('rules')), (
        declare.listed('nova_server_group_members', 'A server in a group.',
                       'server_group_id', 'members', 'instance_id'),
        declare.child('nova_server_group_policies', 'A policy of a group, '
                      'where Nova is older than 2.64.', 'server_group_id',
                      'policies/#', passed('position', 0, cells.INTEGER),
                      text('policy', ''))))

TABLES = (INSTANCES, HOSTS, SERVICES, AGGREGATES, ZONES, FLAVORS,
          SERVER_GROUPS)
