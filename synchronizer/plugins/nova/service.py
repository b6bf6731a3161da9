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

"""nova.service: the processes of Nova, on all hosts."""

from synchronizer.model import entity as entity_module
from synchronizer.plugins import base
from synchronizer.plugins.nova import cells
from synchronizer.plugins.nova import common


class Service(common.NovaType):
    """A service."""

    name = 'nova.service'
    volatile = ('updated_at',)
    # heartbeats that fail to come; what operators do is told
    untold = ('attributes.state', 'state')

    def list(self, session: base.Session) -> base.Listing:
        """All in one page. Those of a cell that is down have no id, so
        nothing can be said of them."""
        answer = session.get(cells.SERVICES)
        rows = answer.records('services')
        yield answer.page([row for row in rows if not cells.is_down(row)])
        return cells.outcome(
            cells.hosts_down(rows),
            lambda entity: entity.attributes['host'])

    def entity(self, record: base.Record) -> entity_module.Entity:
        """Its state is that of its heartbeat; `status` is the operator's
        word for it."""
        return self.make(
            record, name=f'{record["binary"]}@{record["host"]}',
            state=record['state'])
