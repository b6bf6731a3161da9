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

"""What one judgement sees: the streams, and what must be asked for."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins import derived
from synchronizer.plugins.reality import asking as asking_module
from synchronizer.plugins.reality import index as index_module
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality import trust as trust_module

RESOURCE, STACK = 'heat.resource', 'heat.stack'

Thing = index_module.Thing


class Eyes:
    """What all judgements share."""

    def __init__(self, streams: derived.Streams,
                 asking: asking_module.Asking, trust: trust_module.Trust
                 ) -> None:
        self.streams, self.asking, self.trust = streams, asking, trust
        self.index = index_module.Index()
        self._anew: set[str] = set()

    def beside(self, resources: Iterable[str]) -> set[str]:
        """Those of the same stacks that are judged by what no stream has.
        """
        return {other for resource in resources for other in
                self.index.asking(resource.partition('/')[0])}

    def ask_anew(self, resources: Iterable[str]) -> None:
        """What is remembered for these may be old."""
        self._anew.update(resources)

    def is_anew(self, resource: str) -> bool:
        """Whether that is so; said once."""
        if resource in self._anew:
            self._anew.discard(resource)
            return True
        return False

    def fetch(self, readers: Mapping[str, Iterable[Thing]]
              ) -> dict[Thing, entity_module.Entity | None]:
        """What these resources will look at, all in one go."""
        wanted: dict[str, set[str]] = {}
        for resource, things in readers.items():
            found = list(things)
            self.index.note(resource, found)
            for type_, id_ in found:
                wanted.setdefault(type_, set()).add(id_)
        seen: dict[Thing, entity_module.Entity | None] = {}
        for type_, ids in wanted.items():
            if self.trust.has(type_):
                held = self.streams.held(type_, ids)
                seen.update({(type_, id_): held.get(id_) for id_ in ids})
        return seen


class Sight:
    """`table.Around` for one judgement of one resource.

    `fresh`: streams are passed by, and services asked; nothing is noted.
    """

    def __init__(self, eyes: Eyes, resource: str,
                 seen: Mapping[Thing, entity_module.Entity | None]
                 | None = None, fresh: bool = False) -> None:
        self._eyes, self._resource = eyes, resource
        self._seen, self._fresh = dict(seen or {}), fresh
        self._anew = eyes.is_anew(resource)
        self.looked_at: list[Thing] = []

    def held(self, type_: str, id_: str) -> entity_module.Entity | None:
        """An entity of a stream; None: it is not there."""
        eyes, thing = self._eyes, (type_, id_)
        self.looked_at.append(thing)
        if not eyes.trust.has(type_):
            raise table.NotComparable(f'{type_} is not collected')
        if self._fresh:
            return eyes.asking.entity(type_, id_)
        why = eyes.trust.doubt(type_)
        if why is not None:
            held = self._stored(thing)
            return eyes.asking.doubted(
                type_, id_, held.revision if held else 0, why)
        return self._stored(thing)

    def _stored(self, thing: Thing) -> entity_module.Entity | None:
        eyes, (type_, id_) = self._eyes, thing
        # what was read for another resource was not noted for this one
        if eyes.index.note(self._resource, [thing]) or (
                thing not in self._seen):
            self._seen[thing] = eyes.streams.held(type_, [id_]).get(id_)
        return self._seen[thing]

    def members(self, stack_id: str) -> list[entity_module.Entity]:
        """The heat.resource entities of one stack, as they are stored."""
        why = self._eyes.trust.doubt(RESOURCE)
        if why is not None:
            raise table.Unknowable(why)
        self._eyes.index.note(
            self._resource, [(index_module.MEMBERS, stack_id)])
        return [entity
                for page in self._eyes.streams.walk(RESOURCE, f'{stack_id}/')
                for entity in page]

    def ask(self, service_type: str, path: str, **query: Any) -> Any | None:
        """What a service says of what is no stream; None: 404."""
        self._eyes.index.asks(
            self._resource.partition('/')[0], self._resource)
        return self._eyes.asking.other(
            service_type, path, query, self._fresh or self._anew)
