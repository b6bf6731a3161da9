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

"""What happens to stacks, nested ones included, and to their resources.

`updated` of a stack marks the start of an action and stays null through its
creation; the end of an action moves no time stamp, as in a real Heat.
"""

from typing import Any

from synchronizer.sandbox.compute import SERVER
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.state import SandboxError
from synchronizer.sandbox.state import State

STACK = 'heat.stack'
RESOURCE = 'heat.resource'
NESTED = 'OS::Heat::ResourceGroup'
TYPES = ('OS::Cinder::Volume', 'OS::Cinder::VolumeAttachment',
         'OS::Heat::RandomString', NESTED, 'OS::Heat::SoftwareConfig',
         'OS::Heat::SoftwareDeployment', 'OS::Heat::Stack',
         'OS::Heat::TestResource', 'OS::Neutron::Net', 'OS::Neutron::Port',
         'OS::Nova::Flavor', 'OS::Nova::KeyPair', 'OS::Nova::Server',
         'OS::Nova::ServerGroup')
CONFIG = 'heat.software_config'
DEPLOYMENT = 'heat.software_deployment'


class StackVerbs(State):
    """Changes to what Heat knows."""

    def create_stack(self, name: str | None = None,
                     project: str | None = None, servers: int = 1,
                     volumes: int = 1, nested: int = 0, depth: int = 1,
                     config: bool = False, tags: list[str] | None = None,
                     metadata: dict[str, str] | None = None,
                     settle: bool = True) -> str:
        """A new stack with servers, attached volumes and a nested group.

        `nested` is the size of the group, `depth` how many groups lie one in
        the other; without `settle` it stays CREATE_IN_PROGRESS.
        """
        with self.lock:
            name = name or f'stack-{self.new_number()}'
            stack = self._new_stack(name, self.project_id(project), None,
                                    tags=tags)
            for i in range(servers):
                self._add_server(stack, f'server{i}', dict(metadata or {}))
            for i in range(volumes):
                self._add_volume(stack, f'volume{i}')
                if i < servers:
                    self._attach(stack, f'server{i}', f'volume{i}')
            if config and servers:
                self._add_config(stack, 'server0')
            if nested:
                self._add_group(stack, 'group', nested, depth)
            if settle:
                self.settle_stack(stack)
            return stack

    def settle_stack(self, stack: str, status: str = 'COMPLETE') -> None:
        """The end of what is in progress, here and in nested stacks."""
        with self.lock:
            for row in self.nested_stacks(stack):
                self.settle_stack(row['id'], status)
            action = self.get(STACK, stack)['action']
            self.change(STACK, stack, status=status,
                        reason=_stack_reason(action, status))
            self._stack_event(stack)

    def update_stack(self, stack: str, tags: list[str] | None = None,
                     grow: int = 0, metadata: dict[str, str] | None = None,
                     settle: bool = True) -> None:
        """Change tags, the size of the group, the servers' metadata."""
        with self.lock:
            self._begin(stack, 'UPDATE')
            if tags is not None:
                self.change(STACK, stack, tags=tuple(tags))
            if metadata is not None:
                self._update_servers(stack, metadata)
            if grow:
                self._grow(stack, grow)
            if settle:
                self.settle_stack(stack)

    def check_stack(self, stack: str, settle: bool = True) -> None:
        """A check: every status changes, no resource's stamp moves."""
        with self.lock:
            self._begin(stack, 'CHECK')
            for row in self.resources(stack):
                self.change(RESOURCE, row['key'], action='CHECK')
            if settle:
                self.settle_stack(stack)

    def mark_unhealthy(self, stack: str, resource: str,
                       reason: str = 'marked') -> None:
        """A resource fails; nothing of it shows on the stack."""
        self.change(RESOURCE, f'{stack}/{resource}', action='CHECK',
                    status='FAILED', reason=reason)

    def delete_stack(self, stack: str, settle: bool = True) -> None:
        """With everything in it; unsettled, it is DELETE_IN_PROGRESS."""
        with self.lock:
            self._begin(stack, 'DELETE')
            if settle:
                self.finish_delete(stack)

    def finish_delete(self, stack: str) -> None:
        """The resources go, and the stack is seen by show_deleted only."""
        with self.lock:
            for row in reversed(self.resources(stack)):
                self._drop_resource(row)
            for row in self.live('heat.snapshot'):
                if row['stack_id'] == stack:
                    self.drop('heat.snapshot', row['id'])
            self.change(STACK, stack, deleted=True, action='DELETE',
                        status='COMPLETE', deletion=self.now(),
                        reason=_stack_reason('DELETE', 'COMPLETE'))

    def snapshot_stack(self, stack: str, name: str | None = None) -> str:
        """A snapshot of a stack; returns its id."""
        with self.lock:
            self._begin(stack, 'SNAPSHOT')
            self.settle_stack(stack)
            key = self.new_id()
            self.put('heat.snapshot', key, {
                'id': key, 'stack_id': stack, 'created': self.now(),
                'name': name or f'snapshot-{self.new_number()}',
                'project_id': self.get(STACK, stack)['project_id']})
            return key

    def nested_stacks(self, stack: str) -> list[Row]:
        """The stacks right below one."""
        return [row for row in self.live(STACK) if row['parent'] == stack]

    def resources(self, stack: str) -> list[Row]:
        """The resources of one stack, nested ones left out."""
        with self.lock:
            keys = self.members.get(stack, ())
            table = self.table(RESOURCE)
            return [table[key] for key in keys if key in table]

    @property
    def members(self) -> dict[str, list[str]]:
        """The keys of the resources of each stack."""
        return self.__dict__.setdefault('_members', {})

    def _new_stack(self, name: str, project: str, parent: str | None,
                   tags: list[str] | None = None,
                   holder: str | None = None) -> str:
        key, number, now = self.new_id(), self.new_number(), self.now()
        top = self.get(STACK, parent)['domain'] if parent else None
        self.put(STACK, key, {
            'id': key, 'name': name, 'project_id': project,
            'owner': self.user_name_of(project), 'action': 'CREATE',
            'status': 'IN_PROGRESS', 'created': now, 'updated': None,
            'reason': _stack_reason('CREATE', 'IN_PROGRESS'),
            'deletion': None, 'parent': parent, 'deleted': False,
            'domain': top or self.new_id().replace('-', ''),
            'tags': tuple(tags) if tags else None,
            'order': (-int(now), -number), 'parent_resource': holder})
        self._stack_event(key)
        return key

    def _begin(self, stack: str, action: str) -> None:
        self.change(STACK, stack, action=action, status='IN_PROGRESS',
                    reason=_stack_reason(action, 'IN_PROGRESS'),
                    updated=self.now())
        self._stack_event(stack)

    def _add(self, stack: str, name: str, kind: str, physical: str,
             properties: Row, needs: tuple[str, ...] = (),
             nested: str | None = None) -> str:
        key, now = f'{stack}/{name}', self.now()
        owner = self.get(STACK, stack)
        row = self.put(RESOURCE, key, {
            'key': key, 'uuid': self.new_id(), 'stack_id': stack,
            'stack_name': owner['name'], 'project_id': owner['project_id'],
            'name': name, 'type': kind, 'physical': physical,
            'action': 'CREATE', 'status': 'COMPLETE',
            'reason': 'state changed', 'created': now, 'updated': now,
            'properties': properties, 'required_by': (), 'nested': nested,
            'parent_resource': owner['parent_resource']})
        self.members.setdefault(stack, []).append(key)
        for other in needs:
            self._require(f'{stack}/{other}', name)
        self._event(row, row['status'])
        return key

    def _require(self, key: str, name: str) -> None:
        needed = self.get(RESOURCE, key)['required_by']
        self.change(RESOURCE, key, required_by=(*needed, name))

    def _add_server(self, stack: str, name: str,
                    metadata: dict[str, str]) -> None:
        owner = self.get(STACK, stack)
        server = self.boot(f'{owner["name"]}-{name}', owner['project_id'],
                           metadata=metadata)
        flavor = self.get(SERVER, server)['flavor']['name']
        self._add(stack, name, 'OS::Nova::Server', server, {
            'name': f'{owner["name"]}-{name}', 'flavor': flavor,
            'image': 'tiny', 'metadata': metadata,
            'networks': [{'network': 'shared'}]})

    def _add_volume(self, stack: str, name: str) -> None:
        owner = self.get(STACK, stack)
        volume = self.create_volume(f'{owner["name"]}-{name}',
                                    project=owner['project_id'])
        kind = self.get('cinder.volume', volume)['type']
        self._add(stack, name, 'OS::Cinder::Volume', volume, {
            'name': f'{owner["name"]}-{name}', 'size': 1,
            'volume_type': kind})

    def _attach(self, stack: str, server: str, volume: str) -> None:
        physical = [self.get(RESOURCE, f'{stack}/{name}')['physical']
                    for name in (server, volume)]
        self.attach_volume(*physical)
        self._add(stack, f'attach-{volume}', 'OS::Cinder::VolumeAttachment',
                  physical[1], {'instance_uuid': {'get_resource': server},
                                'volume_id': {'get_resource': volume}},
                  needs=(server, volume))

    def _add_config(self, stack: str, server: str) -> None:
        config, deployment = self.new_id(), self.new_id()
        owner, now = self.get(STACK, stack), self.now()
        physical = self.get(RESOURCE, f'{stack}/{server}')['physical']
        common = {'project_id': owner['project_id'], 'created': now,
                  'stack_id': stack}
        self.put(CONFIG, config, {
            'id': config, 'name': f'{owner["name"]}-config',
            'group': 'script', 'config': 'true', **common})
        self.put(DEPLOYMENT, deployment, {
            'id': deployment, 'server_id': physical, 'config_id': config,
            'action': 'CREATE', 'status': 'COMPLETE', **common})
        self._add(stack, 'config', 'OS::Heat::SoftwareConfig', config,
                  {'group': 'script', 'config': 'true'})
        self._add(stack, 'deploy', 'OS::Heat::SoftwareDeployment',
                  deployment, {'config': {'get_resource': 'config'},
                               'server': {'get_resource': server},
                               'signal_transport': 'NO_SIGNAL'},
                  needs=('config', server))

    def _add_group(self, stack: str, name: str, size: int, depth: int
                   ) -> None:
        owner = self.get(STACK, stack)
        nested = self._new_stack(f'{owner["name"]}-{name}',
                                 owner['project_id'], stack, holder=name)
        for i in range(size):
            self._add_member(nested, str(i), size, depth)
        self._add(stack, name, NESTED, nested,
                  _group_properties(size, depth), nested=nested)

    def _add_member(self, nested: str, name: str, size: int, depth: int
                    ) -> None:
        if depth > 1:
            self._add_group(nested, name, size, depth - 1)
        else:
            owner = self.get(STACK, nested)['name']
            self._add(nested, name, 'OS::Heat::TestResource',
                      f'{owner}-{name}', {'value': 'a'})

    def _grow(self, stack: str, more: int) -> None:
        for row in self.resources(stack):
            if row['type'] == NESTED:
                self._begin(row['nested'], 'UPDATE')
                size = len(self.resources(row['nested']))
                for i in range(size, size + more):
                    self._add_member(row['nested'], str(i), 1, 1)
                self.change(RESOURCE, row['key'], action='UPDATE',
                            updated=self.now(), properties={
                                **row['properties'], 'count': size + more})
                return
        raise SandboxError(f'stack {stack} has no group')

    def _update_servers(self, stack: str, metadata: dict[str, str]) -> None:
        for row in self.resources(stack):
            if row['type'] == 'OS::Nova::Server':
                if not self._is_live(SERVER, row['physical']):
                    continue
                self.set_metadata(row['physical'], metadata)
                self._event(self.change(
                    RESOURCE, row['key'], action='UPDATE',
                    updated=self.now(), properties={
                        **row['properties'], 'metadata': {
                            **row['properties']['metadata'], **metadata}}),
                    'COMPLETE')

    def _drop_resource(self, row: Row) -> None:
        self._event({**row, 'action': 'DELETE'}, 'COMPLETE')
        self.drop(RESOURCE, row['key'])
        self.members[row['stack_id']].remove(row['key'])
        kind, physical = row['type'], row['physical']
        if row['nested']:
            self._begin(row['nested'], 'DELETE')
            self.finish_delete(row['nested'])
        elif self._is_live(_HOME.get(kind), physical):
            _DELETE[kind](self, physical)

    def _is_live(self, kind: str | None, key: str) -> bool:
        """Somebody may have deleted the thing behind Heat's back."""
        row = self.table(kind).get(key) if kind else None
        return row is not None and not row.get('deleted')

    def _stack_event(self, stack: str) -> None:
        row = self.get(STACK, stack)
        self._event({**row, 'stack_id': stack, 'stack_name': row['name'],
                     'physical': stack, 'type': 'OS::Heat::Stack',
                     'properties': {}}, row['status'])

    def _event(self, row: Row, status: str) -> None:
        key, number = self.new_id(), self.new_number()
        self.put('heat.event', key, {
            'id': key, 'number': number, 'time': self.now(),
            'status': f'{row["action"]}_{status}', 'reason': row['reason'],
            'properties': self._resolved(row),
            **{name: row[name] for name in (
                'stack_id', 'stack_name', 'project_id', 'name', 'physical',
                'type')}})
        self.events.setdefault(row['stack_id'], []).append(key)

    def _resolved(self, row: Row) -> Row:
        """A template names resources; an event has their ids."""
        def value(says: Any) -> Any:
            if isinstance(says, dict) and list(says) == ['get_resource']:
                key = f'{row["stack_id"]}/{says["get_resource"]}'
                return self.get(RESOURCE, key)['physical']
            return says
        return {name: value(says) for name, says in row['properties'].items()}

    @property
    def events(self) -> dict[str, list[str]]:
        """The keys of the events of each stack, oldest first."""
        return self.__dict__.setdefault('_events', {})


