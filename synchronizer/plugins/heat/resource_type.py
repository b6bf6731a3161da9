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

"""heat.resource_type: what templates may be made of."""

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.plugins import base
from synchronizer.plugins.heat import common
from synchronizer.plugins.heat import scope

KEY = 'resource_types'


class ResourceType(common.HeatType):
    """A type that Heat offers. Some are offered to administrators only."""

    name = 'heat.resource_type'

    def list(self, session: base.Session) -> base.Listing:
        """All in one page. Without the role admin some are left out with
        200, so the role is looked for afterwards."""
        answer = session.get('/resource_types')
        names = answer.body.get(KEY) if isinstance(
            answer.body, dict) else None
        if not isinstance(names, list):
            raise exception.BrokenAnswer(f'the answer has no {KEY!r}')
        yield answer.page([{'resource_type': name} for name in names])
        everywhere = scope.may_list_services(session)
        return scope.Sight(everywhere, note=None if everywhere else (
            'types that only administrators may use are not seen')).outcome()

    def record_id(self, record: base.Record) -> str:
        """A type is its name."""
        return record['resource_type']

    def entity(self, record: base.Record) -> entity_module.Entity:
        """It has a name, and neither a state nor an owner."""
        return self.make(record, name=record['resource_type'])
