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

"""What a complete sweep's missing ids lead to. Pure: decides, asks nobody.

Absence is proved. A missing id of a type that can be asked for by id is
asked for; of any other type, two complete sweeps in a row must lack it. And
when too much is missing at once the brake holds: a sample is asked for, and
only if all of it is gone, and a second sweep lacks the same ids, are those
asked for one by one. Types without a get need two further sweeps instead.
"""

from collections.abc import Collection
from collections.abc import Sequence
import dataclasses
import random

PATIENCE, BRAKED_PATIENCE = 2, 3
"""How many sweeps in a row must lack an id that cannot be asked for."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ruling:
    """What to do about the missing ids of one sweep."""

    ask: tuple[str, ...] = ()
    """Ask for each; what is absent is deleted."""

    sample: tuple[str, ...] = ()
    """Ask for each, as evidence only; nothing is deleted by it."""

    gone: tuple[str, ...] = ()
    """Proved by the sweeps themselves."""

    again: bool = False
    """Another sweep is needed before more can be said."""


class Absence:
    """The memory between sweeps: who was missing, and what a sample said."""

    def __init__(self, can_get: bool, ratio: float, minimum: int,
                 sample: int, rng: random.Random) -> None:
        self._can_get, self._ratio, self._minimum = can_get, ratio, minimum
        self._sample, self._rng = sample, rng
        self._lacked: dict[str, int] = {}
        self._braked: frozenset[str] = frozenset()
        self._released: frozenset[str] = frozenset()
        self._asked: dict[str, bool | None] = {}
        self._advances = self._sample_gone = False

    @property
    def held(self) -> int:
        """How many ids the brake holds back now."""
        return len(self._braked)

    def holds(self, id_: str) -> bool:
        """Whether the brake holds that id's deletion back."""
        return id_ in self._braked

    def ignores(self, id_: str) -> bool:
        """Whether nothing follows from that id's absence now."""
        return id_ in self._braked and id_ not in self._asked

    def forget(self) -> None:
        """Start as if there had been no sweep."""
        self._lacked = {}
        self._braked = self._released = frozenset()
        self._asked, self._sample_gone = {}, False

    def rule(self, missing: Sequence[str], lived: int) -> Ruling:
        """Judge a complete sweep: what it lacks, of how many that lived."""
        if not self._can_get:
            return self._count(missing, self._too_many(missing, lived))
        # asked for already; what was seen meanwhile is judged anew
        self._released = self._released.intersection(missing)
        rest = [id_ for id_ in missing if id_ not in self._released]
        asked = tuple(id_ for id_ in missing if id_ in self._released)
        ruling = (self._brake(rest) if self._too_many(rest, lived)
                  else self._release(rest))
        return dataclasses.replace(ruling, ask=asked + ruling.ask)

    def rule_partial(self, missing: Sequence[str], lived: int) -> Ruling:
        """Judge what a partial sweep should have shown and did not: it
        proves nothing, but few enough may be asked for."""
        if not self._can_get or self._too_many(missing, lived):
            return Ruling()
        return Ruling(ask=tuple(missing))

    def answered(self, id_: str, gone: bool) -> bool | None:
        """An id was asked for, and is truly absent or not. Whether the whole
        sample is, once all of it was; None before, or if it is no sample."""
        if id_ not in self._asked:
            return None
        self._asked[id_], self._advances = gone, True
        if None in self._asked.values():
            return None
        self._sample_gone = all(self._asked.values())
        self._asked = {}
        return self._sample_gone

    def _too_many(self, missing: Sequence[str], lived: int) -> bool:
        return (len(missing) > self._ratio * lived
                and len(missing) > self._minimum)

    def _release(self, missing: Sequence[str]) -> Ruling:
        self._braked, self._asked = frozenset(), {}
        self._sample_gone = False
        return Ruling(ask=tuple(missing))

    def _brake(self, missing: Sequence[str]) -> Ruling:
        both = self._braked.intersection(missing)
        if self._sample_gone and both:
            self._release(())
            self._released |= both
            return Ruling(ask=tuple(id_ for id_ in missing if id_ in both),
                          again=len(both) < len(missing))
        self._braked, self._sample_gone = frozenset(missing), False
        if self._advances and self._asked and (
                self._braked.issuperset(self._asked)):
            # sweeps may come faster than the sample can be asked for
            self._advances = False
            return Ruling()
        size = min(self._sample, len(missing))
        sample = self._rng.sample(list(missing), size)
        self._asked, self._advances = dict.fromkeys(sample), False
        return Ruling(sample=tuple(sample), again=True)

    def _count(self, missing: Sequence[str], many: bool) -> Ruling:
        self._lacked = {id_: self._lacked.get(id_, 0) + 1 for id_ in missing}
        if many:
            self._braked = frozenset(missing)
        self._braked = self._braked.intersection(missing)
        gone = tuple(id_ for id_ in missing if self._is_gone(id_))
        self._forget(gone)
        return Ruling(gone=gone, again=bool(self._lacked))

    def _is_gone(self, id_: str) -> bool:
        patience = BRAKED_PATIENCE if id_ in self._braked else PATIENCE
        return self._lacked[id_] >= patience

    def _forget(self, ids: Collection[str]) -> None:
        for id_ in ids:
            del self._lacked[id_]
        self._braked = self._braked.difference(ids)
