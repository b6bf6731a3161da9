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

"""All streams of one plugin: their pollers, refetches and watch."""

from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import datetime
import random
import threading
from typing import Protocol

from oslo_log import log

from synchronizer import exception
from synchronizer import metrics
from synchronizer.collector import collector as collector_module
from synchronizer.collector import facts as facts_module
from synchronizer.collector import ownership as ownership_module
from synchronizer.collector import poller as poller_module
from synchronizer.collector import refetch
from synchronizer.collector import schedule
from synchronizer.collector import settings as settings_module
from synchronizer.collector import writer
from synchronizer.model import change as change_module
from synchronizer.model import reading
from synchronizer.model.initiator import Initiator
from synchronizer.plugins import base as plugin_base
from synchronizer.plugins import hints
from synchronizer.store import base as store_base

LOG = log.getLogger(__name__)


EARLY = (0.5, 1.0, 2.0)
"""Pauses before an id is asked for again that was read too early."""

TELL_INTERVAL = 60.0
"""Seconds between two lines about what was heard."""

AUDITS = 60
"""So many audits a minute are looked at as any other hint."""

PART_OF_ALL = 20
"""So many times more than there are hints must live in a stream, else a
sweep costs its service less than asking for each."""


class Ear(Protocol):
    """What listens to notifications, while it is wanted."""

    def want(self, wanted: bool) -> None:
        """Listen from now on, or do not."""

    def wait(self, timeout: float) -> bool:
        """Wait so long until everything is listened to; whether it is."""


