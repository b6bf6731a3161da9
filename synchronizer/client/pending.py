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

"""What a follower has heard of and not yet taken."""

from collections.abc import Iterable

from synchronizer.model import change as change_module
from synchronizer.model import position as position_module

MOST_HELD = 10_000
"""Changes; what is beyond is read from the journal later."""


class Pending:
    """Changes that came too early, and how far others say the stream is.

    Kept by epoch: before the first snapshot, and while a reset is found
    out, it is not known which epoch will be ours.
    """

    def __init__(self, most: int = MOST_HELD) -> None:
        self._most = most
        self._held: dict[str, dict[int, tuple[change_module.Change, float]]]
        self._held = {}
        self._claims: dict[str, tuple[int, float]] = {}

    def hold(self, epoch: str, changes: Iterable[change_module.Change],
             arrived: float) -> None:
        """Keep changes until their turn comes."""
        held = self._held.setdefault(epoch, {})
        for change in changes:
            self.claim(epoch, change.revision, arrived)
            if len(held) < self._most:
                held[change.revision] = (change, arrived)

    def claim(self, epoch: str, revision: int, arrived: float) -> None:
        """Somebody says that the stream is as far as that."""
        self._claims[epoch] = max(self._claims.get(epoch, (0, 0.0)),
                                  (revision, arrived))

    def next(self, position: position_module.Position
             ) -> change_module.Change | None:
        """The change that follows a position, if it is held."""
        held = self._held.get(position.epoch, {})
        change, _ = held.pop(position.revision + 1, (None, 0.0))
        return change

    def beyond(self, position: position_module.Position) -> bool:
        """Whether the stream is said to be further than a position."""
        revision, _ = self._claims.get(position.epoch, (0, 0.0))
        return revision > position.revision

    def disprove(self, epoch: str, head: int, started: float) -> None:
        """The store's head, read since `started`: what is held or claimed
        beyond it and is older than that never was."""
        revision, arrived = self._claims.get(epoch, (0, 0.0))
        held = {number: (change, when)
                for number, (change, when) in
                self._held.get(epoch, {}).items()
                if number > head and when > started}
        self._held[epoch] = held
        if revision > head and arrived <= started:
            self._claims[epoch] = max(
                [(number, when) for number, (_, when) in held.items()],
                default=(head, started))

    def keep_epoch(self, epoch: str) -> None:
        """Forget all other epochs."""
        self._held = {epoch: self._held.get(epoch, {})}
        claim = self._claims.get(epoch)
        self._claims = {epoch: claim} if claim else {}
