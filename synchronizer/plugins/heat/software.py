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

"""heat.software_config and heat.software_deployment.

Neither is asked for by id: a GET does not tell the project of a config, and
404 is the answer for what is gone and for what we may not see any more. Two
listings that saw everything must lack one.
"""

from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins.heat import common
from synchronizer.plugins.heat import details
from synchronizer.plugins.heat import options as options_module
from synchronizer.plugins.heat import pool
from synchronizer.plugins.heat import scope
from synchronizer.plugins.heat import secrets
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.heat import taint

CONFIGS = '/software_configs'
DEPLOYMENTS = '/software_deployments'

VALUES = ('input_values', 'output_values')
"""What of a deployment may hold a secret."""


class SoftwareConfig(common.HeatType):
    """A script with its inputs; it never changes."""

    name = 'heat.software_config'

    def __init__(self, options: options_module.Options | None = None,
                 stacks: stacks_module.Stacks | None = None) -> None:
        super().__init__(options, stacks)
        self._memory = details.Memory()
        self._taint = taint.Taint(self._stacks)

    def forget(self) -> None:
        """Ask for all details again."""
        self._memory.forget()

    def list(self, session: base.Session) -> base.Listing:
        """All of them; the project is told to administrators only."""
        walk = scope.walk(session, CONFIGS, 'software_configs')
        seen: set[str] = set()
        reasons: list[str] = []
        own = session.project_id
        while True:
            try:
                answer, records = next(walk)
            except StopIteration as end:
                self._memory.keep(seen.__contains__)
                return end.value.partial(reasons).outcome()
            owned = [{**record, 'project': record.get('project', own)}
                     for record in records]
            seen.update(record['id'] for record in owned)
            yield answer.page(self._with_details(session, owned, reasons))

    def _with_details(self, session: base.Session,
                      records: 'list[base.Record]', reasons: 'list[str]'
                      ) -> 'list[base.Record]':
        """A config never changes: what was read of it once is true in any
        window."""
        if 'config' not in self._options.details:
            return records
        if not self._options.include_sensitive:
            # whose configs they are is told by the names of stacks
            self._stacks.read(session)
        shown = []
        for record, came in pool.each(
                lambda record: self._detail(session, record), records,
                self._options.concurrency):
            try:
                shown.append({**record, **came.result()})
            except exception.NotFound:
                continue
            except exception.CloudError as error:
                reasons[:] = [f'details cannot be read: {error}']
        return shown

    def _detail(self, session: base.Session, record: base.Record
                ) -> dict[str, Any]:
        found = self._memory.of(record['id'], record)
        if found is None:
            shown = session.get(f'{CONFIGS}/{record["id"]}').record(
                'software_config')
            detail = details.beyond(shown, record)
            if not self._options.include_sensitive:
                detail = self._public(session, record, detail)
            found = {'config': detail}
            self._memory.hold(record['id'], record, found)
        return found

    def _public(self, session: base.Session, record: base.Record,
                detail: base.Record) -> base.Record | None:
        if self._taint.of_deployed(
                session, detail.get('inputs')) or self._taint.of_named(
                session, record['project'], record['name']):
            return None
        return secrets.public(detail)

    def entity(self, record: base.Record) -> entity_module.Entity:
        """A config has a name and an owner, and no state."""
        return self.make(record, name=record['name'],
                         project_id=record['project'])


class SoftwareDeployment(common.HeatType):
    """A config on its way to a server. Heat does not tell its project."""

    name = 'heat.software_deployment'

    def __init__(self, options: options_module.Options | None = None,
                 stacks: stacks_module.Stacks | None = None) -> None:
        super().__init__(options, stacks)
        self._own: set[str] = set()
        self._taint = taint.Taint(self._stacks)
        self._hides: dict[str, bool] = {}

    def list(self, session: base.Session) -> base.Listing:
        """All in one page: this listing knows no other. Whether it is of
        all projects is looked for afterwards."""
        answer = session.get(DEPLOYMENTS)
        records = answer.records('software_deployments')
        reasons: list[str] = []
        yield answer.page(self._without_hidden(session, records, reasons))
        if reasons:
            return reading.Outcome(reasons[0])
        if scope.prove(session):
            return reading.COMPLETE
        project = session.project_id
        # what was seen while we saw one project only was of that project
        self._own.update(record['id'] for record in records)
        own = frozenset(self._own)
        return reading.Outcome(
            fence=lambda entity: entity.id not in own,
            note=f'only project {project} is seen, if there are others: the '
                 'service user is no administrator of Heat')

    def _without_hidden(self, session: base.Session,
                        records: 'list[base.Record]', reasons: 'list[str]'
                        ) -> 'list[base.Record]':
        """Without the values that hidden parameters may be in: the config
        that was made for the deployment tells of which resource it is."""
        if self._options.include_sensitive:
            return records
        configs = {record['config_id'] for record in records
                   if any(record.get(key) for key in VALUES)}
        self._hides = {id_: hides for id_, hides in self._hides.items()
                       if id_ in configs}
        for id_, came in pool.each(
                lambda id_: self._is_hiding(session, id_),
                configs.difference(self._hides), self._options.concurrency):
            try:
                self._hides[id_] = came.result()
            except exception.CloudError as error:
                reasons[:] = [f'configs cannot be read: {error}']
        return [{**record, **dict.fromkeys(VALUES)}
                if self._hides.get(record.get('config_id')) else record
                for record in records
                if record.get('config_id') in self._hides
                or not any(record.get(key) for key in VALUES)]

    def _is_hiding(self, session: base.Session, config: str) -> bool:
        try:
            shown = session.get(f'{CONFIGS}/{config}').record(
                'software_config')
        except exception.NotFound:
            return True
        return self._taint.of_deployed(session, shown.get('inputs'))

    def entity(self, record: base.Record) -> entity_module.Entity:
        """About its server, and the config that it brings there."""
        about = (('nova.instance', record.get('server_id')),
                 ('heat.software_config', record.get('config_id')))
        return self.make(
            record, state=record['status'],
            relations=[Relation('about', type_, id_)
                       for type_, id_ in about if id_])

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """Heat's own record, less what was put in or printed that looks
        like a secret."""
        kept = super().attributes(record)
        if self._options.include_sensitive:
            return kept
        return {key: secrets.public(value) if key in VALUES else value
                for key, value in kept.items()}
