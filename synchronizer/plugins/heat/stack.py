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

"""heat.stack: stacks of all projects, nested and hidden ones included."""

from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins import hints
from synchronizer.plugins.heat import common
from synchronizer.plugins.heat import details
from synchronizer.plugins.heat import follow as follow_module
from synchronizer.plugins.heat import options as options_module
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.heat.stacks import ROOT


class Stack(common.HeatType):
    """A stack. That it contains a nested one is told by the nested one."""

    name = 'heat.stack'
    unordered = ('tags', 'detail/capabilities',
                 'detail/notification_topics')
    can_get = True
    stamp = 'updated_time'
    untold = ()

    def __init__(self, options: options_module.Options | None = None,
                 stacks: stacks_module.Stacks | None = None) -> None:
        super().__init__(options, stacks)
        self._details = details.StackDetails(self._options, self._stacks)

    def forget(self) -> None:
        """Ask for all details again."""
        self._details.forget()

    def list(self, session: base.Session) -> base.Listing:
        """All that are not deleted. What ends it early is raised after the
        pages that came before it: a root may be on a later page than what
        is in it."""
        pages, sight = self._stacks.read(session)
        reasons: list[str] = []
        for page in pages:
            yield from self._details.add(session, page, reasons)
        if isinstance(sight, Exception):
            raise sight
        self._details.keep(record['id'] for page in pages
                           for record in page.records)
        return sight.partial(reasons).outcome()

    def get(self, session: base.Session, id_: str) -> reading.Page:
        """One stack: the listing, asked for one id, has the same shape, and
        shows deleted ones."""
        page = self._stacks.find(session, id_)
        return self._details.added(session, page)

    def entity(self, record: base.Record) -> entity_module.Entity | None:
        """None if the record says that the stack is deleted. Its owner is
        told by name, which is no id."""
        if stacks_module.is_gone(record):
            return None
        relations = [Relation('contains', self.name, record['parent'])
                     ] if record.get('parent') else []
        return self.make(
            record, name=record['stack_name'], state=record['stack_status'],
            project_id=stacks_module.project_of(record),
            relations=relations)

    def follow(self, entity: entity_module.Entity) -> float | None:
        """As long as an action is under way."""
        if not follow_module.is_moving(entity.attributes):
            return None
        return follow_module.pause(
            entity.attributes, hints.unix(entity.sampled_at),
            self._options.follow_interval)

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """Heat's own record, and the same things under the names that
        others know them by. The project is there whoever asks."""
        kept = super().attributes(record)
        root = kept.pop(ROOT)
        project = stacks_module.project_of(record)
        return {
            **kept, 'project': project, 'stack_id': record['id'],
            'name': record['stack_name'], 'user_project_id': project,
            'owner': record['stack_owner'], 'status': record['stack_status'],
            'status_reason': record['stack_status_reason'], 'root': root}
