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

"""Cinder's endpoint: volumes, snapshots, backups, types, services, pools."""

from collections.abc import Callable
import re
from typing import Any

from synchronizer.sandbox import cinder_views as views
from synchronizer.sandbox import wire
from synchronizer.sandbox.nova import admin_only
from synchronizer.sandbox.nova_servers import parse_time
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import Answer
from synchronizer.sandbox.wire import HttpError
from synchronizer.sandbox.wire import Request

LOW = '3.0'
PAGING = {'all_tenants', 'limit', 'marker', 'offset', 'sort', 'sort_key',
          'sort_dir', 'with_count'}
# query parameter: the field of the row that must be equal to it
EQUAL = {'name': 'name', 'status': 'status', 'project_id': 'project_id',
         'volume_id': 'volume_id', 'id': 'id'}
TIMES = {'created_at': 'created', 'updated_at': 'updated'}
SORT = {'created_at': 'created', 'updated_at': 'updated', 'name': 'name',
        'id': 'id', 'status': 'status', 'size': 'size'}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    'gt': lambda a, b: a > b, 'gte': lambda a, b: a >= b,
    'lt': lambda a, b: a < b, 'lte': lambda a, b: a <= b,
    'eq': lambda a, b: a == b, 'neq': lambda a, b: a != b}


