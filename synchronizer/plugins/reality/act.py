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

"""What acting on a drift means: whether its resource is marked unhealthy in
Heat, why or why not, and in what order. Pure: nobody is asked, nothing done.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import threading
import time

from synchronizer.model import entity as entity_module
from synchronizer.plugins.reality import verdict

LIVE = 'live'
NEEDED = ('heat.drift', 'heat.resource', 'heat.stack')
"""Streams without which no drift is sure."""

MARKED = 'CHECK_FAILED'
"""What Heat makes of a resource that is marked unhealthy."""

ITSELF = ''
"""In place of a property: the whole thing."""

AN_HOUR = 3600.0
LONGEST = 200
"""Letters of a reason; Heat keeps it beside the state."""

Held = Callable[[str, str], entity_module.Entity | None]
"""(type, id): an entity as the streams have it."""

Repairable = Callable[[str, str], bool]
"""(resource type, property): whether an update would put it right;
property ITSELF: whether it would make a missing one anew."""


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """What is done about one drift."""

    act: bool
    why: str
    """For people: what speaks for it, or against."""

    reason: str = ''
    """The sentence that Heat is given, if it is acted upon."""


class Limit:
    """At most so many within any hour.

    The hour is one that slides: where it begins does not matter.
    """

    def __init__(self, per_hour: int,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.per_hour = per_hour
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: list[float] = []

    def allows(self) -> bool:
        """Take one of them, if there is one left."""
        with self._lock:
            now = self._clock()
            self._taken = [taken for taken in self._taken
                           if now - taken <= AN_HOUR]
            if len(self._taken) >= self.per_hour:
                return False
            self._taken.append(now)
            return True

    def used(self) -> int:
        """How many were taken within the last hour."""
        with self._lock:
            now = self._clock()
            return sum(now - taken <= AN_HOUR for taken in self._taken)

    def give_back(self) -> None:
        """The last one that was taken was not needed."""
        with self._lock:
            self._taken.pop()


def plan(drifts: Iterable[entity_module.Entity], held: Held,
         states: Mapping[str, str], repairable: Repairable,
         limit: Limit | None = None
         ) -> Iterator[tuple[entity_module.Entity, Decision]]:
    """Each drift with what is done about it, the oldest first.

    One is taken of the limit just before its decision is given.
    """
    for drift in sorted(drifts, key=_age):
        decision = judge(
            drift, held('heat.resource', drift.id),
            held('heat.stack', stack_of(drift)), states, repairable)
        if decision.act and limit is not None and not limit.allows():
            decision = Decision(
                False, f'act_limit of {limit.per_hour} an hour is reached')
        yield drift, decision


def judge(drift: entity_module.Entity,
          resource: entity_module.Entity | None,
          stack: entity_module.Entity | None,
          states: Mapping[str, str], repairable: Repairable) -> Decision:
    """What is done about one drift, were there no limit.

    :param states: of every stream, by its type
    """
    against = (_unsure(drift, resource, states)
               or _unfit(stack, 'stack') or _unfit(resource, 'resource'))
    if against:
        return Decision(False, against)
    type_ = drift.attributes.get('resource_type') or ''
    if drift.state == verdict.MISSING:
        return _of_missing(repairable(type_, ITSELF))
    names = [name for name in differing(drift) if repairable(type_, name)]
    if not names:
        return Decision(False, 'no update repairs '
                        + (', '.join(differing(drift)) or 'it'))
    told = ', '.join(names)
    return Decision(True, f'an update repairs {told}', _sentence(
        f'changed behind Heat: {told}'))


def _of_missing(is_remade: bool) -> Decision:
    if not is_remade:
        return Decision(
            False, 'Heat would make it anew, and delete it at once')
    return Decision(True, 'it is missing', _sentence(
        'what stands behind it is missing'))


def differing(drift: entity_module.Entity) -> list[str]:
    """The properties that are not as they should be."""
    return [one['property'] for one in drift.attributes.get('properties')
            or ()]


def stack_of(drift: entity_module.Entity) -> str:
    """The id of the stack that it lies in."""
    return drift.id.partition('/')[0]


def _age(drift: entity_module.Entity) -> tuple[str, str]:
    return drift.attributes.get('since') or '', drift.id


def _unsure(drift: entity_module.Entity,
            resource: entity_module.Entity | None,
            states: Mapping[str, str]) -> str | None:
    """Why nobody can be sure of it, if so."""
    if drift.state not in (verdict.CHANGED, verdict.MISSING):
        return 'nobody knows how it is'
    for type_ in _sources(drift, resource, states):
        state = states.get(type_, 'off')
        if state != LIVE:
            return f'the stream {type_} is {state}'
    return None


def _sources(drift: entity_module.Entity,
             resource: entity_module.Entity | None,
             states: Mapping[str, str]) -> list[str]:
    """The streams that it was read from."""
    caused_by = drift.attributes.get('caused_by') or {}
    behind = [arrow.type for arrow in (resource.relations if resource else ())
              if arrow.kind == 'realized-by' and arrow.type in states]
    told = [caused_by['type']] if caused_by.get('type') else []
    return list(dict.fromkeys((*NEEDED, *told, *behind)))


def _unfit(entity: entity_module.Entity | None, what: str) -> str | None:
    """Why a stack or resource is not touched now, if so."""
    if entity is None:
        return f'the {what} is gone'
    state = entity.state or ''
    if state.endswith('_IN_PROGRESS'):
        return f'the {what} is being worked on ({state})'
    if state.startswith('DELETE_'):
        return f'the {what} is to be deleted ({state})'
    if state.startswith('SUSPEND_'):
        # of a marked one Heat says that it cannot be resumed
        return f'the {what} is suspended'
    if what == 'resource' and state == MARKED:
        return 'it is marked already'
    return None


def _sentence(text: str) -> str:
    text = f'synchronizer: {text}'
    return text if len(text) <= LONGEST else f'{text[:LONGEST - 3]}...'
