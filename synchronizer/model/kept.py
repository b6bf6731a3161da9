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
takes about the room of that text, and costs next to nothing.
"""

from collections.abc import Callable
from collections.abc import Iterable
import json
import sys
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.model import shape

OWN = ('type', 'id', 'name', 'project_id', 'user_id', 'state', 'revision',
       'sampled_at')
"""The fields that are not in the text."""

_SHARED = frozenset(('type', 'project_id', 'user_id', 'state', 'sampled_at'))
"""Many entities have the same: it is there once."""

_HELD = tuple((name, name in _SHARED) for name in (*OWN, 'text'))

Content = tuple[tuple[entity_module.Relation, ...], dict[str, Any]]


class Kept(entity_module.Entity):
    """An entity like any other: it is equal to one, looks like one, and
    what is made of it (a copy, a replacement) is a plain one. It reads its
    text once."""

    __slots__ = ('_content', 'text')

    text: str
    """Relations and attributes, as JSON has them."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """A plain one; see `keep`."""
        return entity_module.Entity(*args, **kwargs)

    @property
    def relations(self) -> tuple[entity_module.Relation, ...]:
        """See Entity."""
        return self._read()[0]

    @property
    def attributes(self) -> dict[str, Any]:
        """See Entity."""
        return self._read()[1]

    def _read(self) -> Content:
        try:
            return self._content
        except AttributeError:
            body = shape.parsed(self.text.encode())
        content = relations(body), body['attributes']
        _set(self, '_content', content)
        return content

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, entity_module.Entity):
            return NotImplemented
        return same(self, other) or plain(self) == plain(other)

    __hash__ = entity_module.Entity.__hash__

    def __repr__(self) -> str:
        return repr(plain(self))

    def __reduce__(self) -> tuple[Callable, tuple]:
        return plain, (plain(self),)


_set = object.__setattr__
"""It is frozen."""


def _own(entity: entity_module.Entity) -> list[Any]:
    return [getattr(entity, name) for name in OWN]


def relations(body: dict[str, Any]) -> tuple[entity_module.Relation, ...]:
    """Those of an entity as JSON has it."""
    return tuple(entity_module.Relation(each['kind'], each['type'],
                                        each['id'])
                 for each in body['relations'])


def made(*values: Any) -> Kept:
    """The entity with the fields of OWN, in their order, and its text."""
    kept = object.__new__(Kept)
    for (name, shared), value in zip(_HELD, values, strict=True):
        if shared and type(value) is str:
            value = sys.intern(value)
        _set(kept, name, value)
    return kept


def of(entity: entity_module.Entity) -> Kept:
    """The same entity, not looked into."""
    return made(*_own(entity), text(entity))


def text(entity: entity_module.Entity) -> str:
    """Relations and attributes as JSON."""
    if isinstance(entity, Kept):
        return entity.text
    return _dumps({
        'relations': [{'kind': relation.kind, 'type': relation.type,
                       'id': relation.id} for relation in entity.relations],
        'attributes': entity.attributes})


def read(entities: Iterable[entity_module.Entity]) -> None:
    """Look into all of these: done in one go it takes half as long, since
    names that come again and again are made once."""
    unread = [entity for entity in entities if isinstance(entity, Kept)]
    bodies = shape.parsed(
        f'[{",".join(kept.text for kept in unread)}]'.encode())
    for kept, body in zip(unread, bodies, strict=True):
        _set(kept, '_content', (relations(body), body['attributes']))


def same(one: entity_module.Entity, other: entity_module.Entity) -> bool:
    """Whether they are equal, as far as can be told without reading."""
    return one is other or (
        isinstance(one, Kept) and isinstance(other, Kept)
        and one.text == other.text and _own(one) == _own(other))


def plain(entity: entity_module.Entity) -> entity_module.Entity:
    """The same, read."""
    return entity_module.Entity(
        relations=entity.relations, attributes=entity.attributes,
        **{name: getattr(entity, name) for name in OWN})


_dumps = json.JSONEncoder(separators=(',', ':')).encode
