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

"""Keeps the followers of a mirror current: the thread between bus and store.

All that happens comes through one queue, so that the followers, which
decide, are touched by one thread alone.
"""

from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import itertools
import logging as stdlib_logging
import queue
import threading
import time
from typing import Any

from oslo_log import log

from synchronizer import exception
from synchronizer.bus import backoff as backoff_module
from synchronizer.client import follower as follower_module
from synchronizer.client import reader as reader_module
from synchronizer.client import rpc
from synchronizer.client import watch as watch_module
from synchronizer.model import position as position_module

LOG = log.getLogger(__name__)

MOST_UNHEARD = 1000
"""Messages; more are thrown away, and read from the journal later."""

PATIENCE = 10.0
"""Seconds to wait for the subscription before the first snapshot. Without
one nothing is lost either: the first bookmark shows what was missed."""

_EVERYTHING = ''


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """Somebody knows how far a stream is."""

    type: str
    """The stream."""

    position: position_module.Position
    """Its head, or an older one."""

    arrived: float
    """Monotonic."""


class Keeper:
    """Feeds followers with what arrives, and reads what they want."""

    def __init__(self, client: rpc.SynchronizerClient,
                 watch: Callable[..., watch_module.Watch],
                 follow: Callable[[str], follower_module.Follower],
                 took: Callable[..., None], hold: Callable[[], bool],
                 lock: threading.Condition,
                 clock: Callable[[], float] = time.monotonic) -> None:
        """`watch(types, hear, listening)` subscribes; `follow(type)` makes
        a follower; `took(follower, step)` is told of each step, under
        the lock; while `hold()` nothing more is taken."""
        self.followers: dict[str, follower_module.Follower] | None = None
        """By type; None: not even the types are known."""

        self._subscribe = watch
        self._follow = follow
        self._took = took
        self._hold = hold
        self._lock = lock
        self._clock = clock
        self._inbox: queue.SimpleQueue = queue.SimpleQueue()
        self._reader = reader_module.Reader(client, self._inbox.put, clock)
        self._watch: watch_module.Watch | None = None
        self._listening = False
        self._begun = 0.0
        # one at a time: whoever waits for a dead service waits for all
        self._asked: str | None = None
        self._turn = itertools.count()
        self._turns: dict[str, int] = {}
        self._backoffs: dict[str, backoff_module.Backoff] = {}
        self._not_before: dict[str, float] = {}
        self._thread = threading.Thread(
            target=self._run, name='mirror', daemon=True)

    # --- any thread ------------------------------------------------------

    def start(self, types: Sequence[str] | None) -> None:
        """Follow these types, or all that are enabled."""
        if types is not None:
            self._know(types)
        self._reader.start()
        self._thread.start()

    def hear(self, message: watch_module.Message | Claim) -> None:
        """Something arrived."""
        if self._inbox.qsize() < MOST_UNHEARD:
            self._inbox.put(message)

    def nudge(self) -> None:
        """Look again at what can be done now."""
        self._inbox.put(_Nudge)

    def stop(self, timeout: float) -> None:
        """End, and unsubscribe; what hangs is left behind."""
        deadline = self._clock() + timeout
        self._inbox.put(None)
        if self._thread.is_alive() and (
                self._thread is not threading.current_thread()):
            self._thread.join(timeout)
        if self._watch is not None:
            self._watch.stop(max(0.0, deadline - self._clock()))
        self._reader.stop(max(0.0, deadline - self._clock()))

    # --- the thread ------------------------------------------------------

    def _run(self) -> None:
        self._dispatch()
        while True:
            try:
                item = self._inbox.get(timeout=self._until_due())
            except queue.Empty:
                item = _Nudge
            if item is None:
                return
            try:
                self._handle(item)
                self._dispatch()
            except Exception:
                # whatever it was, the next bookmark shows what it cost
                LOG.exception('A message was not understood')

    def _know(self, types: Sequence[str]) -> None:
        with self._lock:
            self.followers = {type_: self._follow(type_) for type_ in types}
            self._lock.notify_all()
        self._begun = self._clock()
        self._watch = self._subscribe(
            types, self.hear, lambda: self._inbox.put(_Listening))
        self._watch.start()

    def _handle(self, item: Any) -> None:
        if item is _Listening:
            self._listening = True
        elif isinstance(item, reader_module.Answer):
            self._answered(item)
        elif item is not _Nudge and item.type in self.followers:
            self._step(item.type, self._heard, item)

    def _step(self, type_: str, act: Callable[..., follower_module.Step],
              item: Any) -> None:
        with self._lock:
            follower = self.followers[type_]
            phase = follower.phase
            self._took(follower, act(follower, item))
            if follower.phase is not phase:
                self._say(follower)
                self._lock.notify_all()

    def _heard(self, follower: follower_module.Follower,
               item: watch_module.Message | Claim) -> follower_module.Step:
        if isinstance(item, watch_module.Bookmark):
            return follower.on_bookmark(item.head, item.arrived)
        if isinstance(item, Claim):
            return follower.on_claim(item.position.epoch,
                                     item.position.revision, item.arrived)
        if self._hold() and item.changes:
            return follower.on_claim(
                item.epoch, item.changes[-1].revision, item.arrived)
        return follower.on_changed(item.epoch, item.changes, item.arrived)

    # --- what was read ---------------------------------------------------

    def _answered(self, answer: reader_module.Answer) -> None:
        self._asked = None
        result = answer.result
        if isinstance(result, exception.ResyncRequired):
            LOG.info('%(type)s: a new snapshot is needed: %(error)s',
                     {'type': answer.type, 'error': result})
            self._step(answer.type, lambda follower, _: follower.on_resync(
                answer.want, answer.reading), answer)
            self._pause(answer.type)
        elif isinstance(result, Exception):
            self._failed(answer)
        elif isinstance(answer.want, reader_module.WantTypes):
            self._know(result)
        else:
            self._step(answer.type, self._read, answer)
            self._paced(answer)

    def _read(self, follower: follower_module.Follower,
              answer: reader_module.Answer) -> follower_module.Step:
        result = answer.result
        if isinstance(result, rpc.Changes):
            return follower.on_changes(
                answer.want, result.revision, result.changes, result.more,
                answer.reading)
        if result.entities is None:
            return follower.on_no_snapshot(result.head, answer.reading)
        return follower.on_snapshot(result.head, result.entities,
                                    answer.reading)

    def _paced(self, answer: reader_module.Answer) -> None:
        """Go on at once, unless that would go round in circles."""
        self._backoff(_EVERYTHING).succeeded()
        phase = self.followers[answer.type].phase
        if phase is follower_module.Phase.LOADING:
            self._pause(answer.type)
        elif phase is follower_module.Phase.FOLLOWING:
            self._backoff(answer.type).succeeded()

    def _failed(self, answer: reader_module.Answer) -> None:
        error = answer.result
        # without a bus, or a store, no other stream fares better
        shared = isinstance(error, exception.BusError | exception.Unavailable)
        key = _EVERYTHING if shared else answer.type
        # once for each outage
        known = self._backoff(key).failures > 0
        LOG.log(stdlib_logging.DEBUG if known else stdlib_logging.WARNING,
                '%(type)s cannot be read; it is tried again: %(error)r',
                {'type': answer.type or 'The list of types', 'error': error})
        self._pause(key)

    def _pause(self, type_: str) -> None:
        self._not_before[type_] = (
            self._clock() + self._backoff(type_).failed())

    def _backoff(self, type_: str) -> backoff_module.Backoff:
        return self._backoffs.setdefault(
            type_, backoff_module.Backoff(first=0.2, longest=5))

    # --- what is to be read ----------------------------------------------

    def _dispatch(self) -> None:
        now = self._clock()
        if (self._asked is not None or self._hold()
                or now < self._not_before.get(_EVERYTHING, now)):
            return
        if self.followers is None:
            self._ask(_EVERYTHING, reader_module.WantTypes())
        elif self._listening or now >= self._begun + PATIENCE:
            wishes = [(self._turns.get(type_, -1), type_)
                      for type_, follower in self.followers.items()
                      if follower.want is not None
                      and now >= self._not_before.get(type_, now)]
            if wishes:
                _, type_ = min(wishes)
                self._ask(type_, self.followers[type_].want)

    def _ask(self, type_: str, want: object) -> None:
        self._asked = type_
        self._turns[type_] = next(self._turn)
        self._reader.ask(type_, want)

    def _until_due(self) -> float:
        """Until something that was put off may be tried."""
        now = self._clock()
        times = [when for when in self._not_before.values() if when > now]
        if not self._listening:
            times.append(max(self._begun + PATIENCE, now + 0.01))
        return min((when - now for when in times), default=60.0)

    def _say(self, follower: follower_module.Follower) -> None:
        if follower.phase is follower_module.Phase.FOLLOWING:
            LOG.info('%(type)s: level at revision %(revision)d, %(count)d '
                     'entities', {'type': follower.type,
                                  'revision': follower.position.revision,
                                  'count': len(follower.entities)})


class _Nudge:
    """Nothing happened, but something may be due."""


class _Listening:
    """The subscription stands."""
