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

"""Which stacks must be looked into again, and what the last look found.

Nothing in Heat says that a resource changed; but whatever happens to the
resources of a stack, but for a mark or a signal, first moves the stack's
status or its ``updated_time``. That stamp is the start of an action and has
whole seconds, so it is not believed while it is young. Told the time; safe
for several threads.
"""

from collections.abc import Collection
from collections.abc import Container
from collections.abc import Iterable
import dataclasses
import math
import threading
import zlib

from synchronizer.plugins import base
from synchronizer.plugins import hints
from synchronizer.plugins.heat import follow as follow_module

YOUNG = 10.0
"""Seconds for which an ``updated_time`` may stand for two actions; also
what the clocks of a cloud may differ by."""

MARKS = ('stack_status', 'stack_status_reason', 'updated_time',
         'deletion_time')


@dataclasses.dataclass(frozen=True, slots=True)
class _Look:
    mark: tuple[str | None, ...]
    at: float
    settled: bool
    found: dict[str, None]


class Looks:
    """The memory of the last look into each stack."""

    def __init__(self, round_: float) -> None:
        self.era = 0
        """Counts how often all was forgotten."""
        self._round = round_
        self._lock = threading.Lock()
        self._looks: dict[str, _Look] = {}
        self._failed: set[str] = set()
        self._misread: dict[str, set[str]] = {}

    def is_due(self, stack: base.Record, now: float) -> bool:
        """Whether something in it may have moved, or its turn has come."""
        with self._lock:
            look = self._looks.get(stack['id'])
            failed = stack['id'] in self._failed
        return (look is None or not look.settled or failed
                or look.mark != _mark(stack)
                or self._turn(stack['id'], now) != self._turn(
                    stack['id'], look.at))

    def _turn(self, id_: str, when: float) -> int:
        """How often the turn of a stack has come until then: each has its
        own moment in the round, which spreads them evenly."""
        moment = zlib.crc32(id_.encode()) / 2 ** 32
        return math.floor(when / self._round - moment)

    def note(self, stack: base.Record, at: float, told: float | None,
             found: Iterable[str], moving: bool, era: int | None = None
             ) -> None:
        """A look: when it began, by our clock and the service's, what it
        found, and whether that was still moving. One that a later look has
        overtaken counts for nothing, nor does one of an earlier era. What
        could not be read of it was not found."""
        moving = moving or follow_module.is_moving(stack) or _is_young(
            stack, told)
        with self._lock:
            misread = self._misread.pop(stack['id'], ())
            look = _Look(_mark(stack), at, not (moving or misread),
                         {name: None for name in found
                          if name not in misread})
            last = self._looks.get(stack['id'])
            if (last and last.at > at) or era not in (None, self.era):
                return
            self._failed.discard(stack['id'])
            self._looks[stack['id']] = look

    def failed(self, stack: base.Record) -> None:
        """A look that came to nothing: what the last one found is held."""
        with self._lock:
            self._failed.add(stack['id'])

    def misread(self, id_: str, name: str) -> None:
        """Of what the look that is noted next found in that stack, this
        cannot be read: all of it is to be looked into again."""
        with self._lock:
            self._misread.setdefault(id_, set()).add(name)

    def has_failed(self, stack: base.Record) -> bool:
        """Whether the last try to look into it failed."""
        with self._lock:
            return stack['id'] in self._failed

    def drop(self, id_: str) -> None:
        """That stack is gone."""
        with self._lock:
            self._failed.discard(id_)
            self._misread.pop(id_, None)
            self._looks.pop(id_, None)

    def found(self, id_: str, name: str) -> bool:
        """Whether the last look into that stack found that."""
        return name in self.last(id_)

    def last(self, id_: str) -> Collection[str]:
        """What the last look into that stack found, in its order."""
        # no lock: one look or the next, and this is asked for each resource
        look = self._looks.get(id_)
        return look.found.keys() if look else ()

    def all_found(self) -> frozenset[str]:
        """What the last looks into all stacks found."""
        with self._lock:
            return frozenset().union(
                *(look.found for look in self._looks.values()))

    def keep(self, ids: Container[str]) -> None:
        """Forget all other stacks."""
        with self._lock:
            self._looks = {id_: look for id_, look in self._looks.items()
                           if id_ in ids}
            self._failed = {id_ for id_ in self._failed if id_ in ids}
            self._misread = {id_: names for id_, names
                             in self._misread.items() if id_ in ids}

    def forget(self) -> None:
        """Forget all."""
        with self._lock:
            self.era += 1
            self._looks, self._failed, self._misread = {}, set(), {}


def _mark(stack: base.Record) -> tuple[str | None, ...]:
    return tuple(stack.get(name) for name in MARKS)


def _is_young(stack: base.Record, told: float | None) -> bool:
    """An action that began in the same second would not show."""
    return is_young(stack.get('updated_time'), told)


def is_young(stamp: str | None, told: float | None) -> bool:
    """Whether a stamp is too near to the time of an answer to be the last
    of its second."""
    if not stamp or told is None:
        return False
    began = hints.unix(stamp)
    return began is None or told - began < YOUNG
