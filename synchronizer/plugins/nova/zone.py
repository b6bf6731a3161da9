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

"""nova.zone: availability zones."""

from synchronizer.model import entity as entity_module
from synchronizer.plugins import base
from synchronizer.plugins.nova import cells
from synchronizer.plugins.nova import common


class Zone(common.NovaType):
    """A zone, with the hosts in it and their services."""

    name = 'nova.zone'
    volatile = ('hosts/*/*/updated_at',)

    def list(self, session: base.Session) -> base.Listing:
        """All in one page, or nothing: Nova leaves the hosts of a cell that
        is down out of their zones, and does not say whose they were."""
        watch = cells.Watch(session)
        answer = session.get('/os-availability-zone/detail')
        outcome = watch.outcome(lambda entity: None)
        if outcome.complete:
            yield answer.page(answer.records('availabilityZoneInfo'))
        return outcome

    def record_id(self, record: base.Record) -> str:
        """A zone is its name."""
        return record['zoneName']

    def entity(self, record: base.Record) -> entity_module.Entity:
        """Available if any host in it is."""
        available = record['zoneState']['available']
        return self.make(
            record, name=record['zoneName'],
            state='available' if available else 'unavailable')
