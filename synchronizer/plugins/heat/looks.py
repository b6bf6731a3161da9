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
whole seconds, so it is not believed while it is young. Pure: told the time.
"""

from collections.abc import Collection
from collections.abc import Container
from collections.abc import Iterable
import dataclasses
import datetime
import math
import zlib

from synchronizer.plugins import base

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
        self._round = round_
        self._looks: dict[str, _Look] = {}
        self._failed: set[str] = set()

    def is_due(self, stack: base.Record, now: float) -> bool:
        """Whether something in it may have moved, or its turn has come."""
        look = self._looks.get(stack['id'])
        return (look is None or not look.settled
                or stack['id'] in self._failed
                or look.mark != _mark(stack)
                or self._turn(stack['id'], now) != self._turn(
                    stack['id'], look.at))

    def _turn(self, id_: str, when: float) -> int:
        """How often the turn of a stack has come until then: each has its
        own moment in the round, which spreads them evenly."""
        moment = zlib.crc32(id_.encode()) / 2 ** 32
        return math.floor(when / self._round - moment)

    def note(self, stack: base.Record, at: float, told: float | None,
             found: Iterable[str], moving: bool) -> None:
        """A look: when it began, by our clock and the service's, what it
        found, and whether that was still moving."""
        settled = not moving and not _is_moving(stack) and not (
            _is_young(stack, told))
        self._failed.discard(stack['id'])
        self._looks[stack['id']] = _Look(
            _mark(stack), at, settled, dict.fromkeys(found))

    def failed(self, stack: base.Record) -> None:
        """A look that came to nothing: what the last one found is held."""
        self._failed.add(stack['id'])

    def has_failed(self, stack: base.Record) -> bool:
        """Whether the last try to look into it failed."""
        return stack['id'] in self._failed

    def drop(self, stack: base.Record) -> None:
        """That stack is gone."""
        self._failed.discard(stack['id'])
        self._looks.pop(stack['id'], None)

    def found(self, id_: str, name: str) -> bool:
        """Whether the last look into that stack found that."""
        return name in self.last(id_)

    def last(self, id_: str) -> Collection[str]:
        """What the last look into that stack found, in its order."""
        look = self._looks.get(id_)
        return look.found.keys() if look else ()

    def all_found(self) -> frozenset[str]:
        """What the last looks into all stacks found."""
        return frozenset().union(
            *(look.found for look in self._looks.values()))

    def keep(self, ids: Container[str]) -> None:
        """Forget all other stacks."""
        self._looks = {id_: look for id_, look in self._looks.items()
                       if id_ in ids}
        self._failed = {id_ for id_ in self._failed if id_ in ids}

    def forget(self) -> None:
        """Forget all."""
        self._looks, self._failed = {}, set()


def _mark(stack: base.Record) -> tuple[str | None, ...]:
    return tuple(stack.get(name) for name in MARKS)


def _is_moving(stack: base.Record) -> bool:
    return str(stack.get('stack_status')).endswith('_IN_PROGRESS')


def _is_young(stack: base.Record, told: float | None) -> bool:
    """An action that began in the same second would not show."""
    return is_young(stack.get('updated_time'), told)


def is_young(stamp: str | None, told: float | None) -> bool:
    """Whether a stamp is too near to the time of an answer to be the last
    of its second."""
    if not stamp or told is None:
        return False
    try:
        began = datetime.datetime.fromisoformat(stamp)
    except ValueError:
        return True
    if began.tzinfo is None:
        began = began.replace(tzinfo=datetime.UTC)
    return told - began.timestamp() < YOUNG
