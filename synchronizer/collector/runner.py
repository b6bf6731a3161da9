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
import datetime
import random
import threading

from oslo_log import log

from synchronizer import exception
from synchronizer.collector import collector as collector_module
from synchronizer.collector import poller as poller_module
from synchronizer.collector import refetch
from synchronizer.collector import settings as settings_module
from synchronizer.plugins import base as plugin_base
from synchronizer.store import base as store_base

LOG = log.getLogger(__name__)


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
                 rng: random.Random | None = None) -> None:
        self._plugin, self._store, self._owner = plugin, store, owner
        self._committed, self._settings = committed, settings
        self._clock = clock or settings_module.Clock()
        self._rng = rng or random.Random()
        self._queue = refetch.Queue(
            settings.retry_first, settings.retry_limit, self._rng)
        self._refetcher = refetch.Refetcher(
            self._refetch, self._queue, settings.concurrency, self._clock)
        self.pollers = {kind.name: self._poller(kind) for kind in types}
        self._stopping = threading.Event()
        self._trim_at = self._clock.monotonic()
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

    def ask(self, type_: str, id_: str, cause: str) -> None:
        """Have one id looked at."""
        self._refetcher.ask(type_, id_, cause)

    def _poller(self, kind: plugin_base.EntityType) -> poller_module.Poller:
        needs = collector_module.Needs(
            refetch=self.ask,
            sweep=lambda delay: self.pollers[kind.name].sweep_soon(delay),
            committed=self._committed)
        collector = collector_module.Collector(
            self._plugin, kind, self._store, self._owner, needs,
            self._settings, self._clock, self._rng)
        return poller_module.Poller(
            collector, self._owner, self._settings, kind.can_list_since,
            self._clock, self._rng)

    def _refetch(self, type_: str, id_: str, cause: str) -> None:
        poller = self.pollers[type_]
        if poller.standby:
            return
        if not poller.active:
            raise exception.Undecided(f'{type_} is paused')
        poller.collector.refetch(id_, cause)

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
        failing = self._queue.failing()
        for type_, row in self._store.streams(self.pollers).items():
            self.pollers[type_].heed(row)
            self._report(self.pollers[type_], failing[type_])
        if self._clock.monotonic() >= self._trim_at:
            self._trim_at = (
                self._clock.monotonic() + self._settings.trim_interval)
            self._trim()

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

