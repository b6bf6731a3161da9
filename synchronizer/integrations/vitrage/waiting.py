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

"""Events that Vitrage has been given and has perhaps not looked at yet.

Vitrage's listener has many threads, and lets them overtake each other: the
event that comes last is what it holds. So when something newer is known of
an entity, the older events that still wait are made to say it, too, and
their order is of no account.
"""

from typing import Any
import weakref

Fields = dict[str, Any]


class Event(dict):
    """A dict that can be found for as long as somebody holds it."""

    __slots__ = ('__weakref__', 'unlinks')

    def __init__(self, fields: Fields, unlinks: bool = False) -> None:
        super().__init__(fields)
        self.unlinks = unlinks
        """Whether it only takes edges away."""


class Waiting:
    """The events of one datasource by the id of their entity."""

    def __init__(self, links: str | None) -> None:
        self._links = links
        self._events: dict[str, list[weakref.ref[Event]]] = {}

    def add(self, id_: str, event: Event) -> Event:
        """An event that is about to be given away."""
        self._events.setdefault(id_, []).append(weakref.ref(event))
        return event

    def renew(self, id_: str, fields: Fields, deleted: bool = False) -> None:
        """Let what waits say the newest."""
        living = [(ref, event) for ref in self._events.pop(id_, ())
                  if (event := ref()) is not None]
        for _, event in living:
            self._renew(event, fields, deleted)
        if living:
            self._events[id_] = [ref for ref, _ in living]

    def _renew(self, event: Event, fields: Fields, deleted: bool) -> None:
        if event.unlinks and not deleted:
            event[self._links] = [link for link in event[self._links]
                                  if link not in fields[self._links]]
        else:
            # no key is ever taken away: it may be being read
            event.update(fields)
            event.unlinks = False

    def tidy(self) -> None:
        """Forget the ids of which nothing waits."""
        self._events = {
            id_: refs for id_, refs in self._events.items()
            if any(ref() is not None for ref in refs)}
