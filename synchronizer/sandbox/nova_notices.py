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
"""What Nova tells of: instances, services, aggregates, flavors, groups.

That a service's heartbeat stops, and what this does to its servers, is told
by nobody, in a real cloud as here.
"""

from collections.abc import Iterator

from synchronizer.sandbox import nova_payloads as payloads
from synchronizer.sandbox.notices import Change
from synchronizer.sandbox.notices import CONTROL
from synchronizer.sandbox.notices import ERROR
from synchronizer.sandbox.notices import LEGACY
from synchronizer.sandbox.notices import Notice
from synchronizer.sandbox.notices import VERSIONED
from synchronizer.sandbox.state import Row

# what is told when an instance comes to a status, and when it leaves it
# to be ACTIVE
ARRIVED = {
    'PAUSED': ('pause',), 'SUSPENDED': ('suspend',),
    'SHUTOFF': ('power_off',), 'SOFT_DELETED': ('soft_delete',),
    'VERIFY_RESIZE': ('resize_finish',),
    'SHELVED_OFFLOADED': ('shelve', 'shelve_offload')}
RETURNED = {
    'BUILD': 'create', 'PAUSED': 'unpause', 'SUSPENDED': 'resume',
    'SHUTOFF': 'power_on', 'SOFT_DELETED': 'restore',
    'VERIFY_RESIZE': 'resize_confirm', 'SHELVED_OFFLOADED': 'unshelve'}
OLD_NAMES = {
    'resize_finish': 'finish_resize', 'resize_confirm': 'resize.confirm',
    'live_migration_post': 'live_migration._post',
    'live_migration_post_dest': 'live_migration.post.dest'}
SHOWN = ('status', 'task_state', 'host', 'name', 'description', 'metadata',
         'tags', 'locked', 'locked_reason', 'flavor', 'launched')


def instance(change: Change) -> Iterator[Notice]:
    """An instance.update where it shows, then what was done, if anything."""
    if change.new is None:
        return
    if change.differs(*SHOWN):
        yield from _update(change)
    if change.old is None:
        yield from _born(change)
    elif change.new['deleted']:
        yield from _deleted(change)
    else:
        yield from _locks(change)
        yield from _volumes(change, change.old, change.new)
        yield from _moves(change, change.old, change.new)


def _update(change: Change) -> Iterator[Notice]:
    yield _new(_who(change.row, 'nova-conductor'), 'instance.update',
               payloads.updated(change))
    yield _old(_old_who(change.row, 'conductor'), 'compute.instance.update',
               payloads.legacy_updated(change))


def _born(change: Change) -> Iterator[Notice]:
    if change.row['host']:
        yield from _did(change, 'create')
    elif change.row['status'] == 'ERROR':
        yield from _unbuilt(change.row)


def _deleted(change: Change) -> Iterator[Notice]:
    if change.row['host']:
        yield from _did(change, 'shutdown')
    yield from _did(change, 'delete')


def _locks(change: Change) -> Iterator[Notice]:
    if change.differs('locked', 'locked_reason'):
        verb = 'lock' if change.row['locked'] else 'unlock'
        yield _new(f'nova-api:{CONTROL}', f'instance.{verb}',
                   payloads.action(change, change.row))


def _volumes(change: Change, old: Row, new: Row) -> Iterator[Notice]:
    before = [one['id'] for one in old['volumes']]
    after = [one['id'] for one in new['volumes']]
    for verb, volumes, others in (('detach', before, after),
                                  ('attach', after, before)):
        for volume in volumes:
            if volume not in others:
                yield from _volume(change, verb, volume)


def _volume(change: Change, verb: str, volume: str) -> Iterator[Notice]:
    row = change.row
    yield _old(_old_who(row, 'api'), f'compute.instance.volume.{verb}',
               {**payloads.legacy(row), 'volume_id': volume})
    yield _new(_who(row, 'nova-api'), f'instance.volume_{verb}.end',
               payloads.volume_action(change, row, volume))


