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

"""The processes of the service: those that are wanted are there.

Which these are may change while the service runs. cotyledon can be given
services, and workers can be taken from them; but it starts again whatever
ends, wanted or not, and its supervisor is a thread that runs through the
services, so that no other may add one.
"""

from collections.abc import Mapping
import time
from typing import Any

from oslo_log import log as logging
from oslo_service import service

LOG = logging.getLogger(__name__)


class Crew:
    """Stands before the launcher and its cotyledon manager."""

    def __init__(self, launcher: service.ProcessLauncher) -> None:
        self._launcher = launcher
        self._wanted: Mapping[str, service.ServiceBase] = {}
        self._ids: dict[str, Any] = {}
        self._names: dict[Any, str] = {}

    def begin(self, wanted: Mapping[str, service.ServiceBase]) -> None:
        """These are to be there; called once, before the launcher waits."""
        self._wanted = wanted
        self._adjust()
        self._stand_before(self._launcher._manager)

    def want(self, wanted: Mapping[str, service.ServiceBase]) -> None:
        """From now on these are to be there, and no others.

        Takes effect within moments, in the supervisor's thread.
        """
        for verb, names in (('starts', wanted.keys() - self._wanted.keys()),
                            ('ends', self._wanted.keys() - wanted.keys())):
            for name in sorted(names):
                LOG.info('%(name)s %(verb)s, as the files say now.',
                         {'name': name, 'verb': verb})
        self._wanted = wanted
        self._launcher._manager._got_sig_chld.set()

    def _stand_before(self, manager: Any) -> None:
        adjust_workers, start = manager._adjust_workers, manager._start_worker
        slow_down = manager._slowdown_respawn_if_needed

        def adjust() -> None:
            self._adjust()
            adjust_workers()

        def start_if_wanted(service_id: Any, worker_id: int) -> None:
            if self._names[service_id] in self._wanted:
                start(service_id, worker_id)

        def slow_down_and_live() -> None:
            try:
                slow_down()
            except IndexError:
                # a SIGHUP emptied meanwhile what it takes the first of: the
                # supervisor would die of it, and nothing be started again
                manager._forktimes.append(time.time())
        manager._slowdown_respawn_if_needed = slow_down_and_live
        manager._adjust_workers = adjust
        manager._start_worker = start_if_wanted

    def _adjust(self) -> None:
        wanted = self._wanted
        for name in [one for one in wanted if one not in self._ids]:
            self._launcher.launch_service(wanted[name])
            self._ids[name] = next(reversed(self._launcher._manager._services))
            self._names[self._ids[name]] = name
        manager = self._launcher._manager
        for name, service_id in self._ids.items():
            workers = int(name in wanted)
            if manager._services[service_id].workers != workers:
                manager.reconfigure(service_id, workers)
