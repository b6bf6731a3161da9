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

"""Which entities a command is about: the filters of its command line."""

import argparse
from collections.abc import Iterable
from collections.abc import Iterator
import fnmatch
import math
import operator
import re
from typing import Any

from synchronizer.cmd.user import paths
from synchronizer.cmd.user import words
from synchronizer.model import entity as entity_module

_CONDITION = re.compile(r'(.+?)\s*(!=|>=|<=|=|>|<|~)\s*(.*)', re.DOTALL)
_ORDER = {'>=': operator.ge, '<=': operator.le, '>': operator.gt,
          '<': operator.lt}
_WORDS = {None: 'null', True: 'true', False: 'false'}


class Condition:
    """One comparison, as in ``flavor.ram>=512``."""

    def __init__(self, text: str) -> None:
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise argparse.ArgumentTypeError(
                f'{text} is no condition; it looks like flavor.ram>=512, '
                'with one of = != > >= < <= ~')
        self.path = paths.Path(found[1])
        self._sign, self._wanted = found[2], found[3]

    def holds(self, entity: entity_module.Entity) -> bool:
        """Of what is in a list, one is enough; what is not there is only
        unequal."""
        found = list(_members(self.path.all(entity)))
        if self._sign == '!=':
            return not any(_equal(value, self._wanted) for value in found)
        return any(self._compare(value) for value in found)

    def _compare(self, value: Any) -> bool:
        if self._sign == '=':
            return _equal(value, self._wanted)
        if self._sign == '~':
            return fnmatch.fnmatchcase(_text(value), self._wanted)
        if value is None:
            return False
        pair = _number(value), _number(self._wanted)
        if any(map(math.isnan, pair)):
            return _ORDER[self._sign](_text(value), self._wanted)
        return _ORDER[self._sign](*pair)


def _members(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _members(value)
        else:
            yield value


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return str(words.as_text(value))


def _equal(value: Any, wanted: str) -> bool:
    text = _text(value)
    if isinstance(value, bool):
        return text == wanted.lower()
    if isinstance(value, int | float):
        return text == wanted or value == _number(wanted)
    return text == wanted


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


class Selection:
    """All filters together; those of one kind are alternatives."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._projects = frozenset(arguments.project)
        self._names = tuple(arguments.name)
        self._states = frozenset(map(str.lower, arguments.state))
        self._conditions: list[Condition] = arguments.where

    @property
    def paths(self) -> list[paths.Path]:
        """What the conditions look at."""
        return [condition.path for condition in self._conditions]

    def takes(self, entity: entity_module.Entity) -> bool:
        """Whether it passes."""
        # every condition looks, so that it knows what there is
        held = [one.holds(entity) for one in self._conditions]
        return all(held) and (
            not self._projects or entity.project_id in self._projects) and (
            not self._states
            or (entity.state or '').lower() in self._states) and (
            not self._names or _named(entity.name or '', self._names))


def _named(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The filters, each of which can be repeated."""
    group = parser.add_argument_group('filters')
    group.add_argument('--project', action='append', default=[],
                       metavar='ID', help='of this project')
    group.add_argument('--name', action='append', default=[],
                       metavar='GLOB', help='of such a name, as "web-*"')
    group.add_argument('--state', action='append', default=[],
                       help='in this state, as the service calls it')
    group.add_argument(
        '--where', '--attribute', action='append', default=[],
        type=Condition, metavar='CONDITION',
        help='a field or attribute, and what it is: flavor.ram>=512, '
        'metadata.role=db, "OS-EXT-SRV-ATTR:host~cmp-*"; signs are = != > '
        '>= < <= and ~ (a pattern); all conditions must hold')
