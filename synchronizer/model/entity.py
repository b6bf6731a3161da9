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

"""An entity: one thing of the cloud, always whole."""

from collections.abc import Iterable
import dataclasses
from typing import Any

from synchronizer.model import shape

DIGEST_ALGORITHM = '2'
"""Raised when the digest of an unchanged entity would come out differently.

A stored digest of another algorithm equals nothing, so the entity is
compared field by field once, found unchanged, and rewritten in silence.
"""


@dataclasses.dataclass(frozen=True, slots=True, order=True, init=False)
class Relation:
    """An arrow from the entity that holds it to another, known or not."""

    kind: str
    """``runs-on``, ``member-of``, ..."""

    type: str
    """The other's type."""

    id: str
    """The other's id."""

    def __init__(self, kind: str, type: str, id: str) -> None:
        """See Entity."""
        _set_end_kind(self, kind)
        _set_end_type(self, type)
        _set_end_id(self, id)


_set_end_kind, _set_end_type, _set_end_id = (
    getattr(Relation, field.name).__set__
    for field in dataclasses.fields(Relation))


def arranged(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """As an entity has them. Compared as plain tuples, which takes a
    fraction of what dataclasses take."""
    found = {(relation.kind, relation.type, relation.id): relation
             for relation in relations}
    return tuple([found[ends] for ends in sorted(found)]
                 if len(found) > 1 else found.values())


@dataclasses.dataclass(frozen=True, slots=True, init=False)
class Entity:
    """What a service shows of one thing, in the words of the contract."""

    type: str
    """``service.noun``, lower case."""

    id: str
    """Unique within its type."""

    name: str | None = None
    """As the service has it; null where it has none or gives ''."""

    project_id: str | None = None
    """The owner."""

    user_id: str | None = None
    """The owner's user."""

    state: str | None = None
    """The service's own word for it."""

    relations: tuple[Relation, ...] = ()
    """Arrows to other entities, sorted, none twice."""

    attributes: dict[str, Any] = dataclasses.field(default_factory=dict)
    """The service's own record, less links, volatile and secret fields."""

    revision: int = 0
    """The change that last touched it; 0 until it is committed."""

    sampled_at: str = ''
    """When the request of that change's reading was sent, for people."""

    def __init__(self, type: str, id: str, name: str | None = None,
                 project_id: str | None = None, user_id: str | None = None,
                 state: str | None = None,
                 relations: tuple[Relation, ...] = (),
                 attributes: dict[str, Any] | None = None,
                 revision: int = 0, sampled_at: str = '') -> None:
        """As dataclasses have it, in half the time: of each entity several
        are made on its way, and a slot that is looked up by its name costs
        more than one that is at hand."""
        _set_type(self, type)
        _set_id(self, id)
        _set_name(self, name)
        _set_project_id(self, project_id)
        _set_user_id(self, user_id)
        _set_state(self, state)
        _set_relations(self, relations)
        _set_attributes(self, {} if attributes is None else attributes)
        _set_revision(self, revision)
        _set_sampled_at(self, sampled_at)

    def stamped(self, revision: int) -> 'Entity':
        """The same entity, as the change of that number leaves it. Written
        out: `dataclasses.replace` costs twice as much, and is paid for each
        entity of a cloud."""
        return Entity(
            self.type, self.id, self.name, self.project_id, self.user_id,
            self.state, self.relations, self.attributes, revision,
            self.sampled_at)

    def sampled(self, sampled_at: str) -> 'Entity':
        """The same entity, as it was read then."""
        return Entity(
            self.type, self.id, self.name, self.project_id, self.user_id,
            self.state, self.relations, self.attributes, self.revision,
            sampled_at)


(_set_type, _set_id, _set_name, _set_project_id, _set_user_id, _set_state,
 _set_relations, _set_attributes, _set_revision, _set_sampled_at) = (
     getattr(Entity, field.name).__set__
     for field in dataclasses.fields(Entity))

FIELDS = ('name', 'project_id', 'user_id', 'state')


def digest(entity: Entity, unordered: tuple[str, ...] = (),
           form: str = '') -> str:
    """A fingerprint of the content: equal if and only if nothing changed.

    The form (the type's `shape`) is part of it: an entity that was stored
    in another form equals nothing either, and is compared and rewritten.
    """
    return digested(entity, unordered, form)[0]


def digested(entity: Entity, unordered: tuple[str, ...] = (),
             form: str = '') -> tuple[str, str | None]:
    """The same, and the JSON of the attributes (see `shape.text`) where it
    was made on the way."""
    attributes = shape.canonical(entity.attributes, unordered)
    arrows = [(relation.kind, relation.type, relation.id)
              for relation in entity.relations]
    arrows.sort()
    found, body = shape.fingerprint_with(
        [form, entity.name, entity.project_id, entity.user_id, entity.state,
         arrows], attributes, DIGEST_ALGORITHM)
    return found, body if attributes is entity.attributes else None


def differences(
        old: Entity, new: Entity, unordered: tuple[str, ...] = (),
        same_shape: bool = True) -> tuple[str, ...]:
    """What differs between two versions, complete and true.

    Of two versions of different shape (another microversion, other fields
    declared volatile) only what both can show is compared: what one of them
    lacks may be in the cloud as it was, and is no change of the cloud.
    """
    before = shape.canonical(old.attributes, unordered)
    after = shape.canonical(new.attributes, unordered)
    equal = _equal if same_shape else agree
    keys = before.keys() | after.keys() if same_shape else (
        before.keys() & after.keys())
    changed = [field for field in FIELDS
               if getattr(old, field) != getattr(new, field)]
    if same_shape and set(old.relations) != set(new.relations):
        changed.append('relations')
    changed += [f'attributes.{key}' for key in sorted(keys)
                if not equal(before.get(key, _NONE), after.get(key, _NONE))]
    return tuple(changed)


_NONE = object()
_EXACT = frozenset((str, int, bool, type(None)))
"""Equal where they are equal as JSON."""


def _equal(old: Any, new: Any) -> bool:
    """Equal as JSON: 1 is not true, and 1.0 is not 1."""
    if old is _NONE or new is _NONE:
        return old is new
    if type(old) is type(new) and type(old) in _EXACT:
        return old == new
    return old is new or shape.encoded(old) == shape.encoded(new)


def agree(old: Any, new: Any) -> bool:
    """Whether two values say the same where both say something."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(agree(old[key], new[key])
                   for key in old.keys() & new.keys())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            agree(*pair) for pair in zip(old, new, strict=True))
    return _equal(old, new)
