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
import math
import random
import threading

from oslo_log import log

from synchronizer import exception
from synchronizer import metrics
from synchronizer.collector import batches
from synchronizer.collector import credit as credit_module
from synchronizer.collector import schedule
from synchronizer.collector import settings as settings_module
from synchronizer.model import change as change_module
from synchronizer.model.initiator import Initiator
from synchronizer.plugins import hints

LOG = log.getLogger(__name__)

Key = tuple[str, str, bool]

LONGEST = 40
"""How many times its settling time a burst of hints for one id is waited
for, once it was looked at: it costs two requests, and is not waited for for
ever."""

MOST = 10_000
"""How many ids of a type may wait because of hints; see `Queue.hint`."""

LOOKS = 3
"""How often a listing is tried for one crowd."""

BREATH = 4
"""How many times the settling time passes between two listings that are
asked for by crowds of hints."""


@dataclasses.dataclass(slots=True, eq=False)
class Ask:
    """One id, or part, to be asked for."""

    type: str
    id: str
    part: bool
    cause: str
    at: float
    backoff: schedule.Backoff
    since: float
    """When it was last asked for: what was read later, settles a hint."""

    doubt: bool = False
    """Only an answer of its own settles it."""

    alone: bool = False
    """A listing is not enough."""

    written: float | None = None
    gone: bool = False
    audit: bool = False
    """See `hints.Hint`."""

    early: int = 0
    """How often it was read too early."""

    first: float = 0
    """When the burst of hints began, or went on after a look."""

    looked: bool = False
    """Whether it was looked at since the burst began."""

    answered: float = -math.inf
    """When it last was, of one that is asked for again in a while."""

    heard: float | None = None
    """When the first hint came that is not met yet."""

    hinted: bool = False
    failing: bool = False
    in_flight: bool = False
    once_more: bool = False
    unproved: bool = False
    """It was said once not to be there."""

    credit: credit_module.Credit = dataclasses.field(
        default_factory=credit_module.Credit)

    @property
    def key(self) -> Key:
        """Names it among all others."""
        return self.type, self.id, self.part

    @property
    def calm(self) -> bool:
        """Whether a listing of what moved would do for it as well."""
        return not (self.doubt or self.alone or self.part or self.failing
                    or self.in_flight or self.unproved)


class Unproved(Exception):
    """It is said not to be there, which counts only with a proof."""


Pause = float | None
"""In how many seconds to ask again; None: it is settled."""

Fetch = Callable[[Ask], Pause]
"""Asks for one. Raises Unproved; what else it raises means that it is tried
again."""

Confirm = Callable[[list[Ask]], list[Pause | Exception]]
"""Asks again for those of one type and cause that are unproved, with one
proof for all: what became of each. What it raises befell all of them."""

Crowd = Callable[[str, list[Ask]], list[Ask]]
"""Looks at many of a type at once: those that must be asked for alone."""


