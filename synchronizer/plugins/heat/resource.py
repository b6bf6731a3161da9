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

"""heat.resource: what stacks are made of, each stack looked into by itself.

A listing asks for the resources of those stacks only that may have moved
(see `looks`); of the others it knows what is there.
"""

from collections.abc import Callable
import time
from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.heat import arrows
from synchronizer.plugins.heat import common
from synchronizer.plugins.heat import details
from synchronizer.plugins.heat import looks as looks_module
from synchronizer.plugins.heat import options as options_module
from synchronizer.plugins.heat import part as part_module
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.heat import sweep

STACK = 'synchronizer:stack'
PROJECT = 'synchronizer:project'
"""Where a record of ours has its stack's id and project; no attributes."""


class Resource(common.HeatType):
    """A resource, known by its stack's id and its name."""

    name = 'heat.resource'
    unordered = ('required_by',)
    can_get = True

    def __init__(self, options: options_module.Options | None = None,
                 stacks: stacks_module.Stacks | None = None,
                 monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(options, stacks)
        self._details = details.ResourceDetails(self._options, self._stacks)
        self._looks = looks_module.Looks(self._options.resource_round)
        self._monotonic = monotonic

    def forget(self) -> None:
        """Look into all stacks again."""
        self._looks.forget()
        self._details.forget()

    def list(self, session: base.Session) -> base.Listing:
        """Those of the stacks that may have moved; the rest is kept."""
        walk = sweep.Sweep(session, self._stacks, self._looks,
                           self._options.concurrency, self._monotonic)
        yield from walk.pages(self._look)
        self._details.keep(walk.is_listed, self._looks.found)
        return walk.outcome(_stack_of, self._is_kept)

    def list_part(self, session: base.Session, part: str) -> base.Listing:
        """Those of one stack, told of or still moving."""
        look = part_module.Part(session, self._stacks, self._looks,
                                self._options.follow_interval)
        seen = yield from look.pages(self._look, part)
        return seen.outcome(lambda id_: _stack_of(id_) == part)

    def _is_kept(self, id_: str) -> bool:
        return self._looks.found(*split(id_))

    def _look(self, session: base.Session, stack: base.Record
              ) -> sweep.Found:
        """The resources of one stack, all in one answer."""
        answer = session.get(f'{stacks_module.path_of(stack)}/resources')
        records = _prepared(answer, stack)
        page, whole = self._details.added(session, stack, answer, records)
        return sweep.Found(
            page, [record['resource_name'] for record in records],
            any(map(_is_moving, records)),
            None if whole else 'details cannot be read')

    def misread(self, record: base.Record) -> None:
        """Its stack is looked into again."""
        self._looks.misread(record[STACK], record['resource_name'])

    def get(self, session: base.Session, id_: str) -> reading.Page:
        """One resource. What it depends on is told by the others, so its
        whole stack is asked for; and a stack that is gone still answers."""
        stack_id, name = split(id_)
        stack = self._stacks.known(stack_id)
        if stack is None:
            found = self._stacks.find(session, stack_id)
            if not found.records or stacks_module.is_gone(found.records[0]):
                return _without_records(found)
            stack = found.records[0]
        try:
            return self._get(session, stack, name)
        except exception.NotFound as error:
            found = self._stacks.find(session, stack_id)
            if found.records and not stacks_module.is_gone(found.records[0]):
                raise exception.Undecided(str(error)) from error
            return _without_records(found)

    def _get(self, session: base.Session, stack: base.Record, name: str
             ) -> reading.Page:
        answer = session.get(f'{stacks_module.path_of(stack)}/resources')
        records = [record for record in _prepared(answer, stack)
                   if record['resource_name'] == name]
        page, whole = self._details.added(session, stack, answer, records)
        if not whole:
            raise exception.Undecided(
                f'the details of {stack["id"]}/{name} cannot be read')
        return page

    def record_id(self, record: base.Record) -> str:
        """Names are unique in a stack."""
        return f'{record[STACK]}/{record["resource_name"]}'

    def entity(self, record: base.Record) -> entity_module.Entity:
        """It belongs to the project of its stack."""
        return self.make(
            record, name=record['resource_name'],
            state=record['resource_status'], project_id=record[PROJECT],
            relations=arrows.of(record, record[STACK]))

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """Heat's own record."""
        kept = super().attributes(record)
        for name in (STACK, PROJECT, arrows.NEEDS):
            kept.pop(name, None)
        return kept


def split(id_: str) -> tuple[str, str]:
    """A name of a resource has no slash; nor has an id of a stack."""
    stack, _, name = id_.partition('/')
    return stack, name


def _prepared(answer: base.Answer, stack: base.Record) -> list[base.Record]:
    """The resources of a stack, with what only the stack knows of them."""
    records = answer.records('resources')
    if not all('resource_name' in record for record in records):
        raise exception.BrokenAnswer(
            f'stack {stack["id"]}: a resource without a name')
    id_, project = stack['id'], stacks_module.project_of(stack)
    needs = arrows.needs(records)
    return [{**record, STACK: id_, PROJECT: project,
             arrows.NEEDS: needs.get(record['resource_name'], [])}
            for record in arrows.newest(records)]


def _stack_of(id_: str) -> str:
    return split(id_)[0]


def _is_moving(record: base.Record) -> bool:
    return str(record.get('resource_status')).endswith('_IN_PROGRESS')


def _without_records(page: reading.Page) -> reading.Page:
    return reading.Page((), page.window, page.sampled_at)
