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

"""What a benchmark finds: figures, the floors of the same run, ratios.

A module of this package is a benchmark if it has ``run(options)``, which
gives Results, and is named in `__main__`.
"""

import contextlib
import dataclasses
import gc
import json
import os
import pathlib
import platform
import statistics
import time

from synchronizer import memory

HERE = pathlib.Path(__file__).parent / 'results'


@dataclasses.dataclass(frozen=True)
class Options:
    """How large and how often."""

    sizes: tuple[int, ...]
    """How many entities, from small to large."""

    seed: int = 1
    """The same seed, the same cloud."""

    short: bool = False
    """A look at it rather than a measurement."""

    @property
    def times(self):
        """How often what can be repeated is repeated."""
        return 3 if self.short else 5


@dataclasses.dataclass(frozen=True)
class Result:
    """One figure."""

    line: int
    """What must be reached, as the page of the benchmarks numbers it."""

    what: str
    """What was measured."""

    size: int
    """How many entities there were."""

    figure: float
    """What came out."""

    unit: str
    """Of the figure and of the floor."""

    floor: float | None = None
    """The same of what cannot be undercut; None: the figure is absolute."""

    bound: float | None = None
    """What the ratio, or the absolute figure, may be; None: not said."""

    least: bool = False
    """The bound is what must be had at least, as of a rate."""

    @property
    def ratio(self):
        """How many times the floor."""
        return self.figure / self.floor if self.floor else None

    @property
    def holds(self):
        """Whether the bound is kept; None: there is none."""
        if self.bound is None:
            return None
        value = self.figure if self.floor is None else self.ratio
        return value >= self.bound if self.least else value <= self.bound

    def __str__(self):
        floor = '' if self.floor is None else (
            f'floor {shown(self.floor)}, {self.ratio:.2f} times')
        bound = '' if self.bound is None else (
            f'{"at least" if self.least else "at most"} {self.bound:g}: '
            f'{"yes" if self.holds else "NO"}')
        return (f'{self.line}  {self.size:>7}  {self.what:40} '
                f'{shown(self.figure):>8} {self.unit:9} {floor:28} {bound}')


def shown(value):
    """A number with what matters of it."""
    return f'{value:.3g}' if abs(value) < 100 else f'{value:.0f}'


class Seconds:
    """CPU seconds of this process, all threads, while it is entered.

    What lives already is not looked through for garbage meanwhile: a floor
    would pay for what the service holds in the same process.
    """

    value = 0.0

    def __enter__(self):
        gc.collect()
        gc.freeze()
        self._began = time.process_time()
        return self

    def __exit__(self, *error):
        self.value = time.process_time() - self._began
        gc.unfreeze()


@contextlib.contextmanager
def as_in_a_collector():
    """Look for garbage as seldom as a collector does. What is measured
    beside it does so as Python has it."""
    before = gc.get_threshold()
    gc.set_threshold(*memory.GARBAGE)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def seconds_of(call):
    """What one call costs."""
    with Seconds() as seconds:
        call()
    return seconds.value


def in_turns(times, *calls):
    """What each call costs: the median of so many, taken in turns, so that
    all of them have the same bad moments."""
    rounds = [[seconds_of(call) for call in calls] for _ in range(times)]
    return [statistics.median(costs) for costs in zip(*rounds)]


def save(name, results, options):
    """Keep them beside the benchmarks."""
    HERE.mkdir(exist_ok=True)
    told = {'name': name, 'short': options.short, 'seed': options.seed,
            'python': platform.python_version(), 'cpus': os.cpu_count(),
            'machine': platform.machine(),
            'results': [dataclasses.asdict(result) for result in results]}
    (HERE / f'{name}.json').write_text(json.dumps(told, indent=1) + '\n')


def load():
    """What was kept of all: (told, results) of each, in order."""
    for path in sorted(HERE.glob('*.json')):
        told = json.loads(path.read_text())
        yield told, [Result(**result) for result in told.pop('results')]
