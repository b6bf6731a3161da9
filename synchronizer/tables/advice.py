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

"""What SQLite says of a query that is wrong, and what was perhaps meant."""

from collections.abc import Iterable
import difflib
import re

from synchronizer.tables import catalogue
from synchronizer.tables.table import Table

_MISSING = re.compile(r'no such (table|column): (.+)')


def on(message: str, sql: str, tables: Iterable[Table]) -> str:
    """The message on one line, with the nearest names where one is wrong.
    """
    line = ' '.join(message.split())
    if line.startswith('not authorized'):
        return 'tables are read and never written'
    found = _MISSING.fullmatch(line)
    if found is None:
        return line
    known = list(tables)
    if found[1] == 'table':
        return _of_table(line, found[2], known)
    return line + _perhaps(found[2], _columns(sql, known))


def _of_table(line: str, name: str, tables: list[Table]) -> str:
    declared = catalogue.find(name)
    if declared is not None:
        return f'{line}: {declared.type} is not among the types here'
    return line + _perhaps(
        name, [*(table.name for table in tables), catalogue.ENTITIES])


def _columns(sql: str, tables: list[Table]) -> list[str]:
    """Of the tables that the query names."""
    words = set(re.findall(r'\w+', sql.lower()))
    return sorted({name for table in tables if table.name in words
                   for name in table.names})


def _perhaps(name: str, names: list[str]) -> str:
    wanted = name.rpartition('.')[2].lower()
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    return f'; perhaps {" or ".join(near)}?' if near else ''
