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

"""The compute collector that Watcher loads.

Watcher finds it by the name `synchronizer` in `[collector]
collector_plugins`. From then on whoever asks Watcher for its collector
`compute` gets this one.
"""

import copy
import functools
import math
from typing import Any

from oslo_config import cfg
from oslo_log import log
from watcher.common import exception
from watcher.common import nova_helper
from watcher.common import placement_helper
from watcher.common.loader import loadable
from watcher.decision_engine.model import element
from watcher.decision_engine.model import model_root
from watcher.decision_engine.model.collector import base
from watcher.decision_engine.model.collector import nova
from watcher.decision_engine.scope import compute as compute_scope

from synchronizer.bus import transport
from synchronizer.client import mirror as mirror_module
from synchronizer.integrations.watcher import elements
from synchronizer.integrations.watcher import inventories
from synchronizer.integrations.watcher import model
from synchronizer.model import change as change_module

LOG = log.getLogger(__name__)

TYPES = (elements.HOST, elements.INSTANCE)

TIMEOUT = 30
"""Seconds for an answer of Placement's: whoever wants the model waits."""

OPTS = [
    cfg.StrOpt(
        'transport_url', secret=True,
        help='Where Synchronizer is to be reached; by default where Watcher '
        'itself is.'),
    cfg.IntOpt(
        'max_age', default=1800, min=1,
        help='Seconds since Synchronizer has last seen the whole cloud, '
        'after which the model counts as stale. No audit runs on a stale '
        'model.'),
    cfg.IntOpt(
        'sync_timeout', default=60, min=1,
        help='Seconds to wait for Synchronizer where the model is not there '
        'yet. Then it counts as stale, until Synchronizer answers.'),
]


