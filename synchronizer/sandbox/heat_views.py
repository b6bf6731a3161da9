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

"""What Heat shows of its rows."""

from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import iso
from synchronizer.sandbox.wire import iso_micro


def stack_url(url: str, project: str, name: str, key: str) -> str:
    """The address of a stack, with the project of its owner."""
    return f'{url}/heat/v1/{project}/stacks/{name}/{key}'


def stack(row: Row, admin: bool, url: str) -> Row:
    """A stack as the listing has it; only an admin sees the project."""
    shown: Row = {'id': row['id'], 'links': [{'href': stack_url(
        url, row['project_id'], row['name'], row['id']), 'rel': 'self'}]}
    if admin:
        shown['project'] = row['project_id']
    return {
        **shown, 'stack_name': row['name'], 'description': '',
        'stack_status': f'{row["action"]}_{row["status"]}',
        'stack_status_reason': row['reason'],
        'creation_time': iso(row['created']),
        'updated_time': iso(row['updated']),
        'deletion_time': iso(row['deletion']),
        'stack_owner': row['owner'], 'parent': row['parent'],
        'stack_user_project_id': row['domain'],
        'tags': list(row['tags']) if row['tags'] else None}


def stack_detail(row: Row, outputs: list[Row] | None, url: str) -> Row:
    """A stack as the show has it; nobody sees the project as a field."""
    shown = stack(row, False, url)
    shown.update({
        'notification_topics': [], 'parameters': {
            'OS::stack_id': row['id'], 'OS::project_id': row['project_id'],
            'OS::stack_name': row['name']},
        'description': 'No description',
        'template_description': 'No description', 'capabilities': [],
        'disable_rollback': True, 'timeout_mins': None})
    if outputs is not None:
        shown['outputs'] = outputs
    return shown


def resource(row: Row, url: str, nested_name: str | None = None,
             deep: bool = False) -> Row:
    """A resource as the listing has it."""
    home = stack_url(url, row['project_id'], row['stack_name'],
                     row['stack_id'])
    links = [{'href': f'{home}/resources/{row["name"]}', 'rel': 'self'},
             {'href': home, 'rel': 'stack'}]
    if nested_name:
        links.append({'rel': 'nested', 'href': stack_url(
            url, row['project_id'], nested_name, row['nested'])})
    shown = {
        'updated_time': iso(row['updated']),
        'creation_time': iso(row['created']),
        'logical_resource_id': row['name'], 'resource_name': row['name'],
        'physical_resource_id': row['physical'],
        'resource_status': f'{row["action"]}_{row["status"]}',
        'resource_status_reason': row['reason'],
        'resource_type': row['type'], 'links': links,
        'required_by': list(row['required_by'])}
    if deep and row['parent_resource']:
        shown['parent_resource'] = row['parent_resource']
    return shown


def event(row: Row, url: str) -> Row:
    """An event as the listing has it."""
    home = stack_url(url, row['project_id'], row['stack_name'],
                     row['stack_id'])
    thing = f'{home}/resources/{row["name"]}'
    return {
        'id': row['id'], 'links': [
            {'href': f'{thing}/events/{row["id"]}', 'rel': 'self'},
            {'href': thing, 'rel': 'resource'},
            {'href': home, 'rel': 'stack'}],
        'event_time': iso(row['time']), 'logical_resource_id': row['name'],
        'resource_name': row['name'], 'physical_resource_id': row['physical'],
        'resource_status': row['status'],
        'resource_status_reason': row['reason']}


def snapshot(row: Row) -> Row:
    """A snapshot of a stack as the listing has it."""
    return {'id': row['id'], 'name': row['name'], 'status': 'COMPLETE',
            'status_reason': 'Stack SNAPSHOT completed successfully',
            'data': {}, 'creation_time': iso(row['created'])}


def software_config(row: Row, admin: bool = False) -> Row:
    """A software config as the listing has it."""
    shown = {'id': row['id'], 'name': row['name'], 'group': row['group'],
             'creation_time': iso(row['created'])}
    return {**shown, 'project': row['project_id']} if admin else shown


def software_deployment(row: Row) -> Row:
    """A deployment, the same in the listing and alone."""
    return {'id': row['id'], 'server_id': row['server_id'],
            'input_values': {}, 'output_values': None,
            'action': row['action'], 'status': row['status'],
            'status_reason': 'Not waiting for outputs signal',
            'config_id': row['config_id'],
            'creation_time': iso(row['created'])}


def service(row: Row, now: float) -> Row:
    """An engine; it reports every minute."""
    seen = max(row['created'], now // 60 * 60) if row['up'] else row['seen']
    return {'id': row['id'], 'binary': 'heat-engine',
            'engine_id': row['engine_id'], 'host': 'sandbox-control',
            'hostname': 'sandbox', 'topic': 'engine', 'report_interval': 60,
            'created_at': iso_micro(row['created']),
            'updated_at': iso_micro(seen), 'deleted_at': None,
            'status': 'up' if row['up'] else 'down'}
