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

"""nova.server_group: who is to run beside whom, and who is not."""

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins import paging
from synchronizer.plugins.nova import common
from synchronizer.plugins.nova import members as members_module

GROUPS = '/os-server-groups'


class ServerGroup(common.FoundType):
    """A group; it alone knows its members, so it holds their arrows."""

    name = 'nova.server_group'
    path, noun = GROUPS, 'server_group'
    unordered = ('members', 'policies')
    # a server that is deleted leaves its group, and none tells of the group
    untold = ('attributes.members', 'relations')

    def __init__(self, members: members_module.Members | None = None
                 ) -> None:
        self._members = members or members_module.Members()

    def list(self, session: base.Session) -> base.Listing:
        """Those of all projects. Without the role admin all_projects is
        passed over with 200, so the role is looked for afterwards."""
        walk = paging.by_offset(
            session, GROUPS, 'server_groups', all_projects='True')
        found: list[base.Record] = []
        while True:
            try:
                answer, records = next(walk)
            except StopIteration as end:
                self.scope.check(session)
                if end.value is None:
                    self._members.replace(found)
                return reading.Outcome(end.value)
            self._members.learn(records)
            found += records
            yield answer.page(records)

    def look_up(self, session: base.Session, id_: str) -> reading.Page:
        """One group."""
        page = super().look_up(session, id_)
        self._members.learn(page.records)
        return page

    def entity(self, record: base.Record) -> entity_module.Entity:
        """The arrows are member-of, seen from their other end."""
        return self.make(
            record, name=record['name'],
            project_id=record.get('project_id'),
            user_id=record.get('user_id'),
            relations=[Relation('member-of', 'nova.instance', member)
                       for member in record['members']])
