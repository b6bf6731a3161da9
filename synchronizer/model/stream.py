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

"""A stream as everyone sees it: one type's changes, and their state."""

import dataclasses

from synchronizer.model import position

STARTING, LIVE, DEGRADED, SUSPECT, PAUSED = STATES = (
    'starting', 'live', 'degraded', 'suspect', 'paused')


@dataclasses.dataclass(frozen=True, slots=True)
class Stream:
    """The row of one stream in the store."""

    type: str
    """The entity type, which is the stream's name."""

    plugin: str
    """Whose it is."""

    epoch: str
    """Minted when the row was made, and by a reset."""

    revision: int = 0
    """The head: the number of the last committed change."""

    term: int = 0
    """Raised by each claim; a commit with an older one fails."""

    owner: str | None = None
    """Who claimed it last, as ``host`` or ``host:something``."""

    collected_at: str | None = None
    """Start of the last complete sweep whose missing ids are settled."""

    collected_state: str = STARTING
    """What the owner reported last; `state` is what people see."""

    error: str | None = None
    """Why it is not live."""

    paused: bool = False
    """An operator holds it."""

    interval: float = 0
    """Seconds between sweeps."""

    entities: int = 0
    """How many live."""

    oldest_revision: int = 1
    """The oldest change in the journal; `revision + 1` if it is empty."""

    sweeps_requested: int = 0
    """Counts the requests for a fresh sweep."""

    sweeps_served: int = 0
    """The last request that a complete sweep begun after it has met."""

    @property
    def state(self) -> str:
        """One of STATES."""
        return PAUSED if self.paused else self.collected_state

    @property
    def position(self) -> position.Position:
        """Epoch and head."""
        return position.Position(self.epoch, self.revision)
