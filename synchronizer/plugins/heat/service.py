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

"""heat.service: the engines."""

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.heat import common


class Service(common.HeatType):
    """An engine. Each start makes a new one; Heat lists the old ones as
    down until somebody removes them."""

    name = 'heat.service'
    volatile = ('updated_at',)

    def list(self, session: base.Session) -> base.Listing:
        """All in one page; Refused to all but administrators."""
        answer = session.get('/services')
        yield answer.page(answer.records('services'))
        return reading.COMPLETE

    def entity(self, record: base.Record) -> entity_module.Entity:
        """Its state is that of its heartbeat."""
        return self.make(
            record, name=f'{record["binary"]}@{record["host"]}',
            state=record['status'])
