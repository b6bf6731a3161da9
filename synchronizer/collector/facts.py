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

"""How a stream is at one moment, as its collector knows it."""

import dataclasses

from synchronizer import metrics


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """For reports and metrics; nothing is decided by it."""

    type: str
    """The stream."""

    standing: str = ''
    """Whose it is, and whether it is held."""

    state: str = ''
    """As it was reported, or will be."""

    error: str | None = None
    """Why."""

    revision: int | None = None
    """The head."""

    entities: int = 0
    """How many are held."""

    swept_ago: float | None = None
    """Seconds since the last sweep began or ended."""

    took: float = 0
    """Seconds that the last sweep took."""

    doubts_waiting: int = 0
    hints_waiting: int = 0
    followed: int = 0
    """How many ids wait to be asked for, and why."""

    unsettled: int = 0
    """How many doubts got no answer yet."""

    missing: int = 0
    """How many ids the last sweep lacked, and are not settled."""

    held_back: int = 0
    """How many deletions the brake holds back."""

    hints: int = 0
    """How many hints were heard so far."""

    untold: int = 0
    """How many changes no notification told of."""

    silent: bool = False
    """Whether notifications seem to fail."""

    def samples(self) -> list[metrics.Sample]:
        """What of it is shown as numbers."""
        return [
            metrics.QUEUE.at(self.doubts_waiting, self.type, 'doubt'),
            metrics.QUEUE.at(self.hints_waiting, self.type, 'hint'),
            metrics.QUEUE.at(self.followed, self.type, 'follow'),
            metrics.UNSETTLED.at(self.unsettled, self.type),
            metrics.MISSING.at(self.missing, self.type),
            metrics.BRAKED.at(self.held_back, self.type),
            metrics.SILENT.at(self.silent, self.type)]
