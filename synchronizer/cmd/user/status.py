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

"""synchronizer status: every stream, what is wrong, and what to do."""

import argparse
from collections.abc import Iterator
import time
from typing import Any

from synchronizer.bus import wire
from synchronizer.cmd import common
from synchronizer.cmd.user import base
from synchronizer.cmd.user import words

LATE = 2.5
"""Intervals without a complete sweep that are too many."""

SPARE = 30
"""Seconds that a sweep may take besides."""

DO = {
    'starting': 'wait for the first sweep to end',
    'degraded': 'cure what the error names; it is tried again by itself',
    'suspect': 'find out whether the cloud really lost so much; it ends by '
    'itself',
    'paused': 'synchronizer-manage stream resume {type}',
}


class Status(base.Lister):
    """Show every stream: its state, its age, and what to do if need be.

    A stream is live when the cloud was lately seen whole; starting,
    degraded, suspect or paused when not, and then the error says why. Age
    is how long ago it was last seen whole; in json, yaml, csv and value it
    is in seconds.
    """

    COLUMNS = ('type', 'state', 'entities', 'revision', 'age', 'owner',
               'error', 'to_do')
    LONG = ('collected_at', 'plugin', 'interval', 'oldest_revision', 'epoch')

    code = 0

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """For people, and for monitoring."""
        parser.add_argument('types', nargs='*', metavar='TYPE',
                            help='only these; all, if none is named')
        parser.add_argument('--long', action='store_true',
                            help='show all that is known of each')
        parser.add_argument(
            '--check', action='store_true',
            help='exit with 1 if any is not live, or too old')
        parser.add_argument(
            '--max-age', type=common.number(float), metavar='SECONDS',
            help=f'what is too old (default: {LATE:g} times the interval of '
            f'its sweeps, and {SPARE} s)')

    def run(self, parsed_args: argparse.Namespace) -> int:
        """The exit code tells how things are, if that was asked."""
        return super().run(parsed_args) or self.code

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[list[str], Iterator[list[Any]]]:
        """Ask once."""
        streams = [_judged(stream, time.time(), parsed_args.max_age)
                   for stream in self.service.streams(parsed_args.types)]
        if parsed_args.check and any(one['to_do'] for one in streams):
            self.code = 1
        names = [*self.COLUMNS, *self.LONG]
        self.choose(parsed_args, names)
        if not parsed_args.columns and not parsed_args.long:
            names = list(self.COLUMNS)
        return names, self.rows(
            [self._value(stream, name) for name in names]
            for stream in streams)

    def _value(self, stream: dict[str, Any], name: str) -> Any:
        if self._format != 'table':
            return stream[name]
        if name == 'age':
            return 'never' if stream[name] is None else words.age(
                stream[name])
        return '' if stream[name] is None else stream[name]


def _judged(stream: dict[str, Any], now: float, most: float | None
            ) -> dict[str, Any]:
    """With its age, and what to do."""
    at = stream['collected_at']
    age = None if at is None else max(0.0, now - wire.seconds(at))
    if most is None:
        most = LATE * stream['interval'] + SPARE
    return {**stream, 'age': age and round(age, 1),
            'to_do': _advice(stream, age, most)}


def _advice(stream: dict[str, Any], age: float | None, most: float
            ) -> str | None:
    if stream['owner'] is None and stream['state'] != 'paused':
        return ('no process sweeps it: see whether synchronizer-service '
                f'runs with the plugin {stream["plugin"]}')
    if stream['state'] != 'live':
        if stream['state'] == 'starting' and stream['error']:
            return DO['degraded']
        return DO.get(stream['state'], 'look at the error').format(**stream)
    if age is None or age > most:
        return (f'no sweep has ended in time: see whether synchronizer-'
                f'service runs on {stream["owner"]}, and its log')
    return None
