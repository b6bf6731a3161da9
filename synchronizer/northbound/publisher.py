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

"""The publisher: what was committed goes onto the bus, in order.

It reads the journal, not the collector: a change that is not in the store
does not exist. One thread per process, so that a dead broker blocks nobody
else; what it cannot cast in time consumers find by the bookmarks.
"""

from collections.abc import Callable
from collections.abc import Sequence
import logging as stdlib_logging
import threading
import time

from oslo_log import log

from synchronizer import exception
from synchronizer import metrics
from synchronizer import tracing
from synchronizer.bus import backoff as backoff_module
from synchronizer.bus import wire
from synchronizer.model import change as change_module
from synchronizer.model import position as position_module
from synchronizer.model import stream as stream_module
from synchronizer.northbound import drivers as drivers_module
from synchronizer.store import base

LOG = log.getLogger(__name__)

MOST_CHANGES = 100
MOST_BYTES = 2 ** 20
"""Of a message, and of a look at the journal: what is read and told at once
is still near the CPU when it is told, and of five times as much each change
costs a third more."""
TOO_FAR_BEHIND = 10_000
"""From here on consumers read the journal faster than we can cast it."""

FRESH = 5.0
"""Seconds for which what was seen of a stream is good enough to cast."""

LOOKS = 3
"""How often it is tried to see it in that time."""

_EARLY = 0.9
"""Of the interval: a cast takes time, and a bookmark is late too soon."""


class _Overtaken(Exception):
    """The stream is another's, or another one, since it was looked at."""


