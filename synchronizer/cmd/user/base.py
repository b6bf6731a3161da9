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

"""What the commands have in common: the service, formats, and reading."""

import argparse
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from cliff import command
from cliff import lister
from cliff import show

from synchronizer import exception
from synchronizer.cmd import common
from synchronizer.cmd.user import connection
from synchronizer.cmd.user import formats
from synchronizer.cmd.user import progress
from synchronizer.cmd.user import words
from synchronizer.model import entity as entity_module

NESTED = ('json', 'yaml')
"""Formats that can hold what is nested; in others it is one line of JSON.
"""

HUMAN = ('table', 'value')


class Asking:
    """A command that asks the service."""

    @property
    def service(self) -> connection.Connection:
        """The way to it."""
        return self.app.connection

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """The options that stand behind the command."""
        parser = super().get_parser(prog_name)
        self.add_options(parser)
        return common.brief(parser)

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Those of this command alone."""

    def tell(self, text: str) -> None:
        """Something beside the output."""
        self.app.stderr.write(f'{connection.PROGRAM}: {text}\n')
        self.app.stderr.flush()

    def read(self, streams: Sequence[dict[str, Any]], at: str | None = None,
             max_age: float | None = None
             ) -> Iterator[entity_module.Entity]:
        """All entities of these streams, now or at a time, page by page."""
        ready = self._ready(streams)
        if not ready:
            return
        bar = progress.Progress(
            sum(stream['entities'] for stream in ready), self.app.stderr)
        names = [stream['type'] for stream in ready]
        try:
            for page in self.service.pages(names, at, max_age=max_age):
                bar.end()
                yield from page.entities
                # it stands there while the next page is waited for
                self.app.stdout.flush()
                bar.add(len(page.entities))
        finally:
            bar.end()

    def _ready(self, streams: Sequence[dict[str, Any]]
               ) -> list[dict[str, Any]]:
        """Those that were ever collected; of the others it is said."""
        new = [stream['type'] for stream in streams
               if stream['collected_at'] is None]
        if new:
            self.tell(f'never collected yet, so not here: {", ".join(new)}')
        return [stream for stream in streams if stream['type'] not in new]


class Command(Asking, command.Command):
    """One that has no table to show."""


class Lister(Asking, lister.Lister):
    """Rows that are written as they come."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for plugin in self._formatter_plugins:
            if plugin.name in formats.STREAMING:
                plugin.obj = formats.STREAMING[plugin.name]()

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Find out how to write, and do it."""
        self._format = parsed_args.formatter
        return super().run(parsed_args)

    def produce_output(self, parsed_args: argparse.Namespace,
                       column_names: Sequence[str], data: Any) -> int:
        """Write; what is to be sorted is collected first, for cliff goes on
        with what is left of it when it could not be sorted."""
        if parsed_args.sort_columns:
            data = list(data)
        return super().produce_output(parsed_args, column_names, data)

    def rows(self, rows: Iterable[Iterable[Any]]) -> Iterator[list[Any]]:
        """In the manner of the format."""
        for row in rows:
            yield [cell(value, self._format) for value in row]

    def choose(self, parsed_args: argparse.Namespace, names: Sequence[str]
               ) -> None:
        """Refuse a column that there is not, with the nearest one."""
        known = [self._normalize_column_name(name) for name in names]
        for column in (*parsed_args.columns, *parsed_args.sort_columns):
            if self._normalize_column_name(column) not in known:
                raise exception.InvalidArgument(
                    f'there is no column {column}'
                    + (words.perhaps(column, known)
                       or f'; there are: {", ".join(known)}'))


class ShowOne(Asking, show.ShowOne):
    """One thing, field by field."""


def cell(value: Any, format_: str) -> Any:
    """A value as a format takes it."""
    if format_ in NESTED:
        return list(value) if isinstance(value, tuple) else value
    value = words.as_text(value)
    if not isinstance(value, str):
        return value
    return (words.visible if format_ in HUMAN else words.writable)(value)
