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

"""Entities and changes as rows, for every driver.

What a service shows is kept as JSON text, so nothing that a caller holds is
ever shared with the store. The texts are ASCII: any string that JSON knows
passes any database, and the same content gives the same text.
"""

from collections.abc import Callable
from collections.abc import Iterable
import datetime
import functools
import json
import operator
from typing import NamedTuple

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import initiator as initiator_module
from synchronizer.model import kept
from synchronizer.model import shape
from synchronizer.store import base


class EntityRow(NamedTuple):
    """A living entity; the columns of the table of that name."""

    type: str
    id: str
    revision: int
    sampled_at: str
    digest: str
    shape: str
    name: str | None
    project_id: str | None
    user_id: str | None
    state: str | None
    weight: int
    body: str
    """Relations and attributes; "": the journal has them, in the row of that
    revision."""

    @property
    def stored(self) -> base.Stored:
        """How it is remembered."""
        return base.Stored(self.digest, self.shape)


class ChangeRow(NamedTuple):
    """A change; the columns of the journal."""

    type: str
    revision: int
    id: str
    action: str
    cause: str
    committed_at: str
    changed: str
    weight: int
    entity: str
    before: str | None
    initiator: str | None


def stamp(moment: datetime.datetime) -> str:
    """A wall-clock time as the contract writes it."""
    return moment.astimezone(datetime.UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


def _plain(relations: Iterable[entity_module.Relation]
           ) -> list[dict[str, str]]:
    return [{'id': relation.id, 'kind': relation.kind,
             'type': relation.type} for relation in relations]


class Written(NamedTuple):
    """An entity as text, written once for all of its rows."""

    attributes: str
    whole: str
    """As the public contract shows it, its keys in order."""

    weight: int
    """Of the whole."""


def written(entity: entity_module.Entity, attributes: str | None = None
            ) -> Written:
    """`attributes`: their text, where it is known."""
    if attributes is None:
        attributes = shape.text(entity.attributes)
    # in the order in which `shape.text` would put them
    rest = shape.plain_text({
        'id': entity.id, 'name': entity.name,
        'project_id': entity.project_id,
        'relations': _plain(entity.relations),
        'revision': entity.revision, 'sampled_at': entity.sampled_at,
        'state': entity.state, 'type': entity.type,
        'user_id': entity.user_id})
    whole = f'{{"attributes":{attributes},{rest[1:]}'
    return Written(attributes, whole, base.weigh(whole))


def entity_row(entity: entity_module.Entity, stored: base.Stored,
               made: Written | None = None, body: str | None = None
               ) -> EntityRow:
    """The row of a living entity. `body`: "" leaves it to the journal."""
    made = made or written(entity)
    return EntityRow(
        entity.type, entity.id, entity.revision, entity.sampled_at,
        stored.digest, stored.shape, entity.name, entity.project_id,
        entity.user_id, entity.state, made.weight,
        kept.body_of(made.whole) if body is None else body)


def change_row(change: change_module.Change,
               before: entity_module.Entity | None = None,
               made: Written | None = None) -> ChangeRow:
    """The row of a numbered change, and what it takes to undo it."""
    entity = change.entity
    made = made or written(entity)
    changed, weight = _names(change.changed)
    initiator = change.initiator and shape.text(
        initiator_module.plain(change.initiator))
    if initiator:
        weight += base.weigh(initiator) - base.ENVELOPE
    return ChangeRow(
        entity.type, change.revision, entity.id, change.action, change.cause,
        change.committed_at, changed, made.weight + weight, made.whole,
        before and _before(change_module.before(before, entity)),
        initiator)


@functools.lru_cache(maxsize=256)
def _names(changed: tuple[str, ...]) -> tuple[str, int]:
    """As text, and what that adds to the weight: many changes have the
    same, most of all those that have none."""
    text = shape.text(changed)
    return text, base.weigh(text) - base.ENVELOPE


def _before(what: change_module.Before) -> str:
    values = dict(what.values)
    if 'relations' in values:
        values['relations'] = _plain(values['relations'])
    return shape.text({
        'revision': what.revision, 'sampled_at': what.sampled_at,
        'values': values, 'absent': what.absent})


def before(text: str) -> change_module.Before:
    """Read what it takes to undo a change."""
    body = json.loads(text)
    values = body['values']
    if 'relations' in values:
        values['relations'] = kept.relations(values)
    return change_module.Before(body['revision'], body['sampled_at'], values,
                                tuple(body['absent']))


def entity(row: EntityRow, whole: str | None = None) -> entity_module.Entity:
    """Read a row of the entities; of the body whoever looks into it.
    `whole`: the entity in the journal, where the row leaves it to that."""
    (type_, id_, revision, sampled_at, _, _, name, project_id, user_id, state,
     _, body) = row
    made = kept.made if body else kept.made_of
    return made(type_, id_, name, project_id, user_id, state, revision,
                sampled_at, body or whole)


TOLD = ('revision', 'action', 'cause', 'committed_at', 'changed', 'entity',
        'initiator')
"""The columns of the journal that tell of a change."""

Told = tuple[int, str, str, str, str, str, str | None]

told: Callable[[ChangeRow], Told] = operator.attrgetter(*TOLD)
"""Those of a row that has others as well."""


def changes(rows: Iterable[Told], epoch: str) -> list[change_module.Change]:
    """Read rows of the journal; of the entities whoever looks into them."""
    return [change(row, epoch) for row in rows]


def change(row: Told, epoch: str) -> change_module.Change:
    """Read a row of the journal."""
    revision, action, cause, committed_at, changed, text, initiator = row
    return change_module.Change(
        action, kept.of_whole(text), cause, _names_of(changed), epoch,
        revision, committed_at,
        initiator and initiator_module.read(json.loads(initiator)))


def revision_of(text: str) -> int:
    """Which change made the version that a text of all of it tells of."""
    return shape.parsed(text.encode())['revision']


@functools.lru_cache(maxsize=256)
def _names_of(changed: str) -> tuple[str, ...]:
    """See _names."""
    return tuple(json.loads(changed))


class Room:
    """What still fits in a reply: one in any case, then by count and size."""

    def __init__(self, limit: int, max_bytes: int) -> None:
        self.count, self._bytes = limit, max_bytes
        self._empty = True

    def take(self, weights: Iterable[int]) -> int:
        """How many of these go in, from the first; a rest closes it."""
        taken = 0
        for weight in weights:
            self._bytes -= weight
            if self.count < 1 or (self._bytes < 0 and not self._empty):
                self.count = 0
                break
            self._empty = False
            self.count -= 1
            taken += 1
        return taken