class Cinder(wire.Service):
    """Cinder over HTTP."""

    prefix = '/volume'
    open_paths = ('', '/', '/v3', '/v3/')

    def __init__(self, cloud: Any) -> None:
        self.cloud = cloud
        self._shown = wire.Shown()

    def routes(self) -> list[tuple[str, str, wire.Handler]]:
        routes: list[tuple[str, wire.Handler]] = [
            ('', self.root), ('/', self.root), ('/v3', self.version)]
        base = '/v3/{project}'
        for noun in ('volume', 'snapshot', 'backup'):
            routes += [(f'{base}/{noun}s/detail', self._lister(noun)),
                       (f'{base}/{noun}s/{{key}}', self._shower(noun))]
        routes += [(base + '/types', self.types),
                   (base + '/types/{key}', self.type),
                   (base + '/os-services', self.services),
                   (base + '/scheduler-stats/get_pools', self.pools)]
        return [('GET', path, handler) for path, handler in routes]

    def prepare(self, request: Request) -> dict[str, str]:
        asked = wire.header_version(request.headers, 'volume')
        version = wire.microversion(asked, LOW,
                                    self.cloud.cinder_max_version)
        request.version = version
        self._check_project(request)
        return {'OpenStack-API-Version': 'volume {}.{}'.format(*version),
                'Vary': 'OpenStack-API-Version'}

    def _check_project(self, request: Request) -> None:
        match = re.match('/volume/v3/([^/]+)/', request.path)
        if match and match[1] != self._mine(request):
            raise HttpError(400, 'Malformed request url')

    def _mine(self, request: Request) -> str:
        return self.cloud.projects[request.token.project]

    def error(self, error: HttpError) -> Answer:
        return wire.fault(error)

    def root(self, request: Request) -> Answer:
        """The discovery document of the root."""
        return wire.answer(self._versions(), 300)

    def version(self, request: Request) -> Row:
        """The discovery document of v3."""
        return self._versions()

    def _versions(self) -> Row:
        return {'versions': [{
            'id': 'v3.0', 'status': 'CURRENT', 'min_version': LOW,
            'version': self.cloud.cinder_max_version,
            'updated': '2023-08-31T00:00:00Z', 'links': [
                {'rel': 'self', 'href': f'{self.cloud.url}/volume/v3/'}],
            'media-types': [{
                'base': 'application/json',
                'type': 'application/vnd.openstack.volume+json;version=3'
            }]}]}

    def _variant(self, request: Request) -> tuple[Any, ...]:
        return (request.version, request.is_admin, self._mine(request),
                self.cloud.url)

    def _lister(self, noun: str) -> wire.Handler:
        def lister(request: Request, project: str) -> Answer:
            return self._list(request, noun)
        return lister

    def _shower(self, noun: str) -> wire.Handler:
        def shower(request: Request, project: str, key: str) -> Row:
            row = self._find(request, noun, key)
            render = getattr(views, noun)
            return {noun: render(row, *self._variant(request))}
        return shower

    def _find(self, request: Request, noun: str, key: str) -> Row:
        row = self.cloud.table(f'cinder.{noun}').get(key)
        if row is None or not (request.is_admin
                               or row['project_id'] == self._mine(request)):
            raise HttpError(404, f'{noun.capitalize()} {key} could not be '
                                 'found.')
        return row

    def _list(self, request: Request, noun: str) -> Answer:
        rows = self._wanted(request, noun)
        total = len(rows)
        rows = self._in_order(request, noun, rows)
        limit = request.count('limit')
        limit = min(self.cloud.page_limit,
                    self.cloud.page_limit if limit is None else limit)
        offset = request.count('offset') or 0
        rows = rows[offset:offset + limit]
        variant, render = self._variant(request), getattr(views, noun)
        parts = [self._shown.part(row, (noun, *variant),
                                  lambda row: render(row, *variant))
                 for row in rows]
        last = rows[-1]['id'] if rows and len(rows) == limit else None
        counted = request.flag('with_count') and request.version >= (3, 45)
        return wire.listing(request, f'{noun}s', parts, last,
                            **({'count': total} if counted else {}))

    def _wanted(self, request: Request, noun: str) -> list[Row]:
        """all_tenants of who may not is ignored without a word."""
        rows = self.cloud.rows(f'cinder.{noun}')
        if not (request.is_admin and request.flag('all_tenants')):
            mine = self._mine(request)
            rows = [row for row in rows if row['project_id'] == mine]
        filters = {key: value for key, value in request.query
                   if key not in PAGING}
        for name, value in filters.items():
            rows = self._filtered(request, noun, rows, name, value)
        return rows

    def _filtered(self, request: Request, noun: str, rows: list[Row],
                  name: str, value: str) -> list[Row]:
        if name in TIMES and noun == 'volume':
            if request.version < (3, 31):
                return rows
            return _in_time(rows, name, value)
        if name in EQUAL:
            return [row for row in rows if row.get(EQUAL[name]) == value]
        # Nothing has such a field: an admin finds nothing, others are told
        # so from 3.31 on and ignored before.
        if request.is_admin:
            return []
        if request.version >= (3, 31):
            raise HttpError(400, f'Invalid filters {name} are found in '
                                 'query options.')
        return rows

    def _in_order(self, request: Request, noun: str, rows: list[Row]
                  ) -> list[Row]:
        key, reverse = _sorting(request)
        rows = sorted(rows, key=key, reverse=reverse)
        marker = request.arg('marker')
        if marker is None:
            return rows
        return wire.after(rows, self._find(request, noun, marker), key,
                          reverse)

    def types(self, request: Request, project: str) -> Answer:
        """The public ones; all for an admin with is_public=None."""
        everything = request.is_admin and (
            request.arg('is_public', '').lower() == 'none')
        rows = [row for row in self.cloud.rows('cinder.volume_type')
                if everything or row['is_public']]
        marker, limit = request.arg('marker'), request.count('limit')
        if marker is not None:
            keys = [row['id'] for row in rows]
            if marker not in keys:
                raise HttpError(404, f'Volume type {marker} could not be '
                                     'found.')
            rows = rows[keys.index(marker) + 1:]
        rows = rows[:self.cloud.page_limit if limit is None else limit]
        last = rows[-1]['id'] if rows and len(rows) == limit else None
        return wire.listing(request, 'volume_types', [
            self._shown.part(row, request.is_admin, lambda row:
                             views.volume_type(row, request.is_admin))
            for row in rows], last, links='volume_type_links')

    def type(self, request: Request, project: str, key: str) -> Row:
        """One volume type."""
        row = self.cloud.table('cinder.volume_type').get(key)
        if row is None:
            raise HttpError(404, f'Volume type {key} could not be found.')
        return {'volume_type': views.volume_type(row, request.is_admin)}

    def services(self, request: Request, project: str) -> Row:
        """All services; this listing has no pages."""
        admin_only(request, 'volume_extension:services:index')
        return {'services': [
            views.service(row, request.version, self.cloud.now())
            for row in self.cloud.rows('cinder.service')
            if request.arg('host') in (None, row['host'])
            and request.arg('binary') in (None, row['binary'])]}

    def pools(self, request: Request, project: str) -> Row:
        """The pools of back ends that report."""
        admin_only(request, 'scheduler_extension:scheduler_stats:get_pools')
        used: dict[str, int] = {}
        for row in self.cloud.rows('cinder.volume'):
            used[row['pool']] = used.get(row['pool'], 0) + row['size']
        rows = self.cloud.rows('cinder.pool')
        if not request.flag('detail'):
            return {'pools': [{'name': row['name']} for row in rows]}
        return {'pools': [
            views.pool(row, used.get(row['name'], 0), self.cloud.now())
            for row in rows]}


def _in_time(rows: list[Row], name: str, value: str) -> list[Row]:
    """Several comparisons in one parameter are ORed, as in Cinder."""
    tests = []
    for part in value.split(','):
        match = re.fullmatch(r'(?:(\w+):)?(\d.*)', part)
        if not match or (match[1] or 'eq') not in COMPARE:
            raise HttpError(400, f'Invalid filter {name}: {value}')
        tests.append((COMPARE[match[1] or 'eq'],
                      parse_time(match[2], name)))
    field = TIMES[name]
    return [row for row in rows if row[field] is not None and any(
        test(int(row[field]), moment) for test, moment in tests)]


def _sorting(request: Request) -> tuple[Callable[[Row], Any], bool]:
    """The newest first, unless asked otherwise."""
    name, _, way = (request.arg('sort') or '').partition(':')
    name = name or request.arg('sort_key') or ''
    if not name:
        return lambda row: row['order'], False
    if name not in SORT:
        raise HttpError(400, f'Sort key {name} is invalid.')
    reverse = (way or request.arg('sort_dir') or 'desc') != 'asc'
    return lambda row: (row[SORT[name]], row['order']), reverse
