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


"""Which faults strike, when, and for how long: decided by a seed."""

import collections
import dataclasses
import itertools
import random
import time

from synchronizer.tests.functional.faults import kinds

MOST = 3
"""Faults at once, but for the last wave."""

PAUSE = (0.5, 2.0)
"""Seconds between two waves, in which things may go on."""


@dataclasses.dataclass
class Strike:
    """One fault of a run, for the report."""

    fault: kinds.Fault
    hold: float
    struck: float = 0.0
    healed: float = 0.0

    def __str__(self):
        return str(self.fault)


class Script:
    """Waves of faults without end; the same seed writes the same ones.

    Every kind comes once before any comes again. Those of one wave are of
    different rooms, so that each can be healed whatever the others do.
    `first` are the kinds of the waves that come before the others.
    """

    def __init__(self, deployment, seed, wanted=kinds.KINDS, first=()):
        self.deployment, self._rng = deployment, random.Random(seed)
        self._numbers = itertools.count(seed * 1000)
        self.missing, self._kinds = {}, []
        for kind in wanted:
            why = kind.missing(deployment)
            if why:
                self.missing[kinds.name(kind)] = why
            else:
                self._kinds.append(kind)
        self._first = [[kind for kind in wave if kind in self._kinds]
                       for wave in first]
        self._deck = collections.deque()

    def waves(self):
        """Lists of strikes."""
        done = [kind for wave in self._first for kind in wave]
        for wave in self._first:
            yield [self._strike(kind) for kind in wave]
        self._fill(done)
        while True:
            self._fill()
            wanted = self._rng.choice((1, 2, 2, MOST))
            wave, rooms = [], set()
            for kind in list(self._deck):
                if len(wave) < wanted and kind.room not in rooms:
                    rooms.add(kind.room)
                    self._deck.remove(kind)
                    wave.append(self._strike(kind))
            yield wave

    def all_at_once(self):
        """One of each room."""
        rooms = collections.defaultdict(list)
        for kind in self._kinds:
            rooms[kind.room].append(kind)
        return [self._strike(self._rng.choice(one))
                for _, one in sorted(rooms.items())]

    def _fill(self, done=()):
        if not self._deck:
            cards = [kind for kind in self._kinds if kind not in done]
            self._rng.shuffle(cards)
            self._deck.extend(cards)

    def _strike(self, kind):
        fault = kind(self.deployment, random.Random(next(self._numbers)))
        return Strike(fault, fault.rng.uniform(*fault.lasts()))


class Storm:
    """Lets a script happen."""

    def __init__(self, script, seed, say=print):
        self._script, self._rng = script, random.Random(seed)
        self._say, self.strikes, self.ended = say, [], 0

    def rage(self, seconds):
        """For so long; then all at once. Everything is healed at the end."""
        end = time.monotonic() + seconds
        for wave in self._script.waves():
            if time.monotonic() > end:
                break
            self.wave(wave)
            time.sleep(self._rng.uniform(*PAUSE))
        self.wave(self._script.all_at_once())

    def wave(self, wave):
        self._say(', '.join(f'{one} ({one.hold:.1f} s)' for one in wave))
        struck = []
        try:
            for one in wave:
                one.struck = time.monotonic()
                struck.append(one)
                one.fault.strike()
        finally:
            for one in sorted(struck, key=lambda one: (
                    one.struck + one.hold)):
                time.sleep(max(0, one.struck + one.hold - time.monotonic()))
                one.fault.heal()
                one.healed = time.monotonic()
            self.strikes += struck
        # a database that is away at the start ends a service, for example
        self.ended += self._script.deployment.mind()
