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

"""Follows the journals of other streams, for a plugin that is made of them.

It reads the journal and not the bus: what was committed is there, in order,
and nothing is lost while nobody reads.
"""

from collections.abc import Callable
import threading

from oslo_log import log

from synchronizer import exception
from synchronizer.collector import runner as runner_module
from synchronizer.model import change as change_module
from synchronizer.model import position
from synchronizer.model import stream
from synchronizer.plugins import derived
from synchronizer.plugins import hints
from synchronizer.store import base as store_base

LOG = log.getLogger(__name__)

PAGE, PAGE_BYTES = 1000, 8 << 20
INTERVAL = 0.5
"""Seconds between two looks at the heads of the streams."""


class Follower:
    """Tells a runner what to look at, as other streams move."""

    def __init__(self, plugin: derived.DerivedPlugin,
                 runner: runner_module.Runner, store: store_base.Store,
                 interval: float = INTERVAL) -> None:
        self._plugin, self._runner, self._store = plugin, runner, store
        self._interval = interval
        self._own = frozenset(runner.pollers)
        self._at: dict[str, position.Position] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f'follow-{plugin.name}', daemon=True)
        self._tender = threading.Thread(
            target=self._tend, name=f'tend-{plugin.name}', daemon=True)

    def start(self) -> None:
        """Begin with what is committed from now on: before the runner, so
        that its first sweep sees what came earlier."""
        self._try(self.step)
        self._thread.start()
        self._tender.start()

    def leave(self) -> None:
        """Begin to end."""
        self._stopping.set()

    def stop(self, timeout: float) -> None:
        """End."""
        self.leave()
        for thread in (self._thread, self._tender):
            if thread.is_alive():
                thread.join(timeout / 2)

    def _run(self) -> None:
        while not self._stopping.wait(self._interval):
            self._try(self.step)

    def _tend(self) -> None:
        """In a thread of its own: it may ask services, which takes time."""
        while not self._stopping.wait(self._interval):
            if self._runner.is_active():
                self._try(self._plugin.tend)

    def _try(self, what: Callable[[], None]) -> None:
        """No fault ends the thread; what was not read is read next time."""
        try:
            what()
        except exception.SynchronizerError as error:
            LOG.debug('%(plugin)s cannot follow: %(error)s',
                      {'plugin': self._plugin.name, 'error': error})
        except Exception:
            LOG.exception('%(plugin)s cannot follow',
                          {'plugin': self._plugin.name})

    def step(self) -> None:
        """Read what was committed since the last time."""
        rows = {
            type_: row for type_, row in self._plugin.streams.rows().items()
            if type_ not in self._own}
        for row in rows.values():
            self._follow(row)
        if self._plugin.heed(rows):
            self._runner.sweep_soon()

    def _follow(self, row: stream.Stream) -> None:
        at = self._at.get(row.type)
        if at is None or at.epoch != row.epoch:
            self._lose(row)
            return
        while at.revision < row.revision:
            try:
                head, changes = self._store.changes_since(
                    row.type, at.epoch, at.revision, PAGE, PAGE_BYTES)
            except exception.ResyncRequired:
                self._lose(row)
                return
            if not changes:
                return
            if self._runner.is_active():
                # else whoever is, or will be, sees it by a sweep
                for change in changes:
                    self._tell(change)
            at = position.Position(at.epoch, changes[-1].revision)
            self._at[row.type] = at

    def _lose(self, row: stream.Stream) -> None:
        """We do not know what was changed: all is looked at, unless the
        first sweep, which sees it, is still to come."""
        self._at[row.type] = row.position
        self._runner.sweep_soon()

    def _tell(self, change: change_module.Change) -> None:
        for type_, id_ in self._plugin.concerns(change):
            self._runner.look(hints.Hint(
                type_, id_, initiator=change.initiator))
