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

"""What a resource should be: what Heat resolved of its template.

Heat notes the resolved properties with each event of a resource, and tells
them with a single event only. They are asked for once for each change of
the resource; where no event has them any more, the template does.
"""

from collections.abc import Mapping
import dataclasses
import threading
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.model import shape
from synchronizer.plugins import base
from synchronizer.plugins import derived
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.reality import template as template_module

PAGE, PAGES = 50, 20
"""How many events of one resource are looked through at most."""

STACK = 'heat.stack'


@dataclasses.dataclass(frozen=True, slots=True)
class Desired:
    """The properties of one resource."""

    properties: Mapping[str, Any]
    """What its template sets, resolved."""

    silent: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What it sets as well, but cannot be told: why."""

    is_external: bool = False
    """Heat was given the thing as it is: that it is there is all."""


class Wishes:
    """Remembers what was asked. Thread-safe."""

    def __init__(self, streams: derived.Streams) -> None:
        self._streams = streams
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, Desired]] = {}

    def of(self, resource: entity_module.Entity,
           stack: entity_module.Entity, names: frozenset[str] | None
           ) -> Desired:
        """What it should be. `names`: which properties matter, all others
        are known by their names only; None: all matter. Raises a
        CloudError."""
        mark = mark_of(resource)
        with self._lock:
            known = self._held.get(resource.id)
        if known is not None and known[0] == mark:
            return known[1]
        found = _only(self._ask(resource, stack), names)
        with self._lock:
            self._held[resource.id] = mark, found
        return found

    def forget(self, resource_id: str) -> None:
        """It is gone."""
        with self._lock:
            self._held.pop(resource_id, None)

    def _ask(self, resource: entity_module.Entity,
             stack: entity_module.Entity) -> Desired:
        session = self._streams.session(STACK)
        path = _path(stack)
        event = _last_event(session, path, resource)
        if event is not None:
            shown = session.get(f'{_events(path, resource)}/{event["id"]}')
            found = shown.record('event').get('resource_properties')
            if found:
                return Desired(found)
        return self._of_template(session, path, resource, stack)

    def _of_template(self, session: base.Session, path: str,
                     resource: entity_module.Entity,
                     stack: entity_module.Entity) -> Desired:
        template = session.get(f'{path}/template').body
        if template_module.is_external(template, str(resource.name)):
            return Desired({}, is_external=True)
        shown = session.get(path, resolve_outputs=False).record('stack')
        ids = {member.name: member.attributes.get('physical_resource_id')
               for page in self._streams.walk(
                   'heat.resource', f'{stack.id}/') for member in page}
        resolver = template_module.Resolver.of(
            template, shown.get('parameters') or {}, ids.get)
        return Desired(*resolver.properties(template, str(resource.name)))


def mark_of(resource: entity_module.Entity) -> str:
    """Names one version of a resource, as Heat has it."""
    shown = resource.attributes
    return shape.fingerprint([
        resource.state, *(shown.get(name) for name in (
            'creation_time', 'updated_time', 'physical_resource_id',
            'resource_type'))], '1')


def _only(found: Desired, names: frozenset[str] | None) -> Desired:
    """Values that nobody compares may be large, or secret: not kept."""
    if names is None:
        return found
    return Desired({name: value if name in names else None
                    for name, value in found.properties.items()},
                   found.silent, found.is_external)


def _path(stack: entity_module.Entity) -> str:
    return stacks_module.path_of({'stack_name': stack.name, 'id': stack.id})


def _events(path: str, resource: entity_module.Entity) -> str:
    name = stacks_module.quoted(str(resource.name))
    return f'{path}/resources/{name}/events'


def _last_event(session: base.Session, path: str,
                resource: entity_module.Entity) -> base.Record | None:
    """The newest that is of this very resource: while one is replaced, the
    end of the old one is told under the same name."""
    physical = resource.attributes.get('physical_resource_id')
    query: dict[str, Any] = {'limit': PAGE, 'sort_dir': 'desc'}
    seen: set[str] = set()
    for _ in range(PAGES):
        events = session.get(
            _events(path, resource), **query).records('events')
        new = [event for event in events if event['id'] not in seen]
        for event in new:
            if event.get('physical_resource_id') == physical and not str(
                    event.get('resource_status')).startswith('DELETE'):
                return event
        if len(new) < PAGE:
            return None
        seen.update(event['id'] for event in new)
        query['marker'] = events[-1]['id']
    return None
