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

"""The master: forks the workers, and owns nothing else."""

import collections
import functools
import uuid

from oslo_log import log as logging
from oslo_service import service

from synchronizer import conf as conf_module
from synchronizer.service import crew as crew_module
from synchronizer.service import death
from synchronizer.service import enabled
from synchronizer.service import notify
from synchronizer.service import process
from synchronizer.service import report
from synchronizer.service import roll as roll_module
from synchronizer.service import workers
from synchronizer.service.inside import names

LOG = logging.getLogger(__name__)


def run(conf: conf_module.Config) -> int:
    """Run every process of this configuration until told to stop.

    Must be the first and only launcher of its process: it takes the signals
    and becomes the leader of a session.
    """
    # one of them starts again what ends: without it the service would dwindle
    death.watch_threads()
    report.on_signal(conf)
    enabled.tell(conf)
    roll = roll_module.Roll()
    # before the launcher, which would tell systemd that all is ready
    notifier = notify.Notifier(notify.address(), roll.waiting, roll.silent)
    launcher = service.ProcessLauncher(conf)
    crew = crew_module.Crew(launcher)
    # one of a name is never started before the last one is seen to be dead
    processes = functools.partial(
        _processes, conf, roll, uuid.uuid4().hex[:8])
    crew.begin(processes())
    # after the hook of cotyledon, which reads the files as well
    launcher._manager.register_hooks(
        on_terminate=notifier.stopping,
        on_reload=lambda: crew.want(processes()))
    _refuse_bad_files(launcher, conf, roll, notifier)
    notifier.start()
    launcher.wait()
    return 0


def _processes(conf: conf_module.Config, roll: roll_module.Roll, family: str
               ) -> dict[str, process.Process]:
    """Those of this configuration, by name; the roll expects them. All that
    this master makes are of one family."""
    found = {}
    for plugin in enabled.types(conf):
        title = names.collector(plugin.name)
        found[title] = process.Process(
            conf, title,
            functools.partial(workers.CollectorWorker, name=plugin.name,
                              family=family), roll)
    for name in names.snapshots(conf):
        found[name] = process.Process(
            conf, names.SNAPSHOT, workers.SnapshotWorker, roll, name)
    roll.expect(collections.Counter(one.title for one in found.values()))
    if conf.metrics.listen:
        # nobody waits for it: what is told matters less than what is done
        found[names.METRICS] = process.Process(
            conf, names.METRICS, workers.MetricsWorker)
    return found


def _refuse_bad_files(launcher: service.ProcessLauncher,
                      conf: conf_module.Config, roll: roll_module.Roll,
                      notifier: notify.Notifier) -> None:
    """On SIGHUP, restart the workers only if the files are good.

    cotyledon restarts its workers whatever its reload hooks say. Config
    refuses a bad file by itself, so without this the workers would be
    restarted as they were, which nobody has asked for.
    """
    manager = launcher._manager
    restart_workers = manager._reload

    def reload() -> None:
        if conf.reload_config_files():
            logging.setup(conf, process.PROGRAM)
            enabled.tell(conf)
            roll.renew()
            restart_workers()
        # whoever asked for it waits until all is ready again
        notifier.reloading()

    manager._reload = reload
