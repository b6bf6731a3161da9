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

"""A model checker of a hundred lines: every state there is, breadth first.

A model says where it begins, what may happen next, and what was promised.
The explorer goes everywhere, so what it does not find does not exist within
the bounds of the model; and since it goes there by the shortest way, what it
finds is short.

Two kinds of promises are looked at. *Always*: a state, or a step, that breaks
one is reported with the steps that led there. *In the end*: some steps are
quiet, which means that they will be taken whatever else happens not; where
only quiet steps are left, however they are ordered, they must come to an end,
and that end must be good.
"""

import collections
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses
from typing import NamedTuple
from typing import Protocol

State = Hashable

END = 'in the end all is quiet, and good'


class Step(NamedTuple):
    """Something that may happen."""

    name: str
    """For people."""

    state: State
    """What is then."""

    quiet: bool = False
    """Whether it happens sooner or later, if nothing else does."""

    broken: str | None = None
    """The promise that is broken by it."""


class Model(Protocol):
    """What can be explored."""

    def start(self) -> State:
        """Where it begins."""

    def steps(self, state: State) -> Iterable[Step]:
        """What may happen next; a step that changes nothing is none."""

    def good(self, state: State) -> bool:
        """Whether all may end here."""


@dataclasses.dataclass(frozen=True)
class Found:
    """A promise that is not kept, and the shortest way to see it."""

    promise: str
    """Which."""

    trace: tuple[str, ...]
    """The steps that lead there, from the start."""

    def __str__(self) -> str:
        width = len(str(len(self.trace)))
        return '\n'.join([
            *(f'{number:<{width}} {name}'
              for number, name in enumerate(self.trace, 1)),
            f'=> {self.promise}'])


@dataclasses.dataclass(frozen=True)
class Report:
    """What came of it."""

    states: int
    """How many were looked at."""

    steps: int
    """How many were taken."""

    found: Found | None
    """What is wrong; None: nothing."""


class TooManyStates(Exception):
    """A model grew beyond what it was meant to be."""


def explore(model: Model, most: int = 10 ** 7) -> Report:
    """Go everywhere, unless something is found before."""
    return _Exploration(model, most).report()


class _Exploration:
    """States are numbered in the order in which they are found."""

    def __init__(self, model: Model, most: int) -> None:
        self._model, self._most = model, most
        self._numbers: dict[State, int] = {}
        self._states: list[State] = []
        self._ways: list[tuple[int, str] | None] = []
        self._quiet: list[list[int]] = []
        self._steps = 0

    def report(self) -> Report:
        found = self._walk() or self._never_ends()
        return Report(len(self._states), self._steps, found)

    def _walk(self) -> Found | None:
        self._number(self._model.start(), None)
        number = 0
        while number < len(self._states):
            quiet = []
            for step in self._model.steps(self._states[number]):
                self._steps += 1
                if step.broken is not None:
                    return Found(step.broken,
                                 (*self._trace(number), step.name))
                to = self._number(step.state, (number, step.name))
                if step.quiet:
                    quiet.append(to)
            self._quiet.append(quiet)
            number += 1
        return None

    def _number(self, state: State, way: tuple[int, str] | None) -> int:
        number = self._numbers.setdefault(state, len(self._states))
        if number == len(self._states):
            if number == self._most:
                raise TooManyStates(f'more than {self._most}')
            self._states.append(state)
            self._ways.append(way)
        return number

    def _trace(self, number: int) -> Iterator[str]:
        names = []
        while (way := self._ways[number]) is not None:
            number, name = way
            names.append(name)
        return reversed(names)

    def _never_ends(self) -> Found | None:
        """Take away, from their ends, the states that quiet steps lead on
        to a good end from; what is left is a bad end, or a circle."""
        before = collections.defaultdict(list)
        left = [len(quiet) for quiet in self._quiet]
        for number, quiet in enumerate(self._quiet):
            for to in quiet:
                before[to].append(number)
        ends = [number for number, count in enumerate(left) if not count]
        for number in ends:
            if not self._model.good(self._states[number]):
                return Found(f'{END}: here it ends',
                             tuple(self._trace(number)))
        while ends:
            for number in before[ends.pop()]:
                left[number] -= 1
                if not left[number]:
                    ends.append(number)
        circling = {number for number, count in enumerate(left) if count}
        return self._circle(circling) if circling else None

    def _circle(self, circling: set[int]) -> Found:
        """The shortest way to one, and once round it."""
        number = min(circling)
        way: dict[int, int] = {}
        while number not in way:
            way[number] = next(to for to in self._quiet[number]
                               if to in circling)
            number = way[number]
        start = number = min(_round(way, number))
        names = []
        while not names or number != start:
            names.append(self._name(number, way[number]))
            number = way[number]
        return Found(f'{END}: it goes round in circles',
                     (*self._trace(start), *names))

    def _name(self, number: int, to: int) -> str:
        return next(step.name for step in self._model.steps(
            self._states[number]) if self._numbers.get(step.state) == to)


def _round(way: dict[int, int], start: int) -> Iterator[int]:
    number = start
    while True:
        yield number
        number = way[number]
        if number == start:
            return
