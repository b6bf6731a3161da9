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

"""What differs between two versions of an entity, leaf by leaf."""

from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

from synchronizer.bus import wire
from synchronizer.cmd.user import words
from synchronizer.model import entity as entity_module

LONGEST = 120
_ABSENT, _UNKNOWN = object(), object()


class Difference(NamedTuple):
    """One leaf that is another now."""

    path: str
    old: Any
    new: Any

    def as_dict(self) -> dict[str, Any]:
        """For JSON; what was not there is left out, and so is what nobody
        knows, which is said."""
        body = {'field': self.path}
        body |= {name: value for name, value in (
            ('old', self.old), ('new', self.new))
            if _is_value(value)}
        if self.old is _UNKNOWN:
            body['old_known'] = False
        return body

    def __str__(self) -> str:
        path = words.line(self.path)
        return f'{path}: {_short(self.old)} -> {_short(self.new)}'


def between(old: entity_module.Entity | None, new: entity_module.Entity,
            changed: Iterable[str]) -> list[Difference]:
    """All in order. Without an old version no old value is known."""
    before = wire.entity_to_dict(old) if old is not None else None
    after = wire.entity_to_dict(new)
    found: list[Difference] = []
    for name in changed:
        found += _leaves(name, _UNKNOWN if before is None
                         else _part(before, name), _part(after, name))
    return found


def _part(body: Any, name: str) -> Any:
    field, dot, key = name.partition('.')
    part = body.get(field, _ABSENT)
    return part.get(key, _ABSENT) if dot else part


def _leaves(path: str, old: Any, new: Any) -> list[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [difference for key in sorted(old.keys() | new.keys())
                for difference in _leaves(
                    f'{path}.{key}', old.get(key, _ABSENT),
                    new.get(key, _ABSENT))]
    if _is_value(old) and _is_value(new) and (
            words.as_json(old) == words.as_json(new)):
        return []
    return [Difference(path, old, new)]


def _is_value(value: Any) -> bool:
    return value is not _ABSENT and value is not _UNKNOWN


def _short(value: Any) -> str:
    """A value on one line; "-" is nothing at all, "?" nobody knows."""
    if value is _ABSENT:
        return '-'
    if value is _UNKNOWN:
        return '?'
    text = words.line(words.as_json(value))
    # a plain word needs no quotes
    if isinstance(value, str) and text[1:-1] == value and ' ' not in value:
        text = value or text
    return text if len(text) <= LONGEST else f'{text[:LONGEST - 3]}...'
