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

"""The stacks, and what each tree of them has brought about.

Heat tells of a resource by the stack that it is in, which may be a nested
one; Vitrage knows the stack at the top only.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from synchronizer.integrations.vitrage import rows
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import position as position_module

STACK = 'heat.stack'
RESOURCE = 'heat.resource'


class Forest:
    """Trees of stacks with the things at their ends."""

    def __init__(self, kinds: Collection[str]) -> None:
        """`kinds` are the types of resources that matter."""
        self._kinds = frozenset(kinds)
        self._stacks: dict[
            str, tuple[position_module.Position, entity_module.Entity]] = {}
        self._trees: dict[str, set[str]] = {}
        self._links: dict[
            str, dict[str, tuple[position_module.Position, rows.Row]]] = {}

    def roots(self) -> list[str]:
        """The ids of all stacks that are in no other."""
        return [id_ for id_, (_, entity) in self._stacks.items()
                if not _is_nested(entity)]

    def root(self, id_: str) -> entity_module.Entity | None:
        """A stack that is in no other, if it is known."""
        entity = self._stack(id_)
        return None if entity is None or _is_nested(entity) else entity

    def links(self, root: str) -> list[rows.Row]:
        """What a whole tree has brought about, each thing once."""
        found = {tuple(link.values()): link for link in self._below(root)}
        return [found[key] for key in sorted(found)]

    def _below(self, root: str) -> Iterator[rows.Row]:
        for stack in self._trees.get(root, ()):
            for _, link in self._links.get(stack, {}).values():
                yield link

    def apply(self, change: change_module.Change) -> str | None:
        """Follow a change; the id of the tree that it is about."""
        entity = change.entity
        if entity.type == STACK:
            return self._apply_stack(change)
        stack, _, name = entity.id.partition('/')
        if _is_news(change, self._links.get(stack, {}).get(name)):
            self._drop_link(stack, name)
            if change.action != change_module.DELETED:
                self.put(entity, change.epoch)
        return self.root_id(stack)

    def _apply_stack(self, change: change_module.Change) -> str | None:
        id_ = change.entity.id
        if _is_news(change, self._stacks.get(id_)):
            self._drop_stack(id_)
            if change.action != change_module.DELETED:
                self.put(change.entity, change.epoch)
        return root_of(change.entity)

    def put(self, entity: entity_module.Entity, epoch: str) -> None:
        """Hold a stack or a resource, as a stream of that epoch has it."""
        position = position_module.Position(epoch, entity.revision)
        if entity.type == STACK:
            self._stacks[entity.id] = position, entity
            self._trees.setdefault(root_of(entity), set()).add(entity.id)
            return
        link = self.link(entity)
        if link is not None:
            stack, _, name = entity.id.partition('/')
            self._links.setdefault(stack, {})[name] = position, link

    def put_all(self, entities: Iterable[entity_module.Entity], epoch: str
                ) -> None:
        """Hold many."""
        for entity in entities:
            self.put(entity, epoch)

    def link(self, resource: entity_module.Entity) -> rows.Row | None:
        """What a resource has brought about, if it matters."""
        link = rows.resource(resource)
        if link is None or link['resource_type'] not in self._kinds:
            return None
        return link

    def root_id(self, stack: str) -> str | None:
        """The tree that a stack is in, if it is known."""
        entity = self._stack(stack)
        return None if entity is None else root_of(entity)

    def _stack(self, id_: str) -> entity_module.Entity | None:
        held = self._stacks.get(id_)
        return None if held is None else held[1]

    def _drop_stack(self, id_: str) -> None:
        entity = self._stack(id_)
        if entity is None:
            return
        del self._stacks[id_]
        root = root_of(entity)
        self._trees[root].discard(id_)
        if not self._trees[root]:
            del self._trees[root]

    def _drop_link(self, stack: str, name: str) -> None:
        links = self._links.get(stack, {})
        links.pop(name, None)
        if not links:
            self._links.pop(stack, None)


def root_of(stack: entity_module.Entity) -> str:
    """The tree that a stack is in."""
    return stack.attributes.get('root') or stack.id


def _is_nested(entity: entity_module.Entity) -> bool:
    return bool(entity.attributes.get('parent'))


def _is_news(change: change_module.Change,
             held: tuple[position_module.Position, Any] | None) -> bool:
    return (held is None or held[0].epoch != change.epoch
            or held[0].revision < change.revision)
