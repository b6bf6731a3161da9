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

"""synchronizer table: entities as rows of declared tables."""

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from synchronizer import exception
from synchronizer.cmd.user import base
from synchronizer.cmd.user import moments
from synchronizer.cmd.user import words
from synchronizer.tables import catalogue
from synchronizer.tables.table import Table


class Show(base.Lister):
    """Show the rows of a table, or without a name which tables there are.
    """

    LIST = ('name', 'type', 'about', 'columns')

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Which, and when."""
        parser.add_argument('table', nargs='?', metavar='NAME',
                            help='as heat_stacks')
        moments.add_option(parser)

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[Sequence[str], Iterator[list[Any]]]:
        """Begin to read what is needed."""
        streams = self.service.streams()
        tables = there(streams)
        if parsed_args.table is None:
            self.choose(parsed_args, self.LIST)
            return self._list(parsed_args, tables)
        table = _find(parsed_args.table, tables)
        self.choose(parsed_args, table.names)
        entities = self.read(
            [one for one in streams if table.type in (None, one['type'])],
            parsed_args.at)
        return table.names, self.rows(
            row for entity in entities for row in table.rows(entity))

    def _list(self, parsed_args: argparse.Namespace,
              tables: dict[str, Table]
              ) -> tuple[Sequence[str], Iterator[list[Any]]]:
        # on a terminal, many columns make wide rows
        size = (3 if self._format == 'table' and not parsed_args.columns
                else len(self.LIST))
        return self.LIST[:size], self.rows(
            [table.name, table.type, table.about.replace('``', ''),
             ' '.join(table.names)][:size] for table in tables.values())


def there(streams: Sequence[dict[str, Any]]) -> dict[str, Table]:
    """The tables of the types that are on, by name."""
    return {table.name: table for stream in streams
            for table in catalogue.of_type(stream['type'])}


def _find(name: str, tables: dict[str, Table]) -> Table:
    if name in tables:
        return tables[name]
    if name == catalogue.ENTITIES:
        raise exception.InvalidArgument(
            f'{name} is a view: synchronizer sql "select * from {name}"')
    declared = catalogue.find(name)
    if declared is not None:
        raise exception.InvalidArgument(
            f'the table {name} is of {declared.type}, which is off here')
    raise exception.InvalidArgument(
        f'there is no table {name}' + (
            words.perhaps(name, tables) or '; "synchronizer table" lists '
            'them'))
