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

"""Which tables there are, for which types.

A type that nobody declared, of a plugin from elsewhere, has one table with
the common columns and all its attributes as JSON.
"""

import functools
import hashlib
import re

from synchronizer.tables import cinder
from synchronizer.tables import declare
from synchronizer.tables import heat
from synchronizer.tables import nova
from synchronizer.tables.table import Table

DECLARED = {table.type: table
            for table in (*nova.TABLES, *cinder.TABLES, *heat.TABLES)}
"""The tables of our own types, by type."""

ENTITIES = 'entities'
"""The name of the view over the common columns of all types."""

_REGULAR = re.compile(r'[a-z][a-z0-9]*\.[a-z][a-z0-9_]*')


def family(table: Table) -> tuple[Table, ...]:
    """A table and those of what its entities have many of."""
    return (table, *table.children)


_TAKEN = {declare.RELATIONS.name, ENTITIES} | {
    member.name for table in DECLARED.values() for member in family(table)}


def main(type_: str) -> Table:
    """The table of a type, which has its children."""
    return DECLARED.get(type_) or _generic(type_)


def of_type(type_: str) -> tuple[Table, ...]:
    """Every table in which an entity of the type may have rows."""
    return (*family(main(type_)), declare.RELATIONS)


def declared() -> tuple[Table, ...]:
    """All tables that are always there."""
    return (*(member for table in DECLARED.values()
              for member in family(table)), declare.RELATIONS)


def find(name: str) -> Table | None:
    """The declared table of that name; `type` says which type to load."""
    return next((table for table in declared() if table.name == name), None)


@functools.cache
def _generic(type_: str) -> Table:
    return declare.main(type_, _name(type_), f'An entity of {type_}.',
                        declare.ALL, ())


def _name(type_: str) -> str:
    """A name that only this type has."""
    name = re.sub(r'[^a-z0-9]+', '_', type_.lower())
    if _REGULAR.fullmatch(type_):
        name = type_.replace('.', '_')
        if name not in _TAKEN and not name.startswith('sqlite_'):
            return name
    mark = hashlib.blake2b(type_.encode(errors='replace'), digest_size=4)
    return f'other_{name}_{mark.hexdigest()}'
