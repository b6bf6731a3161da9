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

"""The tables in the words of SQLite."""

from collections.abc import Iterable

from synchronizer.tables import catalogue
from synchronizer.tables import cells
from synchronizer.tables import declare
from synchronizer.tables.table import Column
from synchronizer.tables.table import Table

# "json" would make a number of a text like "5"
_TYPES = {cells.TEXT: 'TEXT', cells.INTEGER: 'INTEGER', cells.REAL: 'REAL',
          cells.BOOLEAN: 'BOOLEAN', cells.JSON: 'TEXT'}

BACKWARDS = ('CREATE INDEX IF NOT EXISTS relations_backwards '
             'ON relations (to_type, to_id)')
"""So that relations are found from both ends."""

NO_VIEW = f'DROP VIEW IF EXISTS {catalogue.ENTITIES}'

_COMMON = ('id', *declare.ALL, 'revision', 'sampled_at')


def quoted(name: str) -> str:
    """A name that may be anything."""
    return '"' + name.replace('"', '""') + '"'


def _list(names: Iterable[str]) -> str:
    return ', '.join(map(quoted, names))


def create(table: Table) -> str:
    """Make the table. The rows of children are small and all key, so they
    lie in the index itself."""
    columns = ', '.join(map(_declared, table.columns))
    tail = '' if table.owner == table.key else ' WITHOUT ROWID'
    return (f'CREATE TABLE IF NOT EXISTS {quoted(table.name)} ({columns}, '
            f'PRIMARY KEY ({_list(table.key)})){tail}')


def _declared(column: Column) -> str:
    needed = ' NOT NULL' if column.key else ''
    return f'{quoted(column.name)} {_TYPES[column.type]}{needed}'


def insert(table: Table) -> str:
    """Put in a row."""
    marks = ', '.join('?' * len(table.columns))
    return f'INSERT INTO {quoted(table.name)} VALUES ({marks})'


def delete(table: Table) -> str:
    """Take out all rows of an entity."""
    where = ' AND '.join(f'{quoted(name)} = ?' for name in table.owner)
    return f'DELETE FROM {quoted(table.name)} WHERE {where}'


def view(types: Iterable[str]) -> str:
    """Make the view of the common columns of the types."""
    none = ', '.join(f'NULL AS {name}' for name in _COMMON)
    parts = [_part(catalogue.main(type_)) for type_ in sorted(types)]
    # the columns are there even where no type is
    parts.insert(0, f'SELECT NULL AS type, {none} WHERE 0')
    return f'CREATE VIEW {catalogue.ENTITIES} AS {" UNION ALL ".join(parts)}'


def _part(table: Table) -> str:
    cells_ = ', '.join(
        name if name in table.names else f'NULL AS {name}'
        for name in _COMMON)
    type_ = str(cells.as_text(table.type)).replace("'", "''")
    return f"SELECT '{type_}' AS type, {cells_} FROM {quoted(table.name)}"
