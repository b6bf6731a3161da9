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

"""How far the changes of one type have been taken."""

from typing import Protocol

from oslo_log import log

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.model import change as change_module

LOG = log.getLogger(__name__)


class Changes(Protocol):
    """Some changes after a position, as a client has them."""

    changes: list[change_module.Change]
    revision: int
    more: bool


class Journal(Protocol):
    """What of a client is needed here."""

    def get_changes(self, type_: str, epoch: str, since: int) -> Changes:
        """The changes after a position, oldest first."""


class Line:
    """Takes each change of a type once, in order, and those between.

    Notifications come late, twice, in any order or not at all; their
    revisions tell. Before the first snapshot, and after a failure until
    the next, there is no position: then all are taken as they come.
    """

    def __init__(self, type_: str, journal: Journal) -> None:
        self._type = type_
        self._journal = journal
        self._epoch: str | None = None
        self._revision = 0

    def level(self, head: wire.Head) -> None:
        """All changes up to here are in a snapshot that was taken."""
        if head.epoch != self._epoch or head.revision > self._revision:
            self._epoch, self._revision = head.epoch, head.revision

    def take(self, change: change_module.Change
             ) -> list[change_module.Change]:
        """What is new with this change: nothing, or it, or more."""
        if change.epoch != self._epoch:
            # the next snapshot says what the new epoch holds
            self._epoch = None
            return [change]
        if change.revision <= self._revision:
            return []
        if change.revision > self._revision + 1:
            return self._up_to(change)
        self._revision = change.revision
        return [change]

    def _up_to(self, change: change_module.Change
               ) -> list[change_module.Change]:
        try:
            missed = self._read()
        except exception.SynchronizerError as error:
            LOG.warning('%(type)s: changes after %(revision)d are missing '
                        'until the next snapshot: %(error)s',
                        {'type': self._type, 'revision': self._revision,
                         'error': error})
            self._epoch = None
            return [change]
        return missed

    def _read(self) -> list[change_module.Change]:
        found: list[change_module.Change] = []
        more, revision = True, self._revision
        while more:
            answer = self._journal.get_changes(
                self._type, self._epoch, revision)
            found += answer.changes
            # an answer without changes is the end, whatever it says
            more = answer.more and bool(answer.changes)
            revision = found[-1].revision if found else revision
        self._revision = revision
        return found
