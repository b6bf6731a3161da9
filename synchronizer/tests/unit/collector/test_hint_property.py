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

"""The rules of the baseline, at the level of a runner that is told things.

A small cloud changes before, during and after every request; its hints are
lost, doubled, late, reordered and forged; single ids, crowds and parts are
looked at while sweeps are under way, and the collector is restarted. Whatever
happens: what is told of one id moves forward in true time, and after one
quiet complete sweep the stream equals the truth.
"""

import dataclasses
import functools
import random

import hypothesis
from hypothesis import strategies

from synchronizer.collector import runner
from synchronizer.collector import settings
from synchronizer.model import baseline
from synchronizer.model import reading
from synchronizer.plugins.hints import Hint
from synchronizer.store import base as store_base
from synchronizer.store import memory
from synchronizer.tests import base
from synchronizer.tests.unit.collector import doubles
from synchronizer.tests.unit.model import test_baseline_property

TYPE, IDS, PAGE = 'test.thing', 'abcd', 2


class Cloud(doubles.Told):
    """What really was; `happen` is called before and after each reading."""

    def __init__(self, dice):
        super().__init__(doubles.Clock())
        self.dice, self.history = dice, {id_: [None] for id_ in IDS}
        self.moved, self.version = {}, 0
        self.happen = lambda: None
        self.looks = 0

    def change(self):
        id_ = self.dice.choice(IDS)
        self.version += 1
        lives = self.dice.random() < 0.7
        self.history[id_].append(self.version if lives else None)
        if self.dice.random() < 0.7:
            # some changes move no stamp
            self.moved[id_] = self.clock.seconds
        self.clock.advance(0.001)
        return id_

    def record(self, id_):
        version = self.history[id_][-1]
        status = 'DELETED' if version is None else 'ACTIVE'
        rest = 0.3 if version and version % 4 == 0 else None
        return doubles.record(id_, status, v=version, rest=rest)

    def living(self, ids=IDS):
        return [id_ for id_ in ids if self.history[id_][-1] is not None]

    def read(self, what):
        start = self.clock.advance(0.001)
        self.happen()
        records = [self.record(id_) for id_ in what()]
        self.happen()
        return reading.Page(
            tuple(records), reading.Window(start, self.clock.advance(0.001)),
            'now', start)

    def list(self, session):
        after = ''
        while True:
            page = self.read(functools.partial(self.page_after, after))
            yield page
            if not page.records:
                return reading.COMPLETE
            after = page.records[-1]['id']

    def page_after(self, after):
        return [id_ for id_ in self.living() if id_ > after][:PAGE]

    def list_since(self, session, when):
        self.looks += 1
        try:
            yield self.read(lambda: [id_ for id_ in IDS
                                     if self.moved.get(id_, 0) >= when])
        finally:
            self.looks -= 1
        return reading.COMPLETE

    def list_part(self, session, part):
        yield self.read(lambda: self.living(part))
        return reading.Outcome(covers=part.__contains__)

    def get(self, session, id_):
        return self.read(lambda: self.living([id_] if id_ in IDS else []))

    def look_up(self, session, id_):
        page = self.get(session, id_)
        return dataclasses.replace(page, unproved=not page.records)

    def prove(self, session):
        self.happen()


