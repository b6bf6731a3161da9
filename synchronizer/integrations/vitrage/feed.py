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
from synchronizer.integrations.vitrage import forest
from synchronizer.integrations.vitrage import line
from synchronizer.integrations.vitrage import rows
from synchronizer.integrations.vitrage import waiting
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module

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
        before = self._links.pop(id_, [])
        links = [] if deleted else row[self._links_key]
        if links:
            self._links[id_] = links
        gone = [link for link in before if link not in links]
        if deleted or not gone:
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

    def snapshot(self) -> Iterator[waiting.Event]:
        """Page by page; never more than a page is held."""
        type_ = self._shape.type
        with self._lock:
            self._latest = {}
        for page in self._client.get_all([type_]):
            head = page.heads[type_]
            for entity in page.entities:
                with self._lock:
                    events = self._show(entity, head)
                yield from events
        with self._lock:
            self._lines[type_].level(head)
            self._waiting.tidy()

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
        return self._tell(entity.id, self._shape.row(entity))

    def _follow(self, change: change_module.Change) -> Events:
        latest = self._latest.get(change.id)
        if (latest is not None and latest.epoch == change.epoch
                and latest.revision >= change.revision):
            return []
        self._latest[change.id] = change
        gone = (change.action == change_module.DELETED
                or change.entity.state in self._shape.gone)
        return self._tell(change.id, self._shape.row(change.entity), gone)


class StackFeed(Feed):
    """Of stacks, with what their resources stand for."""

    TYPES = (forest.STACK, forest.RESOURCE)

    def __init__(self, client: rpc.SynchronizerClient, fields: Fields,
                 kinds: Collection[str]) -> None:
        """`kinds` are the types of resources that Vitrage draws."""
        super().__init__(client, fields, self.TYPES, 'resources')
        self._kinds = kinds
        self._forest = forest.Forest(kinds)
        self._meanwhile: list[change_module.Change] | None = None

    def snapshot(self) -> Iterator[waiting.Event]:
        """All stacks that are in no other, once everything is read."""
        with self._lock:
            self._meanwhile = []
        try:
            roots = self._read()
        finally:
            self._meanwhile = None
        for id_ in roots:
            with self._lock:
                entity = self._forest.root(id_)
                alive = entity and entity.state not in rows.DYING
                events = self._tell_root(id_) if alive else []
            yield from events
        with self._lock:
            self._waiting.tidy()

    def _read(self) -> list[str]:
        fresh, heads = forest.Forest(self._kinds), {}
        for type_ in self.TYPES:
            for page in self._client.get_all([type_]):
                heads |= page.heads
                fresh.put_all(page.entities)
        with self._lock:
            for change in self._meanwhile:
                if change.epoch == heads[change.type].epoch:
                    fresh.apply(change)
            self._meanwhile = None
            self._forest = fresh
            for type_, head in heads.items():
                self._lines[type_].level(head)
            return fresh.roots()

    def _follow(self, change: change_module.Change) -> Events:
        if self._meanwhile is not None:
            self._meanwhile.append(change)
        root = self._forest.apply(change)
        if root is None:
            return []
        if root != change.id:
            return self._tell_links(root)
        if change.action == change_module.DELETED:
            return self._tell(root, rows.stack(change.entity, ()), True)
        return self._tell_root(root)

    def _tell_links(self, root: str) -> Events:
        """A tree of which a part has moved, if that shows."""
        held = self._links.get(root, [])
        entity = self._forest.root(root)
        if (entity is None or entity.state in rows.DYING
                or self._forest.links(root) == held):
            return []
        return self._tell_root(root)

    def _tell_root(self, id_: str) -> Events:
        entity = self._forest.root(id_)
        if entity is None:
            return []
        row = rows.stack(entity, self._forest.links(id_))
        return self._tell(id_, row, entity.state in rows.DYING)
