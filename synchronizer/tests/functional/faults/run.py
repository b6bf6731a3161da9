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


"""One run from its beginning to its verdict."""

import collections
import contextlib
import time

from synchronizer.tests.functional import daemon
from synchronizer.tests.functional.faults import deployment as places
from synchronizer.tests.functional.faults import oracle as oracle_module
from synchronizer.tests.functional.faults import storm as storm_module

FIRST = 240
"""Seconds for a first snapshot of everything."""

TAKEN_OVER, AGAIN = 'taken over', 'taken again'


class Run:
    """Of one plan. `broken` are the promises that did not hold."""

    def __init__(self, plan, kinds, say=print, first=()):
        self.plan, self.say = plan, say
        self._kinds, self._first = kinds, first
        self.broken, self.figures, self.strikes = [], {}, []
        self.missing, self.claims, self.logs = {}, {}, ''

    def execute(self):
        with contextlib.ExitStack() as stack:
            place = places.Deployment(self.plan)
            stack.callback(place.cleanUp)
            place.setUp()
            place.start()
            oracle = oracle_module.Oracle(place)
            daemon.until(oracle.snapshot, 'a first snapshot', FIRST)
            oracle.start()
            stack.callback(oracle.stop)
            daemon.until(lambda: oracle.mirror.mirror.synced,
                         'a mirror that is level', FIRST)
            self._live(place)
            self.say('all is healed')
            oracle.judge()
            if oracle.broken:
                place.ask_for_reports()
            self.say('all is judged; the service is told to stop')
            oracle.judge_end(place.stop(), place.left())
            self.logs = place.text()
            self._sum_up(oracle)
        return self

    def _live(self, place):
        script = storm_module.Script(
            place, self.plan.seed, self._kinds, self._first)
        self.missing = script.missing
        storm = storm_module.Storm(script, self.plan.seed, self.say)
        began = time.monotonic()
        place.http.life.start(self.plan.rate)
        try:
            storm.rage(self.plan.seconds)
        finally:
            place.http.life.stop()
            self.strikes = storm.strikes
            self.figures['ended by themselves'] = storm.ended
        self.figures['seconds'] = round(time.monotonic() - began)
        self.figures['steps of the cloud'] = place.http.life.steps

    def _sum_up(self, oracle):
        self.broken += oracle.broken
        self.figures |= oracle.figures
        self.figures['faults'] = len(self.strikes)
        self.claims = claims(oracle.register.rows, self.strikes)

    @property
    def struck(self):
        """How often each kind struck."""
        return collections.Counter(str(one) for one in self.strikes)


def claims(rows, strikes):
    """How long the streams of a synchronizer had no owner, in seconds, for
    each fault of its processes: until another one took them over, or until
    it took them again itself."""
    found = {TAKEN_OVER: {}, AGAIN: {}}
    processes = [one for one in strikes if one.fault.room == 'process']
    for number, one in enumerate(processes):
        end = min([later.struck for later in processes[number + 1:]],
                  default=float('inf'))
        for what, lengths in _first_claims(rows, one, end).items():
            found[what].setdefault(str(one), []).append(max(lengths))
    return found


def _first_claims(rows, strike, end):
    hurt, plugin, lengths = strike.fault.hurt, strike.fault.plugin, {}
    for type_, terms in rows.items():
        if plugin is None or not type_.startswith(plugin):
            continue
        before = [owner for at, _, owner in terms if at <= strike.struck]
        after = [(at, owner) for at, _, owner in terms
                 if strike.struck < at < end]
        if hurt and before and after and _host(before[-1]) == hurt.name:
            at, owner = after[0]
            what = AGAIN if _host(owner) == hurt.name else TAKEN_OVER
            lengths.setdefault(what, []).append(at - strike.struck)
    return lengths


def _host(owner):
    return owner.partition(':')[0]
