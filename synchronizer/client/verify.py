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

"""Compares what a mirror holds with what the service holds, exactly.

A snapshot alone cannot be compared: its pages are newer than its position,
and the mirror moves on. So a second follower is brought level, then to the
revision at which the mirror is looked at.
"""

from collections.abc import Callable
from collections.abc import Iterable
import dataclasses
import threading
import time

from synchronizer import exception
from synchronizer.client import follower as follower_module
from synchronizer.client import keeper
from synchronizer.client import reader as reader_module
from synchronizer.client import rpc
from synchronizer.model import entity as entity_module
from synchronizer.model import position as position_module

Entities = dict[str, entity_module.Entity]


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One entity, or a whole type (`id` is None), that is not equal."""

    type: str
    """Its type."""

    id: str | None
    """Which."""

    reason: str
    """In words."""

    held: entity_module.Entity | None = None
    """Here."""

    stored: entity_module.Entity | None = None
    """There."""


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """What a mirror holds of one type at one moment."""

    position: position_module.Position
    """When."""

    entities: Entities
    """What."""


def verify(client: rpc.SynchronizerClient, types: Iterable[str],
           held: Callable[[str], Held | None],
           hear: Callable[[keeper.Claim], None],
           moved: threading.Condition, timeout: float,
           clock: Callable[[], float] = time.monotonic) -> list[Difference]:
    """All differences; `moved` is waited on while the mirror catches up."""
    deadline = clock() + timeout
    found: list[Difference] = []
    for type_ in types:
        found += _Comparison(client, type_, held, hear, moved, deadline,
                             clock).run()
    return found


class _Comparison:
    """Of one type."""

    def __init__(self, client: rpc.SynchronizerClient, type_: str,
                 held: Callable[[str], Held | None],
                 hear: Callable[[keeper.Claim], None],
                 moved: threading.Condition, deadline: float,
                 clock: Callable[[], float]) -> None:
        self._reader = reader_module.Reader(client, lambda answer: None,
                                            clock)
        self._type = type_
        self._held = held
        self._hear = hear
        self._moved = moved
        self._deadline = deadline
        self._clock = clock

    def run(self) -> list[Difference]:
        """Start again where the stream was reset or trimmed meanwhile."""
        while True:
            follower = follower_module.Follower(self._type)
            if self._level(follower):
                mine = self._wait_for(follower.position)
                if mine is None:
                    return [Difference(
                        self._type, None, 'the mirror does not come level '
                        f'with {follower.position}')]
                if self._level(follower, mine.position):
                    return compare(self._type, mine.entities,
                                   follower.entities)
            if self._clock() > self._deadline:
                raise exception.Unavailable(
                    f'{self._type} does not stand still')

    def _level(self, follower: follower_module.Follower,
               position: position_module.Position | None = None) -> bool:
        """Bring it level, or to a position; false: that is not to be had."""
        if position is not None:
            if position == follower.position:
                return True
            # told exactly what was committed up to there, and no more
            return self._advance(follower, position)
        while (want := follower.want) is not None:
            answer = self._reader.read(self._type, want)
            if isinstance(answer.result, exception.ResyncRequired):
                return False
            if isinstance(answer.result, Exception):
                raise answer.result
            _feed(follower, answer)
        return True

    def _advance(self, follower: follower_module.Follower,
                 position: position_module.Position) -> bool:
        while follower.position.revision < position.revision:
            want = follower_module.WantChanges(follower.position)
            answer = self._reader.read(self._type, want)
            if isinstance(answer.result, exception.ResyncRequired):
                return False
            if isinstance(answer.result, Exception):
                raise answer.result
            follower.on_changed(
                position.epoch,
                [change for change in answer.result.changes
                 if change.revision <= position.revision],
                answer.reading.ended)
        return follower.position == position

    def _wait_for(self, position: position_module.Position) -> Held | None:
        """The mirror's content, once it is at least there."""
        self._hear(keeper.Claim(self._type, position, self._clock()))
        with self._moved:
            while True:
                mine = self._held(self._type)
                if mine is not None and mine.position.epoch == (
                        position.epoch) and (
                            mine.position.revision >= position.revision):
                    return mine
                left = self._deadline - self._clock()
                if left <= 0:
                    return None
                self._moved.wait(min(left, 0.05))


def _feed(follower: follower_module.Follower,
          answer: reader_module.Answer) -> None:
    result = answer.result
    if isinstance(result, rpc.Changes):
        follower.on_changes(answer.want, result.revision, result.changes,
                            result.more, answer.reading)
    elif result.entities is None:
        follower.on_no_snapshot(result.head, answer.reading)
    else:
        follower.on_snapshot(result.head, result.entities, answer.reading)


def compare(type_: str, mine: Entities, theirs: Entities
            ) -> list[Difference]:
    """What is not equal, by id."""
    return [
        Difference(type_, id_, _reason(mine.get(id_), theirs.get(id_)),
                   mine.get(id_), theirs.get(id_))
        for id_ in sorted(mine.keys() | theirs.keys())
        if mine.get(id_) != theirs.get(id_)]


def _reason(mine: entity_module.Entity | None,
            theirs: entity_module.Entity | None) -> str:
    if mine is None:
        return 'not held here'
    if theirs is None:
        return 'not in the store'
    if mine.revision != theirs.revision:
        return f'revision {mine.revision} here, {theirs.revision} there'
    return ', '.join(entity_module.differences(mine, theirs)) or 'sampled_at'
