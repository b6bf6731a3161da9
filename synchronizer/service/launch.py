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

from collections.abc import Sequence
import functools

from oslo_log import log as logging
from oslo_service import service

from synchronizer import conf as conf_module
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
    report.on_signal(conf)
    _fix(conf)
    enabled.tell(conf)
    roll = roll_module.Roll()
    # before the launcher, which would tell systemd that all is ready
    notifier = notify.Notifier(notify.address(), roll.waiting, roll.silent)
    launcher = service.ProcessLauncher(conf)
    for plugin in enabled.types(conf):
        _launch(launcher, roll, conf, names.collector(plugin.name),
                functools.partial(workers.CollectorWorker, name=plugin.name))
    _launch(launcher, roll, conf, names.SNAPSHOT, workers.SnapshotWorker,
            names.snapshots(conf))
    if conf.metrics.listen:
        # nobody waits for it: what is told matters less than what is done
        launcher.launch_service(
            process.Process(conf, names.METRICS, workers.MetricsWorker))
    _refuse_bad_files(launcher, conf, roll, notifier)
    launcher._manager.register_hooks(on_terminate=notifier.stopping)
    notifier.start()
    launcher.wait()
    return 0


def _launch(launcher: service.ProcessLauncher, roll: roll_module.Roll,
            conf: conf_module.Config, title: str, build: process.Build,
            each: Sequence[str] = ()) -> None:
    """A process for each name, all doing the same; or one."""
    each = each or (title,)
    roll.expect(title, len(each))
    for name in each:
        launcher.launch_service(
            process.Process(conf, title, build, roll, name))


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
            _tell_what_waits(conf)
            roll.renew()
            restart_workers()
        # whoever asked for it waits until all is ready again
        notifier.reloading()

    manager._reload = reload


def _fix(conf: conf_module.Config) -> None:
    """Which processes there are is decided once: not by a reload."""
    conf.set_override('plugins', conf.plugins)
    conf.set_override('enable_observer', conf.reality.enable_observer,
                      group='reality')
    conf.set_override('workers', conf.snapshot.workers, group='snapshot')
    conf.set_override('listen', conf.metrics.listen, group='metrics')


def _tell_what_waits(conf: conf_module.Config) -> None:
    wanted = conf.fresh()
    if _processes(wanted) != _processes(conf):
        LOG.warning('[DEFAULT] plugins, [reality] enable_observer, '
                    '[snapshot] workers and [metrics] listen stay as they '
                    'are until the service is started anew.')


def _processes(conf: conf_module.Config) -> tuple[object, ...]:
    return enabled.names(conf), conf.snapshot.workers, conf.metrics.listen
