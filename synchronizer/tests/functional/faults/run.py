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


class Run:
    """Of one plan. `broken` are the promises that did not hold."""

    def __init__(self, plan, kinds, say=print, first=()):
        self.plan, self.say = plan, say
        self._kinds, self._first = kinds, first
        self.broken, self.figures, self.strikes = [], {}, []
        self.missing, self.take_overs, self.logs = {}, {}, ''

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
        self.figures['seconds'] = round(time.monotonic() - began)
        self.figures['steps of the cloud'] = place.http.life.steps

    def _sum_up(self, oracle):
        self.broken += oracle.broken
        self.figures |= oracle.figures
        self.figures['faults'] = len(self.strikes)
        self.take_overs = take_overs(oracle.register.rows, self.strikes)

    @property
    def struck(self):
        """How often each kind struck."""
        return collections.Counter(str(one) for one in self.strikes)


def take_overs(rows, strikes):
    """Of each fault of a process: the seconds until every stream that got a
    new term before the next such fault had it."""
    processes = [one for one in strikes if one.fault.room == 'process']
    lengths = collections.defaultdict(list)
    for number, one in enumerate(processes):
        end = min([next_.struck for next_ in processes[number + 1:]],
                  default=float('inf'))
        when = [at for terms in rows.values() for at, _, _ in terms[1:]
                if one.struck < at < end]
        if when:
            lengths[str(one)].append(max(when) - one.struck)
    return lengths
