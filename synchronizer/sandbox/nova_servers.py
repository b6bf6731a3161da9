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

"""Servers over HTTP: filters, pages, changes-since and down cells."""

from collections.abc import Callable
import datetime
import re
from typing import Any

from synchronizer.sandbox import nova_views as views
from synchronizer.sandbox import wire
from synchronizer.sandbox.compute import SERVER
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import Answer
from synchronizer.sandbox.wire import HttpError
from synchronizer.sandbox.wire import Request

# query parameter: the field of the row that must be equal to it
EQUAL = {'host': 'host', 'project_id': 'project_id', 'user_id': 'user_id',
         'tenant_id': 'project_id', 'uuid': 'id', 'node': 'host',
         'availability_zone': 'az'}
SORT = {'created_at': 'created', 'updated_at': 'updated', 'uuid': 'id',
        'display_name': 'name', 'host': 'host'}
FILTERS = {*EQUAL, 'name', 'status', 'deleted', 'changes-since', 'tags',
           'changes-before', 'flavor', 'image', 'vm_state', 'locked', 'ip'}
KNOWN = {*FILTERS, 'all_tenants', 'limit', 'marker', 'sort_key', 'sort_dir'}


def parse_time(text: str | None, name: str) -> float | None:
    """A moment in whole seconds; 400 if it is none."""
    if text is None:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text.replace(' ', '+'))
    except ValueError:
        raise HttpError(400, f'Invalid input for query parameters {name}. '
                             f'Value: {text}. {text!r} is not a '
                             "'date-time'") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return int(moment.timestamp())


