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

"""heat.snapshot: snapshots of stacks, of our own project only.

Of a stack of another project Heat shows an administrator none, with 200:
the query is about the project of the token. So these are not asked for, and
the stream says whose snapshots it has.
"""

from collections.abc import Callable
import time
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins.heat import common
from synchronizer.plugins.heat import looks as looks_module
from synchronizer.plugins.heat import options as options_module
from synchronizer.plugins.heat import part as part_module
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.heat import sweep

STACK = 'synchronizer:stack'
PROJECT = 'synchronizer:project'
"""Where a record of ours has its stack's id and project; no attributes."""


class Snapshot(common.HeatType):
    """A snapshot. Its data are the whole stack, parameters and all."""

    name = 'heat.snapshot'
    secrets = ('data',)

    def __init__(self, options: options_module.Options | None = None,
                 stacks: stacks_module.Stacks | None = None,
                 monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(options, stacks)
        if self._options.include_sensitive:
            self.secrets = ()
        self._looks = looks_module.Looks(self._options.resource_round)
        self._monotonic = monotonic

    def forget(self) -> None:
        """Look at all stacks again."""
        self._looks.forget()

    def list(self, session: base.Session) -> base.Listing:
        """Those of our stacks that may have moved; the rest is kept."""
        walk = sweep.Sweep(session, self._stacks, self._looks,
                           self._options.concurrency, self._monotonic,
                           session.project_id)
        yield from walk.pages(_look)
        return walk.outcome(str, self._looks.all_found().__contains__)

    def list_part(self, session: base.Session, part: str) -> base.Listing:
        """Those of one stack, if it is ours; of others none are shown."""
        before = set(self._looks.last(part))
        look = part_module.Part(session, self._stacks, self._looks,
                                self._options.follow_interval,
                                session.project_id)
        seen = yield from look.pages(_look, part)
        return seen.outcome({*before, *seen.names}.__contains__)

    def misread(self, record: base.Record) -> None:
        """Its stack is looked into again."""
        self._looks.misread(record[STACK], record['id'])

    def entity(self, record: base.Record) -> entity_module.Entity:
        """About its stack."""
        return self.make(
            record, name=record['name'], state=record['status'],
            project_id=record[PROJECT],
            relations=[Relation('about', 'heat.stack', record[STACK])])

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """Heat's own record."""
        kept = super().attributes(record)
        for name in (STACK, PROJECT):
            kept.pop(name, None)
        return kept


def _look(session: base.Session, stack: base.Record) -> sweep.Found:
    answer = session.get(f'{stacks_module.path_of(stack)}/snapshots')
    records = [{**record, STACK: stack['id'],
                PROJECT: stacks_module.project_of(stack)}
               for record in answer.records('snapshots')]
    return sweep.Found(
        answer.page(records), [record['id'] for record in records],
        any(record.get('status') == 'IN_PROGRESS' for record in records))
