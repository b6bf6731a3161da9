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

"""The whole service at one moment: every process, and every stream's row."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import functools
import time
from typing import Any

from synchronizer import exception
from synchronizer import metrics
from synchronizer.model import stream as stream_module
from synchronizer.service.inside import errand
from synchronizer.service.inside import probe

PATIENCE = 3.0
"""Seconds for which a process, or the database, is waited for: less than
Prometheus waits for us."""

BUS_UP = f'synchronizer_{metrics.BUS_UP.name}'
COORDINATION_UP = f'synchronizer_{metrics.COORDINATION_UP.name}'

Rows = dict[str, stream_module.Stream]


@dataclasses.dataclass(frozen=True, slots=True)
class Process:
    """One process, as it told of itself."""

    name: str
    """As in the title of the process."""

    pid: int | None = None
    """None: it did not answer."""

    works: bool = False
    """Whether it has all that it needs."""

    owners: tuple[str, ...] = ()
    """What stands behind the streams that it owns."""

    families: tuple[Any, ...] = ()
    """Its metrics: name, help, type, and samples."""

    @property
    def alive(self) -> bool:
        """Whether it answered."""
        return self.pid is not None

    @property
    def lacks_bus(self) -> bool:
        """Whether the bus does not take what it publishes."""
        return self._tells_zero(BUS_UP)

    @property
    def lacks_coordination(self) -> bool:
        """Whether nobody can tell it who should own what."""
        return self._tells_zero(COORDINATION_UP)

    def _tells_zero(self, gauge: str) -> bool:
        return any(value == 0 for name, _, _, samples in self.families
                   if name == gauge for _, _, value in samples)


@dataclasses.dataclass(frozen=True, slots=True)
class Census:
    """What was found."""

    at: float
    """Wall clock, in seconds."""

    processes: tuple[Process, ...]
    """Those that should be there."""

    types: tuple[str, ...]
    """The types that are on."""

    rows: Rows | None
    """Of these types; None: the database did not tell."""

    error: str | None = None
    """Why it did not."""


class Taker:
    """Takes a census; as patient as it may be and no more."""

    def __init__(self, sockets: Mapping[str, str], types: Sequence[str],
                 rows: Callable[[], Rows], patience: float = PATIENCE,
                 wall: Callable[[], float] = time.time) -> None:
        self._types, self._patience, self._wall = tuple(types), patience, wall
        self._processes = {
            name: errand.Errand(functools.partial(probe.ask, path, patience))
            for name, path in sockets.items()}
        self._rows = errand.Errand(rows)

    def take(self, streams: bool = True) -> Census:
        """All are asked at once; the database only for the streams."""
        answers = {name: asked.begin()
                   for name, asked in self._processes.items()}
        rows = self._rows.begin() if streams else None
        end = time.monotonic() + self._patience

        def left() -> float:
            return max(0, end - time.monotonic())
        found, error = (None, None) if rows is None else (
            self._take_rows(rows, left()))
        return Census(
            self._wall(), tuple(_process(name, answer, left())
                                for name, answer in answers.items()),
            self._types, found, error)

    def _take_rows(self, rows: Any, left: float
                   ) -> tuple[Rows | None, str | None]:
        try:
            return rows.result(left), None
        except TimeoutError:
            return None, (f'the database did not answer within '
                          f'{self._patience:.0f} s')
        except exception.SynchronizerError as error:
            return None, str(error)


def _process(name: str, answer: Any, left: float) -> Process:
    try:
        told = answer.result(left)
    except (OSError, ValueError):
        # the time is out, nobody listens, or died in the middle
        return Process(name)
    return Process(name, told['pid'], told['works'], tuple(told['owners']),
                   tuple(told['families']))
