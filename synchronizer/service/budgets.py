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


"""The budgets of requests, as one process has them: one for each service,
whoever of the process asks it."""

import functools
import threading

from oslo_config import cfg

from synchronizer import metrics
from synchronizer.cloud import api
from synchronizer.cloud import budget
from synchronizer.service import enabled
from synchronizer.store import base as store_base


class Budgets:
    """What requests wait for, by the name that a plugin asks for a service
    under: its own name, or the service's type. Thread-safe."""

    def __init__(self, conf: cfg.ConfigOpts, store: store_base.Store
                 ) -> None:
        self._conf, self._store = conf, store
        self._copied = {
            name: plugin.name for plugin in enabled.types(conf)
            if not enabled.is_derived(plugin)
            for name in (plugin.name, conf[plugin.name].service_type)}
        self._lock = threading.Lock()
        self._made: dict[str, budget.Budget] = {}

    def turn(self, service: str, asker: str) -> api.Turn | None:
        """What a plugin's requests to a service wait for; None: nothing.

        One that another plugin copies has that plugin's budget.
        """
        name = self._copied.get(service, service)
        group = name if service in self._copied else asker
        rate = self._conf[group].max_requests_per_second
        if not rate:
            return None
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(name, rate)
            return self._made[name].wait

    def _make(self, service: str, rate: float) -> budget.Budget:
        return budget.Budget(
            service, rate,
            functools.partial(self._store.reserve, service, rate=rate),
            note=functools.partial(metrics.waited, service))