class World:
    """One cloud, one collector, and everything that goes wrong."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.cloud = Cloud(self.dice)
        self.cloud.happen = self.happen
        self.clock, self.depth = self.cloud.clock, 0
        self.store = memory.MemoryStore(self.clock.wall)
        self.store.ensure([store_base.StreamSpec(TYPE, 'test', 600)])
        self.late = []
        self.restart()

    def restart(self):
        self.runner = runner.Runner(
            doubles.Plugin(), [self.cloud], self.store, 'here',
            lambda type_: None, settings.Settings(
                delta_interval=5, hint_batch=2, brake_min=1000),
            self.clock, self.dice)
        self.poller = self.runner.pollers[TYPE]

    # --- what happens ----------------------------------------------------

    def happen(self):
        """Some of it while a request is under way."""
        while self.depth < 2 and self.dice.random() < 0.6:
            self.depth += 1
            self.dice.choice([self.change, self.change, self.deliver,
                              self.forge, self.ask, self.doubt])()
            self.depth -= 1

    def change(self):
        hints = self.dice.choice([0, 1, 1, 2])
        self.late += [self.cloud.change()] * hints

    def deliver(self):
        if self.late:
            id_ = self.late.pop(self.dice.randrange(len(self.late)))
            self.runner.hint(Hint(TYPE, id_, gone=self.dice.random() < 0.3))

    def forge(self):
        self.runner.hint(Hint(
            TYPE, self.dice.choice(IDS + 'x'), gone=self.dice.random() < 0.5,
            written=self.dice.choice([None, 0.0, 1e12])))
        if self.dice.random() < 0.3:
            self.runner.hint(Hint(TYPE, self.dice.choice(['ab', 'cd']),
                                  part=True))

    def ask(self):
        """Another thread asks for what is due; there may be no two looks
        at once."""
        self.clock.advance(self.dice.choice([0.01, 0.06]))
        if not self.cloud.looks:
            self.runner._refetcher.step()

    def doubt(self):
        self.runner.ask(TYPE, self.dice.choice(IDS), 'hint')
        self.ask()

    def sweep(self):
        self.poller.sweep_soon()
        self.poller.step()

    def step(self):
        self.clock.advance(self.dice.choice([0.01, 0.1, 1]))
        self.dice.choice([self.change, self.change, self.deliver, self.forge,
                          self.ask, self.ask, self.poller.step, self.sweep])()
        if self.dice.random() < 0.02:
            self.restart()

    def quiet(self):
        """Nothing happens any more but what was asked for already."""
        self.cloud.happen = lambda: None
        for _ in range(200):
            self.clock.advance(0.06)
            self.runner._refetcher.step()

    # --- what was told ---------------------------------------------------

    def told(self):
        row = self.store.streams([TYPE])[TYPE]
        _, changes = self.store.changes_since(
            TYPE, row.epoch, 0, 10**6, 10**9)
        told = {id_: [] for id_ in IDS}
        for change in changes:
            told[change.id].append(
                None if change.action == 'deleted'
                else change.entity.attributes['v'])
        return told

    def held(self):
        return {id_: entity.attributes['v'] for id_, (entity, _)
                in self.store.entities(TYPE, list(IDS)).items()}

    def assert_right(self):
        for id_, told in self.told().items():
            true, at = self.cloud.history[id_], 0
            for value in told:
                assert value in true[at + 1:], (
                    f'{id_}: told {told}, true {true}')
                at = true.index(value, at + 1)

    def assert_level(self):
        true = {id_: self.cloud.history[id_][-1]
                for id_ in self.cloud.living()}
        assert self.held() == true, f'held {self.held()}, true {true}'


def live(seed):
    world = World(seed)
    for _ in range(60):
        world.step()
    world.assert_right()
    world.quiet()
    for _ in range(3):
        # opened, if it was not, then swept
        world.sweep()
    world.quiet()
    world.assert_level()
    world.assert_right()


class HintPropertyTest(base.TestCase):

    @hypothesis.given(strategies.integers(0, 2**32))
    @hypothesis.settings(deadline=None, database=None, derandomize=True,
                         max_examples=150,
                         phases=(hypothesis.Phase.generate,))
    def test_no_history_makes_the_stream_go_wrong(self, seed):
        live(seed)

    def test_last_arrival_wins_is_wrong(self):
        self.patch(baseline.Baseline, 'accept',
                   test_baseline_property.LastArrivalWins.accept)
        self.assertRaises(AssertionError, self.all_of, range(100))

    @staticmethod
    def all_of(seeds):
        for seed in seeds:
            live(seed)
