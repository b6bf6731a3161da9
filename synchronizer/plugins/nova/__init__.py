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

"""Nova: servers, and what they run on and are grouped by."""

from collections.abc import Mapping
from typing import Any

from synchronizer.cloud import cloud as cloud_module
from synchronizer.plugins import base
from synchronizer.plugins.nova import hints
from synchronizer.plugins.nova import members
from synchronizer.plugins.nova import scope
from synchronizer.plugins.nova.aggregate import Aggregate
from synchronizer.plugins.nova.flavor import Flavor
from synchronizer.plugins.nova.host import Host
from synchronizer.plugins.nova.instance import Instance
from synchronizer.plugins.nova.server_group import ServerGroup
from synchronizer.plugins.nova.service import Service
from synchronizer.plugins.nova.zone import Zone


class NovaPlugin(base.Plugin):
    """The compute service, as an administrator sees it."""

    name = 'nova'
    types = (Instance, Host, Service, Aggregate, Zone, Flavor, ServerGroup)
    hints = hints.HINTS
    exchange = 'nova'
    topics = ('versioned_notifications', 'notifications')

    def __init__(self, cloud: cloud_module.Cloud, page_size: int = 1000,
                 options: Mapping[str, Any] | None = None,
                 **adapter_options: Any) -> None:
        super().__init__(cloud, page_size, options, **adapter_options)
        self._members = members.Members()
        self._scope = scope.Scope()

    def kind(self, entity_type: type[base.EntityType]) -> base.EntityType:
        """One of the types; servers know the groups that they are in."""
        made = self._kind(entity_type)
        made.scope = self._scope
        return made

    def _kind(self, entity_type: type[base.EntityType]) -> base.EntityType:
        if issubclass(entity_type, Instance):
            return entity_type(
                self._members, self.options.get('partitions', 1))
        if issubclass(entity_type, ServerGroup):
            return entity_type(self._members)
        return super().kind(entity_type)