def _moves(change: Change, old: Row, new: Row) -> Iterator[Notice]:
    before, after = old['status'], new['status']
    if (before, after) == ('BUILD', 'ERROR'):
        yield from _unbuilt(new)
    elif before != after and after in ARRIVED:
        for action in ARRIVED[after]:
            yield from _did(change, action)
    elif before in RETURNED and after == 'ACTIVE':
        yield from _did(change, RETURNED[before])
    if old['flavor'] != new['flavor'] and after == 'ACTIVE':
        yield from _did(change, 'resize_finish')
        yield from _did(change, 'resize_confirm')
    if old['host'] and new['host'] and old['host'] != new['host']:
        yield from _did(change, 'live_migration_post_dest')
        # the source still believes in itself when it says the last word
        yield from _did(change, 'live_migration_post', {
            **new, 'host': old['host'], 'task_state': 'migrating'})


def _did(change: Change, action: str, row: Row | None = None
         ) -> Iterator[Notice]:
    row = row or change.row
    payload = payloads.created if action == 'create' else payloads.action
    name = OLD_NAMES.get(action, action)
    yield _old(_old_who(row, 'api'), f'compute.instance.{name}.end',
               payloads.legacy(row))
    yield _new(_who(row, 'nova-api'), f'instance.{action}.end',
               payload(change, row))


def _unbuilt(row: Row) -> Iterator[Notice]:
    yield _old(f'compute_task.{CONTROL}', 'compute_task.build_instances',
               payloads.legacy_unbuilt(row), ERROR)
    yield _new(f'nova-conductor:{CONTROL}',
               'compute_task.build_instances.error', payloads.unbuilt(row),
               ERROR)


def service(change: Change) -> Iterator[Notice]:
    """What an operator says of a service, and nothing of its health."""
    if change.differs('status', 'disabled_reason', 'forced_down'):
        yield _new(f'{change.row["binary"]}:{change.row["host"]}',
                   f'service.{_verb(change)}', payloads.service(change.row))


def flavor(change: Change) -> Iterator[Notice]:
    """Flavors are told of in the new format only."""
    yield _new(f'nova-api:{CONTROL}', f'flavor.{_verb(change)}',
               payloads.flavor(change.row))


def aggregate(change: Change) -> Iterator[Notice]:
    """An aggregate, its hosts, its metadata."""
    if change.old is None or change.new is None:
        yield from _aggregate(change, _verb(change), {})
    if change.new is None:
        return
    before, after = (change.old or {}).get('hosts', ()), change.new['hosts']
    for action, hosts, others in (('remove_host', before, after),
                                  ('add_host', after, before)):
        for host in hosts:
            if host not in others:
                yield from _aggregate(change, action, {'host_name': host})
    if change.old and change.differs('metadata'):
        yield from _aggregate(change, 'update_metadata', {
            'meta_data': change.new['metadata']})


def _aggregate(change: Change, action: str, more: Row) -> Iterator[Notice]:
    row = change.row
    yield _old(f'aggregate.{row["id"]}',
               f'aggregate.{action.replace("_", "")}.end',
               {'aggregate_id': int(row['id']), **more})
    yield _new(f'nova-api:{CONTROL}', f'aggregate.{action}.end',
               payloads.aggregate(row))


def server_group(change: Change) -> Iterator[Notice]:
    """A group and who joins it; nobody says who leaves."""
    if change.old is None or change.new is None:
        yield from _group(change, _verb(change), {})
    if change.new is None:
        return
    before = (change.old or {}).get('members', ())
    joined = [one for one in change.new['members'] if one not in before]
    if joined:
        yield from _group(change, 'add_member', {'instance_uuids': joined})


def _group(change: Change, action: str, more: Row) -> Iterator[Notice]:
    yield _old(f'servergroup.{CONTROL}',
               f'servergroup.{action.replace("_", "")}',
               {'server_group_id': change.row['id'], **more})
    yield _new(f'nova-api:{CONTROL}', f'server_group.{action}',
               payloads.server_group(change.row))


def _verb(change: Change) -> str:
    if change.old is None:
        return 'create'
    return 'update' if change.new else 'delete'


def _who(row: Row, otherwise: str) -> str:
    return (f'nova-compute:{row["host"]}' if row['host']
            else f'{otherwise}:{CONTROL}')


def _old_who(row: Row, otherwise: str) -> str:
    return (f'compute.{row["host"]}' if row['host']
            else f'{otherwise}.{CONTROL}')


def _new(publisher: str, event: str, payload: Row, priority: str = 'INFO'
         ) -> Notice:
    return Notice('nova', event, publisher, payload, priority, VERSIONED)


def _old(publisher: str, event: str, payload: Row, priority: str = 'INFO'
         ) -> Notice:
    return Notice('nova', event, publisher, payload, priority, LEGACY)
