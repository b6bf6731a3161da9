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

"""A compute model that follows a mirror."""

from collections.abc import Callable
import dataclasses
from typing import Any

from synchronizer.client import mirror as mirror_module
from synchronizer.integrations.watcher import elements
from synchronizer.integrations.watcher import inventories as inventories_module
from synchronizer.model import entity as entity_module

Entity = entity_module.Entity


@dataclasses.dataclass(frozen=True, slots=True)
class Kit:
    """What of Watcher a model is made of."""

    root: Callable[[], Any]
    """The graph."""

    node: Callable[..., Any]
    """A compute node, of its fields."""

    instance: Callable[..., Any]
    """An instance, of its fields."""

    pinned: bool = False
    """Whether the zone that an instance is pinned to is to be known."""


class LiveModel:
    """The nodes, and those instances that are on one of them.

    It is told only which entity to look at, and takes what the mirror holds
    of it by then: so the order in which types are told does not matter.
    Whoever calls sees to it that only one does at a time.
    """

    def __init__(self, mirror: mirror_module.Mirror,
                 inventories: inventories_module.Inventories,
                 kit: Kit) -> None:
        """All that the mirror holds now."""
        self._mirror = mirror
        self._inventories = inventories
        self._kit = kit
        self.root = kit.root()
        """Watcher's graph."""

        self._nodes: dict[str, Any] = {}
        self._places: dict[str, str] = {}
        for entity in mirror.all(elements.HOST):
            if elements.is_node(entity):
                self._put_node(entity)
        for entity in mirror.all(elements.INSTANCE):
            self._put_instance(entity)

    def look(self, type_: str, id_: str) -> None:
        """Let one entity be in the model as it is in the mirror."""
        entity = self._mirror.get(type_, id_)
        if type_ == elements.HOST:
            self._look_at_node(id_, entity)
        elif entity is None:
            self._drop_instance(id_)
        else:
            self._put_instance(entity)

    def complete(self) -> None:
        """Ask for the inventories that are still missing."""
        ids = {node.uuid: id_ for id_, node in self._nodes.items()}
        for uuid in self._inventories.learn(ids):
            self.look(elements.HOST, ids[uuid])

    # --- nodes -----------------------------------------------------------

    def _look_at_node(self, id_: str, entity: Entity | None) -> None:
        if entity is None or not elements.is_node(entity):
            self._drop_node(id_)
            return
        uuid = entity.attributes['id']
        for held, node in list(self._nodes.items()):
            # registered anew under its old name, or the same under a new
            # one: what has the old one now is still to be looked at
            if (held == id_) != (node.uuid == uuid):
                self._drop_node(held)
        is_new = id_ not in self._nodes
        self._put_node(entity)
        if is_new:
            for instance in self._mirror.all(
                    elements.INSTANCE, **{elements.NODE: id_}):
                self._put_instance(instance)

    def _put_node(self, entity: Entity) -> None:
        node = self._kit.node(**elements.node_fields(
            entity, self._inventories.of(entity.attributes['id'])))
        # the graph keeps the instances of one that it has already
        self.root.add_node(node)
        self._nodes[entity.id] = node

    def _drop_node(self, id_: str) -> None:
        node = self._nodes.pop(id_, None)
        if node is None:
            return
        for instance in [instance for instance, place in
                         self._places.items() if place == id_]:
            self._drop_instance(instance)
        self.root.remove_node(node)

    # --- instances -------------------------------------------------------

    def _put_instance(self, entity: Entity) -> None:
        place = elements.node_of(entity)
        # dropped first: the graph counts what an instance takes by the
        # element that it had when it was put there
        self._drop_instance(entity.id)
        node = self._nodes.get(place) if place else None
        if node is None:
            return
        instance = self._kit.instance(**elements.instance_fields(
            entity, self.root.extended_attributes_enabled,
            self._kit.pinned))
        self.root.add_instance(instance)
        self.root.map_instance(instance, node)
        self._places[entity.id] = place

    def _drop_instance(self, id_: str) -> None:
        if self._places.pop(id_, None) is not None:
            self.root.remove_instance(self.root.get_instance_by_uuid(id_))
