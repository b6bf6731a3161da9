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

"""Hands changes to subscribers, in order, from a thread of its own."""

import collections
from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import threading

from oslo_log import log

from synchronizer.model import change as change_module
from synchronizer.model import position as position_module

LOG = log.getLogger(__name__)

Callback = Callable[[change_module.Change], object]
Position = position_module.Position | None


@dataclasses.dataclass(frozen=True, slots=True)
class _Batch:
    type: str
    changes: Sequence[change_module.Change]
    after: Position


@dataclasses.dataclass(frozen=True, slots=True)
class _Join:
    callback: Callback
    changes: Sequence[change_module.Change]


class Delivery:
    """A queue of changes, and the subscribers at its end."""

    def __init__(self, backlog: int, drained: Callable[[], None]) -> None:
        """`drained` is called when the queue, once full, is half empty."""
        self.errors = 0
        """How often a subscriber raised."""

        self._backlog = backlog
        self._drained = drained
        self._lock = threading.Condition()
        self._queue: collections.deque[_Batch | _Join] = collections.deque()
        self._waiting = 0
        self._was_full = False
        self._left: collections.Counter[str] = collections.Counter()
        self._told: dict[str, Position] = {}
        self._subscribers: list[Callback] = []
        self._stopping = False
        self._thread = threading.Thread(
            target=self._run, name='mirror-delivery', daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """End after the callback that is running, if it ends in time."""
        with self._lock:
            self._stopping = True
            self._lock.notify()
        if self._thread.is_alive() and (
                self._thread is not threading.current_thread()):
            self._thread.join(timeout)

    def join(self, callback: Callback,
             changes: Sequence[change_module.Change]) -> None:
        """A new subscriber, after all that is in the queue; first he alone
        is told these changes."""
        with self._lock:
            self._queue.append(_Join(callback, changes))
            self._lock.notify()

    def tell(self, type_: str, changes: Sequence[change_module.Change],
             before: Position, after: Position) -> None:
        """Changes for everyone, and where they lead from and to."""
        with self._lock:
            if not self._left[type_]:
                self._told[type_] = before
            self._left[type_] += 1
            self._waiting += len(changes)
            self._queue.append(_Batch(type_, changes, after))
            self._lock.notify()

    def is_full(self) -> bool:
        """Whether more had better wait."""
        with self._lock:
            full = self._waiting >= self._backlog
            if full and not self._was_full:
                LOG.warning('%(count)d changes wait for the subscribers of '
                            'this mirror; it holds on until they are taken',
                            {'count': self._waiting})
            self._was_full |= full
            return full

    def position(self, type_: str, shown: Position) -> Position:
        """Up to where all were told, of what is `shown`."""
        with self._lock:
            return self._told[type_] if self._left[type_] else shown

    # --- the thread ------------------------------------------------------

    def _run(self) -> None:
        while (item := self._next()) is not None:
            if isinstance(item, _Join):
                self._subscribers.append(item.callback)
                for change in item.changes:
                    self._call(item.callback, change)
            else:
                self._deliver(item)

    def _next(self) -> _Batch | _Join | None:
        with self._lock:
            self._lock.wait_for(lambda: self._queue or self._stopping)
            return None if self._stopping else self._queue.popleft()

    def _deliver(self, batch: _Batch) -> None:
        for change in batch.changes:
            if self._stopping:
                return
            for callback in self._subscribers:
                self._call(callback, change)
            self._count(batch.type, change)
        with self._lock:
            self._told[batch.type] = batch.after
            self._left[batch.type] -= 1

    def _call(self, callback: Callback, change: change_module.Change) -> None:
        try:
            callback(change)
        except Exception:
            self.errors += 1
            LOG.exception(
                'A subscriber failed at %(type)s %(id)s, revision '
                '%(revision)d', {'type': change.type, 'id': change.id,
                                 'revision': change.revision})

    def _count(self, type_: str, change: change_module.Change) -> None:
        with self._lock:
            if change.cause != change_module.RESYNC:
                # in the middle of a resync there is no position
                self._told[type_] = position_module.Position(
                    change.epoch, change.revision)
            self._waiting -= 1
            drained = self._was_full and self._waiting <= self._backlog // 2
            if drained:
                self._was_full = False
        if drained:
            self._drained()
