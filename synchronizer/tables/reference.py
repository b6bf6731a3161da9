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

"""The reference of all tables, made of their declarations.

``python -m synchronizer.tables.reference PAGE`` writes it into a page, below
the line that says where it begins.
"""

from collections.abc import Iterator
import pathlib
import sys
import textwrap

from synchronizer.tables import catalogue
from synchronizer.tables import declare
from synchronizer.tables.table import Column
from synchronizer.tables.table import Table

START = '.. Made of the declarations; see synchronizer/tables/reference.py.\n'
"""Everything below this line of a page is made here."""


def made() -> str:
    """Every table with its columns, as reStructuredText."""
    tables = (*catalogue.DECLARED.values(), declare.RELATIONS)
    return '\n'.join(
        line for table in tables for member in catalogue.family(table)
        for line in _section(member, table))


def level(page: str) -> str:
    """The page, with what is below the line as it should be."""
    return page.partition(START)[0] + START + '\n' + made() + '\n'


def _section(table: Table, parent: Table) -> Iterator[str]:
    yield from (table.name, '-' * len(table.name), '')
    yield from textwrap.wrap(
        f'{table.about} {_place(table, parent)}', 79,
        break_long_words=False, break_on_hyphens=False)
    yield ''
    yield from ('.. csv-table::', '   :header: Column, Type, From',
                '   :widths: 34 18 48', '')
    for column in table.columns:
        yield (f'   ``{column.name}``, "{_type(column)}", '
               f'"{_source(column.source)}"')
    yield ''


def _place(table: Table, parent: Table) -> str:
    if table is not parent:
        return f'Of ``{parent.name}``, one for each ``{table.path}``.'
    return f'Type ``{table.type}``.' if table.type else 'Of all types.'


def _type(column: Column) -> str:
    return f'{column.type}, key' if column.key else column.type


def _source(source: str) -> str:
    return source if ' ' in source else f'``{source}``'


def main() -> None:
    """Make a page level."""
    page = pathlib.Path(sys.argv[1])
    page.write_text(level(page.read_text()))


if __name__ == '__main__':
    main()
