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

"""The consumer that the protocol asks for, word by word, and no more.

`client.follower` does more: it shows nothing that never was. With two belts
where the protocol has one, taking off one of them proves nothing; so each
rule of the protocol is also taken out of this one, which has no other.
"""

from synchronizer.client import compare
from synchronizer.client import follower
from synchronizer.model import change as change_module
from synchronizer.model import position as position_module

Phase, Step = follower.Phase, follower.Step


class Plain:
    """One stream, as a consumer of the protocol holds it."""

    def __init__(self):
        self.phase = Phase.LOADING
        self.entities = {}
        self.position = None
        self._known = None
        self._held = []
        self._heard = (0, float('-inf'))
        self._doubt = None
        self._read_ended = float('-inf')

    @property
    def want(self):
        if self.phase is Phase.LOADING:
            return follower.WantSnapshot()
        if self._doubt is not None or self._heard[0] > self.position.revision:
            return follower.WantChanges(self.position)
        return None

    # --- 1. hold what arrives --------------------------------------------

    def on_changed(self, epoch, changes, arrived):
        step = Step(self.position)
        for change in changes:
            self._take_or_hold(epoch, change, arrived, step)
        return step

    def on_bookmark(self, head, arrived):
        step = Step(self.position)
        self._take_or_hold(head.epoch, head, arrived, step)
        return step

    def _take_or_hold(self, epoch, said, arrived, step):
        if self.phase is Phase.LOADING:
            self._held.append((epoch, said, arrived))
        elif epoch != self.position.epoch:
            self._another_epoch(arrived)
        elif isinstance(said, change_module.Change):
            self._count(said, arrived, step)
        else:
            self._compare(said, arrived)

    # --- 2. take a snapshot ----------------------------------------------

    def on_snapshot(self, head, entities, reading):
        step = Step()
        self.entities = {entity.id: entity for entity in entities}
        self.position = position_module.Position(head.epoch, head.revision)
        self.phase, self._read_ended = Phase.FOLLOWING, reading.ended
        self._heard, self._doubt = (head.revision, reading.ended), None
        if self._known is not None:
            step.told += compare.changes(
                self._known, self.entities, head.epoch)
        self._known = None
        held, self._held = self._held, []
        for epoch, said, arrived in held:
            self._take_or_hold(epoch, said, arrived, step)
        return step

    def on_no_snapshot(self, head, reading):
        """It is asked for again."""
        return Step()

    def on_resync(self, asked, reading):
        if asked.position == self.position:
            self.phase, self._known = Phase.LOADING, self.entities
        else:
            self._doubt = reading.ended
        return Step()

    def _another_epoch(self, arrived):
        if arrived > self._read_ended:
            self.phase, self._known = Phase.LOADING, self.entities

    # --- 3. count revisions ----------------------------------------------

    def _count(self, change, arrived, step):
        position, revision = self.position, change.revision
        if revision == position.revision + 1:
            self.position = position_module.Position(
                position.epoch, revision)
            self._apply(change, step)
        elif revision > position.revision:
            self._heard = max(self._heard, (revision, arrived))

    def _apply(self, change, step):
        held = self.entities.get(change.id)
        if held is not None and held.revision >= change.revision:
            return
        step.told.append(change)
        if change.action == change_module.DELETED:
            self.entities.pop(change.id, None)
        else:
            self.entities[change.id] = change.entity

    def _compare(self, head, arrived):
        if head.revision > self.position.revision:
            self._heard = max(self._heard, (head.revision, arrived))
        elif head.revision < self.position.revision:
            self._behind(arrived)

    def _behind(self, arrived):
        if arrived > self._read_ended:
            self._doubt = arrived

    def on_changes(self, asked, revision, changes, more, reading):
        step = Step(self.position)
        if self.phase is Phase.LOADING or (
                asked.position.epoch != self.position.epoch):
            return step
        self._read_ended = reading.ended
        if self._doubt is not None and self._doubt <= reading.started:
            self._doubt = None
        for change in changes:
            self._count(change, reading.ended, step)
        if more or self._heard[1] <= reading.started:
            self._heard = (revision, reading.ended)
        return step