class SynchronizerCollector(base.BaseClusterDataModelCollector):
    """Keeps Watcher's compute model equal to what Synchronizer holds.

    The model is there before the first audit, and always the whole cloud:
    Watcher's own handler cuts from a copy what is out of an audit's scope.
    """

    def __init__(self, config: Any, osc: Any = None) -> None:
        super().__init__(config, osc)
        # one lock for both: changes wait for a rebuild, as Watcher has it,
        # and nobody can take the two in different orders
        self.sync_lock = self.lock
        self._mirror: mirror_module.Mirror | None = None
        self._live: model.LiveModel | None = None
        self._inventories = inventories.Inventories(self._ask_placement)
        _take_the_place(self)

    @classmethod
    def get_config_opts(cls) -> list[cfg.Opt]:
        """Watcher's `period`, and our own."""
        return [*super().get_config_opts(), *OPTS]

    @property
    def notification_endpoints(self) -> list[Any]:
        """None: what Nova tells is heard by Synchronizer already."""
        return []

    def get_audit_scope_handler(self, audit_scope: Any
                                ) -> compute_scope.ComputeScope:
        """Watcher's own, which cuts a copy of the model to the scope."""
        self._audit_scope_handler = compute_scope.ComputeScope(
            audit_scope, self.config)
        return self._audit_scope_handler

    @base.BaseClusterDataModelCollector.cluster_data_model.getter
    def cluster_data_model(self) -> model_root.ModelRoot:
        """The model that changes are made to; false while it is stale."""
        self._await_mirror()
        with self.lock:
            return self._current()

    def get_latest_cluster_data_model(self) -> model_root.ModelRoot:
        """A copy, which strategies change as they like."""
        self._await_mirror()
        with self.lock:
            return copy.deepcopy(self._current())

    def synchronize(self) -> None:
        """Build the model anew; stale where that fails."""
        self._await_mirror(anyway=True)
        super().synchronize()

    def execute(self) -> model_root.ModelRoot:
        """What `synchronize` builds, from what the mirror holds."""
        mirror = self._following()
        if not mirror.synced:
            raise exception.ClusterDataModelCollectionError(cdm='compute')
        self._refresh_inventories(mirror)
        live = model.LiveModel(mirror, self._inventories, _kit())
        live.complete()
        self._live = live
        return live.root

    # --- inside ----------------------------------------------------------

    def _current(self) -> model_root.ModelRoot:
        if not self._cluster_data_model:
            super().synchronize()
        elif self._live is not None:
            self._complete(self._live)
        if self._cluster_data_model and self._is_old():
            return self.STALE_MODEL
        return self._cluster_data_model

    def _await_mirror(self, anyway: bool = False) -> None:
        """Wait where a model is to be built; without the lock, which the
        changes and all others need."""
        if self._cluster_data_model and not anyway:
            return
        try:
            mirror = self._following()
        except Exception as error:
            # whatever it is, it fails again where the model is built, and
            # there makes it stale
            LOG.warning('Synchronizer cannot be followed: %(error)s',
                        {'error': error})
            return
        mirror.wait_synced(self.config.sync_timeout)

    def _following(self) -> mirror_module.Mirror:
        """The mirror; started only here, since a collector may be made
        before Watcher forks."""
        if nova.NovaClusterDataModelCollector(self.config) is not self:
            raise exception.WatcherException(
                'Strategies do not get the collector of Synchronizer')
        with self.lock:
            if self._mirror is None:
                self._mirror = self._start()
            return self._mirror

    def _start(self) -> mirror_module.Mirror:
        mirror = mirror_module.Mirror(
            types=TYPES, name=f'watcher-{cfg.CONF.host}',
            transport=transport.get(cfg.CONF, self.config.transport_url))
        mirror.subscribe(self._changed)
        mirror.start()
        return mirror

    def _refresh_inventories(self, mirror: mirror_module.Mirror) -> None:
        try:
            self._inventories.refresh(
                [host.attributes['id'] for host in mirror.all(elements.HOST)
                 if elements.is_node(host)])
        except Exception as error:
            # whatever it is: what was known of them will do for now, and
            # those of which nothing is known are asked for once more
            LOG.warning('Placement did not answer: %(error)s',
                        {'error': error})

    def _changed(self, change: change_module.Change) -> None:
        with self.lock:
            if self._live is None:
                return
            try:
                self._live.look(change.type, change.id)
            except Exception:
                # built anew, it is whole or it is stale
                LOG.exception('The change of %(type)s %(id)s failed',
                              {'type': change.type, 'id': change.id})
                self._forget()

    def _complete(self, live: model.LiveModel) -> None:
        try:
            live.complete()
        except Exception as error:
            # whatever keeps Placement from answering: capacities would be
            # wrong without it
            LOG.warning('Placement did not answer: %(error)s',
                        {'error': error})
            self._forget()

    def _forget(self) -> None:
        self._live = None
        self.set_cluster_data_model_as_stale()

    def _is_old(self) -> bool:
        age = max(map(self._mirror.age, TYPES))
        if math.isinf(age):
            LOG.warning('The cloud was never seen whole')
        elif age > self.config.max_age:
            LOG.warning('The cloud was last seen whole %(age)d s ago',
                        {'age': age})
        return age > self.config.max_age

    def _ask_placement(self, path: str) -> Any:
        answer = self._placement.get(path, timeout=TIMEOUT)
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return answer.json()

    @functools.cached_property
    def _placement(self) -> Any:
        return placement_helper.PlacementHelper().connection.placement


def _kit() -> model.Kit:
    return model.Kit(
        model_root.ModelRoot, element.ComputeNode, element.Instance,
        # it is Watcher that says from which version on, and asks nobody
        nova_helper.NovaHelper().is_pinned_az_available())


def _take_the_place(collector: SynchronizerCollector) -> None:
    """Be what Watcher has in the place of its own compute collector.

    Collectors are singletons: the loader calls the class that it finds
    under a name, and gets the instance that is registered for this class.
    """
    instances = loadable.LoadableSingletonMeta._instances
    if nova.NovaClusterDataModelCollector in instances:
        raise exception.WatcherException(
            'collector_plugins names synchronizer instead of compute, '
            'not beside it')
    instances[nova.NovaClusterDataModelCollector] = collector
