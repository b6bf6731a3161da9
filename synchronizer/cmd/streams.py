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

"""synchronizer-manage stream: list, pause, resume, sweep, reset."""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
import difflib
import functools

from oslo_config import cfg

from synchronizer import exception
from synchronizer.cmd import consent
from synchronizer.model import stream as stream_module
from synchronizer.service import parts
from synchronizer.store import base

COLUMNS = ('Type', 'State', 'Revision', 'Entities', 'Oldest', 'Collected at',
           'Owner', 'Error')


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
        known(store, types)
        for type_ in types:
            store.set_paused(type_, paused)
            print(f'{done} {type_}.')
    return 0


def sweep(conf: cfg.ConfigOpts, arguments: argparse.Namespace) -> int:
    """stream sweep TYPE..."""
    with parts.opened(conf) as store:
        found = known(store, arguments.types)
        store.request_sweep(found)
        for stream in found.values():
            print(f'{stream.type} is paused: it is swept when it is resumed.'
                  if stream.paused else
                  f'Asked for a sweep of {stream.type}; "stream list" shows '
                  'when it is done (Collected at).')
    return 0


def reset(conf: cfg.ConfigOpts, arguments: argparse.Namespace) -> int:
    """stream reset TYPE..."""
    with parts.opened(conf) as store:
        found = known(store, arguments.types)
        return consent.settle(
            arguments, map(_loss, found.values()),
            functools.partial(_reset, store, found))


def _loss(stream: stream_module.Stream) -> str:
    changes = stream.revision - stream.oldest_revision + 1
    return (f'{stream.type}: {stream.entities} entities and {changes} '
            f'changes, up to revision {stream.revision}, are forgotten, and '
            'everything is announced anew.')


def _reset(store: base.Store, types: Iterable[str]) -> None:
    for type_ in types:
        print(f'Reset {type_}: its epoch is now {store.reset(type_).epoch}.')


def known(store: base.Store, types: Sequence[str]
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
