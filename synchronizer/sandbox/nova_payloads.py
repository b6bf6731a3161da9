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
"""The payloads of Nova's notifications: versioned objects, and old ones."""

import time
from typing import Any

from synchronizer.sandbox.notices import Change
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import iso
from synchronizer.sandbox.wire import iso_micro

# nova_object.version of each payload
VERSIONS = {
    'AggregatePayload': '1.1', 'AuditPeriodPayload': '1.0',
    'BlockDevicePayload': '1.0', 'ComputeTaskPayload': '1.0',
    'ExceptionPayload': '1.1', 'FlavorPayload': '1.4',
    'InstanceActionPayload': '1.9', 'InstanceActionVolumePayload': '1.7',
    'InstanceCreatePayload': '1.13', 'InstanceStateUpdatePayload': '1.0',
    'InstanceUpdatePayload': '2.1', 'ServerGroupPayload': '1.1',
    'ServiceStatusPayload': '1.1'}
POWER = {0: 'pending', 1: 'running', 3: 'paused', 4: 'shutdown'}
NO_HOST = 'No valid host was found. There are not enough hosts available.'


def thing(name: str, data: Row) -> Row:
    """A versioned object."""
    return {'nova_object.name': name, 'nova_object.namespace': 'nova',
            'nova_object.version': VERSIONS[name], 'nova_object.data': data}


def flavor(row: Row) -> Row:
    """A flavor."""
    return thing('FlavorPayload', {
        'flavorid': row['id'], 'name': row['name'], 'vcpus': row['vcpus'],
        'memory_mb': row['ram'], 'root_gb': row['disk'], 'ephemeral_gb': 0,
        'swap': 0, 'rxtx_factor': 1.0, 'vcpu_weight': 0, 'disabled': False,
        'is_public': row['is_public'], 'extra_specs': row['extra_specs'],
        'projects': list(row['projects']),
        'description': row['description']})


def service(row: Row) -> Row:
    """A service; whether it is up is not in it."""
    return thing('ServiceStatusPayload', {
        'host': row['host'], 'binary': row['binary'],
        'topic': row['binary'].removeprefix('nova-'), 'report_count': 1,
        'disabled': row['status'] == 'disabled',
        'disabled_reason': row['disabled_reason'],
        'availability_zone': None, 'last_seen_up': iso(row['seen']),
        'forced_down': row['forced_down'], 'version': 70,
        'uuid': row['id']})


def aggregate(row: Row) -> Row:
    """An aggregate."""
    return thing('AggregatePayload', {
        'id': int(row['id']), 'uuid': row['uuid'], 'name': row['name'],
        'hosts': list(row['hosts']), 'metadata': row['metadata']})


def server_group(row: Row) -> Row:
    """A server group; Nova leaves its hosts null."""
    return thing('ServerGroupPayload', {
        'uuid': row['id'], 'name': row['name'], 'user_id': row['user_id'],
        'project_id': row['project_id'], 'policies': [row['policy']],
        'members': list(row['members']), 'hosts': None,
        'policy': row['policy'], 'rules': {}})


def _block_devices(cloud: Any, row: Row) -> list[Row]:
    return [thing('BlockDevicePayload', {
        'boot_index': None, 'tag': None, 'volume_id': one['id'],
        'delete_on_termination': one['delete_on_termination'],
        'device_name': _device(cloud, one['id'])}) for one in row['volumes']]


def _device(cloud: Any, volume: str) -> str | None:
    row = cloud.table('cinder.volume').get(volume)
    return row['attachments'][0]['device'] if (
        row and row['attachments']) else None


def _instance(change: Change, row: Row) -> Row:
    """What all payloads of an instance have."""
    cloud = change.cloud
    return {
        'uuid': row['id'], 'user_id': row['user_id'],
        'tenant_id': row['project_id'], 'reservation_id':
            row['reservation_id'], 'display_name': row['name'],
        'display_description': row['description'],
        'host_name': row['hostname'], 'host': row['host'],
        'node': row['host'], 'os_type': None, 'architecture': None,
        'availability_zone': row['az'] or None, 'image_uuid': row['image'],
        'key_name': row['key_name'], 'kernel_id': '', 'ramdisk_id': '',
        'created_at': iso(row['created']), 'updated_at': iso(row['updated']),
        'launched_at': iso(row['launched']), 'deleted_at': iso(
            row['terminated']), 'terminated_at': iso(row['terminated']),
        'state': row['vm_state'], 'power_state': POWER[row['power_state']],
        'task_state': row['task_state'], 'progress': 0, 'ip_addresses': [],
        'flavor': flavor(row['flavor']), 'metadata': row['metadata'],
        'locked': row['locked'], 'locked_reason': row['locked_reason'],
        'auto_disk_config': 'MANUAL', 'shares': [],
        'block_devices': _block_devices(cloud, row),
        'request_id': change.request_id,
        'action_initiator_project': change.project,
        'action_initiator_user': cloud.users[change.user]}


