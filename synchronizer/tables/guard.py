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

"""Lets a query read, and do nothing else."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import re
import sqlite3

from synchronizer import exception

_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ,
                      sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_PRAGMAS = frozenset({'table_info', 'table_xinfo', 'table_list'})
_REFUSED = frozenset({'load_extension', 'fts3_tokenizer'})
_BLANK = r'(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*'
_WORD = re.compile(rf'{_BLANK}(\w*)', re.DOTALL)
_WORDS = frozenset({'SELECT', 'WITH', 'VALUES', 'EXPLAIN'})

Seen = Callable[[str], None]
"""Is told the name of each table that is read."""


def check(sql: str) -> str:
    """The first word of a query, or TableError where it does not read."""
    found = _WORD.match(sql)
    word = found[1].upper() if found else ''
    if '\0' in sql or word not in _WORDS:
        raise exception.TableError(
            'a query begins with SELECT, WITH, VALUES or EXPLAIN: tables are '
            'read and never written')
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise exception.TableError(
            f'the query is no valid text: {error}') from error
    return word


@contextlib.contextmanager
def reading(connection: sqlite3.Connection, seen: Seen = lambda name: None
            ) -> Iterator[None]:
    """Whatever is prepared meanwhile may only read."""

    def authorize(action: int, first: str | None, second: str | None,
                  database: str | None, trigger: str | None) -> int:
        if not _reads(action, first, second):
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_READ and first:
            seen(first)
        return sqlite3.SQLITE_OK

    connection.set_authorizer(authorize)
    try:
        yield
    finally:
        connection.set_authorizer(None)


def _reads(action: int, first: str | None, second: str | None) -> bool:
    if action == sqlite3.SQLITE_PRAGMA:
        return first in _PRAGMAS
    if action == sqlite3.SQLITE_FUNCTION:
        return second not in _REFUSED
    return action in _READING
