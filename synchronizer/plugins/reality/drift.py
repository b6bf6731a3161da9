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

"""heat.drift: resources that are not what their stacks say."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
import datetime
import time
from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins import derived
from synchronizer.plugins import hints
from synchronizer.plugins.heat import pool
from synchronizer.plugins.reality import judge as judge_module
from synchronizer.plugins.reality import sight as sight_module
from synchronizer.plugins.reality import trust as trust_module
from synchronizer.plugins.reality import verdict

AGAIN, LATEST = 15.0, 600.0
"""Seconds after which what is unknown is looked at again; as long as it has
been so, if that is longer: what is gone for long may concern very many."""

_AWAITED = '{} has not been collected yet'
"""Until all has been collected once, most things seem missing."""

AT_ONCE = 200
"""How many resources are judged together."""


class Drift(base.EntityType):
    """A resource in drift: there is none for one that is in sync."""

    name = judge_module.DRIFT
    can_get = True
    cheap = True

    def __init__(self, streams: derived.Streams, judge: judge_module.Judge,
                 trust: trust_module.Trust, threads: int,
                 monotonic: Callable[[], float] = time.monotonic) -> None:
        self._streams, self._judge, self._trust = streams, judge, trust
        self._threads, self._monotonic = threads, monotonic

    def list(self, session: base.Session) -> base.Listing:
        """Every resource is judged anew; what is at rest costs no request.
        """
        self._trust.heed(self._rows())
        awaited = self._trust.awaited()
        if awaited is not None:
            return reading.Outcome(_AWAITED.format(awaited))
        judged: set[str] = set()
        for page in self._streams.walk(sight_module.RESOURCE):
            for some in _cut(page):
                judged.update(resource.id for resource in some)
                yield self._judged(some)
        for page in self._streams.walk(self.name):
            rest = [drift.id for drift in page if drift.id not in judged]
            if rest:
                yield self._page(self._monotonic(), [
                    self._judge.judge(id_) for id_ in rest])
        self._judge.keep_stacks({id_.partition('/')[0] for id_ in judged})
        return reading.COMPLETE

    def _rows(self) -> dict[str, Any]:
        return {type_: row for type_, row in self._streams.rows().items()
                if type_ != self.name}

    def _judged(self, resources: Sequence[entity_module.Entity]
                ) -> reading.Page:
        start = self._monotonic()
        seen = self._judge.prepare(resources)
        records = []
        for _, came in pool.each(
                lambda id_: self._judge.judge(id_, seen),
                [resource.id for resource in resources], self._threads):
            records.append(came.result())
        return self._page(start, records)

    def get(self, session: base.Session, id_: str) -> reading.Page:
        """One resource."""
        start = self._monotonic()
        awaited = self._trust.awaited()
        if awaited is not None:
            raise exception.Undecided(_AWAITED.format(awaited))
        record = self._judge.judge(id_)
        found = [] if verdict.GONE in record else [record]
        return self._page(start, found)

    def _page(self, start: float, records: Sequence[base.Record]
              ) -> reading.Page:
        now = datetime.datetime.now(datetime.UTC)
        return reading.Page(
            tuple(records), reading.Window(start, self._monotonic()),
            now.strftime('%Y-%m-%dT%H:%M:%S.%fZ'))

    def entity(self, record: base.Record) -> entity_module.Entity | None:
        """About its resource, and of its stack's project."""
        if verdict.GONE in record:
            return None
        return self.make(
            record, name=record['resource_name'], state=record['verdict'],
            project_id=record['project'], relations=[
                Relation('about', sight_module.RESOURCE, record['id'])])

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """Those of the contract."""
        return {name: value for name, value in record.items()
                if name not in ('id', 'project')}

    def follow(self, entity: entity_module.Entity) -> float | None:
        """What is unknown may be known soon."""
        if entity.state != verdict.UNKNOWN:
            return None
        now, since = (hints.unix(stamp) for stamp in (
            entity.sampled_at, entity.attributes['since']))
        age = now - since if now and since else 0.0
        return min(max(age, AGAIN), LATEST)


def _cut(page: Sequence[entity_module.Entity]
         ) -> Iterator[Sequence[entity_module.Entity]]:
    for begin in range(0, len(page), AT_ONCE):
        yield page[begin:begin + AT_ONCE]
