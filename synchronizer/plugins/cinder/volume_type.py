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

"""cinder.volume_type: public and private ones."""

from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins import base
from synchronizer.plugins import paging
from synchronizer.plugins.cinder import common

TYPES = '/types'


class VolumeType(common.PagedType):
    """A volume type, with its extra specs."""

    name = 'cinder.volume_type'
    untold = ()
    path, noun = TYPES, 'volume_type'
    mark = 'qos_specs_id'

    def walk(self, session: base.Session, **query: Any) -> paging.Walk:
        """To the end: the link to the next page goes by another name here.
        A marker that is gone is passed over: then pages come twice."""
        return paging.by_marker(
            session, TYPES, 'volume_types', lost=404, to_the_end=True,
            is_public='None', **query)

    def entity(self, record: base.Record) -> entity_module.Entity:
        """A type has a name, and neither a state nor an owner."""
        return self.make(record, name=record['name'])
