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

"""What happens to volumes, snapshots, backups and what serves them."""

from typing import Any

from synchronizer.sandbox.compute import SERVER
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.state import SandboxError
from synchronizer.sandbox.state import State

VOLUME = 'cinder.volume'
CONTROL = 'sandbox-control'


class VolumeVerbs(State):
    """Changes to what Cinder knows."""

    def add_backend(self, name: str) -> None:
        """A cinder-volume service, its pool and a type that uses it."""
        host = f'{CONTROL}@{name}'
        self.add_cinder_service('cinder-volume', host)
        pool = f'{host}#{name}'
        self.put('cinder.pool', pool, {
            'name': pool, 'backend': name, 'total': 100000})
        self.create_volume_type(name, {'volume_backend_name': name})

    def add_cinder_service(self, binary: str, host: str) -> str:
        """Register one service of Cinder; returns `binary@host`."""
        key = f'{binary}@{host}'
        self.put('cinder.service', key, {
            'id': self.new_id(), 'binary': binary, 'host': host,
            'status': 'enabled', 'disabled_reason': None, 'up': True,
            'seen': self.now()})
        return key

    def cinder_service_down(self, service: str) -> None:
        """A service of Cinder, by `binary@host`, stops reporting."""
        self.change('cinder.service', service, up=False, seen=self.now())

    def cinder_service_up(self, service: str) -> None:
        """It reports again."""
        self.change('cinder.service', service, up=True, seen=self.now())

    def create_volume_type(self, name: str,
                           extra_specs: dict[str, str] | None = None,
                           is_public: bool = True) -> str:
        """A new volume type; returns its id."""
        key = self.new_id()
        self.put('cinder.volume_type', key, {
            'id': key, 'name': name, 'is_public': is_public,
            'description': None, 'extra_specs': dict(extra_specs or {})})
        return key

    def delete_volume_type(self, volume_type: str) -> None:
        """Take a volume type away."""
        self.drop('cinder.volume_type', volume_type)

    def create_volume(self, name: str | None = None, size: int = 1,
                      project: str | None = None,
                      volume_type: str | None = None,
                      snapshot: str | None = None,
                      status: str = 'available') -> str:
        """A new volume; returns its id."""
        with self.lock:
            key, number, now = self.new_id(), self.new_number(), self.now()
            kind = self._volume_type(volume_type)
            self.put(VOLUME, key, {
                'id': key, 'name': name or f'volume-{number}', 'size': size,
                'project_id': self.project_id(project),
                'user_id': self.user_of(project), 'status': status,
                'created': now, 'updated': now, 'description': None,
                'type': kind['name'], 'type_id': kind['id'],
                'snapshot_id': snapshot, 'source_volid': None,
                'metadata': {}, 'attachments': (), 'migration_status': None,
                'order': (-int(now), -number), **self._backend(kind)})
            return key

    def delete_volume(self, volume: str) -> None:
        """Gone without a trace; an attached one is refused."""
        with self.lock:
            if self.get(VOLUME, volume)['attachments']:
                raise SandboxError(f'volume {volume} is attached')
            self.drop(VOLUME, volume)

    def set_volume_status(self, volume: str, status: str) -> None:
        """Show a status: deleting, error and so on."""
        self._volume(volume, status=status)

    def extend_volume(self, volume: str, size: int | None = None) -> None:
        """Make it larger."""
        with self.lock:
            old = self.get(VOLUME, volume)['size']
            self._volume(volume, size=size or old + 1)

    def retype_volume(self, volume: str, volume_type: str) -> None:
        """Another type, and the back end of that type."""
        with self.lock:
            kind = self._volume_type(volume_type)
            self._volume(volume, type=kind['name'], type_id=kind['id'],
                         **self._backend(kind))

    def rename_volume(self, volume: str, name: str) -> None:
        """Another name."""
        self._volume(volume, name=name)

    def set_volume_metadata(self, volume: str,
                            metadata: dict[str, str]) -> None:
        """Add or change metadata; `updated_at` does not move."""
        with self.lock:
            old = self.get(VOLUME, volume)['metadata']
            self.change(VOLUME, volume, metadata={**old, **metadata})

    def attach_volume(self, server: str, volume: str) -> None:
        """The server's `updated` does not move; the volume's does."""
        with self.lock:
            row = self.get(SERVER, server)
            if self.get(VOLUME, volume)['attachments']:
                raise SandboxError(f'volume {volume} is attached')
            self._volume(volume, status='in-use', attachments=({
                'attachment_id': self.new_id(), 'server_id': server,
                'host_name': row['host'], 'attached': self.now(),
                'device': f'/dev/vd{chr(98 + len(row["volumes"]) % 25)}'},))
            self.change(SERVER, server, volumes=(*row['volumes'], {
                'id': volume, 'delete_on_termination': False}))

    def detach_volume(self, volume: str) -> None:
        """From whatever server it is attached to."""
        with self.lock:
            for attachment in self.get(VOLUME, volume)['attachments']:
                key = attachment['server_id']
                volumes = self.get(SERVER, key)['volumes']
                self.change(SERVER, key, volumes=tuple(
                    one for one in volumes if one['id'] != volume))
            self._volume(volume, status='available', attachments=())

    def create_snapshot(self, volume: str, name: str | None = None) -> str:
        """A snapshot; nothing of it shows on the volume."""
        return self._copy('cinder.snapshot', volume, name)

    def delete_snapshot(self, snapshot: str) -> None:
        """Gone without a trace."""
        self.drop('cinder.snapshot', snapshot)

    def create_backup(self, volume: str, name: str | None = None) -> str:
        """A backup of a volume; returns its id."""
        return self._copy('cinder.backup', volume, name)

    def delete_backup(self, backup: str) -> None:
        """Gone without a trace."""
        self.drop('cinder.backup', backup)

    def _copy(self, kind: str, volume: str, name: str | None) -> str:
        with self.lock:
            source = self.get(VOLUME, volume)
            key, number, now = self.new_id(), self.new_number(), self.now()
            self.put(kind, key, {
                'id': key, 'name': name or f'{kind[7:]}-{number}',
                'volume_id': volume, 'size': source['size'],
                'project_id': source['project_id'],
                'user_id': source['user_id'], 'status': 'available',
                'description': None, 'metadata': {}, 'created': now,
                'updated': now, 'order': (-int(now), -number)})
            return key

    def _volume(self, volume: str, **changes: Any) -> Row:
        return self.change(VOLUME, volume, updated=self.now(), **changes)

    def _volume_type(self, name: str | None) -> Row:
        rows = self.live('cinder.volume_type')
        if name is None:
            return self.rng.choice([row for row in rows if row['is_public']])
        for row in rows:
            if name in (row['id'], row['name']):
                return row
        raise SandboxError(f'no volume type {name}')

    def _backend(self, kind: Row) -> Row:
        """Where volumes of a type lie."""
        backend = kind['extra_specs'].get('volume_backend_name', 'fast')
        host = f'{CONTROL}@{backend}'
        return {'pool': f'{host}#{backend}',
                'service_uuid': self._cinder_service(host)}

    def _cinder_service(self, host: str) -> str | None:
        row = self.table('cinder.service').get(f'cinder-volume@{host}')
        return row['id'] if row else None
