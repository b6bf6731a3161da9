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
"""What Cinder tells of: volumes, snapshots, backups and volume types.

Nothing is told of a volume's metadata, nor of a service.
"""

from collections.abc import Iterator
import time

from synchronizer.sandbox.notices import Change
from synchronizer.sandbox.notices import CONTROL
from synchronizer.sandbox.notices import Notice
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import iso_micro


def volume(change: Change) -> Iterator[Notice]:
    """A volume; several things at once are told one after the other."""
    for action in _actions(change):
        yield _of_volume(change.row, action)


def _actions(change: Change) -> Iterator[str]:
    old, new = change.old, change.new
    if new is None:
        yield 'delete.end'
    elif old is None:
        yield ('create.start' if new['status'] == 'creating'
               else 'create.end')
    else:
        if change.differs('name', 'description'):
            yield 'update.end'
        if change.differs('size'):
            yield 'resize.end'
        if change.differs('type'):
            yield 'retype'
        yield from _attached(old, new) or _status(
            old['status'], new['status'])


def _attached(old: Row, new: Row) -> list[str]:
    if bool(old['attachments']) == bool(new['attachments']):
        return []
    return ['attach.end' if new['attachments'] else 'detach.end']


def _status(before: str, after: str) -> list[str]:
    """Who builds a volume says so at the end, and says nothing if he fails;
    every other status is one that an operator has set."""
    if before == after or (before, after) == ('creating', 'error'):
        return []
    if (before, after) == ('creating', 'available'):
        return ['create.end']
    return ['delete.start' if after == 'deleting' else 'reset_status.end']


def _of_volume(row: Row, action: str) -> Notice:
    event = f'volume.{action}'
    return _notice(f'volume.{row["pool"].partition("#")[0]}', event, {
        'volume_id': row['id'], 'volume_type': row['type_id'],
        'display_name': row['name'], 'size': row['size'],
        'status': 'deleted' if action == 'delete.end' else row['status'],
        'tenant_id': row['project_id'], 'user_id': row['user_id'],
        'snapshot_id': row['snapshot_id'], 'host': row['pool'],
        'availability_zone': 'nova', 'created_at': _offset(row['created']),
        'launched_at': _offset(row['created']), 'metadata': [
            {'key': key, 'value': value}
            for key, value in row['metadata'].items()],
        'replication_driver_data': None, 'replication_status': None,
        'replication_extended_status': None, 'volume_attachment': [
            _attachment(row, one) for one in row['attachments']]})


def _attachment(row: Row, one: Row) -> Row:
    moment = iso_micro(one['attached'])
    return {
        'id': one['attachment_id'], 'volume_id': row['id'],
        'instance_uuid': one['server_id'], 'mountpoint': one['device'],
        'attached_host': one['host_name'], 'attach_mode': 'rw',
        'attach_status': 'attached', 'attach_time': moment,
        'detach_time': None, 'created_at': moment, 'updated_at': moment,
        'deleted': False, 'deleted_at': None}


def snapshot(change: Change) -> Iterator[Notice]:
    """A snapshot; its volume is not told of by it."""
    row, gone = change.row, change.new is None
    action = _copy_action(change)
    if action:
        yield _notice(f'snapshot.{CONTROL}', f'snapshot.{action}', {
            'snapshot_id': row['id'], 'volume_id': row['volume_id'],
            'volume_size': row['size'], 'display_name': row['name'],
            'status': 'deleted' if gone else row['status'],
            'deleted': 'True' if gone else '',
            'tenant_id': row['project_id'], 'user_id': row['user_id'],
            'availability_zone': 'nova', 'metadata': '',
            'created_at': _offset(row['created'])})


def backup(change: Change) -> Iterator[Notice]:
    """A backup of a volume."""
    row, gone = change.row, change.new is None
    action = _copy_action(change)
    if action:
        yield _notice(f'backup.{CONTROL}', f'backup.{action}', {
            'backup_id': row['id'], 'volume_id': row['volume_id'],
            'size': row['size'], 'display_name': row['name'],
            'status': 'deleted' if gone else row['status'],
            'tenant_id': row['project_id'], 'user_id': row['user_id'],
            'availability_zone': None, 'host': CONTROL,
            'created_at': _offset(row['created']), 'snapshot_id': None,
            'parent_id': None, 'num_dependent_backups': 0,
            'fail_reason': None, 'service': None,
            'service_metadata': None})


def _copy_action(change: Change) -> str | None:
    if change.new is None:
        return 'delete.end'
    return 'create.end' if change.old is None else None


def volume_type(change: Change) -> Iterator[Notice]:
    """A volume type; its id is one level down."""
    row = change.row
    verb = 'delete' if change.new is None else (
        'update' if change.old else 'create')
    yield _notice(f'volumeType.{CONTROL}', f'volume_type.{verb}', {
        'volume_types': {
            'id': row['id'], 'name': row['name'],
            'is_public': row['is_public'],
            'description': row['description'],
            'extra_specs': row['extra_specs'], 'qos_specs_id': None}})


def _offset(moment: float) -> str:
    return time.strftime('%Y-%m-%dT%H:%M:%S+00:00', time.gmtime(moment))


def _notice(publisher: str, event: str, payload: Row) -> Notice:
    return Notice('cinder', event, publisher, payload)
