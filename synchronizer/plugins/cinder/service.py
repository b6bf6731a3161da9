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

"""cinder.service: the processes of Cinder, on all hosts."""

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.cinder import common

SERVICES = '/os-services'


class Service(common.CinderType):
    """A service."""

    name = 'cinder.service'
    microversion = common.WITHOUT_SCHEDULER
    volatile = ('updated_at',)

    def list(self, session: base.Session) -> base.Listing:
        """All in one page, and for an administrator only."""
        answer = session.get(SERVICES)
        yield answer.page(answer.records('services'))
        return reading.COMPLETE

    def record_id(self, record: base.Record) -> str:
        """Cinder shows no id of a service."""
        return f'{record["binary"]}@{record["host"]}'

    def entity(self, record: base.Record) -> entity_module.Entity:
        """Its state is that of its heartbeat; `status` is the operator's
        word for it."""
        return self.make(
            record, name=self.record_id(record), state=record['state'])
