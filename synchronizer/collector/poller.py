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

"""When: one thread per stream, which sweeps, looks, opens and stands by."""

from collections.abc import Callable
from collections.abc import Iterable
import dataclasses
import random
import threading

from oslo_log import log

from synchronizer import exception
from synchronizer import metrics
from synchronizer.collector import collector as collector_module
from synchronizer.collector import facts as facts_module
from synchronizer.collector import ownership as ownership_module
from synchronizer.collector import schedule
from synchronizer.collector import settings as settings_module
from synchronizer.model import change as change_module
from synchronizer.model import stream

LOG = log.getLogger(__name__)

FRUGAL = 10
"""A sweep that hints ask for waits so many times as long as the last one
took: the service has others to serve."""

MOST_LATER = 10
"""How many later sweeps may be asked for."""

IDLE = 3600.0
"""How long to wait when nothing is due; whoever changes that, wakes us."""


class Poller:
    """Tells one collector when. Its thread is the only one that sweeps.

    `looks`: whether there is an incremental listing to look at; `opened`
    is called, and waited for, before the first sweep of a stream that is
    ours from then on; `ownership` hears of the owners before and after us.
    """

    def __init__(self, collector: collector_module.Collector, owner: str,
                 settings: settings_module.Settings, looks: bool,
                 clock: settings_module.Clock, rng: random.Random,
                 opened: Callable[[], None] = lambda: None,
                 ownership: ownership_module.Ownership | None = None
                 ) -> None:
        self._ownership = ownership or ownership_module.Ownership(
            collector.name, owner)
        self.collector, self._owner = collector, owner
        self._looks, self._tell_opened = looks, opened
        self._settings, self._clock = settings, clock
        self._backoff = schedule.Backoff(settings.retry_first, rng)
        self._schedule = schedule.Schedule(
            clock.monotonic(), settings.poll_interval,
            settings.delta_interval if looks else 0,
            schedule.Backoff(settings.retry_first, rng), rng)
        self._wake = threading.Condition()
        self._stopping = self._paused = False
        self.standby = False
        """Another owner has the stream."""
        self._opened, self._open_at = False, clock.monotonic()
        self._asked = 0
        self._cause: str | None = None
        self._under_way: str | None = None
        self._later: list[float] = []
        self._hinted_at: float | None = None
        self._swept_at, self._took = -IDLE, 0.0
        self._complete = self._rest_until = -IDLE
        self._thread = threading.Thread(
            target=self._run, daemon=True, name=f'poll-{collector.name}')

    @property
    def owned(self) -> bool:
        """Whether the stream is ours."""
        return self._opened and not self.standby

    @property
    def active(self) -> bool:
        """Whether the stream is ours and not held."""
        return self.owned and not self._paused

    def facts(self) -> facts_module.Facts:
        """How its stream is now. Takes no lock: a report must come even
        where one is held for ever."""
        standing = ('ours' if self.owned else
                    'standby' if self.standby else 'not claimed yet')
        swept = (self._clock.monotonic() - self._swept_at
                 if self._swept_at > -IDLE else None)
        return dataclasses.replace(
            self.collector.facts(),
            standing='paused' if self._paused else standing,
            swept_ago=swept, took=self._took)

    # --- what others tell it ---------------------------------------------

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way; see `join`."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()

    def join(self, timeout: float) -> None:
        """Wait so long for the end."""
        self._thread.join(timeout)

    def sweep_soon(self, delay: float = 0) -> None:
        """Have a sweep that begins after now. What the sweep that is under
        way leaves open is put down to what that one is."""
        with self._wake:
            self._cause = self._cause or self._under_way
            self._schedule.sweep_soon(self._clock.monotonic() + delay)
            self._wake.notify_all()

    def swept_since(self, since: float) -> bool:
        """Whether a complete sweep began since then, and is over."""
        return self._complete >= since

    def hinted(self, later: Iterable[float] = ()) -> None:
        """Have a sweep, since something of a type was told of whose ids
        cannot be asked for; not too often. And others, so much later."""
        now = self._clock.monotonic()
        with self._wake:
            self._cause = change_module.HINT
            if self._hinted_at is None:
                self._hinted_at = now
            self._later = sorted({*self._later, *(
                now + pause for pause in later)})[:MOST_LATER]
            self._schedule.sweep_soon(self._frugal())
            self._wake.notify_all()

    def _begin(self, now: float) -> str | None:
        """A sweep begins; what it is put down to."""
        self._schedule.sweep_begins()
        cause, self._cause = self._cause, None
        self._later = [at for at in self._later if at > now]
        if self._later:
            self._schedule.sweep_soon(self._later[0])
            self._cause = change_module.HINT
        self._swept_at, self._under_way = now, cause
        return cause

    def catch_up(self) -> None:
        """See what nobody told of: by a look, where there are looks, and by
        a sweep; nothing if the first sweep is still to come."""
        with self._wake:
            if not self._swept_at > -IDLE:
                return
            if self._looks:
                self._schedule.look_soon(self._clock.monotonic())
            # a look does not show all, as what is gone
            self._schedule.sweep_soon(self._frugal())
            self._wake.notify_all()

    def _frugal(self) -> float:
        """When a sweep may be that nobody waits for."""
        return max(self._clock.monotonic() + self._settings.hint_settle,
                   self._swept_at + FRUGAL * self._took, self._rest_until)

    def heed(self, row: stream.Stream) -> None:
        """See in the stream's row what operators, callers and other owners
        want."""
        with self._wake:
            self._heed_owner(row)
            self._heed_pause(row)
            if row.sweeps_requested > max(self._asked, row.sweeps_served):
                self._asked = row.sweeps_requested
                self._schedule.sweep_soon(self._clock.monotonic())
            self._wake.notify_all()

    def _heed_owner(self, row: stream.Stream) -> None:
        if not self._opened or not self.collector.is_fenced(row):
            return
        # the row may have been read before we were fenced
        row = self.collector.row()
        if row.owner == self._owner:
            LOG.info('%(type)s is claimed anew: it was reset, or the answer '
                     'to a commit was lost', {'type': row.type})
            self._opened, self._asked = False, 0
        elif not self.standby:
            self.standby = True
            self._ownership.lost(row.type, row.owner or 'nobody')

    def _heed_pause(self, row: stream.Stream) -> None:
        if self._paused and not row.paused:
            self._schedule.sweep_soon(self._clock.monotonic())
        self._paused = row.paused

    # --- its own thread --------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            due = self.step()
            with self._wake:
                if not self._stopping and not self._is_due():
                    self._wake.wait(
                        min(IDLE, max(0, due - self._clock.monotonic())))

    def _is_due(self) -> bool:
        return self._next_at() <= self._clock.monotonic()

    def _next_at(self) -> float:
        if self.standby or self._paused:
            return self._clock.monotonic() + IDLE
        return self._schedule.next()[0] if self._opened else self._open_at

    def step(self) -> float:
        """Do what is due, if anything is; when to come back."""
        with self._wake:
            if self._is_due():
                what = self._schedule.next()[1] if self._opened else None
            else:
                return self._next_at()
        if what is None:
            self._open()
        elif what == schedule.SWEEP:
            self._sweep()
        else:
            self._look()
        with self._wake:
            return self._next_at()

    def _open(self) -> None:
        try:
            before = self.collector.open()
        except exception.StoreError as error:
            pause = self._backoff.failed(self._settings.retry_limit)
            LOG.warning('%(type)s cannot be taken over: %(error)s',
                        {'type': self.collector.name, 'error': error})
            with self._wake:
                self._open_at = self._clock.monotonic() + pause
            return
        with self._wake:
            self._backoff.succeeded()
            self._opened = True
        self._ownership.taken(self.collector.name, before)
        self._tell_opened()
        with self._wake:
            self._schedule.sweep_soon(self._clock.monotonic())

    def _sweep(self) -> None:
        started = self._clock.monotonic()
        with self._wake:
            cause = self._begin(started)
        try:
            outcome = self.collector.sweep(cause)
        except Exception as error:
            self._sweep_failed(error)
        else:
            self._swept(started, outcome.complete)
        self._under_way = None
        self._report()

    def _swept(self, started: float, complete: bool) -> None:
        now = self._clock.monotonic()
        with self._wake:
            self._swept_at, self._took = now, now - started
            if complete:
                self._met(started, now)
                self._complete = started
                self._schedule.swept(started, now)
            else:
                self._rest_until = self._schedule.sweep_failed(
                    now, self._settings.poll_interval)

    def _met(self, started: float, now: float) -> None:
        """The hints that came before a sweep are met by it."""
        if self._hinted_at is not None and self._hinted_at <= started:
            metrics.HINT_SECONDS.labels(self.collector.name).observe(
                now - self._hinted_at)
            self._hinted_at = None

    def _sweep_failed(self, error: Exception) -> None:
        """A fault of the cloud or the store costs a line; one of ours, a
        traceback. None ends the thread: the other streams go on as well."""
        says = {'type': self.collector.name, 'error': error}
        if isinstance(error, exception.SynchronizerError):
            LOG.warning('%(type)s: sweep failed: %(error)s', says)
        else:
            LOG.exception('%(type)s: sweep failed: %(error)r', says)
        with self._wake:
            self._rest_until = self._schedule.sweep_failed(
                self._clock.monotonic(), self._settings.retry_limit,
                getattr(error, 'retry_after', None) or 0)

    def _look(self) -> None:
        try:
            self.collector.look()
        except exception.SynchronizerError as error:
            LOG.debug('%(type)s: look failed: %(error)s',
                      {'type': self.collector.name, 'error': error})
        except Exception:
            LOG.exception('%(type)s: look failed',
                          {'type': self.collector.name})
        with self._wake:
            self._schedule.looked(self._clock.monotonic())

    def _report(self) -> None:
        try:
            self.collector.report()
        except exception.StoreError as error:
            LOG.debug('%(type)s: report failed, later: %(error)s',
                      {'type': self.collector.name, 'error': error})
