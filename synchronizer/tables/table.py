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

"""What a table is: declared columns, and how rows are made of an entity."""

from collections.abc import Callable
from collections.abc import Iterable
import dataclasses
from typing import Any
from typing import NamedTuple

from synchronizer.model import entity as entity_module
from synchronizer.tables import cells
from synchronizer.tables import paths

Row = tuple[cells.Cell, ...]
"""The cells of a row, in the order of the columns."""


class Item(NamedTuple):
    """What one row is made of."""

    entity: entity_module.Entity
    passed: paths.Passed
    value: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    """As SQL has it, without quotes."""

    type: str
    """One of `cells.TYPES`."""

    get: Callable[[Item], Any]
    """What of the item stands in it."""

    source: str
    """The same in words, for the reference."""

    key: bool = False
    """Whether it is part of the key of its table; then it is never NULL."""

    def converter(self) -> Callable[[Any], cells.Cell]:
        """Makes what was got a cell."""
        convert = cells.CONVERTERS[self.type]
        if not self.key:
            return convert
        return lambda value: '' if value is None else convert(value)


@dataclasses.dataclass(frozen=True)
class Table:
    """One table. The columns of its key come first, and first of these the
    ones that name the entity: so all rows of an entity are found."""

    name: str
    """As SQL has it."""

    type: str | None
    """The type of the entities that are in it; None: of every type."""

    about: str
    """One sentence on what a row is."""

    columns: tuple[Column, ...]
    """All of them, in order."""

    items: Callable[[entity_module.Entity], Iterable[Item]]
    """What the rows of an entity are made of."""

    path: str = ''
    """To the members that are its rows; of the table of a type, none."""

    owners: int = 1
    """How many columns name the entity."""

    children: tuple['Table', ...] = ()
    """The tables of what the entities have many of."""

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        object.__setattr__(self, 'key', self.names[:sum(keys)])
        object.__setattr__(self, '_made', tuple(
            (column.get, column.converter()) for column in self.columns))

    key: tuple[str, ...] = dataclasses.field(init=False, compare=False)
    """The columns whose values no two rows share."""

    _made: tuple[Any, ...] = dataclasses.field(
        init=False, compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all columns."""
        return tuple(column.name for column in self.columns)

    @property
    def owner(self) -> tuple[str, ...]:
        """The columns that name the entity whose row it is."""
        return self.names[:self.owners]

    def rows(self, entity: entity_module.Entity) -> list[Row]:
        """The rows of one entity; of several with one key, the last."""
        found = [tuple([convert(get(item)) for get, convert in self._made])
                 for item in self.items(entity)]
        if len(found) > 1:
            return list(self.by_key(found).values())
        return found

    def by_key(self, rows: Iterable[Row]) -> dict[Row, Row]:
        """The same rows, each by its key."""
        width = len(self.key)
        return {row[:width]: row for row in rows}

    def owned(self, entity: entity_module.Entity) -> Row:
        """What the columns that name the entity have in all its rows."""
        name = (cells.as_text(entity.type), cells.as_text(entity.id))
        return name[-self.owners:]


def itself(entity: entity_module.Entity) -> tuple[Item, ...]:
    """An entity is one row of the table of its type."""
    return (Item(entity, (), entity.attributes),)


def each(path: str) -> Callable[[entity_module.Entity], Iterable[Item]]:
    """A row for each member that the path leads to."""
    steps = tuple(path.split('/'))

    def items(entity: entity_module.Entity) -> Iterable[Item]:
        return (Item(entity, passed, member) for passed, member
                in paths.members(entity.attributes, steps))

    return items
