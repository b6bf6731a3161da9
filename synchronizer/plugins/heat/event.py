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

"""heat.event: what happened in stacks, the newest of each."""

from collections.abc import Callable
from collections.abc import Collection
import dataclasses
import time
from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins.heat import common
from synchronizer.plugins.heat import details
from synchronizer.plugins.heat import looks as looks_module
from synchronizer.plugins.heat import options as options_module
from synchronizer.plugins.heat import part as part_module
from synchronizer.plugins.heat import secrets
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.heat import sweep
from synchronizer.plugins.heat import taint

STACK = 'synchronizer:stack'
PROJECT = 'synchronizer:project'
"""Where a record of ours has its stack's id and project; no attributes."""

Records = list[base.Record]


class Event(common.HeatType):
    """An event; it never changes. It is gone when it is none of the newest
    of its stack any more, which two listings must agree on: Heat finds an
    event only in its stack."""

    name = 'heat.event'

    def __init__(self, options: options_module.Options | None = None,
                 stacks: stacks_module.Stacks | None = None,
                 monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(options, stacks)
        self._looks = looks_module.Looks(self._options.resource_round)
        self._taint = taint.Taint(self._stacks)
        self._monotonic = monotonic

    def forget(self) -> None:
        """Read all events again."""
        self._looks.forget()

    def list(self, session: base.Session) -> base.Listing:
        """The new ones of the stacks that may have moved."""
        walk = sweep.Sweep(session, self._stacks, self._looks,
                           self._options.concurrency, self._monotonic)
        yield from walk.pages(self._look)
        self._taint.keep(walk.is_listed)
        return walk.outcome(str, self._looks.all_found().__contains__)

    def list_part(self, session: base.Session, part: str) -> base.Listing:
        """The new ones of one stack. Which the others are, only memory
        tells."""
        before = set(self._looks.last(part))
        look = part_module.Part(session, self._stacks, self._looks,
                                self._options.follow_interval)
        seen = yield from look.pages(self._look, part)
        now = set(seen.names)
        return dataclasses.replace(seen.outcome((before | now).__contains__),
                                   kept=now.__contains__)

    def _look(self, session: base.Session, stack: base.Record
              ) -> sweep.Found:
        known = self._looks.last(stack['id'])
        answers, records = _new(session, stack, known,
                                self._options.events_per_stack)
        names = [*(record['id'] for record in records), *known]
        shown = self._with_details(session, stack, records, answers)
        newest = records[0].get('event_time') if records else None
        first, *more = answers
        return sweep.Found(
            first.page([{**record, STACK: stack['id'],
                         PROJECT: stacks_module.project_of(stack)}
                        for record in shown], *more),
            names[:self._options.events_per_stack],
            looks_module.is_young(newest, first.server_time))

    def _with_details(self, session: base.Session, stack: base.Record,
                      records: Records, answers: 'list[base.Answer]'
                      ) -> Records:
        """With the properties of its resource then; less those events that
        Heat has dropped meanwhile."""
        if 'event' not in self._options.details:
            return records
        shown = []
        for record in records:
            path = '/'.join((
                stacks_module.path_of(stack), 'resources',
                stacks_module.quoted(record['resource_name']), 'events',
                record['id']))
            try:
                answer = session.get(path)
            except exception.NotFound:
                continue
            answers.append(answer)
            detail = details.beyond(answer.record('event'), record)
            if not self._options.include_sensitive:
                detail = self._public(session, stack, record, detail)
            shown.append({**record, **detail})
        return shown

    def _public(self, session: base.Session, stack: base.Record,
                record: base.Record, detail: base.Record) -> base.Record:
        if self._taint.of(session, stack).has(record['resource_name']):
            return {**detail, 'resource_properties': None}
        return secrets.public(detail)

    def misread(self, record: base.Record) -> None:
        """Its stack is looked into again."""
        self._looks.misread(record[STACK], record['id'])

    def entity(self, record: base.Record) -> entity_module.Entity:
        """About its stack, where that is what it names; else a resource."""
        stack, name = record[STACK], record['resource_name']
        about = Relation('about', 'heat.resource', f'{stack}/{name}')
        if record.get('physical_resource_id') == stack:
            about = Relation('about', 'heat.stack', stack)
        return self.make(
            record, name=name, state=record['resource_status'],
            project_id=record[PROJECT], relations=[about])

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """Heat's own record."""
        kept = super().attributes(record)
        for name in (STACK, PROJECT):
            kept.pop(name, None)
        return kept


def _new(session: base.Session, stack: base.Record, known: Collection[str],
         bound: int) -> 'tuple[list[base.Answer], Records]':
    """The newest first, down to what is known or to the bound. A marker
    that Heat does not know gives the first page again, without a word."""
    found: dict[str, base.Record] = {}
    answers: list[base.Answer] = []
    limit = min(session.page_size, bound)
    query: dict[str, Any] = {'limit': limit}
    while True:
        answers.append(session.get(
            f'{stacks_module.path_of(stack)}/events', **query))
        page = answers[-1].records('events')
        if page and found.keys() >= {record['id'] for record in page}:
            raise exception.BrokenAnswer(
                f'{stacks_module.path_of(stack)}/events: the marker was lost')
        new = [record for record in page
               if record['id'] not in known and record['id'] not in found]
        found.update((record['id'], record) for record in new)
        if len(new) < limit or len(found) >= bound:
            return answers, list(found.values())[:bound]
        query['marker'] = page[-1]['id']
