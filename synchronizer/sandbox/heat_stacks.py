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

"""Stacks over HTTP: scopes, filters, pages, and the one stack."""

from collections.abc import Callable
from typing import Any
import urllib.parse

from synchronizer.sandbox import heat_views as views
from synchronizer.sandbox import wire
from synchronizer.sandbox.stacks import STACK
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import Answer
from synchronizer.sandbox.wire import HttpError
from synchronizer.sandbox.wire import Request

SORT = {'creation_time': 'created', 'updated_time': 'updated',
        'stack_name': 'name', 'stack_status': 'status'}
FILTERS = {'id': 'id', 'name': 'name', 'stack_name': 'name',
           'action': 'action', 'tenant': 'project_id', 'username': 'owner',
           'owner_id': 'parent', 'parent': 'parent', 'stack_owner': 'owner'}
BELOW = ('resources', 'events', 'template', 'environment', 'files',
         'actions')
EXPLAIN = {
    400: ('Bad Request', 'The server could not comply with the request '
          'since it is either malformed or otherwise incorrect.'),
    403: ('Forbidden', 'Access was denied to this resource.'),
    404: ('Not Found', 'The resource could not be found.')}


class Stacks(wire.Service):
    """The part of Heat that is about whole stacks."""

    prefix = '/heat'
    open_paths = ('', '/')

    def __init__(self, cloud: Any) -> None:
        self.cloud = cloud
        self._shown = wire.Shown()

    def error(self, error: HttpError) -> Answer:
        if error.status == 401:
            return super().error(error)
        title, text = EXPLAIN.get(error.status, ('Error', error.message))
        return wire.answer({
            'code': error.status, 'title': title, 'explanation': text,
            'error': {'type': error.kind or 'HTTPException',
                      'traceback': None, 'message': error.message}},
            error.status)

    def _mine(self, request: Request) -> str:
        return self.cloud.projects[request.token.project]

    def _check_scope(self, request: Request, project: str) -> None:
        """Only an admin may name another project in the address."""
        if project != self._mine(request) and not request.is_admin:
            raise HttpError(403, 'You are not authorized to complete this '
                                 'action.', 'Forbidden')
        if request.flag('global_tenant') and not (
                request.is_admin and self.cloud.heat_global_tenant):
            raise HttpError(403, 'You are not authorized to use '
                                 'global_index.', 'Forbidden')

    def stacks(self, request: Request, project: str) -> Answer:
        """An admin sees all projects, and `project` in each stack."""
        return self._list(request, project, request.is_admin)

    def stacks_detail(self, request: Request, project: str) -> Answer:
        """The same without `project`."""
        return self._list(request, project, False)

    def lookup(self, request: Request, project: str, name: str) -> Answer:
        """By id or name alone: sent on to the stack's own address."""
        self._check_scope(request, project)
        for row in self.cloud.rows(STACK):
            own = row['project_id'] == self._mine(request)
            if (row['id'] == name and (own or request.is_admin)) or (
                    row['name'] == name and own and not row['deleted']):
                return Answer(b'', 302, {'Location': views.stack_url(
                    self.cloud.url, row['project_id'], row['name'],
                    row['id'])})
        raise self._missing(name)

    def stack(self, request: Request, project: str, name: str, key: str
              ) -> Row | Answer:
        """One stack, a deleted one too. What is below a stack may be asked
        for by one word as well, and is sent on."""
        if key in BELOW:
            return self._sent_on(request, project, name, key)
        row = self._stack(request, project, name, key)
        outputs = None
        if request.arg('resolve_outputs', 'true').lower() != 'false':
            outputs = self._outputs(row)
        return {'stack': views.stack_detail(row, outputs, self.cloud.url)}

    def _sent_on(self, request: Request, project: str, name: str, below: str
                 ) -> Answer:
        place = self.lookup(request, project, name).headers['Location']
        query = urllib.parse.urlencode(request.query)
        return Answer(b'', 302, {'Location': f'{place}/{below}' + (
            f'?{query}' if query else '')})

    def _outputs(self, row: Row) -> list[Row]:
        return [{'output_key': 'id', 'output_value': one['physical'],
                 'description': 'No description given'}
                for one in self.cloud.resources(row['id'])
                if one['type'] == 'OS::Nova::Server'][:1]

    @staticmethod
    def _missing(name: str) -> HttpError:
        return HttpError(404, f'The Stack ({name}) could not be found.',
                         'EntityNotFound')

    def _stack(self, request: Request, project: str, name: str, key: str
               ) -> Row:
        self._check_scope(request, project)
        row = self.cloud.table(STACK).get(key)
        if row is None or row['name'] != name or not (
                request.is_admin or row['project_id'] == self._mine(request)):
            raise self._missing(name)
        return row

    def _list(self, request: Request, project: str, admin: bool) -> Answer:
        self._check_scope(request, project)
        limit = self._limit(request)
        rows = self._wanted(request)
        more = {'count': len(rows)} if request.flag('with_count') else {}
        rows = self._in_order(request, rows)[:limit]
        url = self.cloud.url
        parts = [self._shown.part(row, (admin, url),
                                  lambda row: views.stack(row, admin, url))
                 for row in rows]
        last = rows[-1]['id'] if rows and len(rows) == limit else None
        return wire.listing(request, 'stacks', parts, last, 'links', **more)

    @staticmethod
    def _limit(request: Request) -> int | None:
        try:
            return request.count('limit')
        except HttpError:
            raise HttpError(400, 'Value must be a non-negative integer',
                            'HTTPBadRequest') from None

    def _wanted(self, request: Request) -> list[Row]:
        """The stacks that the query is about."""
        mine = self._mine(request)
        rows = [row for row in self.cloud.rows(STACK)
                if request.is_admin or row['project_id'] == mine]
        if not request.flag('show_deleted'):
            rows = [row for row in rows if not row['deleted']]
        if not request.flag('show_nested') and not request.args('owner_id'):
            rows = [row for row in rows if row['parent'] is None]
        for name, field in FILTERS.items():
            wanted = set(request.args(name))
            if wanted:
                rows = [row for row in rows if row[field] in wanted]
        return _by_status(request, _by_tags(request, rows))

    def _in_order(self, request: Request, rows: list[Row]) -> list[Row]:
        """An unknown marker is ignored: page one again."""
        field = SORT.get(request.arg('sort_keys') or '')
        marker = self.cloud.table(STACK).get(request.arg('marker') or '')
        if field is None:
            rows.sort(key=lambda row: row['order'])
            return rows if marker is None else wire.after(
                rows, marker, lambda row: row['order'])
        return _sorted(rows, field, marker,
                       request.arg('sort_dir', 'asc') == 'desc')