def _stack_reason(action: str, status: str) -> str:
    what = {'IN_PROGRESS': 'started', 'COMPLETE': 'completed successfully',
            'FAILED': 'failed'}[status]
    return f'Stack {action} {what}'


def _group_properties(size: int, depth: int) -> Row:
    inner: Row = {'type': 'OS::Heat::TestResource',
                  'properties': {'value': 'a'}}
    for _ in range(depth - 1):
        inner = {'type': NESTED,
                 'properties': {'count': size, 'resource_def': inner}}
    return {'count': size, 'resource_def': inner}


def _detach(cloud: Any, volume: str) -> None:
    if cloud.get('cinder.volume', volume)['attachments']:
        cloud.detach_volume(volume)


def _delete_volume(cloud: Any, volume: str) -> None:
    _detach(cloud, volume)
    cloud.delete_volume(volume)


_HOME = {'OS::Nova::Server': SERVER, 'OS::Cinder::Volume': 'cinder.volume',
         'OS::Cinder::VolumeAttachment': 'cinder.volume',
         'OS::Heat::SoftwareConfig': CONFIG,
         'OS::Heat::SoftwareDeployment': DEPLOYMENT}
_DELETE = {
    'OS::Nova::Server': lambda cloud, key: cloud.delete_server(key),
    'OS::Cinder::Volume': _delete_volume,
    'OS::Cinder::VolumeAttachment': _detach,
    'OS::Heat::SoftwareConfig': lambda cloud, key: cloud.drop(CONFIG, key),
    'OS::Heat::SoftwareDeployment':
        lambda cloud, key: cloud.drop(DEPLOYMENT, key),
}
