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

"""A worker as oslo.service wants it: made in the master, alive in a child."""

from collections.abc import Callable
import gc
import threading

from oslo_config import cfg
from oslo_log import log as logging
from oslo_service import service
import setproctitle

from synchronizer import memory
from synchronizer.service import death
from synchronizer.service import parts
from synchronizer.service import report
from synchronizer.service import roll as roll_module
from synchronizer.service import worker as worker_module

LOG = logging.getLogger(__name__)

PROGRAM = 'synchronizer'
ENDLESS = 60.0

Build = Callable[[cfg.ConfigOpts], worker_module.Worker]


def stop_budget(conf: cfg.ConfigOpts) -> float:
    """Seconds to stop in, so that the alarm of the launcher never rings.

    Its clock starts a little before the child's.
    """
    return (conf.graceful_shutdown_timeout or ENDLESS) * 0.8


class Process(service.ServiceBase):
    """Is forked after it was made: until start() it only holds arguments.

    The master's `roll` hears of it, if there is one. Its `name` is its own,
    where several have one title.
    """

    def __init__(self, conf: cfg.ConfigOpts, title: str, build: Build,
                 roll: roll_module.Roll | None = None,
                 name: str | None = None) -> None:
        self.conf, self.title, self._build = conf, title, build
        self._name = name or title
        self._roll = roll
        self._worker: worker_module.Worker | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._stopping = False

    def start(self) -> None:
        """In the child, in a thread: options are read from here on."""
        setproctitle.setproctitle(f'{PROGRAM}: {self.title}')
        # what the master made is shared with it: to look through it for
        # garbage would make it our own
        gc.freeze()
        memory.keep_heaps_small()
        logging.setup(self.conf, PROGRAM)
        death.watch_threads()
        report.on_file(self.conf)
        with self._lock:
            # stop() comes from another thread, and may be the first
            if not self._stopping:
                self._worker = self._build(self.conf)
                self._worker.start()
                if self._roll is not None:
                    self._roll.answer(self.title, self._worker.working)
                self._answer(self._worker)

    def _answer(self, worker: worker_module.Worker) -> None:
        """It ends with the process: until then it is asked for."""
        probe = parts.probe(self.conf, self._name, worker.working.is_set,
                            lambda: worker.owners)
        if probe is not None:
            probe.start()

    def stop(self) -> None:
        """End the work; os._exit follows, so nothing may be left to do."""
        with self._lock:
            self._stopping, worker = True, self._worker
        if worker is not None:
            worker.stop(stop_budget(self.conf))
        self._stopped.set()

    def wait(self) -> None:
        """Until stopped: a process whose wait returns would idle."""
        self._stopped.wait()

    def reset(self) -> None:
        """Never called: after a SIGHUP a worker is a new process."""
