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

"""Cliff's formats for lists, written piece by piece.

Its own collect all rows first, which for a large cloud is late and large.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import io
import itertools
import json
from typing import Any
from typing import TextIO

from cliff.formatters import json_format
from cliff.formatters import table
from cliff.formatters import yaml_format
import prettytable

CHUNK = 1000
"""Rows that a table waits for, to know how wide its columns are."""

FEW = 100
"""Rows that YAML waits for."""

Rows = Iterable[Sequence[Any]]


def chunks(rows: Rows, size: int = CHUNK) -> Iterator[list[Sequence[Any]]]:
    """So many at a time."""
    rest = iter(rows)
    while chunk := list(itertools.islice(rest, size)):
        yield chunk


class Json(json_format.JSONFormatter):
    """One array, valid when it is complete."""

    def emit_list(self, column_names: Sequence[str], data: Rows,
                  stdout: TextIO, parsed_args: Any) -> None:
        """Write it."""
        indent, gap, end = None, '', ''
        if not parsed_args.noindent:
            indent, gap, end = 2, '\n  ', '\n'
        stdout.write('[')
        empty = True
        for row in data:
            text = json.dumps(dict(zip(column_names, row, strict=True)),
                              indent=indent)
            stdout.write(('' if empty else ',') + gap
                         + text.replace('\n', '\n  '))
            empty = False
        stdout.write(f'{"" if empty else end}]\n')


class Yaml(yaml_format.YAMLFormatter):
    """One list: lists of some rows are one when they follow each other."""

    def emit_list(self, column_names: Sequence[str], data: Rows,
                  stdout: TextIO, parsed_args: Any) -> None:
        """Write it."""
        empty = True
        for chunk in chunks(data, FEW):
            super().emit_list(column_names, chunk, stdout, parsed_args)
            empty = False
        if empty:
            super().emit_list(column_names, (), stdout, parsed_args)


class Table(table.TableFormatter):
    """As wide as the first thousand rows need it; a longer cell further
    down makes its own thousand wider."""

    def emit_list(self, column_names: Sequence[str], data: Rows,
                  stdout: TextIO, parsed_args: Any) -> None:
        """Write it."""
        pieces = chunks(data)
        drawn = io.StringIO()
        super().emit_list(column_names, next(pieces, []), drawn, parsed_args)
        *lines, border = drawn.getvalue().splitlines() or ['']
        for line in lines:
            stdout.write(f'{line}\n')
        for piece in pieces:
            for line in self._more(column_names, piece, border, parsed_args):
                stdout.write(f'{line}\n')
        stdout.write(f'{border}\n')

    def _more(self, column_names: Sequence[str],
              rows: list[Sequence[Any]], border: str, parsed_args: Any
              ) -> list[str]:
        """Rows without head and foot, as wide as those before."""
        drawn = prettytable.PrettyTable(column_names)
        drawn.padding_width = 1
        self.add_rows(drawn, column_names, rows)
        widths = self._field_widths(list(column_names), border)
        drawn.min_width = widths
        if parsed_args.max_width > 0 or parsed_args.fit_width:
            drawn.max_width = widths
        return drawn.get_string().splitlines()[3:-1]


STREAMING = {'json': Json, 'yaml': Yaml, 'table': Table}
