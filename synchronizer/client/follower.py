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

"""The follower of one stream: decides what each thing that arrives means.

Pure: no thread, no clock, no bus. It is told what arrived, and when; it says
what it wants to be read for it, what is to be told to subscribers, and what
is held. Times are of one monotonic clock, the caller's.

A follower is in one of three phases. LOADING: it wants a snapshot.
LEVELLING: it has one, aside, and wants the changes after it until it is
level with where the stream was when the snapshot had been read; a snapshot
alone is no state that ever was, since its pages are newer than its position.
FOLLOWING: what it holds is shown; it takes what comes, and wants changes
where something is missing or doubtful.
"""

from collections.abc import Callable
from collections.abc import Iterable
import dataclasses
import enum

from synchronizer.bus import wire
from synchronizer.client import compare
from synchronizer.client import held as held_module
from synchronizer.client import pending as pending_module
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import position as position_module
from synchronizer.model import stream as stream_module


class Phase(enum.Enum):
    """How far a follower is."""

    LOADING = 'loading'
    LEVELLING = 'levelling'
    FOLLOWING = 'following'


@dataclasses.dataclass(frozen=True, slots=True)
class WantSnapshot:
    """All entities, and the head as it was before the first was read."""


@dataclasses.dataclass(frozen=True, slots=True)
class WantChanges:
    """The changes after a position."""

    position: position_module.Position
    """Where we are."""


Want = WantSnapshot | WantChanges | None


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """When something was read from the store."""

    started: float
    """Before the request went out."""

    ended: float
    """After the answer came in."""


@dataclasses.dataclass(slots=True)
class Step:
    """What came of one thing that arrived."""

    since: position_module.Position | None = None
    """The position that what is told leads on from."""

    told: list[change_module.Change] = dataclasses.field(
        default_factory=list)
    """For subscribers: every change once, in order."""

    shown: list[change_module.Change] = dataclasses.field(
        default_factory=list)
    """What really changed in `entities`, a first snapshot included."""