class Publisher:
    """Casts the changes and bookmarks of some streams.

    Promised: on one topic the changes of an epoch go out in order, and no
    bookmark is below a change cast before it. A change goes out twice after
    a failure, and not at all after a crash or a long outage of the broker.

    Another owner may go on while this process is paused. So nothing is cast
    of what was seen a while ago, unless it is seen to be ours still. A pause
    between that and the cast itself nobody notices.
    """

    def __init__(self, store: base.Store, types: Sequence[str],
                 drivers: Sequence[drivers_module.Driver],
                 bookmark_interval: float = 5, owner: str | None = None,
                 clock: Callable[[], float] = time.monotonic,
                 backoff: backoff_module.Backoff | None = None,
                 wall: Callable[[], float] = time.time,
                 fresh: float = FRESH) -> None:
        """With an `owner`, only the streams that the store says are his.
        `fresh`: see FRESH; no other owner may come sooner than that after
        this process was paused."""
        self._store = store
        self._types = tuple(types)
        self._drivers = tuple(drivers)
        self._interval = bookmark_interval * _EARLY
        self._owner, self._fresh = owner, fresh
        self._clock, self._wall = clock, wall
        self._backoff = backoff or backoff_module.Backoff(
            longest=max(1.0, bookmark_interval))
        self._bus_up = True
        self._cast: dict[str, position_module.Position] = {}
        self._heads: dict[str, position_module.Position] = {}
        self._looked: dict[str, tuple[float, float]] = {}
        self._due: dict[str, float] = {}
        self._said: dict[str, tuple[str | None, str]] = {}
        self._lock = threading.Condition()
        self._woken: set[str] = set()
        self._stopping = False
        self._thread: threading.Thread | None = None

    # --- any thread ------------------------------------------------------

    def start(self) -> None:
        """Begin at the heads of now: what is older was cast, or is shown
        as a gap by the first bookmark."""
        try:
            self._owned(self._types)
        except exception.StoreError as error:
            LOG.warning('The publisher starts without the store: %(error)s',
                        {'error': error})
        self._thread = threading.Thread(
            target=self._run, name='publisher', daemon=True)
        self._thread.start()

    def wake(self, type_: str) -> None:
        """Something was committed. Never blocks."""
        with self._lock:
            self._woken.add(type_)
            self._lock.notify()

    def stop(self, timeout: float = 5) -> None:
        """Cast what is left, if the bus takes it in time, and end."""
        with self._lock:
            self._stopping = True
            self._lock.notify()
        if self._thread is not None:
            self._thread.join(timeout)
            if self._thread.is_alive():
                LOG.warning('The publisher is left behind: the bus does not '
                            'answer')

    def gauges(self) -> list[metrics.Sample]:
        """How many changes wait, as far as is known; whether they can go
        out."""
        return [metrics.BUS_UP.at(self._bus_up),
                *(metrics.PUBLISH_QUEUE.at(self._behind(type_), type_)
                  for type_ in tuple(self._heads))]

    def _behind(self, type_: str) -> int:
        head, cast = self._heads[type_], self._cast[type_]
        return head.revision - (
            cast.revision if cast.epoch == head.epoch else 0)

    # --- the thread ------------------------------------------------------

    def _run(self) -> None:
        pause: float | None = 0
        while self._sleep(pause):
            pause = self.step()
        self.step(self._types)

    def _sleep(self, pause: float | None) -> bool:
        """Wait for news unless it must not be looked at yet."""
        with self._lock:
            failing = self._backoff.failures > 0
            self._lock.wait_for(
                lambda: self._stopping or (self._woken and not failing),
                timeout=pause)
            return not self._stopping

    def step(self, types: Sequence[str] = ()) -> float:
        """One look at all that is due; how long until the next."""
        with self._lock:
            woken, self._woken = self._woken, set()
        now = self._clock()
        due = {type_ for type_ in self._types
               if self._due.get(type_, now) <= now}
        try:
            self._publish(sorted(woken & set(self._types) | due | set(types)),
                          now)
        except Exception as error:
            with self._lock:
                self._woken |= woken
            return self._failed(error)
        if self._backoff.failures:
            LOG.info('Publishing again, after %(count)d failures',
                     {'count': self._backoff.failures})
        self._backoff.succeeded()
        self._bus_up = True
        return self._until_due()

    def _failed(self, error: Exception) -> float:
        metrics.PUBLISH_FAILURES.inc()
        if not isinstance(error, exception.StoreError):
            self._bus_up = False
        expected = isinstance(error, exception.BusError | exception.StoreError)
        # once for each outage, and not once a second
        known = self._backoff.failures > 0
        LOG.log(stdlib_logging.DEBUG if known else stdlib_logging.WARNING,
                'Nothing can be published: %(error)s', {'error': error},
                exc_info=not expected)
        return self._backoff.failed()

    def _until_due(self) -> float:
        now = self._clock()
        return max(0.0, min((self._due.get(type_, now)
                             for type_ in self._types), default=60.0) - now)

    def _publish(self, types: Sequence[str], now: float) -> None:
        for type_, row in self._owned(types).items():
            try:
                self._try_to_catch_up(row)
                if self._due.get(type_, now) <= now or self._is_news(row):
                    self._bookmark(row)
            except _Overtaken:
                LOG.info('%(type)s: this process was paused or slow; what it '
                         'had to publish is left to the owner of now',
                         {'type': type_})
        for type_ in types:
            if self._due.get(type_, now) <= now:
                self._due[type_] = now + self._interval

    def _owned(self, types: Sequence[str]
               ) -> dict[str, stream_module.Stream]:
        """The rows that are ours to publish; keep up with the others."""
        looked = self._now()
        rows = self._store.streams(types)
        self._looked |= dict.fromkeys(types, looked)
        ours = {type_: rows[type_] for type_ in types
                if type_ in rows and self._is_ours(rows[type_])}
        for type_, row in rows.items():
            if type_ in ours:
                self._cast.setdefault(type_, row.position)
            else:
                # once it is ours, what was committed since goes out
                self._cast[type_] = row.position
            self._heads[type_] = row.position
        return ours

    def _now(self) -> tuple[float, float]:
        # of these one goes on while a process is stopped, and the other one
        # while a machine is suspended
        return self._clock(), self._wall()

    def _is_old(self, type_: str) -> bool:
        return any(now - looked > self._fresh for now, looked in zip(
            self._now(), self._looked[type_], strict=True))

    def _demand_ours(self, row: stream_module.Stream) -> None:
        """Before each cast: whoever slept meanwhile may have lost it."""
        for _ in range(LOOKS):
            if not self._is_old(row.type):
                return
            waiting = self._behind(row.type)
            again = self._owned([row.type]).get(row.type)
            if again is None or again.epoch != row.epoch:
                metrics.UNPUBLISHED.labels(row.type).inc(waiting)
                raise _Overtaken
        raise exception.StoreUnavailable(
            f'a look at {row.type} takes longer than {self._fresh:g} s')

    def _is_ours(self, row: stream_module.Stream) -> bool:
        return row.owner is not None and self._owner in (None, row.owner)

    def _try_to_catch_up(self, row: stream_module.Stream) -> None:
        try:
            self._catch_up(row)
        except (exception.BusError, exception.StoreError, _Overtaken):
            raise
        except Exception:
            # one that cannot be cast must not hold up all the others
            LOG.exception('%(type)s: the changes up to %(revision)d are '
                          'left to the journal',
                          {'type': row.type, 'revision': row.revision})
            self._leave(row)

    def _catch_up(self, row: stream_module.Stream) -> None:
        """Cast up to the row's head and no further: then a bookmark of
        that row is exact."""
        cast = self._cast[row.type]
        if cast.epoch != row.epoch:
            cast = position_module.Position(row.epoch, 0)
        if row.revision - cast.revision > TOO_FAR_BEHIND:
            LOG.warning(
                '%(type)s: %(count)d changes are left to the journal',
                {'type': row.type, 'count': row.revision - cast.revision})
            self._leave(row)
            return
        self._cast[row.type] = cast
        while self._cast[row.type].revision < row.revision:
            self._cast_some(row)

    def _leave(self, row: stream_module.Stream) -> None:
        """To the journal, whatever was not cast up to this row's head."""
        metrics.UNPUBLISHED.labels(row.type).inc(self._behind(row.type))
        self._cast[row.type] = row.position

    def _cast_some(self, row: stream_module.Stream) -> None:
        since = self._cast[row.type].revision
        try:
            _, changes = self._store.changes_since(
                row.type, row.epoch, since,
                min(MOST_CHANGES, row.revision - since),
                MOST_BYTES - base.ENVELOPE)
        except exception.ResyncRequired:
            changes = []
        if not changes:
            # trimmed, or reset since the row was read, or read from another
            # database that lacks it: the bookmark, or the next look, will
            # show it
            self._leave(row)
            return
        with metrics.PUBLISH_SECONDS.time():
            for driver in self._drivers:
                self._demand_ours(row)
                driver.changed(row.type, row.epoch, changes)
        self._count(row.type, changes)
        self._cast[row.type] = position_module.Position(
            row.epoch, changes[-1].revision)

    def _count(self, type_: str, changes: Sequence[change_module.Change]
               ) -> None:
        """What went out, and how late."""
        now = self._wall()
        metrics.PUBLISHED.labels(type_).inc(len(changes))
        metrics.PUBLISH_LAG_SECONDS.labels(type_).observe(
            max(0, now - wire.seconds(changes[0].committed_at)))
        for change in changes if tracing.is_on() else ():
            if change.initiator is not None:
                tracing.tell(
                    'publish', change.initiator.request_id,
                    wire.seconds(change.committed_at), now, type=type_,
                    id=change.id, revision=change.revision)

    def _is_news(self, row: stream_module.Stream) -> bool:
        """The end of a sweep, and another state, are told at once."""
        return self._said.get(row.type) != (row.collected_at, row.state)

    def _bookmark(self, row: stream_module.Stream) -> None:
        head = wire.head_of(row)
        for driver in self._drivers:
            self._demand_ours(row)
            driver.bookmark(row.type, head)
        self._said[row.type] = row.collected_at, row.state
