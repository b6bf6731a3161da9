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

"""What a stream says of itself. Pure: facts in, state and error out."""

import dataclasses

from synchronizer.model import stream


@dataclasses.dataclass(slots=True)
class Health:
    """The facts that a stream's state follows from."""

    collected: bool = False
    """Whether there ever was a complete sweep."""

    failure: str | None = None
    """Why the last sweep failed or was partial; None if it did neither."""

    note: str | None = None
    """What the last sweep said of itself though nothing is wrong."""

    held_back: int = 0
    """Deletions that the brake holds back."""

    unsettled: int = 0
    """Doubts whose refetch failed, and is tried again."""

    silence: str | None = None
    """What makes one think that the service does not tell what it did."""

    def state(self) -> str:
        """One of the states of the contract, but `paused`."""
        if not self.collected:
            return stream.STARTING
        if self.held_back:
            return stream.SUSPECT
        if self.failure or self.unsettled:
            return stream.DEGRADED
        return stream.LIVE

    def error(self) -> str | None:
        """Why it is not live, or not all that one would expect of it, in a
        sentence; None if there is nothing to say."""
        reasons = []
        if self.held_back:
            reasons.append(
                f'{self.held_back} entities are missing from the listing at '
                'once: their deletion is held back until it is proved')
        if self.failure:
            reasons.append(self.failure)
        if self.unsettled:
            reasons.append(f'{self.unsettled} doubts cannot be settled')
        reasons += [said for said in (self.note, self.silence) if said]
        return '; '.join(reasons) or None
