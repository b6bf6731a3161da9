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

"""synchronizer sql: questions to all tables at once."""

import argparse
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import os
import sqlite3
from typing import Any

from synchronizer import exception
from synchronizer import tables
from synchronizer.cmd.user import base
from synchronizer.cmd.user import moments

FILES = ('.sqlite', '.sqlite3', '.db')


class Sql(base.Lister):
    """Answer a query in SQL, in the dialect of SQLite.

    The tables are those that "synchronizer table" lists, and can be joined.
    Only the types that the query is about are loaded. With --output the
    tables are written, too; all of them, if there is no query.
    """

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What, when, and where to."""
        parser.add_argument('query', nargs='?', metavar='QUERY',
                            help='as "select name from heat_stacks"')
        parser.add_argument(
            '--output', metavar='FILE',
            help=f'write the tables to this new file ({", ".join(FILES)}) '
            'or, if it is called otherwise, to CSV files in this folder')
        moments.add_option(parser)

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[Sequence[str], Iterator[list[Any]]]:
        """Load, and ask."""
        query, output = parsed_args.query, parsed_args.output
        if not query and not output:
            raise exception.InvalidArgument(
                'a query is missing, as "select name from heat_stacks"')
        if output and output.endswith(FILES) and os.path.lexists(output):
            raise exception.InvalidArgument(f'{output} is there already')
        database = self._load(query, parsed_args.at)
        if output and output.endswith(FILES):
            database.save(output)
        elif output:
            database.write_csv(output)
        if not query:
            return (), iter(())
        result = database.query(query)
        names = _distinct(result.columns)
        self.choose(parsed_args, names)
        return names, self.rows(result.rows)

    def run(self, parsed_args: argparse.Namespace) -> int:
        """SQLite takes an interrupt for itself, and tells of it as of any
        other error."""
        try:
            return super().run(parsed_args)
        except exception.TableError as error:
            if getattr(error.__cause__, 'sqlite_errorcode', None) == (
                    sqlite3.SQLITE_INTERRUPT):
                raise KeyboardInterrupt from None
            raise

    def produce_output(self, parsed_args: argparse.Namespace,
                       column_names: Sequence[str], data: Any) -> int:
        """Without a query there is none."""
        if not parsed_args.query:
            self.tell(f'written: {parsed_args.output}')
            return 0
        return super().produce_output(parsed_args, column_names, data)

    def _load(self, query: str | None, at: str | None) -> tables.Database:
        streams = self.service.streams()
        types = {stream['type'] for stream in streams}
        if query:
            with tables.Database(types) as empty:
                types = empty.types(query)
        database = tables.Database(types)
        database.load(self.read(
            [one for one in streams if one['type'] in types], at))
        return database


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Two columns of a join may have one name."""
    found: list[str] = []
    for name in names:
        number, own = 1, name
        while own in found:
            number += 1
            own = f'{name}_{number}'
        found.append(own)
    return tuple(found)
