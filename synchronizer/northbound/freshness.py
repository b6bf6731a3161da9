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

"""Waiting until what the store holds is as fresh as a caller wants it."""

from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import time

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.model import stream as stream_module
from synchronizer.store import base

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 0.5
MARGIN = 1.0
"""How much of a caller's patience is left to the way back."""

Streams = dict[str, stream_module.Stream]


@dataclasses.dataclass(frozen=True, slots=True)
class Freshness:
    """Asks the collector, through the store, to sweep; and waits.

    The store counts requests, so that many callers cause one sweep.
    """

    store: base.Store
    """Read, and told what is wanted."""

    timeout: float
    """The longest wait, in seconds."""

    wall: Callable[[], float] = time.time
    """The clock that `collected_at` is compared with."""

    monotonic: Callable[[], float] = time.monotonic
    """The clock of the wait itself."""

    wait: Callable[[float], object] = time.sleep
    """Waits; true: we are stopping."""

    def demand(self, types: Sequence[str], max_age: float,
               patience: float | None) -> None:
        """Return when all are fresh enough; TooStale if it takes too long.

        With a `max_age` of 0 nothing but a sweep that starts after this
        call will do.
        """
        stale = self._stale(self._rows(types), max_age)
        self._refuse_paused(stale)
        if stale:
            self._await(self.store.request_sweep(stale), max_age,
                        self._deadline(patience))

    def _await(self, numbers: dict[str, int], max_age: float,
               deadline: float) -> None:
        pause = FIRST_PAUSE
        while True:
            rows = self._rows(numbers)
            served = {type_ for type_, row in rows.items()
                      if row.sweeps_served >= numbers[type_]}
            stale = {type_: row
                     for type_, row in self._stale(rows, max_age).items()
                     if type_ not in served}
            if not stale:
                return
            self._refuse_paused(stale)
            left = deadline - self.monotonic()
            if left <= 0:
                raise self._too_stale(stale)
            if self.wait(min(pause, left)):
                raise exception.Unavailable('this worker is stopping')
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _rows(self, types: Sequence[str] | dict[str, int]) -> Streams:
        return self.store.streams(list(types))

    def _stale(self, rows: Streams, max_age: float) -> Streams:
        return {type_: row for type_, row in rows.items()
                if max_age == 0 or self._age(row) > max_age}

    def _age(self, row: stream_module.Stream) -> float:
        if row.collected_at is None:
            return float('inf')
        return max(0.0, self.wall() - wire.seconds(row.collected_at))

    def _refuse_paused(self, stale: Streams) -> None:
        paused = {type_: row for type_, row in stale.items() if row.paused}
        if paused:
            raise self._too_stale(paused, ' and paused')

    def _too_stale(self, stale: Streams, why: str = ''
                   ) -> exception.TooStale:
        type_, age = max(((type_, self._age(row))
                          for type_, row in stale.items()),
                         key=lambda pair: pair[1])
        if age == float('inf'):
            # infinity is not JSON
            return exception.TooStale(f'{type_} is never collected{why}',
                                      age=None)
        return exception.TooStale(f'{type_} is {age:.1f} s old{why}', age=age)

    def _deadline(self, patience: float | None) -> float:
        timeout = self.timeout
        if patience is not None:
            timeout = min(timeout, patience - min(MARGIN, patience / 2))
        return self.monotonic() + timeout
