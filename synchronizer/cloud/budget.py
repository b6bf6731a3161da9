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


"""A service's budget of requests a second, as one process keeps it.

The budget is one for all processes of a deployment: each slot in which a
request may begin is given out once, by whoever `reserve` asks. Here slots
are handed to the threads of this process, in the order in which they come.
"""

import collections
from collections.abc import Callable
import threading
import time

from oslo_log import log

from synchronizer import exception

LOG = log.getLogger(__name__)

Reserve = Callable[[int], float]
"""So many slots, one behind the other; the seconds until the first. Raises
a StoreError while nobody can be asked."""

Note = Callable[[float, bool], None]
"""(seconds waited, whether the slot is everybody's): for the metrics."""

GOOD = 0.1
"""Seconds for which a slot that was not used at its time may be used."""

PATIENCE = 1.0
"""Seconds after which a reservation that was not answered has failed."""

REST = 5.0
"""Seconds for which nobody is asked after that."""

_LOOK = 0.02
"""Seconds between two looks at whether we are to stop meanwhile."""


def _ignore(seconds: float, shared: bool) -> None:
    """Nobody counts."""


class _Reservation:
    """One question, in a thread of its own: its answer may never come."""

    def __init__(self, reserve: Reserve, count: int) -> None:
        self._reserve, self._count = reserve, count
        self.done = threading.Event()
        self.wait: float | None = None
        self.error: exception.StoreError | None = None
        threading.Thread(
            target=self._run, daemon=True, name='budget').start()

    def _run(self) -> None:
        try:
            self.wait = self._reserve(self._count)
        except exception.StoreError as error:
            self.error = error
        finally:
            self.done.set()


class _Line:
    """A lock that is got in the order in which it was asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: collections.deque[threading.Lock] = (
            collections.deque())

    def __enter__(self) -> None:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        # whoever has the turn lets go of it, and with that the turn is ours
        mine.acquire()

    def __exit__(self, *unused: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class Budget:
    """Lets requests begin, no more a second than all may. Thread-safe."""

    def __init__(self, service: str, rate: float, reserve: Reserve, *,
                 note: Note = _ignore,
                 monotonic: Callable[[], float] = time.monotonic,
                 patience: float = PATIENCE) -> None:
        """`rate`: requests a second, above 0."""
        self._service, self._step = service, 1 / rate
        self._reserve, self._note = reserve, note
        self._monotonic, self._patience = monotonic, patience
        # of what is asked for within the time that a slot is good
        self._most = max(1, int(rate * GOOD))
        self._line = _Line()
        self._came: collections.deque[float] = collections.deque()
        self._slots: collections.deque[float] = collections.deque()
        self._last = float('-inf')
        self._late: _Reservation | None = None
        self._rest_until = float('-inf')
        self._is_shared = True

    def wait(self, stop: threading.Event) -> float:
        """Stay until a request may begin, or `stop` is set; the seconds
        that it took."""
        began = self._monotonic()
        self._came.append(began)
        # one at a time, also while it waits: the next slot is a later one
        with self._line:
            if not stop.is_set():
                slot = self._slot(stop)
                pause = slot - self._monotonic()
                if pause > 0:
                    stop.wait(pause)
            shared = self._is_shared
        waited = self._monotonic() - began
        self._note(waited, shared)
        return waited

    def _slot(self, stop: threading.Event) -> float:
        now = self._monotonic()
        while self._came and self._came[0] < now - GOOD:
            self._came.popleft()
        while self._slots and self._slots[0] < now - GOOD:
            self._slots.popleft()
        if not self._slots:
            count = min(max(1, len(self._came)), self._most)
            first = self._first(count, stop)
            self._slots.extend(
                first + number * self._step for number in range(count))
            self._last = self._slots[-1]
        return self._slots.popleft()

    def _first(self, count: int, stop: threading.Event) -> float:
        """When the first of so many slots is."""
        wait = self._shared(count, stop)
        now = self._monotonic()
        if wait is None:
            return max(now, self._last + self._step)
        return now + wait

    def _shared(self, count: int, stop: threading.Event) -> float | None:
        """What everybody's budget says; None: we are on our own."""
        if self._late is not None and not self._late.done.is_set():
            # what nobody waited for goes on: one of these is enough
            return None
        if self._monotonic() < self._rest_until:
            return None
        # had the late one got any slots, they would be long gone
        self._late = None
        asked = _Reservation(self._reserve, count)
        self._await(asked, stop)
        return self._answered(asked)

    def _await(self, asked: _Reservation, stop: threading.Event) -> None:
        deadline = self._monotonic() + self._patience
        while not asked.done.wait(_LOOK):
            if stop.is_set() or self._monotonic() > deadline:
                return

    def _answered(self, asked: _Reservation) -> float | None:
        if not asked.done.is_set():
            self._late = asked
            self._alone('it does not answer')
            return None
        if asked.wait is None:
            self._alone(str(asked.error))
            return None
        if not self._is_shared:
            LOG.info('%(service)s: the budget of requests is shared again',
                     {'service': self._service})
        self._is_shared = True
        return asked.wait

    def _alone(self, why: str) -> None:
        self._rest_until = self._monotonic() + REST
        if self._is_shared:
            LOG.warning(
                '%(service)s: the database cannot be asked for the budget of '
                'requests; this process keeps to it by itself: %(why)s',
                {'service': self._service, 'why': why})
        self._is_shared = False
