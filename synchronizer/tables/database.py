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

"""The tables in SQLite: loaded once, kept level by changes, asked by SQL."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import dataclasses
import itertools
import os
import sqlite3
from typing import Any

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.tables import advice
from synchronizer.tables import catalogue
from synchronizer.tables import declare
from synchronizer.tables import files
from synchronizer.tables import guard
from synchronizer.tables import statements
from synchronizer.tables.table import Row
from synchronizer.tables.table import Table

MEMORY = ':memory:'

_BATCH = 500
"""Entities whose rows are put in at once: all that is held of a load."""

_STEPS = 100_000
"""Steps of SQLite's machine between two looks for a signal."""

# each makes itself known to SQLite by a write, which a query may not do
_FUNCTIONS = ("SELECT 1 FROM json_each('[]'), json_tree('[]'), "
              "pragma_table_info(''), pragma_table_list('')")


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """Rows that are fetched as they are asked for, once."""

    columns: tuple[str, ...]
    """Their names, in order."""

    rows: Iterator[Row]
    """Raises TableError where the query fails on its way."""


class Database:
    """All tables of some types, and the relations of their entities.

    One thread uses it at a time; `interrupt` may come from any. A result
    is read to its end before the tables are changed.
    """

    def __init__(self, types: Iterable[str] | None = None,
                 path: str = MEMORY) -> None:
        """Empty tables of the types, by default of all that are declared;
        those of others come with their first entity. A file is a new one.
        """
        if path != MEMORY:
            files.reserve(path)
        self._types: set[str] = set()
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False,
            cached_statements=256)
        # a signal is noticed only where Python has a word
        self._connection.set_progress_handler(lambda: 0, _STEPS)
        with self._failing(''):
            self._connection.execute(_FUNCTIONS)
            self._connection.execute(statements.create(declare.RELATIONS))
            self._connection.execute(statements.BACKWARDS)
            self._add(catalogue.DECLARED if types is None else types)

    def __enter__(self) -> 'Database':
        return self

    def __exit__(self, *unused: Any) -> None:
        self.close()

    def close(self) -> None:
        """Forget what is in memory."""
        self._connection.close()

    def interrupt(self) -> None:
        """End a query that is under way in another thread."""
        self._connection.interrupt()

    @property
    def tables(self) -> tuple[Table, ...]:
        """Those that are here."""
        return (*(table for type_ in sorted(self._types) for table
                  in catalogue.family(catalogue.main(type_))),
                declare.RELATIONS)

    def load(self, entities: Iterable[entity_module.Entity]) -> int:
        """Put in entities, all or none; how many they were. One that is
        there already is replaced."""
        count, rest = 0, iter(entities)
        with self._transaction():
            while batch := list(itertools.islice(rest, _BATCH)):
                self._add({entity.type for entity in batch} - self._types)
                self._load(batch)
                count += len(batch)
        return count

    def apply(self, change: change_module.Change) -> None:
        """Follow a change, also one that was followed before."""
        with self._transaction():
            self._add({change.type} - self._types)
            self._put(change.entity,
                      gone=change.action == change_module.DELETED)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Result:
        """One question, answered row by row. TableError on one line."""
        guard.check(sql)
        with self._failing(sql), guard.reading(self._connection):
            cursor = self._connection.execute(sql, parameters)
        return Result(tuple(column[0] for column in cursor.description),
                      self._rows(cursor, sql))

    def types(self, sql: str, parameters: Sequence[Any] = ()) -> set[str]:
        """The types whose entities a query is about, without asking it: so
        only they need to be loaded."""
        read: set[str] = set()
        plan = sql if guard.check(sql) == 'EXPLAIN' else f'EXPLAIN {sql}'
        with self._failing(sql), guard.reading(self._connection, read.add):
            self._connection.execute(plan, parameters).close()
        if read & {declare.RELATIONS.name, catalogue.ENTITIES}:
            return set(self._types)
        return {table.type for table in self.tables
                if table.type and table.name in read}

    def save(self, path: str, overwrite: bool = False) -> None:
        """Write all to a SQLite file that only its owner may read."""
        files.save(self._connection, path, overwrite)

    def write_csv(self, folder: str | os.PathLike[str]) -> None:
        """Write each table to a file of its name in a folder."""
        files.write_csv(self._connection, folder, self.tables)

    def _rows(self, cursor: sqlite3.Cursor, sql: str) -> Iterator[Row]:
        with self._failing(sql):
            yield from cursor

    @contextlib.contextmanager
    def _failing(self, sql: str) -> Iterator[None]:
        """What SQLite says of a query, as an error of ours."""
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise exception.TableError(
                advice.on(str(error), sql, self.tables)) from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._failing(''):
            self._connection.execute('BEGIN')
            known = set(self._types)
            try:
                yield
                self._connection.execute('COMMIT')
            except BaseException:
                # a full disk has ended it already
                if self._connection.in_transaction:
                    self._connection.execute('ROLLBACK')
                self._types = known
                raise

    def _add(self, types: Iterable[str]) -> None:
        """Make the tables of types that are not there."""
        new = set(types)
        if not new and self._types:
            return
        self._types = self._types | new
        for type_ in sorted(new):
            for table in catalogue.family(catalogue.main(type_)):
                self._connection.execute(statements.create(table))
        self._connection.execute(statements.NO_VIEW)
        self._connection.execute(statements.view(self._types))

    def _load(self, batch: list[entity_module.Entity]) -> None:
        """Entities that are not there, or else one by one."""
        self._connection.execute('SAVEPOINT batch')
        try:
            self._insert(batch)
        except sqlite3.IntegrityError:
            self._connection.execute('ROLLBACK TO batch')
            for entity in batch:
                self._put(entity)
        self._connection.execute('RELEASE batch')

    def _insert(self, batch: list[entity_module.Entity]) -> None:
        rows: dict[str, tuple[Table, list[Row]]] = {}
        for entity in batch:
            for table in catalogue.of_type(entity.type):
                rows.setdefault(table.name, (table, []))[1].extend(
                    table.rows(entity))
        for table, found in rows.values():
            if found:
                self._connection.executemany(
                    statements.insert(table), found)

    def _put(self, entity: entity_module.Entity, gone: bool = False) -> None:
        """The rows of an entity instead of those that it had."""
        for table in catalogue.of_type(entity.type):
            self._connection.execute(
                statements.delete(table), table.owned(entity))
        if not gone:
            self._insert([entity])
