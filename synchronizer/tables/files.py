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

"""Tables as files, each of them whole or not there."""

from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import os
import pathlib
import sqlite3
import tempfile

from synchronizer import exception
from synchronizer.tables import cells
from synchronizer.tables import statements
from synchronizer.tables.table import Row
from synchronizer.tables.table import Table

Path = str | os.PathLike[str]


def reserve(path: Path) -> None:
    """A new, empty file that only its owner may read."""
    with _failing(path):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def save(connection: sqlite3.Connection, path: Path, overwrite: bool
         ) -> None:
    """Copy a database to a file, at once; over another one only if so
    told."""
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    with _failing(path), _instead_of(path, overwrite) as beside:
        with contextlib.closing(sqlite3.connect(beside)) as target:
            connection.backup(target)


def write_csv(connection: sqlite3.Connection, folder: Path,
              tables: Iterable[Table]) -> None:
    """One file for each table, by its key, as RFC 4180 has it. NULL is
    nothing between two commas, and the empty text is two quotes."""
    with _failing(folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        for table in tables:
            path = pathlib.Path(folder) / f'{table.name}.csv'
            with (_instead_of(path, True) as beside,
                  open(beside, 'w', encoding='utf-8', newline='') as file):
                file.writelines(_lines(connection, table))


def _lines(connection: sqlite3.Connection, table: Table) -> Iterator[str]:
    order = ', '.join(map(statements.quoted, table.key))
    yield line(table.names)
    yield from map(line, connection.execute(
        f'SELECT * FROM {statements.quoted(table.name)} ORDER BY {order}'))


def line(row: Row) -> str:
    """One record with its end."""
    return ','.join(map(_field, row)) + '\r\n'


def _field(cell: cells.Cell) -> str:
    if cell is None:
        return ''
    if not isinstance(cell, str):
        return str(cell)
    if cell and not any(mark in cell for mark in ',"\r\n'):
        return cell
    return '"' + cell.replace('"', '""') + '"'


@contextlib.contextmanager
def _instead_of(path: Path, overwrite: bool) -> Iterator[str]:
    """A file beside that takes the place when it is done."""
    folder, name = os.path.split(os.path.abspath(path))
    number, beside = tempfile.mkstemp(prefix=f'.{name}.', dir=folder)
    os.close(number)
    try:
        yield beside
        _sync(beside)
        if overwrite:
            os.replace(beside, path)
        else:
            # unlike a rename, it fails where there is something by now
            os.link(beside, path)
    finally:
        pathlib.Path(beside).unlink(missing_ok=True)


def _sync(path: str) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextlib.contextmanager
def _failing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise _exists(path) from error
    except (OSError, sqlite3.Error) as error:
        raise exception.TableError(
            f'{os.fspath(path)} cannot be written: {error}') from error


def _exists(path: Path) -> exception.TableError:
    return exception.TableError(
        f'{os.fspath(path)} is there already')
