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

"""synchronizer get-all: entities, page by page."""

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from synchronizer import exception
from synchronizer.cmd import common
from synchronizer.cmd.user import base
from synchronizer.cmd.user import moments
from synchronizer.cmd.user import paths
from synchronizer.cmd.user import selection

SHORT = ('type', 'id', 'name', 'state', 'project_id')


class GetAll(base.Lister):
    """Show entities of the cloud, all or some.

    A column is a field (such as name or project_id) or an attribute (such
    as flavor.ram). They come in the order of type and id, page by page.
    """

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Types, filters, and when."""
        parser.add_argument('types', nargs='*', metavar='TYPE',
                            help='as nova.instance; all, if none is named')
        parser.add_argument('--long', action='store_true',
                            help='show every field')
        parser.add_argument(
            '--max-age', type=common.number(float), metavar='SECONDS',
            help='have the cloud looked at first where it was last seen '
            'whole longer ago')
        moments.add_option(parser)
        selection.add_options(parser)

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Begin to read."""
        streams = self.service.streams(parsed_args.types)
        columns, shown = _columns(parsed_args)
        # what is only sorted by comes last, and cliff leaves it out
        parsed_args.columns = shown if len(shown) < len(columns) else []
        entities = self.read(streams, parsed_args.at, parsed_args.max_age)
        return ([column.name for column in columns],
                self.rows(self._rows(entities, columns,
                                     selection.Selection(parsed_args))))

    def _rows(self, entities: Iterator[Any], columns: Sequence[paths.Path],
              chosen: selection.Selection) -> Iterator[list[Any]]:
        for entity in entities:
            row = [column.one(entity) for column in columns]
            if chosen.takes(entity):
                yield row
        for path in (*columns, *chosen.paths):
            try:
                path.check()
            except exception.InvalidArgument as error:
                # another day one may have it
                self.tell(str(error))


def _columns(parsed_args: argparse.Namespace
             ) -> tuple[list[paths.Path], list[str]]:
    """Those that are read, and the names of those that are shown."""
    names = parsed_args.columns or (
        paths.FIELDS if parsed_args.long else SHORT)
    shown = {path.name: path for path in map(paths.Path, names)}
    sorted_by = {path.name: path for path in map(
        paths.Path, parsed_args.sort_columns)}
    parsed_args.sort_columns = list(sorted_by)
    unseen = {name: path for name, path in sorted_by.items()
              if name not in shown}
    return [*shown.values(), *unseen.values()], list(shown)
