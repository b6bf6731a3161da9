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

"""What happens to servers, flavors and server groups.

`updated` moves as a real Nova moves it: not for tags, not for attachments,
not for a metadata key that is deleted, not for what happens to the host.
"""

from typing import Any

from synchronizer.sandbox import hosts
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.state import SandboxError

SERVER = 'nova.instance'

# status: (vm_state, power_state)
STATES = {
    'ACTIVE': ('active', 1), 'BUILD': ('building', 0),
    'SHUTOFF': ('stopped', 4), 'PAUSED': ('paused', 3),
    'SUSPENDED': ('suspended', 4), 'ERROR': ('error', 0),
    'MIGRATING': ('active', 1), 'RESIZE': ('active', 1),
    'VERIFY_RESIZE': ('resized', 1), 'DELETED': ('deleted', 0),
    'SOFT_DELETED': ('soft-delete', 4),
    'SHELVED_OFFLOADED': ('shelved_offloaded', 4),
}
TASKS = {'BUILD': 'spawning', 'MIGRATING': 'migrating',
         'RESIZE': 'resize_prep'}


def _state(status: str) -> Row:
    vm_state, power = STATES[status]
    return {'status': status, 'vm_state': vm_state, 'power_state': power,
            'task_state': TASKS.get(status)}


