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

"""How a value of a template and a value of a service are told to be one.

Two kinds of functions: `Agree` takes two values, `Read` takes what a service
shows to the value that counts; `compared` makes a `Compare` of them.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import decimal
import ipaddress
import json
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins.reality import table

Read = Callable[[Any], Any]
"""What counts of the actual thing; NotComparable where it is not shown."""

Agree = Callable[[Any, Any], bool]
"""(desired, actual). NotComparable where the desired value says nothing."""

_TRUTH = {'true': True, 'false': False}


def shown(*path: str) -> Read:
    """What an entity, or a record, has there."""
    def read(actual: Any) -> Any:
        value = actual.attributes if isinstance(
            actual, entity_module.Entity) else actual
        for key in path:
            if not isinstance(value, Mapping) or key not in value:
                raise table.NotComparable(
                    f'the service does not show {"/".join(path)}')
            value = value[key]
        return value
    return read


def shown_or(default: Any, *path: str) -> Read:
    """The same of what a service leaves out when it is not set."""
    inner = shown(*path)

    def read(actual: Any) -> Any:
        try:
            return inner(actual)
        except table.NotComparable:
            return default
    return read


def compared(read: Read, agree: Agree) -> table.Compare:
    """The value that is read must agree; what is null is not set."""
    def compare(desired: Any, actual: Any, subject: table.Subject,
                around: table.Around) -> table.Difference | None:
        if desired is None:
            return None
        return told(desired, read(actual), agree)
    return compare


def told(desired: Any, found: Any, agree: Agree) -> table.Difference | None:
    """The difference of two values, if they do not agree."""
    return None if agree(desired, found) else table.Difference(
        desired, found)


def text(desired: Any, actual: Any) -> bool:
    """Heat writes what is no text as text; none and nothing are alike."""
    return _text(desired) == _text(actual)


def _text(value: Any) -> str:
    return '' if value is None else str(value)


def number(desired: Any, actual: Any) -> bool:
    """A number, or its text. Neither a boolean nor anything else is one."""
    wanted, found = _number(desired), _number(actual)
    if wanted is None:
        raise table.NotComparable('the template sets no number')
    return wanted == found


def _number(value: Any) -> decimal.Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        found = decimal.Decimal(str(value))
    except decimal.InvalidOperation:
        return None
    return found if found.is_finite() else None


def boolean(desired: Any, actual: Any) -> bool:
    """True, 'True' and 'true' alike; what is not set is false."""
    wanted = truth(desired)
    if wanted is None:
        raise table.NotComparable('the template sets no boolean')
    return wanted is (truth(actual) or False)


def truth(value: Any) -> bool | None:
    """The boolean that is written so, if it is any."""
    return value if isinstance(value, bool) else _TRUTH.get(
        str(value).strip().lower())


def addresses(agree: Agree) -> Agree:
    """Addresses and networks may be written in many ways."""
    return lambda desired, actual: agree(address(desired), address(actual))


def address(value: Any) -> Any:
    """The value with all addresses in it in one way of writing."""
    if isinstance(value, Mapping):
        return {key: address(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [address(inner) for inner in value]
    if not isinstance(value, str):
        return value
    try:
        return str(ipaddress.ip_network(value, strict=False)
                   if '/' in value else ipaddress.ip_address(value))
    except ValueError:
        return value


def unordered(desired: Any, actual: Any) -> bool:
    """The same members, in whatever order, however often."""
    return _members(desired) == _members(actual)


def _members(value: Any) -> set[str]:
    if value is None:
        return set()
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise table.NotComparable('this is no list')
    return {member if isinstance(member, str) else canonical(member)
            for member in value}


def canonical(value: Any) -> str:
    """JSON that is equal for equal values; 1 is not true."""
    return json.dumps(value, sort_keys=True, default=str)


def subset(desired: Any, actual: Any) -> bool:
    """All keys that the template sets are there; others may be, too."""
    found = {} if actual is None else actual
    if not isinstance(desired, Mapping) or not isinstance(found, Mapping):
        raise table.NotComparable('this is no map')
    return all(str(key) in found and written(value, found[str(key)])
               for key, value in desired.items())


def written(desired: Any, actual: Any) -> bool:
    """One value of metadata: Heat writes what is no text as JSON, and some
    services show booleans and numbers in their own spelling."""
    if isinstance(desired, str) and isinstance(actual, str):
        return desired == actual
    if isinstance(desired, bool) or isinstance(actual, bool):
        return truth(desired) is not None and (
            truth(desired) is truth(actual))
    wanted = _number(desired)
    if wanted is not None and wanted == _number(actual):
        return True
    return canonical(_parsed(desired)) == canonical(_parsed(actual))


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def items(agree: Callable[[Mapping[str, Any], Mapping[str, Any]], bool],
          exact: bool = False) -> Agree:
    """Lists of maps, in whatever order: each desired one is found among the
    actual ones; `exact`: and nothing else is there."""
    def agrees(desired: Any, actual: Any) -> bool:
        wanted, found = list(desired), list(actual or ())
        if exact and len(wanted) != len(found):
            return False
        return pairs(wanted, found, agree)
    return agrees


def pairs(wanted: list[Any], found: list[Any], agree: Agree) -> bool:
    """Whether each that is wanted has one of its own among the found. One
    that could have several makes room for one that could not."""
    options = [[place for place, shown in enumerate(found)
                if agree(one, shown)] for one in wanted]
    taken: dict[int, int] = {}

    def settle(one: int, tried: set[int]) -> bool:
        for place in options[one]:
            if place in tried:
                continue
            tried.add(place)
            if place not in taken or settle(taken[place], tried):
                taken[place] = one
                return True
        return False

    return all(settle(one, set()) for one in range(len(wanted)))


@dataclasses.dataclass(frozen=True, slots=True)
class Naming:
    """How things are referred to that have an id and a name."""

    id: Callable[[Any, table.Around], str | None]
    """Of the one that the actual thing has; None: it shows a name only."""

    name: Callable[[Any, table.Around], str | None]
    """Its name; None if that cannot be told any more."""

    by_id: Callable[[str, table.Around], str | None]
    """The name of the thing with that id; None: no thing has that id."""

    is_name: Callable[[str, table.Around], bool]
    """Whether any thing has that name now."""


def reference(naming: Naming) -> table.Compare:
    """A name or an id: an id, if anything has it. What a word meant that is
    neither (any more) cannot be told."""
    def compare(desired: Any, actual: Any, subject: table.Subject,
                around: table.Around) -> table.Difference | None:
        if desired is None:
            return None
        word, id_ = str(desired), naming.id(actual, around)
        if word == id_:
            return None
        name = naming.name(actual, around)
        meant = naming.by_id(word, around)
        if meant is not None:
            agrees = id_ is None and meant == name
        else:
            agrees = word == name
        if agrees:
            return None
        if meant is None and not naming.is_name(word, around):
            raise table.NotComparable(
                f'nothing is called {word}, or has that id, any more')
        return table.Difference(desired, id_ if name is None else name)
    return compare
