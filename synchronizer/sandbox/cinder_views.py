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

"""What Cinder shows of its rows, microversion by microversion."""

from synchronizer.sandbox.nova_views import beat
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import iso_micro
from synchronizer.sandbox.wire import Version


def links(url: str, project: str, kind: str, key: str) -> list[Row]:
    """The two links, with the project of who asks."""
    return [
        {'rel': 'self', 'href': f'{url}/volume/v3/{project}/{kind}/{key}'},
        {'rel': 'bookmark', 'href': f'{url}/volume/{project}/{kind}/{key}'}]


def volume(row: Row, version: Version, admin: bool, project: str, url: str
           ) -> Row:
    """A volume, the same in the detailed listing and alone."""
    shown = {
        'id': row['id'], 'status': row['status'], 'size': row['size'],
        'availability_zone': 'nova', 'created_at': iso_micro(row['created']),
        'updated_at': iso_micro(row['updated']), 'name': row['name'],
        'description': row['description'], 'volume_type': row['type'],
        'snapshot_id': row['snapshot_id'],
        'source_volid': row['source_volid'], 'metadata': row['metadata'],
        'links': links(url, project, 'volumes', row['id']),
        'user_id': row['user_id'], 'bootable': 'false', 'encrypted': False,
        'replication_status': None, 'consistencygroup_id': None,
        'multiattach': False, 'attachments': [
            _attachment(row, one, admin) for one in row['attachments']]}
    fields = (((3, 13), False, 'group_id', None),
              ((3, 21), True, 'provider_id', None),
              ((3, 48), False, 'shared_targets', True),
              ((3, 48), False, 'service_uuid', row['service_uuid']),
              ((3, 61), True, 'cluster_name', None),
              ((3, 63), False, 'volume_type_id', row['type_id']),
              ((3, 65), False, 'consumes_quota', True))
    shown.update({name: value for since, private, name, value in fields
                  if version >= since and (admin or not private)})
    shown['os-vol-tenant-attr:tenant_id'] = row['project_id']
    if admin:
        shown.update({
            'migration_status': row['migration_status'],
            'os-vol-mig-status-attr:migstat': row['migration_status'],
            'os-vol-mig-status-attr:name_id': None,
            'os-vol-host-attr:host': row['pool']})
    return shown


def _attachment(row: Row, one: Row, admin: bool) -> Row:
    return {'id': row['id'], 'attachment_id': one['attachment_id'],
            'volume_id': row['id'], 'server_id': one['server_id'],
            'host_name': one['host_name'] if admin else None,
            'device': one['device'], 'attached_at': iso_micro(
                one['attached'])}


def snapshot(row: Row, version: Version, admin: bool, project: str, url: str
             ) -> Row:
    """A snapshot, the same in the detailed listing and alone."""
    shown = {
        'id': row['id'], 'created_at': iso_micro(row['created']),
        'updated_at': iso_micro(row['updated']), 'name': row['name'],
        'description': row['description'], 'volume_id': row['volume_id'],
        'status': row['status'], 'size': row['size'],
        'metadata': row['metadata']}
    fields = (((3, 14), 'group_snapshot_id', None),
              ((3, 41), 'user_id', row['user_id']),
              ((3, 65), 'consumes_quota', True))
    shown.update({name: value for since, name, value in fields
                  if version >= since})
    prefix = 'os-extended-snapshot-attributes:'
    return {**shown, f'{prefix}project_id': row['project_id'],
            f'{prefix}progress': '100%'}


def backup(row: Row, version: Version, admin: bool, project: str, url: str
           ) -> Row:
    """A backup, the same in the detailed listing and alone."""
    shown = {
        'id': row['id'], 'status': row['status'], 'size': row['size'],
        'object_count': 0, 'availability_zone': None, 'container': None,
        'created_at': iso_micro(row['created']),
        'updated_at': iso_micro(row['updated']), 'name': row['name'],
        'description': row['description'], 'fail_reason': None,
        'volume_id': row['volume_id'],
        'links': links(url, project, 'backups', row['id']),
        'is_incremental': False, 'has_dependent_backups': False,
        'snapshot_id': None, 'data_timestamp': iso_micro(row['created'])}
    if version >= (3, 43):
        shown['metadata'] = row['metadata']
    if admin and version >= (3, 18):
        shown['os-backup-project-attr:project_id'] = row['project_id']
    if version >= (3, 56):
        shown['user_id'] = row['user_id']
    return shown


def volume_type(row: Row, admin: bool) -> Row:
    """A volume type, the same in the listing and alone."""
    shown = {'id': row['id'], 'name': row['name'],
             'is_public': row['is_public'],
             'description': row['description']}
    if admin:
        shown.update({'extra_specs': row['extra_specs'],
                      'qos_specs_id': None})
    return {**shown, 'os-volume-type-access:is_public': row['is_public']}


def service(row: Row, version: Version, now: float) -> Row:
    """A service as the listing has it."""
    up = 'up' if row['up'] else 'down'
    shown = {'binary': row['binary'], 'host': row['host'], 'zone': 'nova',
             'status': row['status'], 'state': up,
             'updated_at': iso_micro(beat(row, now))}
    volumes = row['binary'] == 'cinder-volume'
    if volumes and version >= (3, 49):
        shown['backend_state'] = up
    if version >= (3, 7):
        shown['cluster'] = None
    shown['disabled_reason'] = row['disabled_reason']
    if volumes:
        shown.update({'replication_status': 'disabled',
                      'active_backend_id': None, 'frozen': False})
    return shown


def pool(row: Row, allocated: int, now: float) -> Row:
    """A pool with what it can do."""
    return {'name': row['name'], 'capabilities': {
        'pool_name': row['backend'], 'total_capacity_gb': row['total'],
        'free_capacity_gb': row['total'] - allocated,
        'provisioned_capacity_gb': allocated,
        'allocated_capacity_gb': allocated, 'reserved_percentage': 0,
        'thin_provisioning_support': True,
        'max_over_subscription_ratio': 20.0, 'multiattach': True,
        'QoS_support': False, 'online_extend_support': True,
        'consistent_group_snapshot_enabled': False, 'filter_function': None,
        'goodness_function': None, 'cacheable': True,
        'volume_backend_name': row['backend'], 'storage_protocol': 'iSCSI',
        'vendor_name': 'Sandbox', 'driver_version': '1.0',
        'timestamp': (iso_micro(now) or '')[:-6] + '123456'}}
