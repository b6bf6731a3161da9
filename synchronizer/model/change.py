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

"""A change: the whole entity, what differs, and where on its stream."""

import dataclasses

from synchronizer.model import entity as entity_module

CREATED, UPDATED, DELETED = ACTIONS = ('created', 'updated', 'deleted')

STARTUP, SWEEP, DELTA, HINT = CAUSES = ('startup', 'sweep', 'delta', 'hint')
RESYNC = 'resync'
"""The cause of a change that a mirror found by comparing snapshots."""


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """One step of a stream. Without a revision it is not committed yet."""

    action: str
    """What happened: one of ACTIONS."""

    entity: entity_module.Entity
    """The whole entity; of a deleted one, the last that was known."""

    cause: str
    """What made the reading: one of CAUSES."""

    changed: tuple[str, ...] = ()
    """What differs from the version before; empty but for updates."""

    epoch: str = ''
    """The stream's epoch."""

    revision: int = 0
    """The change's number on its stream."""

    committed_at: str = ''
    """Wall clock, for people."""

    @property
    def type(self) -> str:
        """The stream that the change is on."""
        return self.entity.type

    @property
    def id(self) -> str:
        """The entity that the change is about."""
        return self.entity.id