class Servers(wire.Service):
    """The part of Nova that is about servers."""

    def __init__(self, cloud: Any) -> None:
        self.cloud = cloud
        self._shown = wire.Shown()

    def servers_detail(self, request: Request) -> Answer:
        """Whole servers."""
        return self._list(request, ('detail',) + self._variant(request),
                          self._render(request))

    def servers(self, request: Request) -> Answer:
        """Ids and names."""
        return self._list(
            request, ('brief', self.cloud.url),
            lambda row: views.server_brief(row, self.cloud.url))

    def server(self, request: Request, key: str) -> Row:
        """One server; deleted ones are 404, soft-deleted ones are not."""
        row = self.cloud.table(SERVER).get(key)
        mine = self.cloud.projects[request.token.project]
        if row is None or row['deleted'] or not (
                request.is_admin or row['project_id'] == mine):
            raise HttpError(404, f'Instance {key} could not be found.')
        if row['cell'] in self.cloud.down_cells:
            return {'server': self._unreachable(request, row)}
        shown = self._render(request)(row)
        if request.version >= (2, 71):
            shown['server_groups'] = [
                group['id'] for group in self.cloud.rows('nova.server_group')
                if key in group['members']]
        return {'server': shown}

    def _unreachable(self, request: Request, row: Row) -> Row:
        if request.version < (2, 69):
            raise HttpError(500, f'Cell {row["cell"]} is not responding and '
                                 'hence instance info is not available.')
        url = self.cloud.url
        flavor = views.server(row, request.version, True, url)['flavor']
        return {**views.server_unknown(row, url), 'flavor': flavor,
                'image': {'id': row['image']}, 'user_id': row['user_id'],
                'OS-EXT-AZ:availability_zone': 'UNKNOWN',
                'OS-EXT-STS:power_state': 0}

    def _variant(self, request: Request) -> tuple[Any, ...]:
        return request.version, request.is_admin, self.cloud.url

    def _render(self, request: Request) -> Callable[[Row], Row]:
        variant = self._variant(request)
        return lambda row: views.server(row, *variant)

    def _list(self, request: Request, variant: tuple[Any, ...],
              render: Callable[[Row], Row]) -> Answer:
        self._check(request)
        limit = request.count('limit')
        limit = min(self.cloud.page_limit,
                    self.cloud.page_limit if limit is None else limit)
        rows = self._in_order(request, self._wanted(request))
        down = self.cloud.down_cells
        page = [row for row in rows if row['cell'] not in down][:limit]
        parts = [self._shown.part(row, variant, render) for row in page]
        last = page[-1]['id'] if page and len(page) == limit else None
        if down and self._shows_unknown(request):
            hidden = [row for row in rows if row['cell'] in down]
            detail = variant[0] == 'detail'
            parts += [self._shown.part(
                row, ('unknown', detail, self.cloud.url),
                lambda row: views.server_unknown(row, self.cloud.url, detail))
                for row in hidden[:limit - len(page)]]
        return wire.listing(request, 'servers', parts, last)

    def _check(self, request: Request) -> None:
        """Who may ask for what."""
        unknown = sorted({key for key, _ in request.query} - KNOWN)
        if unknown and request.version >= (2, 75):
            raise HttpError(400, 'Invalid input for query parameters: '
                                 f'Additional properties are not allowed '
                                 f'({unknown[0]!r} was unexpected)')
        if request.flag('all_tenants') and not (
                request.is_admin
                or request.token.user in self.cloud.nova_listers):
            raise HttpError(
                403, "Policy doesn't allow os_compute_api:servers:"
                     'detail:get_all_tenants to be performed.')

    @staticmethod
    def _shows_unknown(request: Request) -> bool:
        """Anything but all_tenants switches the minimal rows off."""
        return request.version >= (2, 69) and all(
            key == 'all_tenants' for key, _ in request.query)

    def _wanted(self, request: Request) -> list[Row]:
        """The servers that the query is about."""
        since = parse_time(request.arg('changes-since'), 'changes-since')
        before = None
        if request.version >= (2, 66):
            before = parse_time(request.arg('changes-before'),
                                'changes-before')
        rows = self._of_project(request)
        if since is not None:
            rows = [row for row in rows if int(row['updated']) >= since]
        elif request.is_admin and request.flag('deleted'):
            rows = [row for row in rows if row['deleted']]
        else:
            rows = [row for row in rows if not row['deleted']
                    and row['status'] != 'SOFT_DELETED']
        if before is not None:
            rows = [row for row in rows if int(row['updated']) <= before]
        return self._filtered(request, rows)

    def _of_project(self, request: Request) -> list[Row]:
        rows = self.cloud.rows(SERVER)
        if request.flag('all_tenants'):
            return rows
        mine = self.cloud.projects[request.token.project]
        return [row for row in rows if row['project_id'] == mine]

    @staticmethod
    def _filtered(request: Request, rows: list[Row]) -> list[Row]:
        for name, field in EQUAL.items():
            value = request.arg(name)
            if value is not None:
                rows = [row for row in rows if row[field] == value]
        statuses = {value.upper() for value in request.args('status')}
        if statuses:
            rows = [row for row in rows if row['status'] in statuses]
        flavor = request.arg('flavor')
        if flavor is not None:
            rows = [row for row in rows if row['flavor']['id'] == flavor]
        name = request.arg('name')
        if name is not None:
            rows = [row for row in rows if re.search(name, row['name'])]
        return rows

    def _in_order(self, request: Request, rows: list[Row]) -> list[Row]:
        key, reverse = _sorting(request)
        rows = sorted(rows, key=key, reverse=reverse)
        marker = request.arg('marker')
        if marker is None:
            return rows
        row = self.cloud.table(SERVER).get(marker)
        if row is None:
            raise HttpError(400, f'marker [{marker}] not found')
        if row['cell'] in self.cloud.down_cells:
            raise HttpError(500, 'Unexpected API Error. Please report this '
                                 'at http://bugs.launchpad.net/nova/ and '
                                 'attach the Nova API log if possible.')
        return wire.after(rows, row, key, reverse)


def _sorting(request: Request) -> tuple[Callable[[Row], Any], bool]:
    """The newest first, unless asked otherwise."""
    name = request.arg('sort_key')
    if name is None:
        return lambda row: row['order'], False
    field = SORT.get(name)
    if field is None:
        raise HttpError(400, 'Invalid input for query parameters sort_key. '
                             f'Value: {name}')
    reverse = request.arg('sort_dir', 'desc') != 'asc'
    return lambda row: (row[field] is not None, row[field] or '',
                        row['number']), reverse