class Queue:
    """Who is due. Thread-safe, and told the time.

    An id is in it once. Asked for while its request is under way it is
    asked for again afterwards, since that request may have read too early.
    Doubts and hints wait in two lines that are served in turn, so that
    neither keeps the other from being asked. What is said not to be there
    leaves its line and waits for the proof of it, with others.
    """

    def __init__(self, first: float, limit: float, rng: random.Random,
                 settle: float = 0.05, batch: int = 20) -> None:
        self._first, self._limit, self._rng = first, limit, rng
        self._settle, self._batch = settle, batch
        self._asks: dict[Key, Ask] = {}
        self._lines: tuple[list, list] = ([], [])
        self._unproved: batches.Batches[tuple[str, str], Ask] = (
            batches.Batches())
        self._turn = False
        self._calm: dict[str, dict[Key, Ask]] = {}
        self._hinted: Counter[str] = Counter()
        self._looking: set[str] = set()
        self._look_at: dict[str, float] = {}
        self._distrust: dict[str, schedule.Backoff] = {}
        self._order = itertools.count()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._asks)

    # --- in --------------------------------------------------------------

    def add(self, type_: str, id_: str, cause: str, at: float,
            initiator: Initiator | None = None) -> None:
        """A doubt: ask for the id at that time, or earlier if it is due
        earlier."""
        with self._lock:
            ask = self._asks.get((type_, id_, False))
            if ask is None:
                ask = self._new(type_, id_, False, cause, at)
                ask.doubt, ask.credit.by = True, initiator
                self._push(ask)
                return
            waits = ask.doubt and ask.at <= at
            ask.doubt = True
            ask.credit.doubted(initiator, ask.in_flight)
            self._place(ask)
            if ask.in_flight:
                ask.once_more = True
            elif not (ask.failing or ask.unproved or waits):
                ask.at = min(at, ask.at)
                self._push(ask)

    def hint(self, hint: hints.Hint, now: float, cause: str,
             patience: float = 0) -> bool:
        """A hint: ask for its id soon, or within so many seconds. False if
        too many wait already."""
        settle = max(self._settle, patience)
        with self._lock:
            ask = self._asks.get((hint.type, hint.id, hint.part))
            if ask is None:
                if self._hinted[hint.type] >= MOST:
                    return False
                ask = self._new(hint.type, hint.id, hint.part, cause,
                                now + settle, hinted=True)
                ask.audit = hint.audit
                self._place(ask)
                self._push(ask)
            else:
                ask.audit = ask.audit and hint.audit
                self._hint_again(ask, now, settle)
            ask.credit.told(hint.initiator, ask.in_flight)
            ask.since = now
            ask.heard = now if ask.heard is None else ask.heard
            ask.gone = ask.gone or hint.gone
            if hint.written is not None:
                ask.written = max(hint.written, ask.written or 0)
            return True

    def _hint_again(self, ask: Ask, now: float, settle: float) -> None:
        if ask.in_flight:
            ask.once_more = True
        elif ask.failing or ask.unproved:
            return
        elif ask.doubt:
            # due already: but doubts may be many, and hints are few
            if not ask.hinted:
                ask.hinted = True
                self._hinted[ask.type] += 1
                self._push(ask, doubt=False)
        elif ask.alone:
            ask.alone, ask.early = False, 0
            ask.looked = now < ask.answered + self._settle
            ask.first, ask.at = now, now + settle
            self._place(ask)
            self._push(ask)
        elif settle == self._settle:
            # the first look is not put off: whoever waits for the change
            # sees it then, and of the rest of the burst only the end counts
            at = min(now, ask.first + LONGEST * settle) + settle
            if not ask.looked:
                at = min(at, ask.at)
            # it is in the line, and moves back there when it is reached;
            # what may wait for others does not wait longer for them
            before, ask.at = ask.at, at
            if at < before:
                self._push(ask)

    def follow(self, type_: str, id_: str, cause: str, at: float,
               part: bool = False, initiator: Initiator | None = None
               ) -> None:
        """Ask at that time, unless it is asked for anyway."""
        with self._lock:
            if (type_, id_, part) not in self._asks:
                ask = self._new(type_, id_, part, cause, at)
                ask.alone = True
                ask.credit.by, ask.credit.met = initiator, True
                self._push(ask)

    def _new(self, type_: str, id_: str, part: bool, cause: str, at: float,
             hinted: bool = False) -> Ask:
        ask = Ask(type_, id_, part, cause, at, self._backoff(), since=at,
                  first=at, hinted=hinted)
        self._asks[ask.key] = ask
        self._hinted[type_] += hinted
        return ask

    def _backoff(self) -> schedule.Backoff:
        return schedule.Backoff(self._first, self._rng)

    # --- out -------------------------------------------------------------

    def due(self, now: float) -> list[Ask]:
        """What is due next, in flight from now on: one, or a crowd of one
        type that a single listing may settle, or some that are unproved;
        nothing if nothing is."""
        with self._lock:
            asks = (self._unproved.due() or self._next(now)
                    or self._unproved.any())
            for one in asks:
                one.in_flight = True
                self._place(one)
            return asks

    def _next(self, now: float) -> list[Ask]:
        self._turn = not self._turn
        for line in (self._lines[self._turn], self._lines[not self._turn]):
            ask = self._pop(line, now)
            if ask is not None:
                return self._with_its_crowd(ask)
        return []

    def _pop(self, line: list, now: float) -> Ask | None:
        while line and line[0][0] <= now:
            at, _, key = heapq.heappop(line)
            ask = self._asks.get(key)
            if ask is None or ask.in_flight or ask.unproved:
                continue
            if self._is_crowd(ask) and ask.type in self._looking:
                # it comes back when that look is over
                continue
            if self._is_crowd(ask):
                ask.at = max(ask.at, self._look_at.get(ask.type, 0))
            if ask.at <= now:
                return ask
            if ask.at > at:
                heapq.heappush(line, (ask.at, next(self._order), key))
        return None

    def _is_crowd(self, ask: Ask) -> bool:
        return ask.calm and ask.key in self._calm.get(ask.type, ()) and (
            len(self._calm[ask.type]) > self._batch)

    def _with_its_crowd(self, ask: Ask) -> list[Ask]:
        if not self._is_crowd(ask):
            return [ask]
        self._looking.add(ask.type)
        return list(self._calm[ask.type].values())

    def next_at(self) -> float | None:
        """When something may be due; None: nothing is."""
        with self._lock:
            return min((line[0][0] for line in self._lines if line),
                       default=None)

    # --- back ------------------------------------------------------------

    def settled(self, ask: Ask, now: float) -> None:
        """It was answered, unless it was asked for again meanwhile."""
        with self._lock:
            self._met(ask, now)
            if not ask.once_more:
                del self._asks[ask.key]
                self._hinted[ask.type] -= ask.hinted
                return
            rest = 0 if ask.doubt else ask.since + self._settle
            ask.credit.answered(ask.once_more)
            ask.failing = ask.alone = False
            ask.early, ask.first, ask.looked = 0, now, True
            self._again(ask, max(now, rest))

    def again(self, ask: Ask, now: float, pause: float) -> None:
        """It was answered, and is to be asked for again in a while."""
        with self._lock:
            rest = ask.since + self._settle if ask.once_more else now + pause
            # a doubt that came meanwhile is not settled by this answer
            ask.doubt = ask.doubt and ask.once_more
            if not (ask.early or ask.once_more):
                # what was told before the answer has been met by it
                ask.written, ask.gone = None, False
            if not ask.early:
                ask.credit.answered(ask.once_more)
                self._met(ask, now)
            ask.failing = False
            ask.backoff.succeeded()
            ask.alone, ask.since, ask.first = True, rest, rest
            ask.answered = now
            self._again(ask, max(now, rest))

    def unproved(self, ask: Ask) -> None:
        """It is said not to be there. The answer that proves it is still to
        come, and meets what is told until it is asked for."""
        with self._lock:
            ask.unproved, ask.in_flight, ask.once_more = True, False, False
            ask.credit.ended()
            self._unproved.add((ask.type, ask.cause), ask)

    def failed(self, ask: Ask, now: float, at_least: float = 0) -> None:
        """It was not: again, after a pause."""
        with self._lock:
            ask.failing = True
            pause = ask.backoff.failed(self._limit)
            self._again(ask, now + max(pause, at_least))

    def looked(self, type_: str, rest: list[Ask], now: float, took: float
               ) -> None:
        """The crowd of that type was looked at, and those must be asked for
        alone; all others are settled by their takers."""
        with self._lock:
            self._distrust.pop(type_, None)
            self._look_ended(
                type_, now + max(took, BREATH * self._settle))
            for ask in rest:
                ask.alone = True
                self._again(ask, now)

    def look_failed(self, asks: list[Ask], now: float, at_least: float
                    ) -> None:
        """A crowd could not be looked at: again, in a while; and after some
        tries each of it by itself, for single requests may be answered
        where a listing is not."""
        with self._lock:
            type_ = asks[0].type
            backoff = self._distrust.setdefault(type_, self._backoff())
            at = now + max(backoff.failed(self._limit), at_least)
            self._look_ended(type_, at)
            for ask in asks:
                ask.alone = backoff.failures >= LOOKS
                self._again(ask, at)

    def _look_ended(self, type_: str, next_at: float) -> None:
        self._looking.discard(type_)
        self._look_at[type_] = next_at
        for ask in self._calm[type_].values():
            self._push(ask)

    def failing(self) -> Counter[str]:
        """How many doubts of each type were asked for and not answered
        yet."""
        with self._lock:
            return Counter(ask.type for ask in self._asks.values()
                           if ask.failing and ask.doubt)

    def _met(self, ask: Ask, now: float) -> None:
        if ask.heard is not None:
            metrics.HINT_SECONDS.labels(ask.type).observe(now - ask.heard)
        ask.heard = (ask.since if ask.once_more and ask.heard is not None
                     else None)

    def depths(self) -> Counter[tuple[str, str]]:
        """How many wait, by type and kind. Takes no lock."""
        return Counter(
            (ask.type, 'doubt' if ask.doubt else
             'follow' if ask.heard is None else 'hint')
            for ask in list(self._asks.values()))

    def _again(self, ask: Ask, at: float) -> None:
        ask.in_flight = ask.once_more = ask.unproved = False
        ask.credit.ended()
        ask.at = at
        self._place(ask)
        self._push(ask)

    def _place(self, ask: Ask) -> None:
        """Among those that one listing may settle, or not."""
        crowd = self._calm.setdefault(ask.type, {})
        if ask.calm:
            crowd[ask.key] = ask
        else:
            crowd.pop(ask.key, None)

    def _push(self, ask: Ask, doubt: bool | None = None) -> None:
        line = self._lines[ask.doubt if doubt is None else doubt]
        heapq.heappush(line, (ask.at, next(self._order), ask.key))


