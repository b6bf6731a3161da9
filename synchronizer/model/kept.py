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
"""An entity as JSON, read when somebody looks into it.

Most of an entity, its relations and attributes, is looked into by few of
those who hand it on. Kept as the text that it was stored and sent as, it
takes about the room of that text, and costs next to nothing; handed on as
what that text says, nothing is made of it on the way either.
"""

from collections.abc import Callable
from collections.abc import Iterable
import operator
import sys
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.model import shape

OWN = ('type', 'id', 'name', 'project_id', 'user_id', 'state', 'revision',
       'sampled_at')
"""The fields that are not in the text."""

Body = dict[str, Any]
"""Relations and attributes, as JSON has them. What was read from the text of
all of an entity has the fields of OWN as well."""

_UNREAD: Body = {}


class Kept(entity_module.Entity):
    """An entity like any other: it is equal to one, looks like one, and
    what is made of it (a copy, a replacement) is a plain one. It has a text,
    of its body or of all of it, or what that says, makes the others when they
    are asked for, and once."""

    __slots__ = ('_body', '_relations', '_text', '_whole')

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """A plain one; see `of`."""
        return entity_module.Entity(*args, **kwargs)

    @property
    def relations(self) -> tuple[entity_module.Relation, ...]:
        """See Entity."""
        try:
            return self._relations
        except AttributeError:
            _set_relations(self, relations(self.body))
        return self._relations

    @property
    def attributes(self) -> dict[str, Any]:
        """See Entity."""
        return self.body['attributes']

    @property
    def body(self) -> Body:
        """What the text says."""
        try:
            return self._body
        except AttributeError:
            _set_body(self, shape.parsed(self.unread.encode()))
        return self._body

    @property
    def unread(self) -> str:
        """The text that says what the body is."""
        try:
            return self._whole
        except AttributeError:
            return self._text

    @property
    def text(self) -> str:
        """The body as JSON."""
        try:
            return self._text
        except AttributeError:
            _set_text(self, self._written())
        return self._text

    def _written(self) -> str:
        try:
            return body_of(self._whole)
        except AttributeError:
            return shape.plain_text(self._body)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, entity_module.Entity):
            return NotImplemented
        return same(self, other) or plain(self) == plain(other)

    __hash__ = entity_module.Entity.__hash__

    def __repr__(self) -> str:
        return repr(plain(self))

    def __reduce__(self) -> tuple[Callable, tuple]:
        return plain, (plain(self),)


# it is frozen
_set_body, _set_relations, _set_text, _set_whole = (
    getattr(Kept, name).__set__ for name in Kept.__slots__)

own = operator.attrgetter(*OWN)
"""The fields of OWN of an entity, in their order."""


class Whole(Kept):
    """One whose text says all of it: nothing is taken out of that before
    somebody asks."""

    __slots__ = ()


def _out_of_body(name: str) -> property:
    item = operator.itemgetter(name)
    return property(lambda kept: item(kept.body))


for _name in OWN:
    setattr(Whole, _name, _out_of_body(_name))


def _once(value: Any) -> Any:
    """Many entities have the same: it is there once."""
    return sys.intern(value) if value.__class__ is str else value


def relations(body: Body) -> tuple[entity_module.Relation, ...]:
    """Those of an entity as JSON has it."""
    return tuple([entity_module.Relation(each['kind'], each['type'],
                                         each['id'])
                  for each in body['relations']])


def _made(type_: str, id_: str, name: str | None, project_id: str | None,
          user_id: str | None, state: str | None, revision: int,
          sampled_at: str) -> Kept:
    kept = object.__new__(Kept)
    entity_module.Entity.__init__(
        kept, _once(type_), id_, name, _once(project_id), _once(user_id),
        _once(state), (), _UNREAD, revision, _once(sampled_at))
    return kept


def made(*values: Any) -> Kept:
    """The entity with the fields of OWN, in their order, and its text."""
    kept = _made(*values[:-1])
    _set_text(kept, values[-1])
    return kept


def made_of(*values: Any) -> Kept:
    """The entity with the fields of OWN, in their order, and the text of all
    of it, as the store writes it."""
    kept = _made(*values[:-1])
    _set_whole(kept, values[-1])
    return kept


def body_of(whole: str) -> str:
    """Relations and attributes, out of the text of all of an entity as the
    store writes it.

    They are found from the end: what stands behind each of these words is
    none of them again, and within a text no quote stands by itself.
    """
    end = whole.rindex(',"revision":')
    start = whole.rindex(',"relations":', 0, end)
    rest = whole.rindex(',"id":', 0, whole.rindex(',"name":', 0, start))
    return f'{whole[:rest]}{whole[start:end]}}}'


def read_as(body: Body, *fields: Any) -> Kept:
    """The entity with the fields of OWN and that body."""
    kept = _made(*fields)
    _set_body(kept, body)
    return kept


def of_whole(text: str) -> Whole:
    """The entity that the text of all of it tells of, as the store writes
    it."""
    kept = object.__new__(Whole)
    _set_whole(kept, text)
    return kept


def of(entity: entity_module.Entity) -> Kept:
    """The same entity, not looked into."""
    return made(*own(entity), text(entity))


def text(entity: entity_module.Entity) -> str:
    """Relations and attributes as JSON."""
    return (entity.text if isinstance(entity, Kept)
            else shape.plain_text(body(entity)))


def whole(entity: entity_module.Entity) -> str:
    """All of an entity as JSON, in the contract's shape."""
    if isinstance(entity, Kept) and hasattr(entity, '_whole'):
        return entity._whole
    rest = shape.plain_text(dict(zip(OWN, own(entity), strict=True)))
    return f'{rest[:-1]},{text(entity)[1:]}'


def body(entity: entity_module.Entity) -> Body:
    """Relations and attributes as JSON has them: not to be changed."""
    if isinstance(entity, Kept):
        return entity.body
    return {'relations': [
        {'kind': relation.kind, 'type': relation.type, 'id': relation.id}
        for relation in entity.relations], 'attributes': entity.attributes}


def read(entities: Iterable[entity_module.Entity]) -> None:
    """Look into all of these: done in one go it takes half as long, since
    names that come again and again are made once."""
    unread = [entity for entity in entities
              if isinstance(entity, Kept) and not hasattr(entity, '_body')]
    bodies = shape.parsed(
        f'[{",".join([kept.unread for kept in unread])}]'.encode())
    for kept, body in zip(unread, bodies, strict=True):
        _set_body(kept, body)


def same(one: entity_module.Entity, other: entity_module.Entity) -> bool:
    """Whether they are equal, as far as can be told without reading."""
    return one is other or (
        isinstance(one, Kept) and isinstance(other, Kept)
        and own(one) == own(other) and one.text == other.text)


def plain(entity: entity_module.Entity) -> entity_module.Entity:
    """The same, read."""
    return entity_module.Entity(
        relations=entity.relations, attributes=entity.attributes,
        **dict(zip(OWN, own(entity), strict=True)))
