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

"""nova.flavor: public and private ones."""

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.nova import common
from synchronizer.plugins.nova import flavor_names


class Flavor(common.FoundType):
    """A flavor."""

    name = 'nova.flavor'
    path, noun = '/flavors', 'flavor'
    untold = ()

    def list(self, session: base.Session) -> base.Listing:
        """All of them. Without the role admin the private ones are left
        out with 200, so the role is looked for when all pages are in."""
        walk = flavor_names.all_flavors(session)
        while True:
            try:
                answer, records = next(walk)
            except StopIteration as end:
                self.scope.check(session)
                return reading.Outcome(end.value)
            yield answer.page(records)

    def entity(self, record: base.Record) -> entity_module.Entity:
        """A flavor has a name, and neither a state nor an owner."""
        return self.make(record, name=record['name'])
