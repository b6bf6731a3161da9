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

"""Nova's endpoint: discovery, microversions, and the small listings."""

from typing import Any

from synchronizer.sandbox import nova_servers
from synchronizer.sandbox import nova_views as views
from synchronizer.sandbox import wire
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import Answer
from synchronizer.sandbox.wire import HttpError
from synchronizer.sandbox.wire import Request

LOW = '2.1'


def admin_only(request: Request, rule: str) -> None:
    """403 for everybody else."""
    if not request.is_admin:
        raise HttpError(403, f"Policy doesn't allow {rule} to be performed.")


def page(request: Request, rows: list[Row], key: str = 'id'
         ) -> tuple[list[Row], str | None]:
    """Rows by limit and marker, and the marker of the next page."""
    limit = request.count('limit')
    limit = min(request.cloud.page_limit,
                request.cloud.page_limit if limit is None else limit)
    marker = request.arg('marker')
    if marker is not None:
        keys = [str(row[key]) for row in rows]
        if marker not in keys:
            raise HttpError(400, f'marker [{marker}] not found')
        rows = rows[keys.index(marker) + 1:]
    more = len(rows) > limit or 0 < len(rows) == limit
    rows = rows[:limit]
    return rows, str(rows[-1][key]) if more and rows else None


class Nova(nova_servers.Servers):
    """Nova over HTTP."""

    prefix = '/compute'
    open_paths = ('', '/', '/v2.1', '/v2.1/')

    def routes(self) -> list[tuple[str, str, wire.Handler]]:
        base = '/v2.1'
        return [('GET', path, handler) for path, handler in (
            ('', self.versions), ('/', self.versions),
            (base, self.version),
            (base + '/servers/detail', self.servers_detail),
            (base + '/servers', self.servers),
            (base + '/servers/{key}', self.server),
            (base + '/os-services', self.services),
            (base + '/os-hypervisors/detail', self.hypervisors),
            (base + '/os-hypervisors/{key}', self.hypervisor),
            (base + '/os-aggregates', self.aggregates),
            (base + '/os-aggregates/{key}', self.aggregate),
            (base + '/os-availability-zone', self.zones),
            (base + '/os-availability-zone/detail', self.zones_detail),
            (base + '/flavors/detail', self.flavors),
            (base + '/flavors/{key}', self.flavor),
            (base + '/os-server-groups', self.server_groups),
            (base + '/os-server-groups/{key}', self.server_group))]

    def prepare(self, request: Request) -> dict[str, str]:
        asked = wire.header_version(request.headers, 'compute')
        asked = asked or request.headers.get('X-OpenStack-Nova-API-Version')
        version = wire.microversion(asked, LOW, self.cloud.nova_max_version)
        request.version = version
        text = '{}.{}'.format(*version)
        return {'OpenStack-API-Version': f'compute {text}',
                'X-OpenStack-Nova-API-Version': text,
                'Vary': 'OpenStack-API-Version, '
                        'X-OpenStack-Nova-API-Version'}

    def error(self, error: HttpError) -> Answer:
        return wire.fault(error)

    def versions(self, request: Request) -> Row:
        """The discovery document of the root."""
        old = {'id': 'v2.0', 'status': 'SUPPORTED', 'version': '',
               'min_version': '', 'updated': '2011-01-21T11:33:21Z',
               'links': [{'rel': 'self',
                          'href': f'{self.cloud.url}/compute/v2/'}]}
        return {'versions': [old, self._version()]}

    def version(self, request: Request) -> Row:
        """The discovery document of v2.1."""
        kind = 'application/vnd.openstack.compute+json;version=2.1'
        return {'version': {**self._version(), 'media-types': [
            {'base': 'application/json', 'type': kind}]}}

    def _version(self) -> Row:
        return {'id': 'v2.1', 'status': 'CURRENT',
                'version': self.cloud.nova_max_version, 'min_version': LOW,
                'updated': '2013-07-23T11:33:21Z',
                'links': [{'rel': 'self',
                           'href': f'{self.cloud.url}/compute/v2.1/'}]}

    def services(self, request: Request) -> Row:
        """Those of a down cell are UNKNOWN from 2.69 on, else left out."""
        admin_only(request, 'os_compute_api:os-services:list')
        rows = [row for row in self.cloud.rows('nova.service')
                if request.arg('host') in (None, row['host'])
                and request.arg('binary') in (None, row['binary'])]
        now, down = self.cloud.now(), self.cloud.down_cells
        shown = [views.service(row, request.version, now)
                 for row in rows if row['cell'] not in down]
        if request.version >= (2, 69):
            shown += [{'binary': row['binary'], 'host': row['host'],
                       'status': 'UNKNOWN'}
                      for row in rows if row['cell'] in down]
        return {'services': shown}

    def hypervisors(self, request: Request) -> Row:
        """Those of a down cell are left out."""
        admin_only(request, 'os_compute_api:os-hypervisors:list-detail')
        rows, last = self._up_hosts(), None
        pattern = request.arg('hypervisor_hostname_pattern')
        if request.version >= (2, 53) and pattern is not None:
            rows = self._matching(request, rows, pattern)
        elif request.version >= (2, 33):
            key = self._host_key(request)
            rows, last = page(request, rows, key)
        shown: Row = {'hypervisors': self._shown_hosts(request, rows)}
        if last and request.arg('limit') is not None:
            shown['hypervisors_links'] = [
                {'rel': 'next', 'href': request.next_link(last)}]
        return shown

    @staticmethod
    def _matching(request: Request, rows: list[Row], pattern: str
                  ) -> list[Row]:
        if request.args('limit') or request.args('marker'):
            raise HttpError(400, 'Paging over hypervisors with the '
                                 'hypervisor_hostname_pattern query '
                                 'parameter is not supported.')
        found = [row for row in rows
                 if pattern.lower() in row['name'].lower()]
        if not found:
            raise HttpError(404, 'No hypervisor matching '
                                 f"'{pattern}' could be found.")
        return found

    def hypervisor(self, request: Request, key: str) -> Row:
        """One hypervisor, by uuid or by number."""
        admin_only(request, 'os_compute_api:os-hypervisors:show')
        name = self._host_key(request)
        for row in self._up_hosts():
            if str(row[name]) == key:
                return {'hypervisor': self._shown_hosts(request, [row])[0]}
        raise HttpError(404, f'Compute host {key} could not be found.')

    def _up_hosts(self) -> list[Row]:
        return [row for row in self.cloud.rows('nova.host')
                if row['cell'] not in self.cloud.down_cells]

    @staticmethod
    def _host_key(request: Request) -> str:
        return 'id' if request.version >= (2, 53) else 'number'

    def _shown_hosts(self, request: Request, rows: list[Row]) -> list[Row]:
        guests: dict[str, list[Row]] = {}
        for row in self.cloud.live('nova.instance'):
            guests.setdefault(row['host'], []).append(row)
        return [views.hypervisor(
            row, request.version, guests.get(row['name'], []),
            self.cloud.now(), request.flag('with_servers')) for row in rows]

    def aggregates(self, request: Request) -> Row:
        """All aggregates; this listing has no pages."""
        admin_only(request, 'os_compute_api:os-aggregates:index')
        return {'aggregates': [
            views.aggregate(row, request.version)
            for row in self.cloud.rows('nova.aggregate')]}

    def aggregate(self, request: Request, key: str) -> Row:
        """One aggregate."""
        admin_only(request, 'os_compute_api:os-aggregates:show')
        row = self._one('nova.aggregate', key, 'Aggregate')
        return {'aggregate': views.aggregate(row, request.version)}

    def zones(self, request: Request) -> Row:
        """What everybody sees of the zones."""
        return {'availabilityZoneInfo': [
            views.zone(row, self.cloud.now(), False)
            for row in self.cloud.rows('nova.zone')
            if row['name'] != 'internal']}

    def zones_detail(self, request: Request) -> Row:
        """The zones with their hosts, less those of a down cell; a zone
        that has no other is left out."""
        admin_only(request, 'os_compute_api:os-availability-zone:detail')
        shown = [{**row, 'hosts': self._answering(row['hosts'])}
                 for row in self.cloud.rows('nova.zone')]
        return {'availabilityZoneInfo': [
            views.zone(row, self.cloud.now(), True)
            for row in shown if row['hosts']]}

    def _answering(self, hosts: Row) -> Row:
        return {host: binaries for host, binaries in hosts.items()
                if not any(one.get('cell') in self.cloud.down_cells
                           for one in binaries.values())}

    def flavors(self, request: Request) -> Row:
        """The public ones, or all for an admin with is_public=None."""
        rows = sorted((row for row in self.cloud.rows('nova.flavor')
                       if self._sees_flavor(request, row)),
                      key=lambda row: row['id'])
        rows, last = page(request, rows)
        shown: Row = {'flavors': [
            views.flavor(row, request.version, self.cloud.url)
            for row in rows]}
        if last and request.arg('limit') is not None:
            shown['flavors_links'] = [
                {'rel': 'next', 'href': request.next_link(last)}]
        return shown

    def _sees_flavor(self, request: Request, row: Row) -> bool:
        asked = (request.arg('is_public') or '').lower()
        mine = self.cloud.projects[request.token.project] in row['projects']
        if not request.is_admin:
            return row['is_public'] or mine
        if asked == 'none':
            return True
        if asked:
            return row['is_public'] == wire.is_true(asked)
        return row['is_public'] or mine

    def flavor(self, request: Request, key: str) -> Row:
        """One flavor, private ones for an admin only."""
        row = self._one('nova.flavor', key, 'Flavor')
        if not (request.is_admin or self._sees_flavor(request, row)):
            raise HttpError(404, f'Flavor {key} could not be found.')
        return {'flavor': views.flavor(row, request.version, self.cloud.url)}

    def server_groups(self, request: Request) -> Row:
        """One's own, or all for an admin with all_projects."""
        mine = self.cloud.projects[request.token.project]
        everywhere = request.is_admin and request.arg('all_projects')
        rows = [row for row in self.cloud.rows('nova.server_group')
                if everywhere or row['project_id'] == mine]
        limit, offset = request.count('limit'), request.count('offset') or 0
        limit = min(limit or self.cloud.page_limit, self.cloud.page_limit)
        return {'server_groups': [
            views.server_group(row, request.version)
            for row in rows[offset:offset + limit]]}

    def server_group(self, request: Request, key: str) -> Row:
        """One server group."""
        row = self._one('nova.server_group', key, 'Instance group')
        mine = self.cloud.projects[request.token.project]
        if not request.is_admin and row['project_id'] != mine:
            raise HttpError(404, f'Instance group {key} could not be found.')
        return {'server_group': views.server_group(row, request.version)}

    def _one(self, kind: str, key: str, name: str) -> Row:
        row: Any = self.cloud.table(kind).get(key)
        if row is None:
            raise HttpError(404, f'{name} {key} could not be found.')
        return row
