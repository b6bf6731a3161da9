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

"""The one writer of a stream: readings in, committed changes out."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import threading

from synchronizer import exception
from synchronizer import metrics
from synchronizer.model import baseline as baseline_module
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import initiator as initiator_module
from synchronizer.model import reading as reading_module
from synchronizer.model.baseline import Verdict
from synchronizer.model.reading import ABSENT
from synchronizer.model.reading import Reading
from synchronizer.store import base as store_base

FRESH = (change_module.HINT, change_module.DELTA)
"""Causes of changes that happened just now. A sweep may find any number of
old ones, and is followed by those of all other types anyway."""

Thing = tuple[str, str]
"""A type and an id."""

Things = Mapping[Thing, initiator_module.Initiator | None]
"""Things to look at, and who is behind what may be seen of them."""

Beside = Callable[[entity_module.Entity], Iterable[Thing]]


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """What became of some readings."""

    changes: tuple[change_module.Change, ...] = ()
    """Committed, numbered, in order."""

    doubts: tuple[str, ...] = ()
    """Ids that must be asked for again."""

    beside: Things = dataclasses.field(default_factory=dict)
    """What hangs together with what changed, and did not before, or does
    not any more."""

    def __add__(self, other: 'Taken') -> 'Taken':
        return Taken(self.changes + other.changes,
                     self.doubts + other.doubts,
                     {**self.beside, **other.beside})


class StreamWriter:
    """Holds a stream's claim and baseline, and keeps them level.

    What the baseline accepts and what the store commits are one: a commit
    that fails is taken back from the baseline, so that the next reading
    finds the same difference anew.
    """

    def __init__(self, store: store_base.Store, type_: str, owner: str,
                 unordered: tuple[str, ...] = (),
                 beside: Beside = lambda entity: ()) -> None:
        """`beside`: see EntityType.beside."""
        self._store, self._type, self._beside = store, type_, beside
        self._owner, self._unordered = owner, unordered
        self._lock = threading.RLock()
        self._claim: store_base.Claim | None = None
        self.baseline = baseline_module.Baseline()
        self.fenced = False
        """Whether the store refused our claim since it was opened."""

    def open(self) -> None:
        """Claim the stream, and start from what the last owner left."""
        with self._lock:
            self._claim = self._store.claim(self._type, self._owner)
            self.baseline = baseline_module.Baseline(
                self._store.load(self._type))
            self.fenced = False

    @property
    def claim(self) -> store_base.Claim:
        """The right to write; RuntimeError before `open`."""
        if self._claim is None:
            raise RuntimeError(f'{self._type} is not open')
        return self._claim

    @property
    def revision(self) -> int | None:
        """The head that we know; None before `open`."""
        return self._claim.revision if self._claim else None

    def unlike(self, shown: Iterable[baseline_module.Shown],
               window: reading_module.Window
               ) -> list[baseline_module.Shown]:
        """See Baseline.unlike."""
        with self._lock:
            return self.baseline.unlike(shown, window)

    def seen_since(self, id_: str, since: float) -> bool:
        """Whether a reading of that id began at that time or later."""
        with self._lock:
            return self.baseline.entry(id_).window.start >= since

    def living(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that are held as living."""
        with self._lock:
            return {id_ for id_ in ids if id_ in self.baseline}

    def count(self, counts: Callable[[str], bool]) -> int:
        """How many living ids count."""
        with self._lock:
            return sum(map(counts, self.baseline.living))

    def missing(self, early: Collection[str], started: float) -> list[str]:
        """See Baseline.missing."""
        with self._lock:
            return self.baseline.missing(early, started)

    def forget_tombstones(self, before: float) -> None:
        """See Baseline.forget_tombstones."""
        with self._lock:
            self.baseline.forget_tombstones(before)

    def take(self, readings: Sequence[Reading], shape: str, cause: str,
             by: initiator_module.By = initiator_module.nobody) -> Taken:
        """Accept readings, commit what is news, name what is in doubt."""
        with self._lock:
            return sum((self._take_once(run, shape, cause, by)
                        for run in _runs(readings)), Taken())

    def _take_once(self, readings: list[Reading], shape: str, cause: str,
                   by: initiator_module.By) -> Taken:
        before = {reading.id: self.baseline.entry(reading.id)
                  for reading in readings}
        verdicts = [(self.baseline.accept(reading, before[reading.id]),
                     reading) for reading in readings]
        news = [reading for verdict, reading in verdicts
                if verdict is Verdict.NEWER]
        try:
            changes, beside = self._commit(news, before, shape, cause, by)
        except BaseException:
            for reading in news:
                self.baseline.hold(reading.id, before[reading.id])
            raise
        return Taken(changes, tuple(
            reading.id for verdict, reading in verdicts
            if verdict is Verdict.DOUBT), beside)

    def _commit(self, news: list[Reading],
                before: dict[str, baseline_module.Entry],
                shape: str, cause: str, by: initiator_module.By
                ) -> tuple[tuple[change_module.Change, ...], Things]:
        if not news:
            return (), {}
        held = [reading.id for reading in news
                if before[reading.id].digest is not ABSENT]
        known = self._store.entities(self._type, held) if held else {}
        try:
            writes = [self._write(reading, known.get(reading.id), shape,
                                  cause, by(reading.id))
                      for reading in news]
            with metrics.COMMIT_SECONDS.labels(self._type).time():
                self._claim, changes = self._store.commit(
                    self.claim, writes)
        except exception.Fenced:
            self.fenced = True
            raise
        return changes, self._moved(news, known, by) if (
            cause in FRESH) else {}

    def _moved(self, news: list[Reading], known: dict[str, tuple[
            entity_module.Entity, store_base.Stored]],
            by: initiator_module.By) -> Things:
        moved: dict[Thing, initiator_module.Initiator | None] = {}
        for reading in news:
            now, before = (
                set(self._beside(entity)) if entity else set()
                for entity in (reading.entity,
                               known.get(reading.id, (None,))[0]))
            for thing in now ^ before:
                moved[thing] = by(reading.id) or moved.get(thing)
        return moved

    def _write(self, reading: Reading,
               known: tuple[entity_module.Entity, store_base.Stored] | None,
               shape: str, cause: str,
               initiator: initiator_module.Initiator | None
               ) -> store_base.Write:
        if reading.entity is None:
            if known is None:
                # by another owner, or by us, and the answer was lost
                raise exception.Fenced(
                    f'{self._type} {reading.id} was deleted meanwhile')
            last, stored = known
            return store_base.Write(
                last, stored, change_module.Change(
                    change_module.DELETED, last, cause, initiator=initiator))
        stored = store_base.Stored(reading.digest, shape)
        if known is None:
            return store_base.Write(
                reading.entity, stored, change_module.Change(
                    change_module.CREATED, reading.entity, cause,
                    initiator=initiator), text=reading.text)
        changed = entity_module.differences(
            known[0], reading.entity, self._unordered,
            same_shape=known[1].shape == shape)
        change = change_module.Change(
            change_module.UPDATED, reading.entity, cause, changed,
            initiator=initiator) if changed else None
        return store_base.Write(reading.entity, stored, change, known[0],
                                reading.text)


def _runs(readings: Sequence[Reading]) -> Iterable[list[Reading]]:
    """Cut where an id comes again: in one run, each id is judged once."""
    run: dict[str, Reading] = {}
    for reading in readings:
        if reading.id in run:
            yield list(run.values())
            run = {}
        run[reading.id] = reading
    if run:
        yield list(run.values())