class Runner:
    """Collects one plugin until it is stopped.

    The streams' rows exist (`Store.ensure`) before it starts. `committed`
    is told the type of each stream that has changes to publish.
    """

    def __init__(self, plugin: plugin_base.Plugin,
                 types: Sequence[plugin_base.EntityType],
                 store: store_base.Store, owner: str,
                 committed: Callable[[str], None],
                 settings: settings_module.Settings,
                 clock: settings_module.Clock | None = None,
                 rng: random.Random | None = None,
                 elsewhere: Callable[[writer.Things], None] = (
                     lambda things: None),
                 ownership: ownership_module.Ownership | None = None
                 ) -> None:
        """`elsewhere` is told what should be looked at of types that are
        not ours; `ownership`, of other owners of ours."""
        self._ownership = ownership or ownership_module.Ownership(
            plugin.name, owner)
        self._plugin, self._store, self._owner = plugin, store, owner
        self._committed, self._settings = committed, settings
        self._clock = clock or settings_module.Clock()
        self._rng = rng or random.Random()
        self._queue = refetch.Queue(
            settings.retry_first, settings.retry_limit, self._rng,
            settings.hint_settle, settings.hint_batch)
        self._refetcher = refetch.Refetcher(
            self._fetch, self._confirm, self._crowd, self._queue,
            settings.concurrency, self._clock)
        self._elsewhere = elsewhere
        self._ear: Ear | None = None
        self._audits = schedule.Allowance(AUDITS, 60)
        self._kinds = {kind.name: kind for kind in types}
        self.pollers = {kind.name: self._poller(kind) for kind in types}
        self._stopping = threading.Event()
        self._trim_at = self._tell_at = self._clock.monotonic()
        self._heard: object = None
        self._heard_said = ''
        self._watcher = threading.Thread(
            target=self._run, daemon=True, name=f'watch-{plugin.name}')

    def start(self) -> None:
        """Begin; returns at once."""
        self._refetcher.start()
        for poller in self.pollers.values():
            poller.start()
        self._watcher.start()

    def stop(self, timeout: float) -> None:
        """End. What is under way after the time-out is left behind: a
        commit is whole or not at all, whenever its process ends."""
        end = self._clock.monotonic() + timeout
        self._stopping.set()
        for poller in self.pollers.values():
            poller.stop()
        self._refetcher.stop(max(0, end - self._clock.monotonic()))
        for poller in self.pollers.values():
            poller.join(max(0, end - self._clock.monotonic()))
        self._watcher.join(max(0, end - self._clock.monotonic()))

    def ask(self, type_: str, id_: str, cause: str,
            initiator: Initiator | None = None) -> None:
        """Have one id looked at."""
        self._refetcher.ask(type_, id_, cause, initiator=initiator)

    # --- what is seen of it -----------------------------------------------

    def facts(self) -> list[facts_module.Facts]:
        """How its streams are now. Takes no lock."""
        depths = self._queue.depths()
        return [dataclasses.replace(
            poller.facts(), doubts_waiting=depths[type_, 'doubt'],
            hints_waiting=depths[type_, 'hint'],
            followed=depths[type_, 'follow'])
            for type_, poller in self.pollers.items()]

    def gauges(self) -> list[metrics.Sample]:
        """The same, as numbers, of streams that nobody else collects; and
        whether it listens, if it should."""
        samples = [sample for facts in self.facts()
                   if not self.pollers[facts.type].standby
                   for sample in facts.samples()]
        if self._ear is not None and self._owns():
            samples.append(metrics.LISTENING.at(
                self._ear.wait(0), self._plugin.name))
        return samples

    # --- hints -----------------------------------------------------------

    def _owns(self) -> bool:
        return any(poller.owned for poller in self.pollers.values())

    def attach(self, ear: Ear, judged: bool = True,
               heard: object = None) -> None:
        """What listens for us while we own a stream. Before `start`.

        `heard`: what it counts, which is logged now and then.
        `judged`: silence is noticed, since notifications are to be expected
        where it listens.
        """
        self._ear, self._heard = ear, heard
        told = {look.type for found in self._plugin.hints.values()
                for look in found}
        for type_, poller in self.pollers.items():
            poller.collector.listen(judged and type_ in told)

    def hint(self, hint: hints.Hint) -> None:
        """Look at what a notification tells of, if it is ours. What is told
        before the first sweep of a stream, that sweep sees."""
        poller = self.pollers.get(hint.type)
        if poller is not None and poller.standby:
            # one queue serves all types of a plugin, whoever owns them
            self._elsewhere({(hint.type, hint.id): hint.initiator}
                            if hint.id else {})
        if poller is None or not poller.active:
            return
        if hint.audit and self._audits.allows(self._clock.monotonic()):
            hint = dataclasses.replace(hint, audit=False)
        poller.collector.silence.heard(
            None if hint.part else hint.id, self._clock.monotonic())
        self.look(hint)

    def look(self, hint: hints.Hint) -> None:
        """Look at something that is ours, whoever wants it looked at."""
        poller = self.pollers.get(hint.type)
        if poller is None or not poller.active:
            return
        metrics.HINTS.labels(hint.type).inc()
        kind = self._kinds[hint.type]
        if hint.id is None or not (hint.part or kind.can_get) or not (
                self._refetcher.hint(
                    hint, patience=kind.patience if hint.beside else 0)):
            id_ = hint.about or hint.id
            if id_ is not None and not hint.part:
                poller.collector.credits.told(id_, hint.initiator)
            poller.hinted(hint.later)

    def catch_up(self) -> None:
        """Nobody listened for a while: see what was not heard."""
        for poller in self.pollers.values():
            if poller.active:
                poller.collector.silence.pardon(self._clock.monotonic())
                poller.catch_up()

    def is_active(self) -> bool:
        """Whether all its streams are ours and none is held."""
        return all(poller.active for poller in self.pollers.values())

    def sweep_soon(self) -> None:
        """What the streams are made of is another: see all of it anew."""
        for poller in self.pollers.values():
            if poller.active:
                poller.sweep_soon()

    def _beside(self, things: writer.Things) -> None:
        others = {}
        for (type_, id_), initiator in things.items():
            if type_ in self.pollers:
                self.look(hints.Hint(type_, id_, initiator=initiator,
                                     beside=True))
            else:
                others[type_, id_] = initiator
        if others:
            self._elsewhere(others)

    def _opened(self) -> None:
        """A stream is ours: listen first, then sweep."""
        if self._ear is not None:
            self._ear.want(True)
            self._ear.wait(self._settings.listen_patience)

    def _poller(self, kind: plugin_base.EntityType) -> poller_module.Poller:
        needs = collector_module.Needs(
            refetch=self.ask,
            sweep=lambda delay: self.pollers[kind.name].sweep_soon(delay),
            committed=self._committed, follow=self._refetcher.follow,
            beside=self._beside)
        collector = collector_module.Collector(
            self._plugin, kind, self._store, self._owner, needs,
            self._settings, self._clock, self._rng)
        return poller_module.Poller(
            collector, self._owner, self._settings, kind.can_list_since,
            self._clock, self._rng, self._opened, self._ownership)

    # --- looks at single ids ---------------------------------------------

    def _fetch(self, ask: refetch.Ask) -> refetch.Pause:
        """Ask for one; in how many seconds to ask again."""
        poller = self.pollers[ask.type]
        if poller.standby:
            return None
        collector = _active(poller)
        if ask.failing and not ask.doubt and poller.swept_since(ask.since):
            # what cannot be asked for alone was listed meanwhile
            return None
        if ask.part:
            return collector.look_into(ask.id, ask.cause, ask.credit.by)
        if not ask.doubt and not collector.unsettled([ask]):
            return None
        said = collector.refetch(ask.id, ask.cause, ask.credit.by)
        if said is None:
            raise refetch.Unproved
        return _rest(collector, ask, said)

    def _confirm(self, asks: list[refetch.Ask]
                 ) -> list[refetch.Pause | Exception]:
        """Prove that those are gone; see `refetch.Confirm`."""
        poller = self.pollers[asks[0].type]
        if poller.standby:
            return [None] * len(asks)
        collector = _active(poller)
        by = {ask.id: ask.credit.by for ask in asks}
        came = collector.confirm(list(by), asks[0].cause, by.get)
        return [said if isinstance(said, Exception)
                else _rest(collector, ask, said)
                for ask, said in zip(asks, came, strict=True)]

    def _crowd(self, type_: str, asks: list[refetch.Ask]
               ) -> list[refetch.Ask]:
        """Look at what moved; those that it did not show are left. If they
        are many, all of the type is listed instead, but for what we hold
        and is told to be gone: what a listing lacks has to be asked for all
        the same."""
        poller = self.pollers[type_]
        if not poller.active:
            # whoever resumes it, or takes it over, sweeps it
            return []
        collector = poller.collector
        rest = collector.unsettled(asks)
        if self._kinds[type_].cheap:
            return rest
        if len(rest) > self._settings.hint_batch:
            by = {ask.id: ask.credit.by for ask in rest}
            collector.look(change_module.HINT, by.get)
            rest = collector.unsettled(rest)
        gone = collector.held(ask.id for ask in rest if ask.gone)
        here = [ask for ask in rest if ask.id not in gone]
        if len(here) <= max(self._settings.hint_batch,
                            collector.living() / PART_OF_ALL):
            return rest
        LOG.info('%(type)s: %(count)d hints at once lead to a sweep',
                 {'type': type_, 'count': len(here)})
        for ask in here:
            collector.credits.told(ask.id, ask.credit.by)
        poller.hinted()
        return [ask for ask in rest if ask.id in gone]

    # --- the watch -------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.wait(self._settings.watch_interval):
            try:
                self.watch()
            except exception.StoreError as error:
                LOG.debug('the store cannot be read: %(error)s',
                          {'error': error})

    def watch(self) -> None:
        """Heed the streams' rows, and tell the store how they are."""
        if self._ear is not None:
            self._ear.want(self._owns())
        failing = self._queue.failing()
        for type_, row in self._store.streams(self.pollers).items():
            self.pollers[type_].heed(row)
            self._report(self.pollers[type_], failing[type_])
        if self._clock.monotonic() >= self._tell_at:
            self._tell_at = self._clock.monotonic() + TELL_INTERVAL
            self._tell_heard()
        if self._clock.monotonic() >= self._trim_at:
            self._trim_at = (
                self._clock.monotonic() + self._settings.trim_interval)
            self._trim()

    def _tell_heard(self) -> None:
        """What became of the notifications so far, where it is news."""
        untold = ', '.join(
            f'{type_} {poller.collector.silence.untold}'
            for type_, poller in self.pollers.items()
            if poller.collector.silence.untold)
        says = f'{self._heard or "none"}; untold changes: {untold or "none"}'
        if self._heard and says != self._heard_said:
            LOG.info('%(plugin)s: notifications so far: %(says)s',
                     {'plugin': self._plugin.name, 'says': says})
        self._heard_said = says

    def _report(self, poller: poller_module.Poller, failing: int) -> None:
        try:
            if poller.active:
                poller.collector.report(failing)
        except exception.Fenced:
            LOG.debug('%(type)s has another term', {
                'type': poller.collector.name})

    def _trim(self) -> None:
        before = settings_module.stamp(
            self._clock.wall()
            - datetime.timedelta(hours=self._settings.retention_hours))
        for type_, poller in self.pollers.items():
            if poller.active:
                self._store.trim(
                    type_, before, self._settings.retention_revisions)


def _active(poller: poller_module.Poller) -> collector_module.Collector:
    """Its collector, unless the stream is held."""
    if not poller.active:
        raise exception.Undecided(f'{poller.collector.name} is paused')
    return poller.collector


def _rest(collector: collector_module.Collector, ask: refetch.Ask,
          said: reading.Reading) -> refetch.Pause:
    """In how many seconds to ask again, after that answer."""
    if ask.early < len(EARLY) and collector.is_early(
            said, ask.written, ask.gone):
        ask.early += 1
        return EARLY[ask.early - 1]
    ask.early = 0
    return collector.rest(said)
