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

"""synchronizer-manage stream: list, pause, resume, reset."""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
import datetime
import difflib
import sys

from oslo_config import cfg

from synchronizer import exception
from synchronizer.model import stream as stream_module
from synchronizer.service import parts
from synchronizer.store import base

COLUMNS = ('Type', 'State', 'Revision', 'Entities', 'Oldest', 'Collected at',
           'Owner', 'Error')

MOST_HOURS = 1_000_000
"""A change cannot be older: more than a hundred years."""


def show(conf: cfg.ConfigOpts, arguments: argparse.Namespace) -> int:
    """stream list."""
    with parts.opened(conf) as store:
        rows = [_row(stream) for _, stream in sorted(store.streams().items())]
    if not rows:
        print('There are no streams yet: they are made when the service '
              'starts for the first time.')
        return 0
    print(table(COLUMNS, rows))
    return 0


def _row(stream: stream_module.Stream) -> tuple[str, ...]:
    owner = (stream.owner or '').partition(':')[0]
    values = (stream.type, stream.state, stream.revision, stream.entities,
              stream.oldest_revision, stream.collected_at or 'never',
              owner or '-', stream.error or '-')
    return tuple(str(value) for value in values)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns side by side; the last one is as long as it is."""
    lines = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return '\n'.join(
        '  '.join(cell.ljust(width) for cell, width in
                  zip(line, widths, strict=True)).rstrip()
        for line in lines)


def pause(conf: cfg.ConfigOpts, arguments: argparse.Namespace) -> int:
    """stream pause TYPE..."""
    return _set_paused(conf, arguments.types, True, 'Paused')


def resume(conf: cfg.ConfigOpts, arguments: argparse.Namespace) -> int:
    """stream resume TYPE..."""
    return _set_paused(conf, arguments.types, False, 'Resumed')


def _set_paused(conf: cfg.ConfigOpts, types: Sequence[str], paused: bool,
                done: str) -> int:
    with parts.opened(conf) as store:
        _known(store, types)
        for type_ in types:
            store.set_paused(type_, paused)
            print(f'{done} {type_}.')
    return 0


def reset(conf: cfg.ConfigOpts, arguments: argparse.Namespace) -> int:
    """stream reset TYPE..."""
    with parts.opened(conf) as store:
        found = _known(store, arguments.types)
        for stream in found.values():
            print(f'{stream.type}: {stream.entities} entities and the '
                  f'journal up to revision {stream.revision} are forgotten, '
                  'and everything is announced anew.')
        if not arguments.yes and not _confirmed():
            print('Nothing was changed.', file=sys.stderr)
            return 1
        for type_ in found:
            print(f'Reset {type_}: its epoch is now '
                  f'{store.reset(type_).epoch}.')
    return 0


def _confirmed() -> bool:
    try:
        return input('Is that meant (yes/no)? ').strip().lower() in (
            'y', 'yes')
    except EOFError:
        print('\nNobody answers: use --yes.', file=sys.stderr)
        return False


def purge(store: base.Store, types: Sequence[str], hours: float, keep: int
          ) -> int:
    """Trim the journals of these streams, or of all; how much went."""
    if not 0 <= hours <= MOST_HOURS:
        # the command line was looked at before
        raise exception.ConfigurationError(
            f'[journal] retention_hours: {hours:g} is not a number from 0 '
            f'to {MOST_HOURS}')
    moment = (datetime.datetime.now(datetime.UTC)
              - datetime.timedelta(hours=hours))
    before = moment.strftime('%Y-%m-%dT%H:%M:%S.%fZ')
    return sum(store.trim(type_, before, keep)
               for type_ in _known(store, types))


def _known(store: base.Store, types: Sequence[str]
           ) -> dict[str, stream_module.Stream]:
    """The streams of these types, or all; none is touched if one is
    unknown."""
    rows = store.streams()
    for type_ in types:
        if type_ not in rows:
            raise exception.ConfigurationError(
                f'there is no stream {type_}'
                f'{_nearest(type_, list(rows))}')
    return {type_: rows[type_] for type_ in dict.fromkeys(types or rows)}


def _nearest(type_: str, known: list[str]) -> str:
    close = difflib.get_close_matches(type_, known, n=1, cutoff=0.4)
    if close:
        return f'; did you mean {close[0]}?'
    return f'; there are: {", ".join(sorted(known)) or "none yet"}'
