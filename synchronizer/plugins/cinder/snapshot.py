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

"""cinder.snapshot: snapshots of volumes."""

from synchronizer.model import entity as entity_module
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins.cinder import common

PROJECT = 'os-extended-snapshot-attributes:project_id'


class Snapshot(common.PagedType):
    """A snapshot. There is no asking for what moved: the filter that does
    it for volumes gives an administrator an empty list, with 200."""

    name = 'cinder.snapshot'
    stamp = 'updated_at'
    untold = ('attributes.metadata', 'attributes.updated_at')
    path, noun = '/snapshots', 'snapshot'

    def entity(self, record: base.Record) -> entity_module.Entity:
        """Below 3.41 nobody knows whose it is."""
        volume = record.get('volume_id')
        return self.make(
            record, name=record['name'], state=record['status'],
            project_id=record.get(PROJECT), user_id=record.get('user_id'),
            relations=[Relation('made-from', 'cinder.volume', volume)
                       ] if volume else ())