def action(change: Change, row: Row) -> Row:
    """What was done to an instance."""
    return thing('InstanceActionPayload', {
        **_instance(change, row), 'fault': None})


def created(change: Change, row: Row) -> Row:
    """An instance that was built."""
    return thing('InstanceCreatePayload', {
        **_instance(change, row), 'fault': None, 'keypairs': [],
        'tags': list(row['tags']), 'trusted_image_certificates': None,
        'instance_name': f'instance-{row["number"]:08x}'})


def volume_action(change: Change, row: Row, volume: str) -> Row:
    """A volume that came or went."""
    return thing('InstanceActionVolumePayload', {
        **_instance(change, row), 'fault': None, 'volume_id': volume})


def updated(change: Change) -> Row:
    """An instance of which anything moved."""
    old, new = change.old or change.row, change.row
    period = {'audit_period_beginning': iso(change.at // 3600 * 3600),
              'audit_period_ending': iso(change.at)}
    renamed = old['name'] != new['name']
    return thing('InstanceUpdatePayload', {
        **_instance(change, new), 'tags': list(new['tags']),
        'old_display_name': old['name'] if renamed else None,
        'audit_period': thing('AuditPeriodPayload', period),
        'state_update': thing('InstanceStateUpdatePayload', {
            'old_state': old['vm_state'], 'state': new['vm_state'],
            'old_task_state': old['task_state'],
            'new_task_state': new['task_state']})})


def unbuilt(row: Row) -> Row:
    """An instance that no host could take."""
    return thing('ComputeTaskPayload', {
        'instance_uuid': row['id'], 'request_spec': None, 'state': 'error',
        'reason': thing('ExceptionPayload', {
            'exception': 'NoValidHost', 'exception_message': NO_HOST,
            'function_name': '_schedule_instances', 'traceback': '',
            'module_name': 'nova.conductor.manager'})})


def legacy(row: Row) -> Row:
    """An instance in the old format."""
    size = row['flavor']
    return {
        'instance_id': row['id'], 'tenant_id': row['project_id'],
        'user_id': row['user_id'], 'display_name': row['name'],
        'hostname': row['hostname'], 'host': row['host'],
        'node': row['host'], 'availability_zone': row['az'] or None,
        'cell_name': '', 'state': row['vm_state'],
        'state_description': row['task_state'] or '', 'progress': '',
        'created_at': _spoken(row['created']),
        'deleted_at': iso_micro(row['terminated']) or '',
        'launched_at': iso_micro(row['launched']) or '',
        'terminated_at': iso_micro(row['terminated']) or '',
        'metadata': row['metadata'], 'reservation_id':
            row['reservation_id'], 'instance_type': size['name'],
        'instance_flavor_id': size['id'], 'memory_mb': size['ram'],
        'disk_gb': size['disk'], 'root_gb': size['disk'],
        'ephemeral_gb': 0, 'vcpus': size['vcpus'], 'os_type': None,
        'architecture': None, 'kernel_id': '', 'ramdisk_id': '',
        'access_ip_v4': None, 'access_ip_v6': None,
        'image_meta': {'base_image_ref': row['image']}}


def legacy_updated(change: Change) -> Row:
    """An instance of which anything moved, in the old format."""
    old, new = change.old or change.row, change.row
    result = {
        **legacy(new), 'old_state': old['vm_state'],
        'old_task_state': old['task_state'],
        'new_task_state': new['task_state'],
        'audit_period_beginning': iso_micro(change.at // 3600 * 3600),
        'audit_period_ending': iso_micro(change.at)}
    if old['name'] != new['name']:
        result['old_display_name'] = old['name']
    return result


def legacy_unbuilt(row: Row) -> Row:
    """An instance that no host could take, in the old format."""
    return {'instance_id': row['id'], 'state': 'error',
            'method': 'build_instances', 'reason': NO_HOST,
            'request_spec': {}, 'instance_properties': {}}


def _spoken(moment: float) -> str:
    return time.strftime('%Y-%m-%d %H:%M:%S+00:00', time.gmtime(moment))