class Refetcher:
    """Some threads that ask for what is due: never behind a sweep."""

    def __init__(self, fetch: Fetch, confirm: Confirm, crowd: Crowd,
                 queue: Queue, threads: int, clock: settings_module.Clock
                 ) -> None:
        self._fetch, self._confirm, self._crowd = fetch, confirm, crowd
        self._queue, self._clock = queue, clock
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

    def ask(self, type_: str, id_: str, cause: str, delay: float = 0,
            initiator: Initiator | None = None) -> None:
        """Have the id looked at: it is in doubt."""
        self._queue.add(type_, id_, cause, self._clock.monotonic() + delay,
                        initiator)
        self._notify()

    def hint(self, hint: hints.Hint, cause: str = change_module.HINT,
             patience: float = 0) -> bool:
        """Have what a hint names looked at; see `Queue.hint`."""
        taken = self._queue.hint(hint, self._clock.monotonic(), cause,
                                 patience)
        self._notify()
        return taken

    def follow(self, type_: str, id_: str, cause: str, pause: float,
               part: bool = False, initiator: Initiator | None = None
               ) -> None:
        """Have it looked at in a while."""
        self._queue.follow(type_, id_, cause,
                           self._clock.monotonic() + pause, part, initiator)
        self._notify()

    def _notify(self) -> None:
        with self._wake:
            self._wake.notify()

    def step(self) -> bool:
        """Ask for what is due; whether there was anything."""
        asks = self._queue.due(self._clock.monotonic())
        if asks and asks[0].unproved:
            self._again(asks)
        elif len(asks) == 1:
            self._one(asks[0])
        elif asks:
            self._many(asks)
        return bool(asks)

    def _one(self, ask: Ask) -> None:
        try:
            came = self._fetch(ask)
        except Unproved:
            self._queue.unproved(ask)
        except Exception as error:
            self._failed([ask], ask.id, error)
        else:
            self._answered(ask, came)

    def _again(self, asks: list[Ask]) -> None:
        try:
            came = self._confirm(asks)
        except Exception as error:
            self._failed(asks, f'{len(asks)} that are not found', error)
            return
        for ask, one in zip(asks, came, strict=True):
            if isinstance(one, Exception):
                self._failed([ask], ask.id, one)
            else:
                self._answered(ask, one)

    def _answered(self, ask: Ask, pause: Pause) -> None:
        if pause is None:
            self._queue.settled(ask, self._clock.monotonic())
        else:
            self._queue.again(ask, self._clock.monotonic(), pause)

    def _failed(self, asks: list[Ask], what: str, error: Exception) -> None:
        pause = self._pause(asks[0].type, what, error)
        for ask in asks:
            self._queue.failed(ask, self._clock.monotonic(), pause)

    def _many(self, asks: list[Ask]) -> None:
        type_, started = asks[0].type, self._clock.monotonic()
        try:
            rest = self._crowd(type_, asks)
        except Exception as error:
            pause = self._pause(type_, f'{len(asks)} hints', error)
            self._queue.look_failed(asks, self._clock.monotonic(), pause)
            return
        alone, now = {ask.key for ask in rest}, self._clock.monotonic()
        for ask in asks:
            if ask.key not in alone:
                self._queue.settled(ask, now)
        self._queue.looked(type_, rest, now, now - started)
        with self._wake:
            self._wake.notify_all()

    def _pause(self, type_: str, what: str, error: Exception) -> float:
        """What the cloud or the store did costs a line. A plugin's fault
        with one id costs a traceback, and must not end all the others."""
        says = {'type': type_, 'what': what, 'error': error}
        if isinstance(error, exception.CloudError | exception.StoreError):
            LOG.debug('%(type)s %(what)s: no answer yet: %(error)s', says)
        else:
            LOG.error('%(type)s %(what)s cannot be asked for: %(error)r',
                      says, exc_info=error)
        return getattr(error, 'retry_after', None) or 0

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
