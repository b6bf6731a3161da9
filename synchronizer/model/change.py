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

"""A change: the whole entity, what differs, and where on its stream."""

import dataclasses
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.model import initiator as initiator_module

CREATED, UPDATED, DELETED = ACTIONS = ('created', 'updated', 'deleted')

STARTUP, SWEEP, DELTA, HINT = CAUSES = ('startup', 'sweep', 'delta', 'hint')
RESYNC = 'resync'
"""The cause of a change that a mirror found by comparing snapshots."""


@dataclasses.dataclass(frozen=True, slots=True, init=False)
class Change:
    """One step of a stream. Without a revision it is not committed yet."""

    action: str
    """What happened: one of ACTIONS."""

    entity: entity_module.Entity
    """The whole entity; of a deleted one, the last that was known."""

    cause: str
    """What made the reading: one of CAUSES."""

    changed: tuple[str, ...] = ()
    """What differs from the version before; empty but for updates."""

    epoch: str = ''
    """The stream's epoch."""

    revision: int = 0
    """The change's number on its stream."""

    committed_at: str = ''
    """Wall clock, for people."""

    initiator: initiator_module.Initiator | None = None
    """Who did it, where a notification told it."""

    def __init__(self, action: str, entity: entity_module.Entity, cause: str,
                 changed: tuple[str, ...] = (), epoch: str = '',
                 revision: int = 0, committed_at: str = '',
                 initiator: initiator_module.Initiator | None = None
                 ) -> None:
        """See Entity."""
        _set_action(self, action)
        _set_entity(self, entity)
        _set_cause(self, cause)
        _set_changed(self, changed)
        _set_epoch(self, epoch)
        _set_revision(self, revision)
        _set_committed_at(self, committed_at)
        _set_initiator(self, initiator)

    def committed(self, entity: entity_module.Entity, epoch: str,
                  revision: int, committed_at: str) -> 'Change':
        """The same change, numbered. For each change there is one of these:
        written out, since `dataclasses.replace` costs twice as much."""
        return Change(self.action, entity, self.cause, self.changed, epoch,
                      revision, committed_at, self.initiator)

    @property
    def type(self) -> str:
        """The stream that the change is on."""
        return self.entity.type

    @property
    def id(self) -> str:
        """The entity that the change is about."""
        return self.entity.id


(_set_action, _set_entity, _set_cause, _set_changed, _set_epoch,
 _set_revision, _set_committed_at, _set_initiator) = (
     getattr(Change, field.name).__set__
     for field in dataclasses.fields(Change))


@dataclasses.dataclass(frozen=True, slots=True)
class Before:
    """What the version before an update had otherwise, to undo it."""

    revision: int
    """The change that had made that version."""

    sampled_at: str
    """When that one was read."""

    values: dict[str, Any]
    """What was there, by the names that `Change.changed` has for it."""

    absent: tuple[str, ...] = ()
    """What was not there at all, which is not the same as null."""


_ATTRIBUTE = 'attributes.'


def before(old: entity_module.Entity, new: entity_module.Entity) -> Before:
    """What must be kept of the old version, next to the new one.

    Whatever their forms: more than `Change.changed` names where the form
    moved as well, so that undoing gives the old version as it was written.
    """
    values, absent = {}, []
    for name in entity_module.differences(old, new):
        if not name.startswith(_ATTRIBUTE):
            values[name] = getattr(old, name)
        elif (key := name.removeprefix(_ATTRIBUTE)) in old.attributes:
            values[name] = old.attributes[key]
        else:
            absent.append(name)
    return Before(old.revision, old.sampled_at, values, tuple(absent))


def undone(new: entity_module.Entity, what: Before) -> entity_module.Entity:
    """The version before, given the one after."""
    gone = {name.removeprefix(_ATTRIBUTE) for name in what.absent}
    attributes = {key: value for key, value in new.attributes.items()
                  if key not in gone}
    fields = {}
    for name, value in what.values.items():
        if name.startswith(_ATTRIBUTE):
            attributes[name.removeprefix(_ATTRIBUTE)] = value
        else:
            fields[name] = value
    return dataclasses.replace(
        new, **fields, attributes=attributes, revision=what.revision,
        sampled_at=what.sampled_at)
