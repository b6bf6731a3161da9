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

"""A store for the model: a real one, with a hand that commits to it."""

from collections.abc import Mapping
import datetime

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream as stream_module
from synchronizer.store import base
from synchronizer.store import codec
from synchronizer.store import memory
from synchronizer.store import past

TYPE = 'nova.instance'
TERM = 1
"""Of the claim that the hand commits with."""

WHEN = '2026-11-20T10:00:00.000000Z'

Position = tuple[str, int]
Content = dict[str, tuple[int, str]]
"""What lives, by id: the change that touched it last, and its state."""


def content(entities: Mapping[str, entity_module.Entity]) -> Content:
    """What a model looks at of entities."""
    return {id_: (entity.revision, entity.state)
            for id_, entity in entities.items()}


class Store(memory.MemoryStore):
    """Remembers what it held at each position."""

    def __init__(self) -> None:
        super().__init__(
            lambda: datetime.datetime.fromisoformat(WHEN))
        self._secret = bytes(32)
        self.cloud: dict[str, str] = {}
        self.moments: dict[Position, Content] = {}

    def begin(self) -> None:
        """One stream, which nobody has collected."""
        self.ensure([base.StreamSpec(TYPE, 'nova', 600)])
        self._shelves[TYPE].set(owner='host', term=TERM)
        self._new_epoch('e1')

    def begin_anew(self) -> None:
        """What ``stream reset`` does."""
        epoch = f'e{int(self.row.epoch[1:]) + 1}'
        self.reset(TYPE)
        self._new_epoch(epoch)

    def _new_epoch(self, epoch: str) -> None:
        self._shelves[TYPE].set(epoch=epoch)
        self.moments[self.position] = {}

    @property
    def row(self) -> stream_module.Stream:
        """The stream's."""
        return self._shelves[TYPE].row

    @property
    def position(self) -> Position:
        """Where it stands."""
        return self.row.epoch, self.row.revision

    @property
    def journal(self) -> int:
        """How many changes can still be had."""
        return len(self._shelves[TYPE].journal)

    def _claim(self) -> base.Claim:
        row = self.row
        return base.Claim(TYPE, row.owner, row.epoch, row.term, row.revision)

    def write(self, cloud: Mapping[str, str | None]) -> None:
        """Commit that these are so; None: gone."""
        known = self.entities(TYPE, cloud)
        held = self.moments[self.position]
        _, changes = self.commit(self._claim(), [
            _write(id_, state, known.get(id_, (None,))[0])
            for id_, state in cloud.items()])
        for change in changes:
            held = {id_: said for id_, said in held.items()
                    if id_ != change.id}
            if change.action != change_module.DELETED:
                held |= content({change.id: change.entity})
            self.moments[change.epoch, change.revision] = held
        self.cloud = {id_: state for id_, state in (
            {**self.cloud, **cloud}).items() if state is not None}

    @property
    def changes(self) -> list[change_module.Change]:
        """Those of the journal."""
        return codec.changes(
            map(codec.told, self._shelves[TYPE].journal), self.row.epoch)

    @property
    def living(self) -> Content:
        """What lives now."""
        return content({id_: codec.entity(row) for id_, row in
                        self._shelves[TYPE].living.items()})

    def touch(self, id_: str) -> None:
        """It has another state, or appears."""
        self.write({id_: f'v{self.row.revision + 1}'})

    def drop(self, id_: str) -> None:
        """It is gone."""
        self.write({id_: None})

    def take(self, owner: str) -> None:
        """Be claimed by that one; whoever commits does so for him."""
        self.claim(TYPE, owner)

    def write_all(self) -> None:
        """The first sweep of an epoch."""
        self.write(dict(self.cloud))

    def collected(self) -> None:
        """A sweep is complete."""
        self.report(self._claim(), stream_module.LIVE, None, WHEN)

    def lose_last(self) -> None:
        """Be the replica that did not get the last commit."""
        shelf = self._shelves[TYPE]
        gone = shelf.journal.pop()
        shelf.living.pop(gone.id, None)
        shelf.set(revision=shelf.row.revision - 1)
        if gone.action != change_module.CREATED:
            before = past.entity_before(gone)
            shelf.living[gone.id] = codec.entity_row(
                before, base.Stored(f'1:{before.state}', 'shape'))
        shelf.order = None


def _write(id_: str, state: str | None,
           known: entity_module.Entity | None) -> base.Write:
    entity = known if state is None else entity_module.Entity(
        TYPE, id_, state=state, sampled_at=WHEN)
    action = (change_module.DELETED if state is None
              else change_module.CREATED if known is None
              else change_module.UPDATED)
    changed = ('state',) if action == change_module.UPDATED else ()
    return base.Write(
        entity, base.Stored(f'1:{state}', 'shape'),
        change_module.Change(action, entity, change_module.SWEEP, changed),
        known)
