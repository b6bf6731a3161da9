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

"""A sandbox cloud with what Watcher's own collector asks for besides."""

import fixtures

from synchronizer.sandbox import identity
from synchronizer.sandbox import nova
from synchronizer.sandbox import SandboxServer
from synchronizer.sandbox import wire

RATIOS = {'VCPU': 4.0, 'MEMORY_MB': 1.5, 'DISK_GB': 1.0}
RESERVED = {'VCPU': 2, 'MEMORY_MB': 512, 'DISK_GB': 10}
TOTALS = {'VCPU': 'vcpus', 'MEMORY_MB': 'memory_mb', 'DISK_GB': 'local_gb'}


class SearchableNova(nova.Nova):
    """Finds hypervisors by a part of their name."""

    def _shown_hosts(self, request, rows):
        pattern = request.arg('hypervisor_hostname_pattern', '')
        return super()._shown_hosts(
            request, [row for row in rows if pattern in row['name']])


class Placement(wire.Service):
    """A provider for each host, and what it has."""

    prefix = '/placement'
    open_paths = ('', '/')

    def __init__(self, cloud):
        self.cloud = cloud
        self.answers = True
        self.without = set()
        self.failing = set()
        self.changed = {}

    def change(self, host, **ratios):
        """Let a host be overbooked otherwise; its generation moves."""
        generation, before = self.changed.get(host, (1, {}))
        self.changed[host] = generation + 1, before | ratios

    def routes(self):
        return [('GET', '', self.versions),
                ('GET', '/resource_providers', self.providers),
                ('GET', '/resource_providers/{key}/inventories',
                 self.inventories)]

    def prepare(self, request):
        if not self.answers:
            raise wire.HttpError(503, 'Placement is away')
        return {}

    def versions(self, request):
        return {'versions': [{
            'id': 'v1.0', 'status': 'CURRENT', 'min_version': '1.0',
            'max_version': '1.39', 'links': [{'rel': 'self', 'href': ''}]}]}

    def _hosts(self):
        return {row['id']: row for row in self.cloud.rows('nova.host')
                if row['name'] not in self.without}

    def providers(self, request):
        return {'resource_providers': [
            {'uuid': key, 'name': row['name'], 'links': [],
             'generation': self.changed.get(row['name'], (1, {}))[0]}
            for key, row in self._hosts().items()]}

    def inventories(self, request, key):
        row = self._hosts().get(key)
        if row is None:
            raise wire.HttpError(404, f'No resource provider {key}')
        if row['name'] in self.failing:
            raise wire.HttpError(500, 'Internal Server Error')
        generation, ratios = self.changed.get(row['name'], (1, {}))
        return {'resource_provider_generation': generation, 'inventories': {
            name: {'total': row[total], 'reserved': RESERVED[name],
                   'min_unit': 1, 'max_unit': row[total], 'step_size': 1,
                   'allocation_ratio': {**RATIOS, **ratios}[name]}
            for name, total in TOTALS.items()}}


class WatchedCloud(fixtures.Fixture):
    """The cloud, served for as long as the test runs."""

    def __init__(self, cloud):
        super().__init__()
        self.cloud = cloud

    def _setUp(self):
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.sandbox.identity.CATALOG',
            (*identity.CATALOG, ('placement', 'placement', '/placement'))))
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.sandbox.nova.Nova', SearchableNova))
        self.placement = Placement(self.cloud)
        self.server = _Server(self.cloud, self.placement)
        self.server.start()
        self.addCleanup(self.server.stop)

    def asked(self, part, since=None):
        """How many requests bore this in their path."""
        counted = self.server.requests - (since or {})
        return sum(count for path, count in counted.items() if part in path)


class _Server(SandboxServer):

    def __init__(self, cloud, placement):
        super().__init__(cloud)
        self._routes += [
            (method, wire.template_regex(placement.prefix + path),
             f'{method} {placement.prefix}{path}', placement, handler)
            for method, path, handler in placement.routes()]