class Follower:
    """One stream, as far as it is known here."""

    def __init__(self, type_: str,
                 resume: position_module.Position | None = None,
                 stamp: Callable[[], str] = str,
                 observed: Callable[[], bool] = lambda: True) -> None:
        """`resume`: what subscribers were told in an earlier life; unless
        it is `observed`, a first snapshot is not shown as changes."""
        self.type = type_
        self.phase = Phase.LOADING
        self.entities = held_module.Held()
        """What is shown; each exactly as at `position`, once FOLLOWING."""
        self.position = resume
        """Up to where subscribers were told, counting what they need not
        be told because it is in the first snapshot."""
        self.collected_at: str | None = None
        self.state = stream_module.STARTING

        self._resume = resume
        self._stamp, self._observed = stamp, observed
        # what subscribers know, for the case that we must start again;
        # None: they know nothing, and what is shown first is no news
        self._known: held_module.Held | None = (
            None if resume is None else held_module.Held())
        # of a resumed stream, while it is levelled: what was told before
        self._told_up_to: int | None = None
        self._next = held_module.Held()
        self._cursor: position_module.Position | None = None
        # a head that was read after the snapshot: from there on what was
        # put aside is a state that has been
        self._level_at: int | None = None
        self._read_ended = float('-inf')
        self._doubt: float | None = None
        self._pending = pending_module.Pending()
        self._heads: list[wire.Head] = []

    # --- what it wants ---------------------------------------------------

    @property
    def want(self) -> Want:
        """What is to be read for it now."""
        if self.phase is Phase.LOADING:
            return WantSnapshot()
        if self.phase is Phase.LEVELLING or self._is_behind():
            return WantChanges(self._cursor)
        return None

    def _is_behind(self) -> bool:
        return self._doubt is not None or self._pending.beyond(self._cursor)

    # --- what arrives from the bus ---------------------------------------

    def on_changed(self, epoch: str, changes: Iterable[change_module.Change],
                   arrived: float) -> Step:
        """Changes were cast."""
        step = Step()
        changes = list(changes)
        if self._cursor is not None and epoch != self._cursor.epoch:
            self._question(arrived)
        elif self._cursor is not None:
            changes = [change for change in changes
                       if change.revision > self._cursor.revision]
        self._pending.hold(epoch, changes, arrived)
        self._take_held(step)
        return step

    def on_bookmark(self, head: wire.Head, arrived: float) -> Step:
        """The publisher says where the stream stood."""
        self.on_claim(head.epoch, head.revision, arrived)
        if self._cursor is not None and head.epoch == self._cursor.epoch:
            self._note_unless_late(head, arrived)
        return Step()

    def on_claim(self, epoch: str, revision: int, arrived: float) -> Step:
        """Somebody says how far the stream is, and no more."""
        self._pending.claim(epoch, revision, arrived)
        if self._cursor is not None and (
                epoch != self._cursor.epoch
                or revision < self._cursor.revision):
            self._question(arrived)
        return Step()

    def _question(self, arrived: float) -> None:
        """Something contradicts us; if it is not older than what we read
        last, only another reading tells who is right."""
        if arrived > self._read_ended:
            self._doubt = arrived

    # --- what was read ---------------------------------------------------

    def on_snapshot(self, head: wire.Head,
                    entities: Iterable[entity_module.Entity],
                    reading: Reading) -> Step:
        """All pages of a snapshot."""
        since = head.revision
        if self._can_resume(head):
            since = self._resume.revision
        self._begin(head, since, entities, reading)
        return Step()

    def on_no_snapshot(self, head: wire.Head, reading: Reading) -> Step:
        """The stream was never collected: all there is, is its journal.

        Where something is held, the stream was reset, and will be filled
        anew: until then what is held is old, and not gone.
        """
        if not self.entities:
            self._begin(head, 0, (), reading)
        return Step()

    def _begin(self, head: wire.Head, since: int,
               entities: Iterable[entity_module.Entity],
               reading: Reading) -> None:
        if self.phase is not Phase.LOADING:
            return
        self._next = held_module.Held(entities)
        self._cursor = position_module.Position(head.epoch, since)
        self._told_up_to = (
            self._resume.revision if self._can_resume(head) else None)
        self.phase, self._level_at = Phase.LEVELLING, None
        self._read_ended, self._doubt = reading.ended, None
        self._pending.keep_epoch(head.epoch)
        self._heads = [head]

    def on_changes(self, asked: WantChanges, revision: int,
                   changes: Iterable[change_module.Change], more: bool,
                   reading: Reading) -> Step:
        """The changes after a position, and the head when it was read."""
        step = Step()
        if not self._is_ours(asked):
            return step
        self._settle(reading)
        for change in changes:
            self._take(change, step)
        epoch = asked.position.epoch
        if more:
            self._pending.claim(epoch, revision, reading.ended)
        else:
            self._pending.disprove(epoch, revision, reading.started)
        if self._level_at is None:
            self._level_at = revision
        if self.phase is Phase.LEVELLING and (
                self._cursor.revision >= self._level_at):
            self._show(step)
        self._take_held(step)
        return step

    def on_resync(self, asked: WantChanges, reading: Reading) -> Step:
        """Changes after that position are not to be had."""
        if asked.position != self._cursor and self._is_ours(asked):
            # what is not to be had is not what we need any more
            self._doubt = reading.ended
        elif asked.position == self._cursor:
            self._read_ended, self._doubt = reading.ended, None
            if self.phase is Phase.FOLLOWING:
                self._known = self.entities
            self.phase, self._resume = Phase.LOADING, None
            self._cursor, self._heads = None, []
            self._next = held_module.Held()
        return Step()

    def _settle(self, reading: Reading) -> None:
        """An answer, whatever it says, proves that our epoch goes on."""
        self._read_ended = reading.ended
        if self._doubt is not None and self._doubt <= reading.started:
            self._doubt = None
        if self._doubt is None:
            self._pending.keep_epoch(self._cursor.epoch)

    def _can_resume(self, head: wire.Head) -> bool:
        return (self._resume is not None
                and self._resume.epoch == head.epoch
                and self._resume.revision <= head.revision)

    def _is_ours(self, asked: WantChanges) -> bool:
        """Whether an answer is about the stream as we count it now."""
        return (self._cursor is not None
                and asked.position.epoch == self._cursor.epoch
                and asked.position.revision <= self._cursor.revision)

    # --- taking ----------------------------------------------------------

    def _take_held(self, step: Step) -> None:
        """What was cast counts only once we are level: until then all is
        read, and what was cast before may be of a store that was lost."""
        while self.phase is Phase.FOLLOWING and (
                change := self._pending.next(self._cursor)):
            self._take(change, step)

    def _take(self, change: change_module.Change, step: Step) -> None:
        """Count the next revision, and apply it where it is news."""
        if change.revision != self._cursor.revision + 1:
            return
        following = self.phase is Phase.FOLLOWING
        content = self.entities if following else self._next
        held = content.revision(change.id)
        if held is None or held < change.revision:
            if change.action == change_module.DELETED:
                content.pop(change.id, None)
            else:
                content[change.id] = change.entity
            if following:
                step.shown.append(change)
        self._cursor = position_module.Position(
            self._cursor.epoch, change.revision)
        if following or self._is_untold(change):
            self._tell(step, [change])
            self.position = self._cursor
        if following:
            self._catch_up_with_heads()

    def _tell(self, step: Step, changes: list[change_module.Change]) -> None:
        if not step.told:
            step.since = self.position
        step.told += changes

    def _is_untold(self, change: change_module.Change) -> bool:
        return (self._told_up_to is not None
                and change.revision > self._told_up_to)

    def _show(self, step: Step) -> None:
        """Level: what was put aside is now a state that has been."""
        epoch = self._cursor.epoch
        floor = compare.floor(self.position, self._cursor)
        if self._told_up_to is None and self._known is not None:
            self._tell(step, compare.changes(
                self._known, self._next, epoch, floor, self._stamp()))
        if self._observed():
            step.shown += compare.changes(self.entities, self._next, epoch,
                                          floor, self._stamp())
        self.entities, self._next = self._next, held_module.Held()
        self._known, self._told_up_to, self._resume = None, None, None
        self.position, self.phase = self._cursor, Phase.FOLLOWING
        self.collected_at = None
        self._catch_up_with_heads()

    # --- freshness -------------------------------------------------------

    def _note_unless_late(self, head: wire.Head, arrived: float) -> None:
        """A head behind what we have read may be of an owner that slept: of
        now it says nothing."""
        if (head.revision >= self._cursor.revision
                or arrived <= self._read_ended):
            self._note(head)

    def _note(self, head: wire.Head) -> None:
        """What a head says of freshness holds once we are there."""
        if len(self._heads) > 1:
            # the oldest that we are not at yet, and the newest
            del self._heads[1:]
        self._heads.append(head)
        if self.phase is Phase.FOLLOWING:
            self._catch_up_with_heads()

    def _catch_up_with_heads(self) -> None:
        while self._heads and (
                self._heads[0].revision <= self._cursor.revision):
            head = self._heads.pop(0)
            self.state = head.state
            self.collected_at = max(
                filter(None, (self.collected_at, head.collected_at)),
                key=wire.seconds, default=None)
