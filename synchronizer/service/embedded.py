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
from synchronizer.service import death
from synchronizer.service import enabled
from synchronizer.service import process
from synchronizer.service import report
from synchronizer.service import worker as worker_module
from synchronizer.service import workers

LOG = logging.getLogger(__name__)


class Embedded:
    """All workers as threads of this process."""

    def __init__(self, conf: conf_module.Config) -> None:
        self._conf = conf
        self._running: list[worker_module.Worker] = []
        self._signals: list[int] = []
        self._woken = threading.Event()

    def start(self) -> None:
        """Begin to work; returns at once."""
        self._running = [
            workers.CollectorWorker(self._conf, plugin.name)
            for plugin in enabled.types(self._conf)]
        self._running.append(workers.SnapshotWorker(self._conf))
        for worker in self._running:
            worker.start()

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
        return all(ended)

    def run(self) -> int:
        """Work until SIGTERM or SIGINT; called in the main thread, which
        takes the signals."""
        death.watch_threads()
        report.on_signal(self._conf)
        report.on_file(self._conf)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        self.start()
        while self._next_signal() == signal.SIGHUP:
            if self._conf.reload_config_files():
                logging.setup(self._conf, process.PROGRAM)
                self.stop()
                self.start()
        return 0 if self.stop() else death.FAILED

    def _signalled(self, number: int, frame: object) -> None:
        self._signals.append(number)
        self._woken.set()

    def _next_signal(self) -> int:
        while not self._signals:
            self._woken.wait()
            self._woken.clear()
        return self._signals.pop(0)


def run(conf: conf_module.Config) -> int:
    """Run the whole service in this process until told to stop."""
    return Embedded(conf).run()
