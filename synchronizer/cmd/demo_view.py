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

"""What the demonstration shows: a live screen, or plain lines."""

import abc
import collections
import sys
import threading
import time
from typing import Any

from synchronizer import client
from synchronizer.model import change as change_module

LAST = 12
MINUTE = 60
PLAIN_INTERVAL = 5
BRIEF = 8
COLUMNS = ('stream', 'state', 'entities', 'revision', 'age', 'changes/min')


class View(abc.ABC):
    """Remembers what was told; subclasses show it."""

    def __init__(self) -> None:
        self.changes = 0
        self._causes: collections.Counter[str] = collections.Counter()
        self._last: collections.deque[change_module.Change] = (
            collections.deque(maxlen=LAST))
        self._times: dict[str, collections.deque[float]] = (
            collections.defaultdict(collections.deque))
        self._lock = threading.Lock()

    def told(self, change: change_module.Change) -> None:
        """A change of the mirror."""
        with self._lock:
            self.changes += 1
            self._causes[change.cause] += 1
            self._last.append(change)
            self._times[change.type].append(time.monotonic())

    @abc.abstractmethod
    def show(self, mirror: client.Mirror) -> None:
        """How things are now."""

    def __enter__(self) -> 'View':
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def rows(self, mirror: client.Mirror) -> list[tuple[str, ...]]:
        """A line for each stream."""
        return [(type_, mirror.state(type_) or '-',
                 str(len(mirror.all(type_))), str(position.revision),
                 f'{mirror.age(type_):.0f} s', str(self._rate(type_)))
                for type_, position in sorted(mirror.positions().items())]

    def _rate(self, type_: str) -> int:
        with self._lock:
            times, now = self._times[type_], time.monotonic()
            while times and times[0] < now - MINUTE:
                times.popleft()
            return len(times)

    def causes(self) -> str:
        """What found the changes, most often first."""
        with self._lock:
            found = self._causes.most_common()
        return ', '.join(f'{count} by {cause}' for cause, count in found)

    def last(self) -> list[change_module.Change]:
        """The last changes, oldest first."""
        with self._lock:
            return list(self._last)


def topology(mirror: client.Mirror) -> str:
    """The graph in numbers."""
    graph = mirror.graph.nx
    kinds = collections.Counter(kind for _, _, kind in graph.edges(keys=True))
    told = ', '.join(f'{count} {kind}' for kind, count in sorted(
        kinds.items()))
    return (f'{graph.number_of_nodes()} nodes, {graph.number_of_edges()} '
            f'relations' + (f': {told}' if told else ''))


def line(change: change_module.Change) -> str:
    """One change on one line, with what changed."""
    what = ', '.join(field.removeprefix('attributes.') for field
                     in change.changed) or change.entity.state or ''
    return (f'{change.type} {change.action} '
            f'{change.entity.name or change.id} #{change.revision} '
            f'({change.cause}{_by(change)}) {what}'.rstrip())


def _by(change: change_module.Change) -> str:
    """Who did it, as short as the ids of commits are."""
    who = change.initiator and change.initiator.user_id
    return f' by {who[:BRIEF]}' if who else ''


class Plain(View):
    """Lines, for a file or a pipe: each change, and now and then all."""

    def __init__(self) -> None:
        super().__init__()
        self._shown_at = 0.0

    def told(self, change: change_module.Change) -> None:
        """Print it at once, but for the first snapshot's."""
        super().told(change)
        if change.cause != change_module.STARTUP:
            print(line(change), flush=True)

    def show(self, mirror: client.Mirror) -> None:
        """The streams, every few seconds."""
        if time.monotonic() - self._shown_at < PLAIN_INTERVAL:
            return
        self._shown_at = time.monotonic()
        for row in self.rows(mirror):
            print('  '.join(f'{name} {value}' for name, value
                            in zip(COLUMNS, row, strict=True)), flush=True)
        print(f'topology  {topology(mirror)}', flush=True)
        print(f'causes  {self.causes()}', flush=True)


class Live(View):
    """A screen that is drawn anew."""

    def __init__(self, rich: Any) -> None:
        super().__init__()
        self._rich = rich
        self._live = rich.live.Live(refresh_per_second=4)

    def __enter__(self) -> 'View':
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def show(self, mirror: client.Mirror) -> None:
        """Streams, topology and the last changes."""
        rich = self._rich
        streams = rich.table.Table(*COLUMNS, expand=True)
        for row in self.rows(mirror):
            streams.add_row(*row, style=STYLES.get(row[1], ''))
        told = rich.text.Text('\n'.join(line(one) for one in self.last()),
                              no_wrap=True, overflow='ellipsis')
        self._live.update(rich.console.Group(
            streams, rich.text.Text(topology(mirror)),
            rich.text.Text(f'found: {self.causes()}'),
            rich.panel.Panel(told, title='last changes')))


STYLES = {'live': 'green', 'starting': 'dim', 'degraded': 'yellow',
          'suspect': 'bold red', 'paused': 'cyan'}


def make(plain: bool) -> View:
    """A screen if there is a terminal and rich, else lines."""
    if plain or not sys.stdout.isatty():
        return Plain()
    try:
        import rich
        import rich.console
        import rich.live
        import rich.panel
        import rich.table
        import rich.text
    except ImportError:
        return Plain()
    return Live(rich)
