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

"""When a stream is swept, and when it is looked at. Pure: told the time."""

import math
import random

SWEEP, LOOK = 'sweep', 'look'
JITTER = 0.1


class Backoff:
    """Pauses that double with each failure, with jitter, up to a limit."""

    def __init__(self, first: float, rng: random.Random) -> None:
        self._first, self._rng = first, rng
        self.failures = 0

    def failed(self, limit: float) -> float:
        """One more failure: how long to wait."""
        longest = min(limit, self._first * 2 ** min(self.failures, 30))
        self.failures += 1
        return self._rng.uniform(longest / 2, longest)

    def succeeded(self) -> None:
        """All is well: start from the first pause again."""
        self.failures = 0


class Allowance:
    """So many in each period, and no more. Not thread-safe: one too many
    does no harm."""

    def __init__(self, count: int, period: float) -> None:
        self._count, self._period = count, period
        self._used, self._until = 0, -math.inf

    def allows(self, now: float) -> bool:
        """Whether there is one more; it is used up."""
        if now >= self._until:
            self._used, self._until = 0, now + self._period
        self._used += 1
        return self._used <= self._count


class Schedule:
    """The next sweep and the next look of one stream. Not thread-safe."""

    def __init__(self, now: float, poll_interval: float,
                 delta_interval: float, backoff: Backoff,
                 rng: random.Random) -> None:
        self._poll, self._delta = poll_interval, delta_interval
        self._backoff, self._rng = backoff, rng
        self._sweep_at = now
        self._asked_at = math.inf
        self._look_at = math.inf

    def next(self) -> tuple[float, str]:
        """What is due first, and when."""
        sweep_at = min(self._sweep_at, self._asked_at)
        if self._look_at < sweep_at:
            return self._look_at, LOOK
        return sweep_at, SWEEP

    def sweep_soon(self, at: float) -> None:
        """Somebody asks for a sweep that begins at that time or later."""
        self._asked_at = min(self._asked_at, at)

    def look_soon(self, at: float) -> None:
        """Somebody asks for a look at that time."""
        self._look_at = min(self._look_at, at)

    def sweep_begins(self) -> None:
        """What was asked for until now is met by this sweep."""
        self._asked_at = math.inf

    def swept(self, started: float, now: float) -> None:
        """A sweep was complete. The next comes a little early each time, so
        that many streams and services drift apart; late never."""
        self._backoff.succeeded()
        interval = self._poll * self._rng.uniform(1 - JITTER, 1)
        self._sweep_at = max(started + interval, now)
        self.looked(now)

    def sweep_failed(self, now: float, limit: float, at_least: float = 0
                     ) -> float:
        """A sweep was not complete: come back before its turn. When."""
        pause = self._backoff.failed(min(limit, self._poll))
        self._sweep_at = now + max(pause, at_least)
        self.looked(now)
        return self._sweep_at

    def looked(self, now: float) -> None:
        """An incremental listing came to its end, well or not: what it
        missed, the next one or the next sweep finds."""
        self._look_at = now + self._delta if self._delta else math.inf
