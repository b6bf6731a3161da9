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

"""Who collects a plugin: this process while it is its turn, else it stands by.

tooz says who should own the plugin's streams: whoever has its lock and no
more than his share. The store says who does: the term. So an owner goes on
while the back end is away, and whoever was paused and comes back finds the
term raised, gives up, and contends again like any other.
"""

from collections.abc import Callable
import dataclasses
import random
import threading
import time

from oslo_log import log as logging

from synchronizer import exception
from synchronizer import metrics
from synchronizer.service import coordination as coordination_module
from synchronizer.service import death
from synchronizer.service import passed
from synchronizer.service import share
from synchronizer.service import work as work_module

LOG = logging.getLogger(__name__)

STEADY = 3
"""So many looks a host must be there before anything is left to it."""

GRACE = 3
"""For so many looks after an outage of the back end nobody takes anything:
those who own it get their locks back first."""

FORCED = 4
"""So many looks it may take to close what is another's already."""

LIVED = 4
"""So many take-overs a process must have lived, for its heir to go on at
once: what ended it sooner may end that one, too, and then others are tried.
"""

OURS = 'ours'


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How it stands: for reports and metrics."""

    type: str
    """Which plugin."""

    standing: str
    """ours, begins, ends, stands by, rests."""

    holder: str | None
    """The host that collects it, as the back end last showed it."""

    hosts: tuple[str, ...]
    """Those that could."""

    back_end: str
    """up, or why not."""


class Tenure:
    """Ends and begins terms of work, as the back end and the store say.

    `able` is told whether we could work, if it were our turn. `die` ends
    this process, where a term of work does not end.
    """

    def __init__(self, coordination: coordination_module.Coordination,
                 begin: Callable[[Callable[[], None]], work_module.Work],
                 times: coordination_module.Times,
                 able: Callable[[bool], None] = lambda able: None,
                 timer: Callable[[], float] = time.monotonic,
                 rng: random.Random | None = None,
                 die: Callable[[str], None] = death.die) -> None:
        """`begin` makes a term of work, which tells us of changes."""
        self._coordination, self._begin = coordination, begin
        self._times, self._able, self._timer = times, able, timer
        self._rng, self._die = rng or random.Random(), die
        self._unit, self._host = coordination.unit, coordination.host
        self._passed = passed.Passed(self._host, self._unit, times)
        self._work: work_module.Work | None = None
        self._view = share.View()
        self._seen: dict[tuple[str, str], float] = {}
        self._not_before = self._retired_at = timer()
        self._end_at = 0.0
        self._failures = 0
        self._lacking: str | None = None
        self._holder: str | None = None
        self._was_away = False
        self._budget = 0.0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f'tenure-{self._unit}', daemon=True)

    # --- any thread ------------------------------------------------------

    def start(self) -> None:
        """Begin to contend."""
        self._coordination.contending = True
        self._thread.start()

    def stop(self, budget: float) -> None:
        """End the work, and hand the streams over."""
        self._budget = budget
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(budget)

    def gauges(self) -> list[metrics.Sample]:
        """Whether the plugin is ours, and the back end there."""
        return [metrics.COORDINATION_UP.at(self._lacking is None),
                metrics.OWNING.at(self._standing() == OURS, self._unit)]

    def facts(self) -> list[Standing]:
        """The same in words. Takes no lock."""
        return [Standing(
            f'plugin {self._unit}', self._standing(),
            self._view.holders.get(self._unit),
            tuple(coordination_module.hosts(self._view)),
            self._lacking or 'up')]

    def _standing(self) -> str:
        work = self._work
        if work is None:
            return ('stands by' if self._timer() >= self._not_before
                    else 'rests')
        if work.ending.is_set():
            return 'ends'
        return OURS if work.works.is_set() else 'begins'

    # --- the thread ------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            pause = self.step()
            self._wake.wait(pause)
            self._wake.clear()
        self._finish()

    def step(self) -> float:
        """Do what is to be done now; in how many seconds to come back."""
        self._tend()
        try:
            self._look()
            return self._act()
        except exception.CoordinationError as error:
            self._lack(str(error))
        return self._pause()

    def _pause(self, looks: float = 1.0) -> float:
        # waiting alike, those who met once would meet again
        return self._times.pace * looks * self._rng.uniform(0.8, 1.1)

    def _tend(self) -> None:
        """What needs no back end: nothing of ours can be written any more.
        """
        work = self._work
        if work is None:
            return
        if work.lost_to and not work.ending.is_set():
            self._end(work, FORCED * self._times.pace)
        if (work.ending.is_set() and not work.ended.is_set()
                and self._timer() > self._end_at + self._times.takeover):
            # it would never collect again, and count as one who could
            self._die(f'{self._unit}: what this process has to close does '
                      'not end')

    def _end(self, work: work_module.Work, budget: float) -> None:
        work.end(budget)
        self._end_at = self._timer() + budget

    def _look(self) -> None:
        view = self._coordination.look()
        now = self._timer()
        if self._lacking is not None:
            LOG.info('%(unit)s: the coordination back end answers again',
                     {'unit': self._unit})
            self._lacking = None
            self._hold_off(now)
        if self._coordination.forgotten:
            self._was_away = True
            self._hold_off(now)
        self._seen = {found: self._seen.get(found, now)
                      for found in view.contenders}
        self._view = view
        if now < self._not_before:
            self._passed.forget()
        else:
            self._passed.look(view, now)

    def _may_take(self) -> bool:
        return share.may_take(
            self._view, self._host, self._unit,
            self._passed.hosts(self._timer()))

    def _hold_off(self, now: float) -> None:
        """Those who lost their locks with the back end get them first."""
        self._not_before = max(
            self._not_before, now + GRACE * self._times.pace)

    def _act(self) -> float:
        coordination = self._coordination
        if self._work is not None and self._work.ended.is_set():
            self._over(self._work)
        if self._work is not None:
            self._hold(self._work)
        elif coordination.leading:
            self._start()
        elif coordination.holding:
            coordination.release()
        else:
            return self._stand_by()
        return self._pause()

    def _over(self, work: work_module.Work) -> None:
        """A term of work has ended; whether the lock stays ours."""
        self._work = None
        coordination = self._coordination
        if work.error is not None:
            self._rest(work.error)
            coordination.leading = False
        elif work.lost_to and coordination.leading and not self._was_away:
            self._quarrel(work.lost_to)
            coordination.leading = False

    # --- standing by -----------------------------------------------------

    def _stand_by(self) -> float:
        self._tell_holder()
        if self._rests_alone():
            self._not_before = self._timer()
        if self._timer() < self._not_before:
            return self._pause()
        if not self._coordination.contending:
            # the rest is over
            self._coordination.contending = True
            return 0.0
        if not (self._is_heir() or self._may_take()):
            return self._pause()
        with self._coordination.deciding() as alone:
            if not alone:
                return self._pause(0.2)
            self._view = self._coordination.look()
            if self._is_heir() and self._coordination.take(inherits=True):
                LOG.info('%(unit)s is taken back from an earlier process of '
                         'this service, which died', {'unit': self._unit})
                self._start()
            elif self._may_take() and self._coordination.take():
                self._start()
        return self._pause()

    def _is_heir(self) -> bool:
        lived = self._coordination.predecessor
        return (lived is not None
                and lived > LIVED * self._times.takeover)

    def _rests_alone(self) -> bool:
        """Whether we rest for the sake of others, and there are none."""
        since = self._timer() - self._retired_at
        return (not self._coordination.contending
                and since > self._times.takeover
                and self._unit not in self._view.holders
                and not self._view.others(self._host, self._unit)
                - self._passed.hosts(self._timer()))

    def _tell_holder(self) -> None:
        holder = self._view.holders.get(self._unit)
        if holder is None or holder == self._holder:
            return
        self._holder = holder
        if holder == self._host and self._is_heir():
            return
        if holder == self._host:
            LOG.info('%(unit)s: the lock of an earlier process of this host '
                     'has to run out first', {'unit': self._unit})
            return
        LOG.info('%(unit)s is collected by %(holder)s; this host stands by',
                 {'unit': self._unit, 'holder': holder})
        self._compare()

    def _compare(self) -> None:
        """What is on here, and not where it is collected, nobody sees."""
        theirs = self._coordination.types_of_holder()
        lacking = sorted(self._coordination.types.difference(
            theirs[1])) if theirs else []
        if lacking:
            LOG.warning(
                '%(types)s: on here, and not on %(holder)s, which collects '
                '%(unit)s: nobody collects what is off there. Every '
                'synchronizer of a database needs the same plugins and types',
                {'types': ', '.join(lacking), 'holder': theirs[0],
                 'unit': self._unit})

    # --- working ---------------------------------------------------------

    def _start(self) -> None:
        self._holder, self._was_away = None, False
        LOG.info('%(unit)s is collected by this host from now on',
                 {'unit': self._unit})
        self._work = self._begin(self._wake.set)
        self._work.start()

    def _hold(self, work: work_module.Work) -> None:
        if work.ending.is_set():
            if work.quiet.is_set() and not self._coordination.leading:
                self._coordination.release()
            return
        if work.works.is_set():
            self._failures = 0
            self._able(True)
        if not self._coordination.leading:
            LOG.warning('%(unit)s: this host was not heard for too long, '
                        'and another one has the lock now',
                        {'unit': self._unit})
            self._end(work, FORCED * self._times.pace)
        elif self._should_give():
            with self._coordination.deciding() as alone:
                if alone:
                    self._give(work)

    def _should_give(self) -> bool:
        since = self._timer() - STEADY * self._times.pace
        steady = {host for (host, unit), seen in self._seen.items()
                  if unit == self._unit and seen <= since}
        return share.should_give(self._view, self._host, self._unit,
                                 steady - self._passed.hosts(self._timer()))

    def _give(self, work: work_module.Work) -> None:
        self._view = self._coordination.look()
        if self._coordination.leading and self._should_give():
            LOG.info('%(unit)s is given back: this host has more than its '
                     'share', {'unit': self._unit})
            self._coordination.step_down()
            self._end(work, self._times.takeover)

    # --- faults ----------------------------------------------------------

    def _lack(self, why: str) -> None:
        if self._lacking is None:
            LOG.warning(
                '%(unit)s: the coordination back end does not answer '
                '(%(why)s): %(does)s',
                {'unit': self._unit, 'why': why,
                 'does': 'it goes on being collected here' if self._work
                 else 'this host stands by and takes nothing over'})
        self._lacking = why

    def _rest(self, error: exception.SynchronizerError) -> None:
        """We cannot work: let others try, and come back later."""
        self._failures += 1
        rest = self._times.takeover * min(
            2 ** (self._failures - 1), 8) * self._rng.uniform(0.5, 1)
        LOG.warning('%(unit)s cannot be collected here yet: %(error)s. Next '
                    'try in %(rest).1f s, or sooner if no other host could',
                    {'unit': self._unit, 'error': error, 'rest': rest})
        self._able(False)
        self._retire(rest)

    def _quarrel(self, owner: str) -> None:
        """The lock was ours, and the store says another owner."""
        LOG.error('%(unit)s: %(owner)s has taken it over without asking the '
                  'coordination back end. Every synchronizer of a database '
                  'needs the same [coordination] backend_url',
                  {'unit': self._unit, 'owner': owner})
        self._retire(self._times.takeover)

    def _retire(self, rest: float) -> None:
        self._retired_at = self._timer()
        self._not_before = self._retired_at + rest
        self._coordination.contending = False

    # --- the end ---------------------------------------------------------

    def _finish(self) -> None:
        """Whoever is next may take it as soon as all is closed."""
        end = self._timer() + self._budget * 0.8
        self._coordination.contending = False
        work = self._work
        if work is not None:
            self._end(work, self._budget * 0.7)
        while True:
            self._try(self._coordination.look)
            left = end - self._timer()
            if work is None or left <= 0 or work.quiet.wait(
                    min(left, self._times.pace)):
                break
        self._try(self._coordination.close)
        if work is not None:
            work.ended.wait(max(0, end - self._timer()))

    def _try(self, what: Callable[[], object]) -> None:
        try:
            what()
        except exception.CoordinationError as error:
            LOG.debug('%(unit)s: not told to the coordination back end: '
                      '%(error)s', {'unit': self._unit, 'error': error})
