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

"""Ways into the nested record of an entity, and what they lead to.

A path is made of keys with dots between them. A key may have dots of its
own, and a list is gone into, member by member.
"""

from collections.abc import Iterator
from typing import Any

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.cmd.user import words
from synchronizer.model import entity as entity_module

FIELDS = ('type', 'id', 'name', 'state', 'project_id', 'user_id', 'revision',
          'sampled_at', 'relations', 'attributes')
PREFIX = 'attributes.'
_SAMPLE = 500


def values(record: Any, path: str) -> Iterator[Any]:
    """All that the path leads to."""
    if isinstance(record, list):
        for member in record:
            yield from values(member, path)
    elif isinstance(record, dict):
        if path in record:
            yield record[path]
            return
        head, dot, rest = path.partition('.')
        while dot:
            if head in record:
                yield from values(record[head], rest)
            more, dot, rest = rest.partition('.')
            head += f'.{more}'


class Path:
    """A field of an entity, or a way into its attributes, as a user has
    named it."""

    def __init__(self, text: str) -> None:
        field = text.strip().lower().replace(' ', '_')
        self.name = field if field in FIELDS else text.strip()
        self._field = self.name in FIELDS
        self._found = self._field
        self._known: set[str] = set()
        self._looked = 0

    def all(self, entity: entity_module.Entity) -> list[Any]:
        """What is there, if anything."""
        if self._field:
            return [field(entity, self.name)]
        found = list(values(entity.attributes,
                            self.name.removeprefix(PREFIX)))
        if found:
            self._found = True
        elif not self._found and self._looked < _SAMPLE:
            self._looked += 1
            self._known.update(_names(entity.attributes))
        return found

    def one(self, entity: entity_module.Entity) -> Any:
        """What is there, a list where that is more than one thing, and
        None where it is nothing."""
        found = self.all(entity)
        if len(found) > 1:
            return found
        return found[0] if found else None

    def check(self) -> None:
        """InvalidArgument if no entity of all that were looked at has it.
        """
        if not self._found and self._looked:
            raise exception.InvalidArgument(
                f'no entity here has {self.name}' + words.perhaps(
                    self.name.removeprefix(PREFIX),
                    {*FIELDS, *self._known}))


def field(entity: entity_module.Entity, name: str) -> Any:
    """A field as it stands in JSON."""
    if name == 'relations':
        return wire.entity_to_dict(entity)[name]
    return getattr(entity, name)


def _names(record: Any, depth: int = 3) -> Iterator[str]:
    if isinstance(record, list):
        record = record[0] if record else None
    if not isinstance(record, dict) or not depth:
        return
    for key, value in record.items():
        yield key
        yield from (f'{key}.{rest}' for rest in _names(value, depth - 1))


def flat(record: Any, path: str = '') -> Iterator[tuple[str, Any]]:
    """Every leaf of a record with the path to it."""
    if isinstance(record, dict) and record:
        for key in sorted(record):
            yield from flat(record[key], f'{path}.{key}' if path else key)
    else:
        yield path, record
