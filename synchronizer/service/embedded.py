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

"""Everything in one process: an in-memory bus, SQLite, and no fork."""

import signal
import threading

from oslo_log import log as logging

from synchronizer import conf as conf_module
from synchronizer import signals
from synchronizer.service import death
from synchronizer.service import enabled
from synchronizer.service import notify
from synchronizer.service import parts
from synchronizer.service import process
from synchronizer.service import report
from synchronizer.service import worker as worker_module
from synchronizer.service import workers
from synchronizer.service.inside import names
from synchronizer.service.inside import probe as probe_module

LOG = logging.getLogger(__name__)


class Embedded:
    """All workers as threads of this process."""

    def __init__(self, conf: conf_module.Config) -> None:
        self._conf = conf
        self._running: list[worker_module.Worker] = []
        self._probe: probe_module.Probe | None = None

    def start(self) -> None:
        """Begin to work; returns at once."""
        self._running = [
            workers.CollectorWorker(self._conf, plugin.name)
            for plugin in enabled.types(self._conf)]
        self._running.append(workers.SnapshotWorker(self._conf))
        self._answer()
        for worker in self._running:
            worker.start()

    def _answer(self) -> None:
        """When asked how this process is; who asks, is in it as well."""
        works = list(self._running)
        self._probe = parts.probe(
            self._conf, names.ALL_IN_ONE,
            lambda: all(worker.working.is_set() for worker in works),
            lambda: [owner for worker in works for owner in worker.owners])
        if self._probe is not None:
            self._probe.start()
            self._running.append(workers.MetricsWorker(self._conf))

    def _waiting(self) -> list[str]:
        return [worker.name for worker in self._running
                if worker.name != names.METRICS
                and not worker.working.is_set()]

    def stop(self) -> bool:
        """End all of them at once; whether all ended in time."""
        budget, ended = process.stop_budget(self._conf), []
        stopping = [threading.Thread(
            target=lambda worker=worker: ended.append(worker.stop(budget)))
            for worker in self._running]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()
        if self._probe is not None:
            self._probe.stop()
        return all(ended)

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; called in the main thread, which
        takes the signals."""
        death.watch_threads()
        enabled.tell(self._conf)
        report.on_signal(self._conf)
        report.on_file(self._conf)
        with signals.Signals((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
                             ) as told:
            notifier = notify.Notifier(
                notify.address(), self._waiting, lambda: [])
            self.start()
            notifier.start()
            while told.next() == signal.SIGHUP:
                self._reload()
                notifier.reloading()
            notifier.stopping()
            return 0 if self.stop() else death.FAILED

    def _reload(self) -> None:
        if self._conf.reload_config_files():
            logging.setup(self._conf, process.PROGRAM)
            enabled.tell(self._conf)
            self.stop()
            self.start()


def run(conf: conf_module.Config) -> int:
    """Run the whole service in this process until told to stop."""
    return Embedded(conf).run()
