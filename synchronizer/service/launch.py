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

import functools

from oslo_log import log as logging
from oslo_service import service

from synchronizer import conf as conf_module
from synchronizer.service import enabled
from synchronizer.service import process
from synchronizer.service import report
from synchronizer.service import workers

LOG = logging.getLogger(__name__)


def run(conf: conf_module.Config) -> int:
    """Run every process of this configuration until told to stop.

    Must be the first and only launcher of its process: it takes the signals
    and becomes the leader of a session.
    """
    report.on_signal(conf)
    _fix(conf)
    launcher = service.ProcessLauncher(conf)
    for plugin in enabled.types(conf):
        launcher.launch_service(process.Process(
            conf, f'collector-{plugin.name}',
            functools.partial(workers.CollectorWorker, name=plugin.name)))
    launcher.launch_service(
        process.Process(conf, 'snapshot', workers.SnapshotWorker),
        workers=conf.snapshot.workers)
    _refuse_bad_files(launcher, conf)
    launcher.wait()
    return 0


def _refuse_bad_files(launcher: service.ProcessLauncher,
                      conf: conf_module.Config) -> None:
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
            _tell_what_waits(conf)
            restart_workers()

    manager._reload = reload


def _fix(conf: conf_module.Config) -> None:
    """Which processes there are is decided once: not by a reload."""
    conf.set_override('plugins', conf.plugins)
    conf.set_override('workers', conf.snapshot.workers, group='snapshot')


def _tell_what_waits(conf: conf_module.Config) -> None:
    wanted = conf.fresh()
    if (wanted.plugins, wanted.snapshot.workers) != (
            conf.plugins, conf.snapshot.workers):
        LOG.warning('[DEFAULT] plugins and [snapshot] workers stay as they '
                    'are until the service is started anew.')
