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

"""What a commit does, worked out before any transaction begins.

Pure: every driver carries out the same plan, so all agree on the numbers,
on what is written in silence, and on what makes a commit one's own.
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import initiator as initiator_module
from synchronizer.model import shape
from synchronizer.store import base
from synchronizer.store import codec

Version = tuple[int, str]
"""What a silent rewrite leaves alone: revision and sampled_at."""

Held = tuple[entity_module.Entity, base.Stored, codec.Written]


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """Where a stream stands, as the transaction sees it."""

    epoch: str
    """The stream's epoch."""

    term: int
    """Of the last claim."""

    revision: int
    """The last committed change."""

    last_commit: str
    """The token of the commit that led here."""

    committed_at: str
    """When that was."""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """One commit, ready to be carried out."""

    claim: base.Claim
    """What it builds on."""

    changes: tuple[change_module.Change, ...]
    """Numbered, in the order in which they were given."""

    journal: tuple[codec.ChangeRow, ...]
    """The same as rows."""

    token: str
    """A fingerprint of the claim and of all that is written."""

    committed_at: str
    """Decided now, so that an answer that was lost can be told anew."""

    touched: Mapping[str, Held | None]
    """How each id is left; None: gone."""

    rewritten: frozenset[str]
    """Ids whose revision and sampled_at stay as the store has them."""

    told: frozenset[str]
    """Ids that are left as the last change of them in the journal says."""

    fresh: frozenset[str]
    """Ids that come to be here, and stay: none of them lives yet, unless the
    caller and the store disagree on that."""

    @property
    def revision(self) -> int:
        """The head that it leads to."""
        return self.claim.revision + len(self.changes)

    def is_done(self, head: Head | None) -> bool:
        """Whether this very commit led here; Fenced: it may not be done."""
        ours = (self.claim.epoch, self.claim.term)
        if head is None or (head.epoch, head.term) != ours:
            raise exception.Fenced(
                f'{self.claim.type} has another owner than '
                f'{self.claim.owner} now')
        if head.revision == self.claim.revision:
            return False
        if (head.revision, head.last_commit) == (self.revision, self.token):
            return True
        raise exception.Fenced(
            f'{self.claim.type} stands at {head.revision}, and the claim of '
            f'{self.claim.owner} builds on {self.claim.revision}')

    def rows(self, living: Mapping[str, Version], lean: bool = False
             ) -> list[codec.EntityRow]:
        """The rows to write, given what lives of the ids it rewrites.
        `lean`: what the journal says as well is left to it."""
        rows = []
        for id_, held in self.touched.items():
            if held is None:
                continue
            entity, stored, written = held
            if id_ in self.rewritten:
                if id_ not in living:
                    # what does not live cannot be rewritten
                    continue
                entity = _at(entity, living[id_])
                written = codec.written(entity, written.attributes)
            rows.append(codec.entity_row(
                entity, stored, written,
                '' if lean and id_ in self.told else None))
        return rows

    def result(self, committed_at: str
               ) -> tuple[base.Claim, tuple[change_module.Change, ...]]:
        """What the caller gets, for a commit made at that time."""
        changes = self.changes
        if committed_at != self.committed_at:
            changes = tuple(dataclasses.replace(
                change, committed_at=committed_at) for change in changes)
        return (dataclasses.replace(self.claim, revision=self.revision),
                changes)


def make(claim: base.Claim, writes: Sequence[base.Write], committed_at: str
         ) -> Plan:
    """Number the changes and find out how each entity is left."""
    for write in writes:
        if write.entity.type != claim.type:
            raise ValueError(f'{write.entity.type} is not of {claim.type}')
    changes, journal, touched = [], [], {}
    rewritten, told, fresh = set(), set(), set()
    for write in writes:
        id_ = write.entity.id
        if write.change is None:
            _rewrite(write, touched, rewritten)
            told.discard(id_)
            continue
        change = _numbered(write, claim, len(changes) + 1, committed_at)
        changes.append(change)
        written = codec.written(change.entity, write.text)
        journal.append(codec.change_row(
            change, _before(write, touched, rewritten), written))
        gone = change.action == change_module.DELETED
        if gone:
            fresh.discard(id_)
        elif change.action == change_module.CREATED and id_ not in touched:
            fresh.add(id_)
        touched[id_] = None if gone else (
            change.entity, write.stored, written)
        rewritten.discard(id_)
        told.add(id_)
    return Plan(claim, tuple(changes), tuple(journal),
                _token(claim, writes), committed_at, touched,
                frozenset(rewritten), frozenset(told), frozenset(fresh))


def _numbered(write: base.Write, claim: base.Claim, number: int,
              committed_at: str) -> change_module.Change:
    revision = claim.revision + number
    entity = write.entity
    if write.change.action != change_module.DELETED:
        entity = entity.stamped(revision)
    return write.change.committed(
        entity, claim.epoch, revision, committed_at)


def _before(write: base.Write, touched: Mapping[str, Held | None],
            rewritten: Collection[str]) -> entity_module.Entity | None:
    """The version that an update replaces, should it be known."""
    if write.change.action != change_module.UPDATED:
        return None
    held = touched.get(write.entity.id)
    # what was rewritten here does not bear its revision yet
    return held[0] if held and write.entity.id not in rewritten else (
        write.before)


def _rewrite(write: base.Write, touched: dict[str, Held | None],
             rewritten: set[str]) -> None:
    id_ = write.entity.id
    if id_ not in touched or id_ in rewritten:
        touched[id_] = (write.entity, write.stored,
                        codec.written(write.entity, write.text))
        rewritten.add(id_)
    elif touched[id_] is not None:
        before = touched[id_][0]
        version = (before.revision, before.sampled_at)
        entity = _at(write.entity, version)
        touched[id_] = (entity, write.stored,
                        codec.written(entity, write.text))


def _at(entity: entity_module.Entity, version: Version
        ) -> entity_module.Entity:
    return dataclasses.replace(
        entity, revision=version[0], sampled_at=version[1])


def _token(claim: base.Claim, writes: Sequence[base.Write]) -> str:
    """Equal for the same writes on the same claim, whenever they are made.

    The digest stands for the attributes.
    """
    return shape.fingerprint(
        [claim.epoch, claim.term, claim.revision,
         [_said(write) for write in writes]], '')


def _said(write: base.Write) -> tuple[object, ...]:
    entity, change = write.entity, write.change
    said = (entity.id, entity.name, entity.project_id, entity.user_id,
            entity.state, entity.sampled_at, *write.stored)
    if change is None:
        return said
    return (*said, change.action, change.cause, change.changed,
            change.initiator and initiator_module.plain(change.initiator))
