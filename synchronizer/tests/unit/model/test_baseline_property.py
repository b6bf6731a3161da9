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

"""No history of a cloud, however it is read, makes the baseline go wrong.

A small cloud changes while it is read through marker-paged sweeps and
refetches whose windows overlap in every way, while hints are lost, doubled
and late, and while the reader is restarted. Whatever happens: what is told
of one id moves forward in true time, and after one quiet complete sweep the
baseline equals the truth. Two rules that look right are shown to be wrong.
"""

import dataclasses

import hypothesis
from hypothesis import stateful
from hypothesis import strategies

from synchronizer.model import baseline
from synchronizer.model.baseline import Verdict
from synchronizer.model.reading import ABSENT
from synchronizer.model.reading import Reading
from synchronizer.model.reading import Window
from synchronizer.tests import base

IDS = tuple('abc')
PAGE = 2


class TrueCloud:
    """What really was, and when."""

    def __init__(self):
        self.now = 0
        self.versions = 0
        self.history = {id_: [(0, ABSENT)] for id_ in IDS}

    def tick(self):
        self.now += 1
        return self.now

    def set(self, id_, lives):
        self.versions += 1
        self.history[id_].append(
            (self.tick(), f'v{self.versions}' if lives else ABSENT))

    def get(self, id_):
        return self.history[id_][-1][1]

    def page(self, after):
        alive = [id_ for id_ in IDS
                 if id_ > after and self.get(id_) is not ABSENT]
        return {id_: self.get(id_) for id_ in alive[:PAGE]}


@dataclasses.dataclass
class Request:
    """Sent, then read by the cloud at one moment, then received."""

    sent: int
    ids: tuple[str, ...] | None = None
    sweep: 'Sweep | None' = None
    values: dict | None = None


@dataclasses.dataclass
class Sweep:
    started: int
    after: str = ''


class Reader:
    """The smallest collector there is: a baseline, and what it tells."""

    def __init__(self, make_baseline):
        self.make_baseline = make_baseline
        self.baseline = make_baseline()
        self.told = {id_: [] for id_ in IDS}
        self.due = set()

    def take(self, id_, value, window):
        verdict = self.baseline.accept(Reading(id_, value, window))
        if verdict is Verdict.NEWER:
            self.told[id_].append(value)
        elif verdict is Verdict.DOUBT:
            self.due.add(id_)

    def restart(self):
        stored = [(id_, self.baseline.entry(id_).digest)
                  for id_ in IDS if id_ in self.baseline]
        self.baseline = self.make_baseline(stored)
        self.due = set()


