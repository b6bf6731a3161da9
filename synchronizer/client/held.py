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
"""The entities that a follower holds, in about the room of their JSON."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import MutableMapping

from synchronizer.model import entity as entity_module
from synchronizer.model import kept


class Held(MutableMapping[str, entity_module.Entity]):
    """Entities by id. Whoever asks gets one of his own, which reads its text
    when it is looked into and goes with him: what is held stays text."""

    def __init__(self, entities: Iterable[entity_module.Entity] = ()
                 ) -> None:
        """These are taken over: whoever gave them does not look into them.
        """
        self._kept: dict[str, kept.Kept] = {
            entity.id: entity if isinstance(entity, kept.Kept)
            else kept.of(entity) for entity in entities}

    def __getitem__(self, id_: str) -> entity_module.Entity:
        return kept.of(self._kept[id_])

    def __setitem__(self, id_: str, entity: entity_module.Entity) -> None:
        self._kept[id_] = kept.of(entity)

    def __delitem__(self, id_: str) -> None:
        del self._kept[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._kept

    def shelf(self) -> list[kept.Kept]:
        """All of them as they are held: to be handed on with `kept.of`."""
        return list(self._kept.values())

    def revision(self, id_: str) -> int | None:
        """That of one that is held."""
        found = self._kept.get(id_)
        return None if found is None else found.revision
