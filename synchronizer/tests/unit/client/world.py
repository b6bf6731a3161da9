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

"""A service and a network in miniature, for followers: no thread, no bus.

Every state that the stream ever was in is remembered, so that what a
follower shows can be compared with what there was at that position.
"""

import dataclasses

from synchronizer.bus import wire
from synchronizer.client import follower
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import position as position_module

TYPE = 'nova.instance'


def entity(id_, value=0, revision=0):
    return entity_module.Entity(TYPE, id_, name=id_, revision=revision,
                                attributes={'value': value})


def content(entities):
    """What matters of entities where revisions of two epochs meet."""
    return {id_: e.attributes['value'] for id_, e in entities.items()}


@dataclasses.dataclass
class World:
    """One stream: what lives, and the journal."""

    epoch: str = 'e0'
    living: dict = dataclasses.field(default_factory=dict)
    journal: list = dataclasses.field(default_factory=list)
    oldest: int = 1
    collected: bool = True
    values: int = 0
    past: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        self._remember()

    @property
    def revision(self):
        return self.oldest - 1 + len(self.journal)

    @property
    def position(self):
        return position_module.Position(self.epoch, self.revision)

    @property
    def head(self):
        state = 'live' if self.collected else 'starting'
        return wire.Head(self.epoch, self.revision, None, state)

    def _remember(self):
        self.past[self.position] = dict(self.living)

    def touch(self, id_, delete=False):
        """Create or update it, or delete it where it lives."""
        self.values += 1
        number = self.revision + 1
        if delete and id_ in self.living:
            action, thing = change_module.DELETED, self.living.pop(id_)
        else:
            action = (change_module.UPDATED if id_ in self.living
                      else change_module.CREATED)
            thing = entity(id_, self.values, number)
            self.living[id_] = thing
        made = change_module.Change(
            action, thing, 'sweep',
            ('attributes.value',) if action == 'updated' else (),
            self.epoch, number, '')
        self.journal.append(made)
        self._remember()
        return made

    def trim(self, count):
        count = min(count, len(self.journal))
        self.oldest += count
        del self.journal[:count]

    def reset(self):
        self.epoch = f'e{int(self.epoch[1:]) + 1}'
        self.living, self.journal, self.oldest = {}, [], 1
        self.collected = False
        self._remember()

    def since(self, position, limit):
        """The changes after a position; None: not to be had."""
        if position.epoch != self.epoch or not (
                self.oldest - 1 <= position.revision <= self.revision):
            return None
        start = position.revision - self.oldest + 1
        return self.journal[start:start + limit]


class Wish:
    """A request on its way, read in steps while the world moves on."""

    def __init__(self, world, follower_, now, limit=2):
        self.world = world
        self.follower = follower_
        self.want = follower_.want
        self.started = now
        self.limit = limit
        self.head = world.head
        self.pages = []
        self.changes = self.served = None

    def serve(self, half):
        """Read some of it; a snapshot has two pages."""
        if isinstance(self.want, follower.WantChanges):
            self.changes = self.world.since(self.want.position, self.limit)
            self.served = self.world.head
            return True
        if len(self.pages) < 2:
            first = not self.pages
            self.pages.append([e for id_, e in self.world.living.items()
                               if (id_ < half) == first])
        return len(self.pages) == 2

    def answer(self, now):
        """Give the follower what was read; the step that came of it."""
        reading = follower.Reading(self.started, now)
        if isinstance(self.want, follower.WantSnapshot):
            if self.world.epoch != self.head.epoch:
                return follower.Step()
            if self.head.state == 'starting':
                return self.follower.on_no_snapshot(self.head, reading)
            return self.follower.on_snapshot(
                self.head, sum(self.pages, []), reading)
        if self.changes is None:
            return self.follower.on_resync(self.want, reading)
        last = (self.changes[-1].revision if self.changes
                else self.want.position.revision)
        return self.follower.on_changes(
            self.want, self.served.revision, self.changes,
            last < self.served.revision, reading)
