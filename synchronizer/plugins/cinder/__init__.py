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

"""Cinder: volumes, their copies, and where they are kept."""

from synchronizer.plugins import base
from synchronizer.plugins.cinder import hints
from synchronizer.plugins.cinder.backup import Backup
from synchronizer.plugins.cinder.pool import Pool
from synchronizer.plugins.cinder.service import Service
from synchronizer.plugins.cinder.snapshot import Snapshot
from synchronizer.plugins.cinder.volume import Volume
from synchronizer.plugins.cinder.volume_type import VolumeType


class CinderPlugin(base.Plugin):
    """The block storage service, as an administrator sees it."""

    name = 'cinder'
    types = (Volume, Snapshot, Backup, VolumeType, Service, Pool)
    hints = hints.HINTS
    # it names none, and this is what oslo.messaging calls it then
    exchange = 'openstack'

    def kind(self, entity_type: type[base.EntityType]) -> base.EntityType:
        """One of the types; pools are told which changes count, volumes in
        how many parts they are listed."""
        if issubclass(entity_type, Pool) and 'capacity_step' in self.options:
            return entity_type(self.options['capacity_step'])
        if issubclass(entity_type, Volume):
            return entity_type(self.options.get('partitions', 1))
        return super().kind(entity_type)