class ComputeVerbs(hosts.HostVerbs):
    """Changes to servers and to what they are made of."""

    def boot(self, name: str | None = None, project: str | None = None,
             flavor: str | None = None, host: str | None = None,
             metadata: dict[str, str] | None = None, status: str = 'ACTIVE',
             tags: list[str] | tuple[str, ...] = ()) -> str:
        """A new server; with status BUILD it has no host yet."""
        with self.lock:
            key, number, now = self.new_id(), self.new_number(), self.now()
            name = name or f'server-{number}'
            row = {
                'id': key, 'number': number, 'name': name,
                'hostname': name, 'user_id': self.user_of(project),
                'project_id': self.project_id(project), 'created': now,
                'updated': now, 'launched': None, 'terminated': None,
                'image': self.image, 'metadata': dict(metadata or {}),
                'tags': tuple(tags), 'description': None, 'locked': False,
                'locked_reason': None, 'volumes': (), 'key_name': None,
                'mac': f'fa:16:3e:{self.rng.getrandbits(24):06x}',
                'reservation_id': f'r-{self.rng.getrandbits(32):08x}',
                'flavor': self._flavor(flavor), 'deleted': False,
                'order': (-int(now), -number), **self._nowhere(),
                **_state('BUILD')}
            if status != 'BUILD':
                row.update(self._landed(host), launched=now)
                row.update(_state(status if row['host'] else 'ERROR'))
            self.put(SERVER, key, row)
            return key

    def finish_boot(self, server: str, host: str | None = None) -> None:
        """A building server becomes ACTIVE, or ERROR if no host is left."""
        place = self._landed(host)
        self._change(server, launched=self.now(), **place,
                     **_state('ACTIVE' if place['host'] else 'ERROR'))

    def delete_server(self, server: str) -> None:
        """Gone; only changes-since and deleted=true show it, as DELETED."""
        with self.lock:
            row = self.get(SERVER, server)
            for volume in row['volumes']:
                self.detach_volume(volume['id'])
            for group in self.live('nova.server_group'):
                if server in group['members']:
                    self.leave_group(group['id'], server)
            self._change(server, deleted=True, terminated=self.now(),
                         **_state('DELETED'))

    def archive_deleted(self) -> int:
        """Forget deleted servers: no listing shows them, no marker knows."""
        with self.lock:
            gone = [row['id'] for row in self.rows(SERVER) if row['deleted']]
            for key in gone:
                self.forget(SERVER, key)
            return len(gone)

    def soft_delete(self, server: str) -> None:
        """It leaves the listing; a GET of it still answers."""
        self._change(server, **_state('SOFT_DELETED'))

    def restore(self, server: str) -> None:
        """Bring a soft-deleted server back."""
        self._change(server, **_state('ACTIVE'))

    def migrate(self, server: str, host: str | None = None) -> str:
        """Move to another host, of the same cell if none is named."""
        with self.lock:
            row = self.get(SERVER, server)
            place = self._landed(host, other_than=row['host'],
                                 cell=row['cell'])
            if place['host'] is None:
                raise SandboxError(f'no other host for {server}')
            self._change(server, **place, **_state('ACTIVE'))
            return place['host']

    def begin(self, server: str, status: str) -> None:
        """Show a status: MIGRATING, PAUSED, ERROR and so on."""
        if status not in STATES or status == 'DELETED':
            raise SandboxError(f'no status {status}')
        self._change(server, **_state(status))

    def resize(self, server: str, flavor: str | None = None,
               confirm: bool = True) -> None:
        """Another flavor; unconfirmed, it waits in VERIFY_RESIZE."""
        with self.lock:
            new = self._flavor(flavor, self.get(SERVER, server)['flavor'])
            self._change(server, flavor=new, **_state(
                'ACTIVE' if confirm else 'VERIFY_RESIZE'))

    def confirm_resize(self, server: str) -> None:
        """The end of a resize."""
        self._change(server, **_state('ACTIVE'))

    def stop(self, server: str) -> None:
        """Power off."""
        self._change(server, **_state('SHUTOFF'))

    def start(self, server: str) -> None:
        """Power on."""
        self._change(server, **_state('ACTIVE'))

    def fail(self, server: str) -> None:
        """Into ERROR."""
        self._change(server, **_state('ERROR'))

    def shelve(self, server: str) -> None:
        """Off its host."""
        self._change(server, **_state('SHELVED_OFFLOADED'), host=None,
                     host_status='')

    def unshelve(self, server: str, host: str | None = None) -> None:
        """On a host again."""
        self._change(server, **_state('ACTIVE'), **self._landed(host))

    def rename(self, server: str, name: str) -> None:
        """Another display name; the host name of the guest stays."""
        self._change(server, name=name)

    def describe(self, server: str, description: str | None) -> None:
        """Another description."""
        self._change(server, description=description)

    def lock_server(self, server: str, reason: str | None = None) -> None:
        """Locked by an admin."""
        self._change(server, locked=True, locked_reason=reason)

    def unlock_server(self, server: str) -> None:
        """Unlocked."""
        self._change(server, locked=False, locked_reason=None)

    def set_metadata(self, server: str, metadata: dict[str, str]) -> None:
        """Add or change metadata keys."""
        with self.lock:
            old = self.get(SERVER, server)['metadata']
            self._change(server, metadata={**old, **metadata})

    def delete_metadata(self, server: str, key: str) -> None:
        """Take one metadata key away; `updated` does not move."""
        with self.lock:
            old = self.get(SERVER, server)['metadata']
            self.change(SERVER, server, metadata={
                k: v for k, v in old.items() if k != key})

    def tag(self, server: str, tag: str) -> None:
        """Add a tag; `updated` does not move."""
        with self.lock:
            tags = set(self.get(SERVER, server)['tags']) | {tag}
            self.change(SERVER, server, tags=tuple(sorted(tags)))

    def untag(self, server: str, tag: str) -> None:
        """Take a tag away; `updated` does not move."""
        with self.lock:
            tags = set(self.get(SERVER, server)['tags']) - {tag}
            self.change(SERVER, server, tags=tuple(sorted(tags)))

    def create_flavor(self, name: str, vcpus: int = 1, ram: int = 512,
                      disk: int = 1, is_public: bool = True,
                      extra_specs: dict[str, str] | None = None,
                      projects: list[str] | tuple[str, ...] = ()) -> str:
        """A new flavor; returns its id."""
        key = self.new_id()
        self.put('nova.flavor', key, {
            'id': key, 'name': name, 'vcpus': vcpus, 'ram': ram,
            'disk': disk, 'is_public': is_public, 'description': None,
            'extra_specs': dict(extra_specs or {}),
            'projects': tuple(map(self.project_id, projects))})
        return key

    def delete_flavor(self, flavor: str) -> None:
        """Servers keep what they were made of."""
        self.drop('nova.flavor', flavor)

    def create_server_group(self, name: str, policy: str = 'anti-affinity',
                            project: str | None = None,
                            members: list[str] | tuple[str, ...] = ()
                            ) -> str:
        """A new server group; returns its id."""
        key = self.new_id()
        self.put('nova.server_group', key, {
            'id': key, 'name': name, 'policy': policy,
            'project_id': self.project_id(project),
            'user_id': self.user_of(project), 'members': tuple(members)})
        return key

    def join_group(self, group: str, server: str) -> None:
        """Make a server a member; its `updated` does not move."""
        with self.lock:
            members = self.get('nova.server_group', group)['members']
            self.change('nova.server_group', group,
                        members=(*members, server))

    def leave_group(self, group: str, server: str) -> None:
        """A server is a member no more."""
        with self.lock:
            members = self.get('nova.server_group', group)['members']
            self.change('nova.server_group', group, members=tuple(
                member for member in members if member != server))

    def delete_server_group(self, group: str) -> None:
        """The members stay."""
        self.drop('nova.server_group', group)

    def _change(self, server: str, **changes: Any) -> Row:
        return self.change(SERVER, server, updated=self.now(), **changes)

    def _flavor(self, flavor: str | None, other_than: Row | None = None
                ) -> Row:
        rows = self.live('nova.flavor')
        if flavor is not None:
            for row in rows:
                if flavor in (row['id'], row['name']):
                    return row
            raise SandboxError(f'no flavor {flavor}')
        return self.rng.choice([
            row for row in rows if row['is_public']
            and (other_than is None or row['id'] != other_than['id'])])

    def _nowhere(self) -> Row:
        return {'host': None, 'cell': 'cell0', 'az': '', 'host_status': ''}

    def _landed(self, host: str | None, other_than: str | None = None,
                cell: str | None = None) -> Row:
        """A place: the named host, or one that could take a server."""
        if host is None:
            names = [
                row['name'] for row in self.rows('nova.host')
                if hosts.host_status(row['service']) == 'UP'
                and row['name'] != other_than
                and cell in (None, row['cell'])]
            if not names:
                return self._nowhere()
            host = self.rng.choice(names)
        row = self.get('nova.host', host)
        return {'host': host, 'cell': row['cell'],
                'az': row['service']['zone'],
                'host_status': hosts.host_status(row['service'])}
