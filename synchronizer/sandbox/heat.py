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

"""Heat's endpoint: resources, events, templates, and what has no stack."""

from typing import Any

from synchronizer.sandbox import heat_stacks
from synchronizer.sandbox import heat_views as views
from synchronizer.sandbox import nova_views
from synchronizer.sandbox import wire
from synchronizer.sandbox.compute import SERVER
from synchronizer.sandbox.nova import admin_only
from synchronizer.sandbox.stacks import CONFIG
from synchronizer.sandbox.stacks import DEPLOYMENT
from synchronizer.sandbox.stacks import RESOURCE
from synchronizer.sandbox.stacks import STACK
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import Answer
from synchronizer.sandbox.wire import HttpError
from synchronizer.sandbox.wire import Request

RESOURCE_FILTERS = {'type': 'type', 'status': 'status', 'action': 'action',
                    'name': 'name', 'id': 'uuid',
                    'physical_resource_id': 'physical'}
EVENT_FILTERS = {'resource_name': 'name', 'resource_type': 'type'}


class Heat(heat_stacks.Stacks):
    """Heat over HTTP."""

    def routes(self) -> list[tuple[str, str, wire.Handler]]:
        base = '/v1/{project}'
        stack = f'{base}/stacks/{{name}}/{{key}}'
        resource = f'{stack}/resources/{{resource}}'
        return [('PATCH', resource, self.mark)] + [
            ('GET', path, handler) for path, handler in (
            ('', self.root), ('/', self.root),
            (f'{base}/stacks', self.stacks),
            (f'{base}/stacks/detail', self.stacks_detail),
            (f'{base}/stacks/{{name}}', self.lookup),
            (stack, self.stack),
            (f'{stack}/resources', self.resources),
            (f'{stack}/resources/{{resource}}', self.resource),
            (f'{stack}/resources/{{resource}}/metadata', self.metadata),
            (f'{stack}/events', self.events),
            (f'{stack}/resources/{{resource}}/events', self.events),
            (f'{stack}/resources/{{resource}}/events/{{event}}', self.event),
            (f'{stack}/template', self.template),
            (f'{stack}/environment', self.environment),
            (f'{stack}/files', self.files),
            (f'{stack}/outputs', self.outputs),
            (f'{stack}/snapshots', self.snapshots),
            (f'{base}/services', self.services),
            (f'{base}/resource_types', self.resource_types),
            (f'{base}/software_configs', self.configs),
            (f'{base}/software_configs/{{key}}', self.config),
            (f'{base}/software_deployments', self.deployments),
            (f'{base}/software_deployments/{{key}}', self.deployment))]

    def root(self, request: Request) -> Answer:
        """The discovery document."""
        return wire.answer({'versions': [{
            'id': 'v1.0', 'status': 'CURRENT', 'links': [
                {'rel': 'self', 'href': f'{self.cloud.url}/heat/v1/'}]}]},
            300)

    def resources(self, request: Request, project: str, name: str, key: str
                  ) -> Row:
        """Not in pages, nested ones by nested_depth."""
        row = self._stack(request, project, name, key)
        depth = request.count('nested_depth') or 0
        known = {*RESOURCE_FILTERS, 'nested_depth', 'with_detail'}
        if {name for name, _ in request.query} - known:
            raise HttpError(400, 'Invalid filter parameters', 'HTTPBadRequest')
        rows = self._below(row['id'], depth)
        for name, field in RESOURCE_FILTERS.items():
            wanted = set(request.args(name))
            if wanted:
                rows = [one for one in rows if one[field] in wanted]
        shown = [self._resource(one, depth > 0) for one in rows]
        if request.flag('with_detail'):
            shown = [{**one, 'description': '',
                      'attributes': self._attributes(row)}
                     for one, row in zip(shown, rows)]
        return {'resources': shown}

    def _below(self, stack: str, depth: int) -> list[Row]:
        """The resources of a stack, then those of the nested ones."""
        rows = self.cloud.resources(stack)
        deeper = [] if depth < 1 else [
            one for row in rows if row['nested']
            for one in self._below(row['nested'], depth - 1)]
        return rows + deeper

    def _resource(self, row: Row, deep: bool = False) -> Row:
        nested = row['nested'] and self.cloud.table(STACK)[row['nested']]
        return views.resource(row, self.cloud.url,
                              nested and nested['name'], deep)

    def _one_resource(self, request: Request, project: str, name: str,
                      key: str, resource: str) -> Row:
        self._stack(request, project, name, key)
        row = self.cloud.table(RESOURCE).get(f'{key}/{resource}')
        if row is None:
            raise HttpError(404, f'The Resource ({resource}) could not be '
                                 f'found in Stack {name}.',
                            'EntityNotFound')
        return row

    def resource(self, request: Request, **names: str) -> Row:
        """One resource, with the attributes of the thing itself."""
        row = self._one_resource(request, **names)
        return {'resource': {**self._resource(row), 'description': '',
                             'attributes': self._attributes(row)}}

    def mark(self, request: Request, **names: str) -> Answer:
        """Mark a resource unhealthy: no stamp moves, nobody is told."""
        row = self._one_resource(request, **names)
        says = request.json()
        if not isinstance(says.get('mark_unhealthy'), bool):
            raise HttpError(400, 'mark_unhealthy is not a boolean',
                            'HTTPBadRequest')
        if says['mark_unhealthy']:
            self.cloud.mark_unhealthy(
                row['stack_id'], row['name'],
                says.get('resource_status_reason') or (
                    'state changed by resource_mark_unhealthy api'))
        return wire.answer(None)

    def _attributes(self, row: Row) -> Row:
        server = self.cloud.table(SERVER).get(row['physical'])
        if server is None or server['deleted']:
            return {}
        return nova_views.server(server, (2, 95), True, self.cloud.url)

    def metadata(self, request: Request, **names: str) -> Row:
        """The metadata of one resource: there is none."""
        self._one_resource(request, **names)
        return {'metadata': {}}

    def events(self, request: Request, project: str, name: str, key: str,
               resource: str | None = None) -> Row:
        """The newest first; an unknown marker means the first page."""
        stack = self._stack(request, project, name, key)
        rows = self._event_rows(stack['id'],
                                request.count('nested_depth') or 0)
        rows.sort(key=lambda row: row['number'],
                  reverse=request.arg('sort_dir', 'desc') != 'asc')
        if resource is not None:
            rows = [row for row in rows if row['name'] == resource]
        for query, field in EVENT_FILTERS.items():
            wanted = request.args(query)
            rows = [row for row in rows
                    if not wanted or row[field] in wanted]
        keys = [row['id'] for row in rows]
        marker = request.arg('marker')
        if marker in keys:
            rows = rows[keys.index(marker) + 1:]
        return {'events': [views.event(row, self.cloud.url)
                           for row in rows[:request.count('limit')]]}

    def _event_rows(self, stack: str, depth: int) -> list[Row]:
        table = self.cloud.table('heat.event')
        rows = [table[key] for key in self.cloud.events.get(stack, ())]
        if depth > 0:
            for nested in self.cloud.rows(STACK):
                if nested['parent'] == stack:
                    rows += self._event_rows(nested['id'], depth - 1)
        return rows

    def event(self, request: Request, project: str, name: str, key: str,
              resource: str, event: str) -> Row:
        """One event, with the properties of its resource."""
        self._stack(request, project, name, key)
        row = self.cloud.table('heat.event').get(event)
        if row is None or row['stack_id'] != key:
            raise HttpError(404, f'The Event ({event}) could not be found.',
                            'EntityNotFound')
        return {'event': {**views.event(row, self.cloud.url),
                          'resource_type': row['type'],
                          'resource_properties': row['properties']}}

    def template(self, request: Request, project: str, name: str, key: str
                 ) -> Row:
        """The template as it was given."""
        self._stack(request, project, name, key)
        return {'heat_template_version': '2021-04-16', 'parameters': {},
                'resources': {row['name']: {
                    'type': row['type'], 'properties': row['properties']}
                    for row in self.cloud.resources(key)}}

    def environment(self, request: Request, project: str, name: str,
                    key: str) -> Row:
        """An empty environment."""
        self._stack(request, project, name, key)
        return {'resource_registry': {'resources': {}}, 'parameters': {},
                'parameter_defaults': {}, 'event_sinks': [],
                'encrypted_param_names': []}

    def files(self, request: Request, project: str, name: str, key: str
              ) -> Row:
        """No files."""
        self._stack(request, project, name, key)
        return {}

    def outputs(self, request: Request, project: str, name: str, key: str
                ) -> Row:
        """What the stack tells of itself."""
        row = self._stack(request, project, name, key)
        return {'outputs': [
            {name: output[name] for name in ('output_key', 'description')}
            for output in self._outputs(row)]}

    def snapshots(self, request: Request, project: str, name: str, key: str
                  ) -> Row:
        """Of a foreign stack: none, with 200, even for an admin."""
        self._stack(request, project, name, key)
        return {'snapshots': [
            views.snapshot(row) for row in self.cloud.rows('heat.snapshot')
            if row['stack_id'] == key
            and row['project_id'] == self._mine(request)]}

    def services(self, request: Request, project: str) -> Row:
        """The engines."""
        admin_only(request, 'service:index')
        now = self.cloud.now()
        return {'services': [views.service(row, now)
                             for row in self.cloud.rows('heat.service')]}

    def resource_types(self, request: Request, project: str) -> Row:
        """The names of all types."""
        return {'resource_types': [
            row['name'] for row in self.cloud.rows('heat.resource_type')]}

    def _seen(self, request: Request, kind: str) -> list[Row]:
        mine = self._mine(request)
        return [row for row in reversed(self.cloud.rows(kind))
                if request.is_admin or row['project_id'] == mine]

    def configs(self, request: Request, project: str) -> Row:
        """The newest first, in pages."""
        self._check_scope(request, project)
        rows: list[Any] = self._seen(request, CONFIG)
        keys, marker = [row['id'] for row in rows], request.arg('marker')
        if marker in keys:
            rows = rows[keys.index(marker) + 1:]
        return {'software_configs': [
            views.software_config(row, request.is_admin)
            for row in rows[:request.count('limit')]]}

    def config(self, request: Request, project: str, key: str) -> Row:
        """One config, whole."""
        for row in self._seen(request, CONFIG):
            if row['id'] == key:
                return {'software_config': {
                    **views.software_config(row), 'config': row['config'],
                    'inputs': [], 'outputs': [], 'options': {}}}
        raise HttpError(404, f'The Software config ({key}) could not be '
                             'found.', 'EntityNotFound')

    def deployments(self, request: Request, project: str) -> Row:
        """All at once."""
        server = request.arg('server_id')
        return {'software_deployments': [
            views.software_deployment(row)
            for row in self._seen(request, DEPLOYMENT)
            if server in (None, row['server_id'])]}

    def deployment(self, request: Request, project: str, key: str) -> Row:
        """One deployment."""
        for row in self._seen(request, DEPLOYMENT):
            if row['id'] == key:
                return {'software_deployment':
                        views.software_deployment(row)}
        raise HttpError(404, f'The Software deployment ({key}) could not '
                             'be found.', 'EntityNotFound')
