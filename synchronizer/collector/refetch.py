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

"""Ids that are to be asked for one by one: which, when, and by whom."""

from collections import Counter
from collections.abc import Callable
import dataclasses
import heapq
import itertools
import random
import threading

from oslo_log import log

from synchronizer import exception
from synchronizer.collector import schedule
from synchronizer.collector import settings as settings_module

LOG = log.getLogger(__name__)

Key = tuple[str, str]
Fetch = Callable[[str, str, str], None]
"""(type, id, cause): what it raises means that it is tried again."""


@dataclasses.dataclass(slots=True)
class Ask:
    """One id to be asked for."""

    type: str
    id: str
    cause: str
    at: float
    backoff: schedule.Backoff
    failing: bool = False
    in_flight: bool = False
    once_more: bool = False

    @property
    def key(self) -> Key:
        """Names it among all others."""
        return self.type, self.id


class Queue:
    """Who is due. Thread-safe, and told the time.

    An id is in it once. Asked for while its request is under way it is
    asked for again afterwards, since that request may have read too early.
    """

    def __init__(self, first: float, limit: float, rng: random.Random
                 ) -> None:
        self._first, self._limit, self._rng = first, limit, rng
        self._asks: dict[Key, Ask] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._asks)

    def add(self, type_: str, id_: str, cause: str, at: float) -> None:
        """Ask for the id at that time, or earlier if it is due earlier."""
        with self._lock:
            ask = self._asks.get((type_, id_))
            if ask is None:
                backoff = schedule.Backoff(self._first, self._rng)
                ask = Ask(type_, id_, cause, at, backoff)
                self._asks[ask.key] = ask
                self._push(ask)
            elif ask.in_flight:
                ask.once_more = True
            elif at < ask.at and not ask.failing:
                ask.at = at
                self._push(ask)

    def due(self, now: float) -> Ask | None:
        """The next ask that is due; it is in flight from now on."""
        with self._lock:
            while self._heap and self._heap[0][0] <= now:
                at, _, key = heapq.heappop(self._heap)
                ask = self._asks.get(key)
                if ask is not None and ask.at == at and not ask.in_flight:
                    ask.in_flight = True
                    return ask
            return None

    def next_at(self) -> float | None:
        """When something may be due; None: nothing is."""
        with self._lock:
            return self._heap[0][0] if self._heap else None

    def settled(self, ask: Ask, now: float) -> None:
        """It was answered, unless it was asked for again meanwhile."""
        with self._lock:
            if ask.once_more:
                ask.failing = False
                self._again(ask, now)
            else:
                del self._asks[ask.key]

    def failed(self, ask: Ask, now: float, at_least: float = 0) -> None:
        """It was not: again, after a pause."""
        with self._lock:
            ask.failing = True
            pause = ask.backoff.failed(self._limit)
            self._again(ask, now + max(pause, at_least))

    def failing(self) -> Counter[str]:
        """How many of each type were asked for and not answered yet."""
        with self._lock:
            return Counter(ask.type for ask in self._asks.values()
                           if ask.failing)

    def _again(self, ask: Ask, at: float) -> None:
        ask.in_flight = ask.once_more = False
        ask.at = at
        self._push(ask)

    def _push(self, ask: Ask) -> None:
        heapq.heappush(self._heap, (ask.at, next(self._order), ask.key))


class Refetcher:
    """Some threads that ask for what is due: never behind a sweep."""

    def __init__(self, fetch: Fetch, queue: Queue, threads: int,
                 clock: settings_module.Clock) -> None:
        self._fetch, self._queue, self._clock = fetch, queue, clock
        self._wake = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._run, daemon=True,
                             name=f'refetch-{number}')
            for number in range(threads)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> None:
        """End, waiting so long for what is under way."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        end = self._clock.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0, end - self._clock.monotonic()))

    def ask(self, type_: str, id_: str, cause: str, delay: float = 0
            ) -> None:
        """Have the id looked at."""
        self._queue.add(type_, id_, cause, self._clock.monotonic() + delay)
        with self._wake:
            self._wake.notify()

    def step(self) -> bool:
        """Ask for one id that is due; whether there was one."""
        ask = self._queue.due(self._clock.monotonic())
        if ask is None:
            return False
        try:
            self._fetch(ask.type, ask.id, ask.cause)
        except (exception.CloudError, exception.StoreError) as error:
            LOG.debug('%(type)s %(id)s is still in doubt: %(error)s',
                      {'type': ask.type, 'id': ask.id, 'error': error})
            self._failed(ask, getattr(error, 'retry_after', None))
        except Exception:
            # A plugin's fault with one id must not end all the others.
            LOG.exception('%(type)s %(id)s cannot be asked for',
                          {'type': ask.type, 'id': ask.id})
            self._failed(ask, None)
        else:
            self._queue.settled(ask, self._clock.monotonic())
        return True

    def _failed(self, ask: Ask, at_least: float | None) -> None:
        self._queue.failed(ask, self._clock.monotonic(), at_least or 0)

    def _run(self) -> None:
        while not self._stopping:
            if not self.step():
                self._wait()

    def _wait(self) -> None:
        with self._wake:
            if not self._stopping:
                at = self._queue.next_at()
                self._wake.wait(None if at is None else max(
                    0, at - self._clock.monotonic()))
