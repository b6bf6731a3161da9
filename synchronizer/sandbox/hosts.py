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

"""What servers run on: hosts, their services, aggregates, zones, cells."""

from synchronizer.sandbox.state import Row
from synchronizer.sandbox.state import SandboxError
from synchronizer.sandbox.state import State

COMPUTE = 'nova-compute'


def host_status(service: Row) -> str:
    """What Nova shows of a host on each of its servers."""
    if service['forced_down']:
        return 'DOWN'
    if service['status'] == 'disabled':
        return 'MAINTENANCE'
    return 'UP' if service['up'] else 'UNKNOWN'


class HostVerbs(State):
    """Changes to hosts and to what they belong to."""

    down_cells: frozenset[str] = frozenset()

    def cell_down(self, cell: str) -> None:
        """The cell's database no longer answers."""
        if cell not in self.cells():
            raise SandboxError(f'no cell {cell}')
        self.down_cells = self.down_cells | {cell}

    def cell_up(self, cell: str) -> None:
        """The cell's database answers again."""
        self.down_cells = self.down_cells - {cell}

    def cells(self) -> set[str]:
        """The names of all cells that have hosts."""
        return {host['cell'] for host in self.rows('nova.host')}

    def add_service(self, binary: str, host: str, zone: str = 'internal',
                    cell: str = 'cell0') -> str:
        """Register one service of Nova; returns its id."""
        key = self.new_id()
        self.put('nova.service', key, {
            'id': key, 'number': self.new_number(), 'binary': binary,
            'host': host, 'zone': zone, 'cell': cell, 'status': 'enabled',
            'disabled_reason': None, 'forced_down': False, 'up': True,
            'seen': self.now()})
        return key

    def add_host(self, name: str, cell: str = 'cell1') -> str:
        """A new hypervisor with its compute service; returns its name."""
        with self.lock:
            service = self.add_service(COMPUTE, name, 'nova', cell)
            self.put('nova.host', name, {
                'id': self.new_id(), 'number': self.new_number(),
                'name': name, 'cell': cell, 'vcpus': 64,
                'memory_mb': 262144, 'local_gb': 4000,
                'service': self.get('nova.service', service)})
            self._place()
            return name

    def remove_host(self, name: str) -> None:
        """Take an empty host away, with its service."""
        with self.lock:
            if any(server['host'] == name
                   for server in self.live('nova.instance')):
                raise SandboxError(f'host {name} has servers')
            for row in self.live('nova.aggregate'):
                if name in row['hosts']:
                    self.aggregate_remove_host(row['id'], name)
            self.drop('nova.service', self.compute_service(name)['id'])
            self.drop('nova.host', name)
            self._place()

    def compute_service(self, host: str) -> Row:
        """The row of a host's compute service."""
        for row in self.rows('nova.service'):
            if (row['binary'], row['host']) == (COMPUTE, host):
                return row
        raise SandboxError(f'no compute service on {host}')

    def service_down(self, host: str) -> None:
        """The compute service stops reporting."""
        self._service(host, up=False, seen=self.now())

    def service_up(self, host: str) -> None:
        """The compute service reports again."""
        self._service(host, up=True, seen=self.now())

    def disable_service(self, host: str, reason: str | None = None) -> None:
        """No new servers for this host."""
        self._service(host, status='disabled', disabled_reason=reason)

    def enable_service(self, host: str) -> None:
        """New servers may come to this host again."""
        self._service(host, status='enabled', disabled_reason=None)

    def force_down(self, host: str, forced: bool = True) -> None:
        """An operator says that the host is down."""
        self._service(host, forced_down=forced)

    def create_aggregate(self, name: str, zone: str | None = None,
                         hosts: list[str] | tuple[str, ...] = ()) -> str:
        """A new aggregate; returns its number, as text."""
        with self.lock:
            key = str(1 + max(map(int, self.table('nova.aggregate')),
                              default=0))
            metadata = {'availability_zone': zone} if zone else {}
            self.put('nova.aggregate', key, {
                'id': key, 'uuid': self.new_id(), 'name': name,
                'hosts': tuple(hosts), 'metadata': metadata,
                'created': self.now(), 'updated': None})
            self._place()
            return key

    def aggregate_add_host(self, aggregate: str, host: str) -> None:
        """A host joins an aggregate."""
        with self.lock:
            self.get('nova.host', host)
            hosts = self.get('nova.aggregate', aggregate)['hosts']
            self.change('nova.aggregate', aggregate,
                        hosts=(*(h for h in hosts if h != host), host))
            self._place()

    def aggregate_remove_host(self, aggregate: str, host: str) -> None:
        """A host leaves an aggregate."""
        with self.lock:
            hosts = self.get('nova.aggregate', aggregate)['hosts']
            self.change('nova.aggregate', aggregate,
                        hosts=tuple(h for h in hosts if h != host))
            self._place()

    def set_aggregate_metadata(self, aggregate: str,
                               metadata: dict[str, str]) -> None:
        """Replace the metadata; `availability_zone` in it makes a zone."""
        with self.lock:
            self.change('nova.aggregate', aggregate, metadata=dict(metadata),
                        updated=self.now())
            self._place()

    def delete_aggregate(self, aggregate: str) -> None:
        """Take an aggregate away; its hosts stay."""
        with self.lock:
            self.drop('nova.aggregate', aggregate)
            self._place()

    def _service(self, host: str, **changes: object) -> None:
        with self.lock:
            key = self.compute_service(host)['id']
            service = self.change('nova.service', key, **changes)
            self.change('nova.host', host, service=service)
            self._mark(host, host_status=host_status(service))
            self._zones()

    def _mark(self, host: str, **changes: object) -> None:
        """Change a host's servers; their `updated` does not move by it."""
        for row in self.live('nova.instance'):
            if row['host'] == host:
                self.change('nova.instance', row['id'], **changes)

    def zone_of(self, host: str) -> str:
        """The availability zone of a host."""
        for row in self.live('nova.aggregate'):
            if host in row['hosts'] and 'availability_zone' in row['metadata']:
                return row['metadata']['availability_zone']
        return 'nova'

    def _place(self) -> None:
        """Hosts, services and servers follow the aggregates' zones."""
        for host in list(self.table('nova.host')):
            zone = self.zone_of(host)
            service = self.compute_service(host)
            if service['zone'] != zone:
                service = self.change('nova.service', service['id'],
                                      zone=zone)
                self.change('nova.host', host, service=service)
                self._mark(host, az=zone)
        self._zones()

    def _zones(self) -> None:
        zones: dict[str, dict[str, dict[str, Row]]] = {}
        for row in self.rows('nova.service'):
            hosts = zones.setdefault(row['zone'], {})
            hosts.setdefault(row['host'], {})[row['binary']] = row
        for name in set(self.table('nova.zone')) - set(zones):
            self.drop('nova.zone', name)
        for name, hosts in zones.items():
            self.put('nova.zone', name, {'name': name, 'hosts': hosts})
