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

"""Heat: stacks, and what they are made of.

Which type, or which of ``[heat] details``, has the answer of which call is
told in ``doc/source/user/heat.rst``.
"""

from collections.abc import Mapping
import threading
from typing import Any

from synchronizer.cloud import cloud as cloud_module
from synchronizer.plugins import base
from synchronizer.plugins.heat import gate
from synchronizer.plugins.heat import hints
from synchronizer.plugins.heat import options as options_module
from synchronizer.plugins.heat import stacks
from synchronizer.plugins.heat.event import Event
from synchronizer.plugins.heat.resource import Resource
from synchronizer.plugins.heat.resource_type import ResourceType
from synchronizer.plugins.heat.service import Service
from synchronizer.plugins.heat.snapshot import Snapshot
from synchronizer.plugins.heat.software import SoftwareConfig
from synchronizer.plugins.heat.software import SoftwareDeployment
from synchronizer.plugins.heat.stack import Stack


class HeatPlugin(base.Plugin):
    """The orchestration service, as an administrator sees it."""

    name = 'heat'
    types = (Stack, Resource, Service, Event, Snapshot, ResourceType,
             SoftwareConfig, SoftwareDeployment)
    default_types = ('heat.stack', 'heat.resource', 'heat.service')
    hints = hints.HINTS
    exchange = 'heat'

    def __init__(self, cloud: cloud_module.Cloud, page_size: int = 1000,
                 options: Mapping[str, Any] | None = None,
                 **adapter_options: Any) -> None:
        super().__init__(cloud, page_size, options, **adapter_options)
        self._chosen = options_module.Options.of(self.options)
        self._gate = threading.BoundedSemaphore(self._chosen.concurrency)
        self._stacks = stacks.Stacks()

    def kind(self, entity_type: type[base.EntityType]) -> base.EntityType:
        """The types know the options, and share what they know of stacks.
        """
        return entity_type(self._chosen, self._stacks)

    def session(self, entity_type: base.EntityType) -> base.Session:
        """Of all types together, only so many requests run at once."""
        return gate.GatedSession(super().session(entity_type), self._gate)
