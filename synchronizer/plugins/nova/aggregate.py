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

"""nova.aggregate: host aggregates."""

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.nova import common

AGGREGATES = '/os-aggregates'


class Aggregate(common.FoundType):
    """An aggregate. Its members are told by the hosts."""

    name = 'nova.aggregate'
    path, noun = AGGREGATES, 'aggregate'
    unordered = ('hosts',)
    stamp = 'updated_at'
    untold = ()

    def list(self, session: base.Session) -> base.Listing:
        """All in one page: this listing knows no other."""
        answer = session.get(AGGREGATES)
        yield answer.page(answer.records('aggregates'))
        return reading.COMPLETE

    def entity(self, record: base.Record) -> entity_module.Entity:
        """An aggregate has a name, and neither a state nor an owner."""
        return self.make(record, name=record['name'])