class History(stateful.RuleBasedStateMachine):

    make_baseline = baseline.Baseline

    def __init__(self):
        super().__init__()
        self.cloud = TrueCloud()
        self.reader = Reader(self.make_baseline)
        self.sweep = None
        self.requests = []
        self.hints = []

    # --- the cloud -------------------------------------------------------

    @stateful.rule(id_=strategies.sampled_from(IDS),
                   lives=strategies.sampled_from([True, True, False]),
                   hints=strategies.sampled_from([1, 1, 0, 2]))
    def changes(self, id_, lives, hints):
        self.cloud.set(id_, lives)
        self.hints += [id_] * hints

    # --- the reader ------------------------------------------------------

    @stateful.precondition(lambda self: self.hints)
    @stateful.rule(data=strategies.data())
    def a_hint_arrives(self, data):
        hint = data.draw(strategies.sampled_from(self.hints))
        self.hints.remove(hint)
        self.reader.due.add(hint)

    @stateful.rule(id_=strategies.sampled_from(IDS))
    def a_refetch_is_sent(self, id_):
        self.reader.due.discard(id_)
        self.requests.append(Request(self.cloud.tick(), ids=(id_,)))

    @stateful.precondition(lambda self: self.sweep is None)
    @stateful.rule()
    def a_sweep_begins(self):
        self.sweep = Sweep(self.cloud.tick())
        self.requests.append(Request(self.sweep.started, sweep=self.sweep))

    @stateful.precondition(lambda self: any(
        request.values is None for request in self.requests))
    @stateful.rule(data=strategies.data())
    def the_cloud_reads(self, data):
        request = data.draw(strategies.sampled_from(
            [r for r in self.requests if r.values is None]))
        self.answer(request)

    def answer(self, request):
        self.cloud.tick()
        if request.sweep:
            request.values = self.cloud.page(request.sweep.after)
        else:
            request.values = {id_: self.cloud.get(id_) for id_ in request.ids}

    @stateful.precondition(lambda self: any(
        request.values is not None for request in self.requests))
    @stateful.rule(data=strategies.data())
    def an_answer_is_received(self, data):
        self.receive(data.draw(strategies.sampled_from(
            [r for r in self.requests if r.values is not None])))

    def receive(self, request):
        self.requests.remove(request)
        window = Window(request.sent, self.cloud.tick())
        for id_, value in request.values.items():
            self.reader.take(id_, value, window)
        if request.sweep and request.sweep is self.sweep:
            self.go_on(request)

    def go_on(self, request):
        if request.values:
            self.sweep.after = max(request.values)
            self.requests.append(Request(self.cloud.tick(), sweep=self.sweep))
        else:
            self.reader.due.update(self.reader.baseline.missing(
                (), self.sweep.started))
            self.sweep = None

    @stateful.rule(dice=strategies.integers(1, 10))
    def the_reader_restarts(self, dice):
        if dice < 10:
            return
        self.reader.restart()
        self.requests, self.sweep = [], None

    # --- what must hold --------------------------------------------------

    @stateful.invariant()
    def what_is_told_moves_forward_in_true_time(self):
        for id_, told in self.reader.told.items():
            true = [value for _, value in self.cloud.history[id_]]
            at = 0
            for value in told:
                assert value in true[at + 1:], (
                    f'{id_}: told {told}, true {true}')
                at = true.index(value, at + 1)

    def teardown(self):
        self.quiesce()
        if self.sweep is None:
            self.a_sweep_begins()
        self.quiesce()
        held = {id_: self.reader.baseline.entry(id_).digest for id_ in IDS}
        true = {id_: self.cloud.get(id_) for id_ in IDS}
        assert held == true, f'held {held}, true {true}'
        self.what_is_told_moves_forward_in_true_time()

    def quiesce(self):
        while self.requests or self.reader.due:
            for id_ in sorted(self.reader.due):
                self.reader.due.discard(id_)
                self.requests.append(Request(self.cloud.tick(), ids=(id_,)))
            for request in list(self.requests):
                if request.values is None:
                    self.answer(request)
                self.receive(request)


class LastArrivalWins(baseline.Baseline):

    def accept(self, reading):
        if reading.digest == self.entry(reading.id).digest:
            return Verdict.SAME
        self.hold(reading.id, baseline.Entry(reading.digest, reading.window))
        return Verdict.NEWER


class LaterStartWins(baseline.Baseline):

    def accept(self, reading):
        held = self.entry(reading.id)
        if reading.window.start < held.window.start:
            return Verdict.OLDER
        self.hold(reading.id, baseline.Entry(reading.digest, reading.window))
        return (Verdict.SAME if reading.digest == held.digest
                else Verdict.NEWER)


def run(rule, examples):
    machine = type('History', (History,), {'make_baseline': rule})
    stateful.run_state_machine_as_test(machine, settings=hypothesis.settings(
        max_examples=examples, stateful_step_count=40, deadline=None,
        derandomize=True, database=None, print_blob=False,
        report_multiple_bugs=False, phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck)))


class BaselinePropertyTest(base.TestCase):

    def test_no_history_makes_the_baseline_go_wrong(self):
        run(baseline.Baseline, examples=400)

    def test_last_arrival_wins_is_wrong(self):
        self.assertRaises(AssertionError, run, LastArrivalWins, 400)

    def test_later_start_wins_is_wrong(self):
        self.assertRaises(AssertionError, run, LaterStartWins, 400)