def _by_status(request: Request, rows: list[Row]) -> list[Row]:
    """Both halves of CREATE_COMPLETE, or the second alone."""
    wanted = {*request.args('status'), *request.args('stack_status')}
    if not wanted:
        return rows
    return [row for row in rows if row['status'] in wanted
            or f'{row["action"]}_{row["status"]}' in wanted]


def _by_tags(request: Request, rows: list[Row]) -> list[Row]:
    tests: dict[str, Callable[[set[str], set[str]], bool]] = {
        'tags': lambda has, asked: asked <= has,
        'tags_any': lambda has, asked: bool(asked & has),
        'not_tags': lambda has, asked: not asked <= has,
        'not_tags_any': lambda has, asked: not asked & has}
    for name, test in tests.items():
        text = request.arg(name)
        if text is not None:
            asked = set(text.split(','))
            rows = [row for row in rows
                    if test(set(row['tags'] or ()), asked)]
    return rows


def _sorted(rows: list[Row], field: str, marker: Row | None, desc: bool
            ) -> list[Row]:
    """By one key, with null first; after the marker SQL compares.

    Nothing is greater or less than null, so a walk by updated_time ends at
    the border of null, as it does in a real Heat.
    """
    def key(row: Row) -> tuple[Any, ...]:
        return (row[field] is not None, row[field] or 0, row['order']
                ) if row[field] is None or not isinstance(
                    row[field], str) else (True, row[field], row['order'])
    rows.sort(key=key, reverse=desc)
    if marker is None:
        return rows
    if marker[field] is None:
        return []
    return [row for row in rows if row[field] is not None and (
        key(row) < key(marker) if desc else key(row) > key(marker))]
