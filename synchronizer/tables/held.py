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

"""A holder that knows the rows before a change, and so tells the fewest."""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.tables import catalogue
from synchronizer.tables import differences


class Tables:
    """The tables of the entities put into it, kept level by changes.

    It holds the entities and no rows: fed by a mirror, which holds them as
    well, it costs a reference for each. Not thread-safe.
    """

    def __init__(self, entities: Iterable[entity_module.Entity] = ()
                 ) -> None:
        self._held: dict[tuple[str, str], entity_module.Entity] = {
            (entity.type, entity.id): entity for entity in entities}

    def rows(self, change: change_module.Change
             ) -> list[differences.Difference]:
        """What the change does to the tables; it is followed thereby. One
        that was followed before does nothing."""
        known = (change.type, change.id)
        old, new = self._held.get(known), change.entity
        if change.action == change_module.DELETED:
            self._held.pop(known, None)
            return differences.between(old, None)
        self._held[known] = new
        return differences.between(old, new)

    def contents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every row now, each with the name of its table."""
        for entity in self._held.values():
            for table in catalogue.of_type(entity.type):
                for row in table.rows(entity):
                    yield table.name, dict(zip(table.names, row,
                                               strict=True))
