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

"""The tables of Cinder's types."""

from synchronizer.tables import declare
from synchronizer.tables import table
from synchronizer.tables.declare import boolean
from synchronizer.tables.declare import integer
from synchronizer.tables.declare import key
from synchronizer.tables.declare import real
from synchronizer.tables.declare import text

_OF_VOLUME = 'volume_id'

_VOLUME_COLUMNS = (
    text('status'), integer('size'), text('description'),
    text('availability_zone'), text('created_at'), text('updated_at'),
    text('volume_type'), text('volume_type_id'),
    text('host', 'os-vol-host-attr:host'), text('cluster_name'),
    text('service_uuid'), text('snapshot_id'), text('source_volid'),
    text('group_id'), text('consistencygroup_id'), text('provider_id'),
    boolean('bootable'), boolean('encrypted'), boolean('multiattach'),
    boolean('shared_targets'), boolean('consumes_quota'),
    text('replication_status'), text('migration_status'),
    text('migration_name_id', 'os-vol-mig-status-attr:name_id'))

_VOLUME_CHILDREN = (
    declare.child(
        'cinder_volume_attachments', 'A server or host that has a volume.',
        _OF_VOLUME, 'attachments/#', key(text('attachment_id')),
        text('instance_id', 'server_id'), text('host_name'), text('device'),
        text('attached_at')),
    declare.pairs('cinder_volume_metadata', 'A key of a volume\'s metadata.',
                  _OF_VOLUME, 'metadata'),
    declare.pairs(
        'cinder_volume_image_metadata', 'A key of what a volume knows of '
        'the image that it was made from.', _OF_VOLUME,
        'volume_image_metadata'))

VOLUMES = declare.main(
    'cinder.volume', 'cinder_volumes', 'A volume.', declare.ALL,
    _VOLUME_COLUMNS, _VOLUME_CHILDREN)

SNAPSHOTS = declare.main(
    'cinder.snapshot', 'cinder_snapshots', 'A snapshot of a volume.',
    declare.ALL, (
        text('status'), text('volume_id'), integer('size'),
        text('description'), text('created_at'), text('updated_at'),
        text('progress', 'os-extended-snapshot-attributes:progress'),
        text('group_snapshot_id'), boolean('consumes_quota')), (
        declare.pairs('cinder_snapshot_metadata', 'A key of a snapshot\'s '
                      'metadata.', 'snapshot_id', 'metadata'),))

BACKUPS = declare.main(
    'cinder.backup', 'cinder_backups', 'A backup of a volume.', declare.ALL, (
        text('status'), text('volume_id'), text('snapshot_id'),
        integer('size'), integer('object_count'), text('container'),
        text('availability_zone'), text('description'), text('fail_reason'),
        text('created_at'), text('updated_at'), text('data_timestamp'),
        boolean('is_incremental'), boolean('has_dependent_backups')), (
        declare.pairs('cinder_backup_metadata', 'A key of a backup\'s '
                      'metadata.', 'backup_id', 'metadata'),))

VOLUME_TYPES = declare.main(
    'cinder.volume_type', 'cinder_volume_types', 'A volume type.',
    declare.NAMED, (
        text('description'), boolean('is_public'), text('qos_specs_id')), (
        declare.pairs('cinder_volume_type_extra_specs', 'An extra spec of a '
                      'volume type.', 'volume_type_id', 'extra_specs'),))

SERVICES = declare.main(
    'cinder.service', 'cinder_services', 'A process of Cinder.',
    declare.STATEFUL, (
        text('binary'), text('host'), text('availability_zone', 'zone'),
        text('status'), text('disabled_reason'), text('cluster'),
        text('backend_state'), text('replication_status'),
        text('active_backend_id'), boolean('frozen')))


def _able(name: str, key_: str | None = None) -> table.Column:
    return boolean(name, f'capabilities/{key_ or name}')


def _told(name: str) -> table.Column:
    return text(name, f'capabilities/{name}')


def _of_capacity(name: str) -> table.Column:
    return real(name, f'capacity/{name}')


POOLS = declare.main(
    'cinder.pool', 'cinder_pools', 'A pool that volumes are stored in; its '
    'capacities are rounded, see the option ``capacity_step``.',
    declare.STATEFUL, (
        _told('pool_name'), _told('volume_backend_name'),
        _told('vendor_name'), _told('driver_version'),
        _told('storage_protocol'),
        *map(_of_capacity, (
            'total_capacity_gb', 'free_capacity_gb', 'allocated_capacity_gb',
            'provisioned_capacity_gb', 'max_over_subscription_ratio')),
        real('reserved_percentage', 'capabilities/reserved_percentage'),
        _able('thin_provisioning_support'),
        _able('thick_provisioning_support'), _able('multiattach'),
        _able('qos_support', 'QoS_support'), _able('online_extend_support'),
        _able('consistent_group_snapshot_enabled'), _able('cacheable'),
        _told('filter_function'), _told('goodness_function')), (
        declare.pairs('cinder_pool_capabilities', 'What the driver of a pool '
                      'says of it.', 'pool_id', 'capabilities'),
        declare.pairs('cinder_pool_capacities', 'A capacity of a pool.',
                      'pool_id', 'capacity')))

TABLES = (VOLUMES, SNAPSHOTS, BACKUPS, VOLUME_TYPES, SERVICES, POOLS)
