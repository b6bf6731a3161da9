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

"""From a plugin's records to readings, and what a listing came to."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import math

from oslo_log import log

from synchronizer import exception
from synchronizer import metrics
from synchronizer.collector import writer
from synchronizer.model import baseline
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model import shape as shape_module
from synchronizer.model.reading import ABSENT
from synchronizer.plugins import base as plugin_base

LOG = log.getLogger(__name__)

MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What reading a record of an unknown shape raises."""


@dataclasses.dataclass(slots=True)
class Tally:
    """What one listing came to."""

    began: float = -math.inf
    """When the listing did."""

    seen: int = 0
    """How many records showed something that is there."""

    early: set[str] = dataclasses.field(default_factory=set)
    """What it showed by answers from before it began."""

    actions: Counter[str] = dataclasses.field(default_factory=Counter)
    doubts: int = 0
    unreadable: int = 0
    server_time: float | None = None

    def note(self, page: reading.Page) -> None:
        """A page came."""
        if self.server_time is None:
            self.server_time = page.server_time

    def see(self, ids: Sequence[str], page: reading.Page) -> None:
        """Those are there, as a page shows."""
        self.seen += len(ids)
        if page.window.start < self.began:
            self.early.update(ids)

    def add(self, taken: writer.Taken) -> None:
        """Add what became of readings."""
        self.actions.update(change.action for change in taken.changes)
        self.doubts += len(taken.doubts)

    def worth(self, outcome: reading.Outcome) -> reading.Outcome:
        """What the listing is worth after records that nobody could read:
        one bad record costs its own sighting, and no other's."""
        if not self.unreadable or not outcome.complete:
            return outcome
        return reading.Outcome(
            f'{self.unreadable} records could not be read',
            note=outcome.note)

    def counts(self) -> str:
        """How many changes of each kind."""
        return ', '.join(f'{self.actions[action]} {action}'
                         for action in change_module.ACTIONS)


Unlike = Callable[[list[baseline.Shown], reading.Window],
                  list[baseline.Shown]]
"""See Baseline.unlike."""


def _all(shown: list[baseline.Shown], window: reading.Window
         ) -> list[baseline.Shown]:
    return shown


class Reader:
    """Reads the records of one type."""

    def __init__(self, kind: plugin_base.EntityType) -> None:
        self._kind = kind

    def all(self, page: reading.Page, shape: str, tally: Tally,
            unlike: Unlike = _all) -> list[reading.Reading]:
        """Every record of a page that can be read, and must be: what only
        repeats itself is seen, and no more is made of it."""
        shown: list[baseline.Shown] = []
        for record in page.records:
            try:
                shown.append((self._kind.record_id(record),
                              shape_module.mark(record, shape), record))
            except MISSHAPEN as error:
                self._unreadable(record, tally, error)
        others = unlike(shown, page.window)
        readings = []
        for _, mark, record in others:
            try:
                readings.append(self._one(record, page, shape, mark))
            except MISSHAPEN as error:
                self._unreadable(record, tally, error)
        if len(others) < len(shown):
            unlike_ids = {id_ for id_, _, _ in others}
            tally.see([id_ for id_, _, _ in shown if id_ not in unlike_ids],
                      page)
        tally.see([said.id for said in readings
                   if said.digest is not ABSENT], page)
        return readings

    def _unreadable(self, record: plugin_base.Record, tally: Tally,
                    error: Exception) -> None:
        tally.unreadable += 1
        self._kind.misread(record)
        metrics.UNREADABLE.labels(self._kind.name).inc()
        LOG.warning('%(type)s: a record cannot be read (%(error)r)',
                    {'type': self._kind.name, 'error': error})

    def answer(self, id_: str, page: reading.Page, shape: str
               ) -> reading.Reading:
        """What the answer to a get says of its id."""
        if not page.records:
            return reading.Reading(id_, ABSENT, page.window)
        try:
            return self._one(page.records[0], page, shape, None)
        except MISSHAPEN as error:
            raise exception.BrokenAnswer(
                f'{self._kind.name} {id_} cannot be read: {error!r}'
            ) from error

    def _one(self, record: plugin_base.Record, page: reading.Page,
             shape: str, mark: int | None) -> reading.Reading:
        entity = self._kind.entity(record)
        if entity is None:
            return reading.Reading(
                self._kind.record_id(record), ABSENT, page.window)
        entity = entity.sampled(page.sampled_at)
        digest, text = entity_module.digested(
            entity, self._kind.unordered, shape)
        if self._kind.follow(entity) is not None:
            # it is to be followed each time it is seen
            mark = None
        return reading.Reading(
            entity.id, digest, page.window, entity, mark, text)
