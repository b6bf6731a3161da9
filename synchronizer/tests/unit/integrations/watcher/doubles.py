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

"""Stand-ins for a mirror and for what a model is made of."""

import types

from synchronizer.integrations.watcher import elements
from synchronizer.integrations.watcher import model
from synchronizer.model import entity as entity_module

TOTALS = {'vcpus': 8, 'memory_mb': 4096, 'local_gb': 100}


def host(name='node-1', uuid=None, status='enabled', reason=None, **more):
    """A hypervisor, with its service."""
    return entity_module.Entity(elements.HOST, name, name, attributes={
        'id': uuid or f'uuid-of-{name}', 'hypervisor_hostname': name,
        'hypervisor_type': 'QEMU', 'state': 'up', 'status': status,
        'service': {'host': f'{name}-service', 'disabled_reason': reason},
        **TOTALS, **more})


def instance(id_='vm-1', node='node-1', ram=512, state='active', **more):
    """A server; `node` may be None."""
    attributes = {
        'OS-EXT-STS:vm_state': state, 'metadata': {'a': 'b'},
        'locked': False, 'created': '2026-11-20T10:00:00Z',
        'image': {'id': 'image'}, elements.NODE: node,
        'OS-EXT-SRV-ATTR:host': node and f'{node}-service',
        'pinned_availability_zone': None,
        'flavor': {'ram': ram, 'vcpus': 1, 'disk': 10, 'ephemeral': 0,
                   'swap': 0, 'extra_specs': {'hw:x': 'y'}}}
    return entity_module.Entity(
        elements.INSTANCE, id_, f'name of {id_}', 'project',
        attributes=attributes | more)


class Mirror:
    """What a mirror holds, as the test puts it."""

    def __init__(self, *entities):
        self.held = {}
        self.put(*entities)

    def put(self, *entities):
        self.held |= {(one.type, one.id): one for one in entities}

    def drop(self, type_, id_):
        self.held.pop((type_, id_), None)

    def get(self, type_, id_):
        return self.held.get((type_, id_))

    def all(self, type_, **filters):
        return [one for (kind, _), one in sorted(self.held.items())
                if kind == type_ and all(
                    one.attributes[key] == value
                    for key, value in filters.items())]


class Inventories:
    """What is known of each node, and what would be learnt."""

    def __init__(self):
        self.known = {}
        self.coming = {}

    def of(self, uuid):
        return self.known.get(uuid, {})

    def learn(self, uuids):
        learnt = [uuid for uuid in uuids if uuid in self.coming]
        self.known |= {uuid: self.coming.pop(uuid) for uuid in learnt}
        return learnt


class Root:
    """A graph that keeps count of what is used, and refuses as Watcher's
    does what does not fit together."""

    def __init__(self, extended=False):
        self.extended_attributes_enabled = extended
        self.nodes, self.instances, self.places = {}, {}, {}
        self.used = {}

    def add_node(self, node):
        self.nodes[node.uuid] = node
        self.used.setdefault(node.uuid, 0)

    def remove_node(self, node):
        del self.nodes[node.uuid], self.used[node.uuid]
        for uuid, place in list(self.places.items()):
            if place == node.uuid:
                del self.places[uuid]

    def add_instance(self, instance):
        self.instances[instance.uuid] = instance

    def get_instance_by_uuid(self, uuid):
        return self.instances[uuid]

    def map_instance(self, instance, node):
        assert instance.uuid not in self.places
        self.places[instance.uuid] = node.uuid
        self.used[node.uuid] += instance.memory

    def remove_instance(self, instance):
        self.used[self.places.pop(instance.uuid)] -= (
            self.instances.pop(instance.uuid).memory)

    def content(self):
        """All of it, to be compared."""
        return ({uuid: vars(one) for uuid, one in self.nodes.items()},
                {uuid: vars(one) for uuid, one in self.instances.items()},
                self.places, self.used)


def live(mirror, inventories=None, extended=False):
    """A model of the mirror."""
    kit = model.Kit(lambda: Root(extended), types.SimpleNamespace,
                    types.SimpleNamespace)
    return model.LiveModel(mirror, inventories or Inventories(), kit)
