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

"""Real objects as states of a model: kept as numbers, made again, mutated.

The models do not describe our classes, they run them. An object is taken
apart into what it holds; equal contents get equal numbers, and a number can
be made into an object again, as often as there are ways to go on from it.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses
import enum
import inspect
import math
import sys
import textwrap
from typing import Any

from synchronizer.model import reading

ENDS = frozenset((-math.inf, math.inf))
_PLAIN = (type(None), bool, int, float, str, bytes, enum.Enum)


def _fields(value: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name)
                for field in dataclasses.fields(value)}
    if not type(value).__module__.startswith('synchronizer.'):
        raise TypeError(f'{value!r} cannot be part of a state')
    return vars(value)


def image(value: Any) -> Hashable:
    """Equal for equal contents."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, dict):
        return frozenset((image(k), image(v)) for k, v in value.items())
    if isinstance(value, list | tuple):
        return (type(value), *map(image, value))
    if isinstance(value, set | frozenset):
        return frozenset(map(image, value))
    if _is_frozen(value):
        return _image_once(value)
    return (type(value), image(_fields(value)))


# by identity, and held so that no other object gets it: frozen ones are
# shared between copies, and there are few
_IMAGES: dict[int, tuple[Any, Hashable]] = {}


def _image_once(value: Any) -> Hashable:
    if id(value) not in _IMAGES:
        _IMAGES[id(value)] = value, (type(value), image(_fields(value)))
    return _IMAGES[id(value)][1]


def copied(value: Any, time: Callable[[float], float] = float) -> Any:
    """The same once more, sharing nothing that changes; floats are times."""
    if isinstance(value, float):
        return time(value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, dict):
        return {key: copied(held, time) for key, held in value.items()}
    if isinstance(value, list | set):
        return type(value)(copied(held, time) for held in value)
    if isinstance(value, tuple):
        return _like(value, [copied(held, time) for held in value])
    if _is_frozen(value):
        return value
    made = object.__new__(type(value))
    for name, held in _fields(value).items():
        object.__setattr__(made, name, copied(held, time))
    return made


def _like(value: tuple, parts: list[Any]) -> tuple:
    return value._make(parts) if hasattr(value, '_make') else tuple(parts)


def _is_frozen(value: Any) -> bool:
    """Whether it never changes; the times of a window are renumbered."""
    parameters = getattr(value, '__dataclass_params__', None)
    return parameters is not None and parameters.frozen and (
        not isinstance(value, reading.Window))


def times(value: Any) -> Iterator[float]:
    """Every float in it."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for held in value.values():
            yield from times(held)
    elif isinstance(value, list | set | tuple):
        for held in value:
            yield from times(held)
    elif not isinstance(value, _PLAIN) and not _is_frozen(value):
        yield from times(_fields(value))


class Part:
    """The contents that objects of one kind have had, by number."""

    def __init__(self, make: Callable[[], Any], state: Collection[str],
                 fixed: Collection[str] = ()) -> None:
        """Attributes named in `state` are kept; those in `fixed` are as
        `make` makes them. There may be no others."""
        self._make = make
        self._state, self._fixed = frozenset(state), frozenset(fixed)
        self._numbers: dict[Hashable, int] = {}
        self._contents: list[dict[str, Any]] = []

    def keep(self, thing: Any,
             time: Callable[[float], float] = float) -> int:
        """The number of what it holds."""
        strange = vars(thing).keys() ^ self._state ^ self._fixed
        if strange:
            raise TypeError(f'{type(thing)}: is {strange} state, or not?')
        content = {name: copied(getattr(thing, name), time)
                   for name in self._state}
        number = self._numbers.setdefault(
            image(content), len(self._contents))
        if number == len(self._contents):
            self._contents.append(content)
        return number

    def times(self, thing: Any) -> set[float]:
        """All that it knows of time."""
        return {when for name in self._state
                for when in times(getattr(thing, name))}

    def renumber(self, thing: Any, others: Iterable[float | None] = ()
                 ) -> tuple[int, dict[float | None, float]]:
        """Keep it with all times numbered from 1, in their order; what the
        times are now, its own and those of `others`. None stays None."""
        known = self.times(thing) | {
            when for when in others if when is not None}
        numbers: dict[float | None, float] = {
            when: float(number) for number, when in
            enumerate(sorted(known - ENDS), 1)}
        numbers |= {None: None, **{end: end for end in ENDS}}
        return self.keep(thing, numbers.__getitem__), numbers

    def again(self, number: int) -> Any:
        """An object that holds what had this number."""
        thing = self._make()
        for name, value in self._contents[number].items():
            setattr(thing, name, copied(value))
        return thing


def cut(kind: type, method: str, *changes: tuple[str, str]) -> Callable:
    """A real method, made of its own source with some texts exchanged.

    Each must be there, once: when the code moves, this says so.
    """
    function = inspect.unwrap(getattr(kind, method))
    source = textwrap.dedent(inspect.getsource(function))
    for old, new in changes:
        if source.count(old) != 1:
            raise ValueError(f'{kind.__name__}.{method} has not one {old!r}')
        source = source.replace(old, new)
    place: dict[str, Any] = {}
    # the source is our own
    exec(source, vars(sys.modules[function.__module__]), place)
    return place[method]


def without(kind: type, method: str, *changes: tuple[str, str]) -> type:
    """A real class with one guard taken out of one of its methods."""
    return type(kind.__name__, (kind,), {
        '__module__': kind.__module__, method: cut(kind, method, *changes)})
