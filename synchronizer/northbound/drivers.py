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

"""Ways onto the bus: fanout casts, and notifications after them."""

from collections.abc import Collection
from collections.abc import Sequence
from typing import Protocol

from synchronizer.bus import transport
from synchronizer.bus import wire
from synchronizer.model import change as change_module


class Driver(Protocol):
    """What a publisher hands everything to, in its order."""

    def changed(self, type_: str, epoch: str,
                changes: Sequence[change_module.Change]) -> None:
        """Tell of changes. BusError: it may not have gone out."""

    def bookmark(self, type_: str, head: wire.Head) -> None:
        """Tell where the stream stands. BusError, likewise."""


class FanoutDriver:
    """The stream itself: every consumer has a queue of its own."""

    def __init__(self, caster: transport.Caster, ready: bool = False
                 ) -> None:
        """`ready`: see `bus.transport.takes_ready`."""
        self._caster, self._ready = caster, ready

    def changed(self, type_: str, epoch: str,
                changes: Sequence[change_module.Change]) -> None:
        """One cast."""
        self._caster.cast(
            type_, 'changed', epoch=epoch,
            changes=wire.changes_ready(type_, changes) if self._ready
            else wire.changes_to_list(changes))

    def bookmark(self, type_: str, head: wire.Head) -> None:
        """One cast."""
        self._caster.cast(type_, 'bookmark', **wire.head_to_dict(head))


class NotificationDriver:
    """For those who only speak notifications; nothing is known of loss.

    It has no bookmarks: an event type that means no event would surprise
    every consumer that counts them.
    """

    def __init__(self, announcer: transport.Announcer,
                 types: Collection[str] = ()) -> None:
        """`types` are told; none: all."""
        self._announcer, self._types = announcer, types

    def changed(self, type_: str, epoch: str,
                changes: Sequence[change_module.Change]) -> None:
        """One notification for each change."""
        if self._types and type_ not in self._types:
            return
        for change in changes:
            self._announcer.announce(type_, change.action,
                                     wire.change_to_dict(change))

    def bookmark(self, type_: str, head: wire.Head) -> None:
        """Nothing."""
