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


"""What Vitrage is told of stacks."""

from collections.abc import Collection
from collections.abc import Iterator

from synchronizer.bus import wire
from synchronizer.client import rpc
from synchronizer.integrations.vitrage import feed
from synchronizer.integrations.vitrage import forest
from synchronizer.integrations.vitrage import former
from synchronizer.integrations.vitrage import rows
from synchronizer.integrations.vitrage import waiting
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module


class StackFeed(feed.Feed):
    """Of stacks, with what their resources stand for."""

    TYPES = (forest.STACK, forest.RESOURCE)

    def __init__(self, client: rpc.SynchronizerClient, fields: feed.Fields,
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
            roots, events = self._read()
        finally:
            self._meanwhile = None
        yield from events
        for id_ in roots:
            with self._lock:
                alive = _alive(self._forest, id_)
                events = self._tell_root(id_) if alive else []
            yield from events
        with self._lock:
            self._former = {}
            self._waiting.tidy()

    def _read(self) -> tuple[list[str], feed.Events]:
        """The stacks that are in no other; the deletion of others."""
        fresh, heads = forest.Forest(self._kinds), {}
        for type_ in self.TYPES:
            for page in self._client.get_all([type_]):
                heads |= page.heads
                fresh.put_all(page.entities, page.heads[type_].epoch)
        links = {} if self._whole else self._look_back(fresh)
        with self._lock:
            told = self._forest if self._whole else forest.Forest(())
            if not self._catch_up(fresh, heads):
                # the next snapshot is of the new epoch, and will tell
                told = forest.Forest(())
            self._forest, self._former, self._whole = fresh, links, True
            return fresh.roots(), self._take_back(told)

    def _catch_up(self, fresh: forest.Forest, heads: dict[str, wire.Head]
                  ) -> bool:
        """What came meanwhile; whether all was of the same epochs."""
        meanwhile, self._meanwhile = self._meanwhile, None
        for type_, head in heads.items():
            self._lines[type_].level(head)
        found = [change for change in meanwhile
                 if change.epoch == heads[change.type].epoch]
        for change in found:
            # what came before is in the pages, or was gone by then
            if change.revision > heads[change.type].revision:
                fresh.apply(change)
        return len(found) == len(meanwhile)

    def _take_back(self, told: forest.Forest) -> feed.Events:
        return [event for id_ in told.roots()
                if (entity := _alive(told, id_))
                and not _alive(self._forest, id_)
                for event in self._tell(id_, rows.stack(entity, ()), True)]

    def _look_back(self, fresh: forest.Forest) -> dict[str, list[rows.Row]]:
        roots = {entity.id: forest.root_of(entity) for entity in
                 former.versions(self._client, forest.STACK)}
        return former.gather(
            (roots.get(stack) or fresh.root_id(stack), [link])
            for entity in former.versions(self._client, forest.RESOURCE)
            if (link := fresh.link(entity)) is not None
            for stack in [entity.id.partition('/')[0]])

    def _follow(self, change: change_module.Change) -> feed.Events:
        if self._meanwhile is not None:
            self._meanwhile.append(change)
        root = self._forest.apply(change)
        if root is None:
            return []
        if (root == change.id and change.action == change_module.DELETED
                and self._forest.root(root) is None):
            return self._tell(root, rows.stack(change.entity, ()), True)
        if not self._whole:
            # a part of a stack, told, would take from it what is missing
            return []
        if root != change.id:
            return self._tell_links(root)
        return self._tell_root(root)

    def _tell_links(self, root: str) -> feed.Events:
        """A tree of which a part has moved, if that shows."""
        held = self._links.get(root, [])
        entity = self._forest.root(root)
        if (entity is None or entity.state in rows.DYING
                or self._forest.links(root) == held):
            return []
        return self._tell_root(root)

    def _tell_root(self, id_: str) -> feed.Events:
        entity = self._forest.root(id_)
        if entity is None:
            return []
        row = rows.stack(entity, self._forest.links(id_))
        return self._tell(id_, row, entity.state in rows.DYING)


def _alive(trees: forest.Forest, id_: str) -> entity_module.Entity | None:
    entity = trees.root(id_)
    return None if entity is None or entity.state in rows.DYING else entity
