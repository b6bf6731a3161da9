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

"""What Vitrage is told of one of its datasources.

A snapshot and a change end in the same kind of event, so that neither
depends on the other: what a change tells, the next snapshot repeats.
"""

import abc
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
import threading

from synchronizer.bus import wire
from synchronizer.client import rpc
from synchronizer.integrations.vitrage import former as former_module
from synchronizer.integrations.vitrage import line
from synchronizer.integrations.vitrage import rows
from synchronizer.integrations.vitrage import waiting
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import position as position_module

UPDATE, DELETE, UNLINK = (
    'update_entity', 'delete_entity', 'delete_relationship')
"""Vitrage's words for what to do with a row."""

Events = list[waiting.Event]
Fields = Callable[[rows.Row, str], rows.Row]
"""Adds to a row what Vitrage wants to know, one of the words above too."""


class Feed(abc.ABC):
    """Events, from snapshots in one thread and changes in many."""

    def __init__(self, client: rpc.SynchronizerClient, fields: Fields,
                 types: Collection[str], links: str | None) -> None:
        self._client = client
        self._fields = fields
        self._lock = threading.Lock()
        self._lines = {type_: line.Line(type_, client) for type_ in types}
        self._waiting = waiting.Waiting(links)
        self._links_key = links
        self._links: dict[str, list[rows.Row]] = {}
        # what may be drawn since before this process was there
        self._former: dict[str, list[rows.Row]] = {}
        self._whole = False

    @abc.abstractmethod
    def snapshot(self) -> Iterator[waiting.Event]:
        """All there is. What cannot be read is raised, however late."""

    def changed(self, change: change_module.Change) -> Events:
        """What a change means, and any before it that never came."""
        with self._lock:
            return [event for one in self._lines[change.type].take(change)
                    for event in self._follow(one)]

    @abc.abstractmethod
    def _follow(self, change: change_module.Change) -> Events:
        """What one change means."""

    def _tell(self, id_: str, row: rows.Row | None, deleted: bool = False
              ) -> Events:
        """The events that make Vitrage hold a row, or hold it no more."""
        if row is None:
            return []
        fields = self._fields(row, DELETE if deleted else UPDATE)
        self._waiting.renew(id_, fields, deleted)
        events = self._unlink(id_, row, deleted)
        return [*events, self._waiting.add(id_, waiting.Event(fields))]

    def _unlink(self, id_: str, row: rows.Row, deleted: bool) -> Events:
        """Edges that went. Vitrage itself finds them only where another of
        their kind is left."""
        if self._links_key is None:
            return []
        before = [*self._links.pop(id_, ()), *self._former.pop(id_, ())]
        if deleted:
            # should it come back at once, nobody will see that it was gone
            if before:
                self._former[id_] = before
            return []
        links = row[self._links_key]
        if links:
            self._links[id_] = links
        gone = [link for link in before if link not in links]
        if not gone:
            return []
        fields = self._fields({**row, self._links_key: gone}, UNLINK)
        return [self._waiting.add(id_, waiting.Event(fields, unlinks=True))]


class PagedFeed(Feed):
    """Of a datasource that is one type."""

    def __init__(self, client: rpc.SynchronizerClient, fields: Fields,
                 shape: rows.Shape) -> None:
        super().__init__(client, fields, [shape.type], shape.links)
        self._shape = shape
        self._latest: dict[str, change_module.Change] = {}
        # what the pages of the snapshot that is being read have told
        self._shown: dict[str, position_module.Position] = {}

    def snapshot(self) -> Iterator[waiting.Event]:
        """Page by page; of those that went by only the ids are held."""
        type_ = self._shape.type
        former = {} if self._whole else self._look_back()
        with self._lock:
            self._former, self._shown = former, {}
        for page in self._client.get_all([type_]):
            head = page.heads[type_]
            for entity in page.entities:
                with self._lock:
                    events = self._show(entity, head)
                yield from events
        with self._lock:
            events = self._level(head)
        yield from events

    def _look_back(self) -> dict[str, list[rows.Row]]:
        if self._links_key is None:
            return {}
        versions = former_module.versions(self._client, self._shape.type)
        return former_module.gather(
            (entity.id, row[self._links_key]) for entity in versions
            if (row := self._shape.row(entity)) is not None)

    def _show(self, entity: entity_module.Entity, head: wire.Head) -> Events:
        """An entity of a page, or what a change has made of it since.

        Of what is gone nothing is said: Vitrage deletes what it holds and
        was not told of.
        """
        latest = self._latest.get(entity.id)
        if (latest is not None and latest.epoch == head.epoch
                and latest.revision > entity.revision):
            if latest.action == change_module.DELETED:
                return []
            entity = latest.entity
        if entity.state in self._shape.gone:
            return []
        self._shown[entity.id] = position_module.Position(
            head.epoch, entity.revision)
        return self._tell(entity.id, self._shape.row(entity))

    def _level(self, head: wire.Head) -> Events:
        """The end of a snapshot, and what it has to take back.

        Vitrage keeps what changes told of since the snapshot began, or
        within the second before it. Of what was gone by then no more is
        heard.
        """
        self._lines[self._shape.type].level(head)
        self._whole = True
        events = []
        for change in list(self._latest.values()):
            if change.epoch == head.epoch and change.revision > head.revision:
                continue
            del self._latest[change.id]
            if (change.epoch == head.epoch and not self._is_gone(change)
                    and change.id not in self._shown):
                events += self._tell(
                    change.id, self._shape.row(change.entity), True)
        self._former, self._shown = {}, {}
        self._waiting.tidy()
        return events

    def _follow(self, change: change_module.Change) -> Events:
        for known in (self._latest.get(change.id),
                      self._shown.get(change.id)):
            if (known is not None and known.epoch == change.epoch
                    and known.revision >= change.revision):
                return []
        self._latest[change.id] = change
        return self._tell(change.id, self._shape.row(change.entity),
                          self._is_gone(change))

    def _is_gone(self, change: change_module.Change) -> bool:
        return (change.action == change_module.DELETED
                or change.entity.state in self._shape.gone)
