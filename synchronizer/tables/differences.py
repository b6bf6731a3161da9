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

"""What a change does to the tables, row by row."""

from typing import Any
from typing import NamedTuple

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.tables import catalogue
from synchronizer.tables.table import Row
from synchronizer.tables.table import Table

INSERT, UPDATE, DELETE, REPLACE = ACTIONS = (
    'insert', 'update', 'delete', 'replace')


class Difference(NamedTuple):
    """One step of a table. Whatever the action: of what is in the table,
    that which has the values of `key` gives way to `rows`."""

    action: str
    """One of ACTIONS: a row came, is another now, went; or, where the old
    rows of an entity are not known, these are all that it has now."""

    table: str
    """The table's name."""

    key: dict[str, Any]
    """Columns and their values: the key of the row; of a replacement the
    columns that name the entity."""

    rows: tuple[dict[str, Any], ...]
    """One of an insert or an update, none of a delete; whole rows."""


def rows(change: change_module.Change,
         before: entity_module.Entity | None = None) -> list[Difference]:
    """What the change does to the tables.

    An update tells the new entity and not the old one. Without the one
    `before` its rows replace all that the entity had; with it only those
    that differ are told. What was created had no rows, unless `before` says
    so; what was deleted is told as it last was.
    """
    if change.action == change_module.DELETED:
        return between(before or change.entity, None)
    if before is None and change.action == change_module.UPDATED:
        return replacing(change.entity)
    return between(before, change.entity)


def between(old: entity_module.Entity | None,
            new: entity_module.Entity | None) -> list[Difference]:
    """What differs between two versions of one entity, none being none."""
    known = new or old
    if known is None:
        return []
    return [step for table in catalogue.of_type(known.type)
            for step in _steps(table, _rows(table, old), _rows(table, new))]


def replacing(entity: entity_module.Entity) -> list[Difference]:
    """All rows of an entity, in place of those that it had."""
    return [
        Difference(REPLACE, table.name,
                   _named(table.owner, table.owned(entity)),
                   tuple(_named(table.names, row)
                         for row in table.rows(entity)))
        for table in catalogue.of_type(entity.type)]


def _rows(table: Table, entity: entity_module.Entity | None
          ) -> dict[Row, Row]:
    return table.by_key(table.rows(entity)) if entity else {}


def _steps(table: Table, old: dict[Row, Row], new: dict[Row, Row]
           ) -> list[Difference]:
    found = [Difference(DELETE, table.name, _named(table.key, key), ())
             for key in old if key not in new]
    for key, row in new.items():
        if old.get(key) != row:
            found.append(Difference(
                UPDATE if key in old else INSERT, table.name,
                _named(table.key, key), (_named(table.names, row),)))
    return found


def _named(names: tuple[str, ...], row: Row) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))
