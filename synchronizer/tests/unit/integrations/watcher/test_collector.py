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


"""The collector, on as much of Watcher as it touches."""

import importlib
import sys
import threading
import types
from unittest import mock

from oslo_config import cfg

from synchronizer.bus import transport
from synchronizer.client import mirror as mirror_module
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.watcher import doubles

NAME = 'synchronizer.integrations.watcher.collector'


class _Error(Exception):

    def __init__(self, *args, **kwargs):
        super().__init__(*args, *kwargs.values())


class _Collector:
    """Watcher's base, as far as it is ours."""

    STALE_MODEL = ()

    def __init__(self, config, osc=None):
        self.config = config
        self.lock = threading.RLock()
        self._cluster_data_model = None

    @classmethod
    def get_config_opts(cls):
        return []

    @property
    def cluster_data_model(self):
        raise AssertionError('ours is asked')

    @cluster_data_model.setter
    def cluster_data_model(self, model):
        self._cluster_data_model = model

    def set_cluster_data_model_as_stale(self):
        self.cluster_data_model = self.STALE_MODEL

    def synchronize(self):
        with self.sync_lock:
            try:
                self.cluster_data_model = self.execute()
            except Exception:
                self.set_cluster_data_model_as_stale()


class _Singletons(type):

    _instances = {}

    def __call__(cls, *args):
        return cls._instances[cls]


class _Placement:
    """Nothing is known of any node."""

    def __init__(self):
        self.asked = []

    def get(self, path, **kwargs):
        self.asked.append((path, kwargs))
        return types.SimpleNamespace(
            status_code=200, raise_for_status=lambda: None,
            json=lambda: {'resource_providers': []})


class _Mirror(doubles.Mirror):
    """Notes whether anybody else could go on while it was waited for."""

    def __init__(self, *entities):
        super().__init__(*entities)
        self.synced = True
        self.ages = {}
        self.waited = []
        self.lock = None

    def subscribe(self, callback):
        self.callback = callback

    def start(self):
        """Nothing to start."""

    def wait_synced(self, timeout):
        free = []

        def look():
            free.append(self.lock.acquire(blocking=False))
            if free[0]:
                self.lock.release()
        other = threading.Thread(target=look)
        other.start()
        other.join()
        self.waited.append((timeout, free[0]))
        return self.synced

    def age(self, type_):
        return self.ages.get(type_, 1.0)


def _modules(placement):
    made = {}

    def module(name, **content):
        for end in range(1, name.count('.') + 2):
            part = '.'.join(name.split('.')[:end])
            made.setdefault(part, types.ModuleType(part))
            parent, _, child = part.rpartition('.')
            if parent:
                setattr(made[parent], child, made[part])
        vars(made[name]).update(content)
    engine = 'watcher.decision_engine'
    helper = types.SimpleNamespace
    module('watcher.common.exception', WatcherException=_Error,
           ClusterDataModelCollectionError=_Error)
    module('watcher.common.nova_helper', NovaHelper=lambda: helper(
        is_pinned_az_available=lambda: False))
    module('watcher.common.placement_helper', PlacementHelper=lambda: helper(
        connection=helper(placement=placement)))
    module('watcher.common.loader.loadable',
           LoadableSingletonMeta=_Singletons)
    module(f'{engine}.model.element', ComputeNode=helper, Instance=helper)
    module(f'{engine}.model.model_root', ModelRoot=_Root)
    module(f'{engine}.model.collector.base',
           BaseClusterDataModelCollector=_Collector)
    module(f'{engine}.model.collector.nova', NovaClusterDataModelCollector=(
        _Singletons('NovaClusterDataModelCollector', (), {})))
    module(f'{engine}.scope.compute', ComputeScope=helper)
    return made


class _Root(doubles.Root):

    def __bool__(self):
        return True


class CollectorTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.placement = _Placement()
        patch = mock.patch.dict(sys.modules, _modules(self.placement))
        patch.start()
        self.addCleanup(patch.stop)
        sys.modules.pop(NAME, None)
        self.addCleanup(_Singletons._instances.clear)
        self.mirror = _Mirror(doubles.host(), doubles.instance())
        cfg.CONF.register_opts([cfg.StrOpt('host', default='here')])
        self.addCleanup(cfg.CONF.unregister_opts, [cfg.StrOpt('host')])
        self.patch(transport, 'get', lambda conf, url: None)
        self.patch(mirror_module, 'Mirror', lambda **kwargs: self.mirror)
        module = importlib.import_module(NAME)
        self.collector = module.SynchronizerCollector(types.SimpleNamespace(
            transport_url=None, max_age=1800, sync_timeout=7))
        self.mirror.lock = self.collector.lock

    def test_the_first_who_asks_waits_and_nobody_else(self):
        self.assertEqual({'vm-1'},
                         set(self.collector.cluster_data_model.instances))
        self.assertEqual([(7, True)], self.mirror.waited)

    def test_so_does_who_wants_a_copy(self):
        copy = self.collector.get_latest_cluster_data_model()
        self.assertIsNot(self.collector.cluster_data_model, copy)
        self.assertEqual([(7, True)], self.mirror.waited)

    def test_a_rebuild_waits_without_the_lock(self):
        self.collector.synchronize()
        self.collector.synchronize()
        self.assertEqual([(7, True)] * 2, self.mirror.waited)

    def test_a_mirror_that_is_not_level(self):
        self.mirror.synced = False
        self.assertFalse(self.collector.cluster_data_model)
        self.assertEqual([(7, True)], self.mirror.waited)
        self.mirror.synced = True
        self.assertTrue(self.collector.cluster_data_model)

    def test_no_mirror_can_be_made(self):
        def no_transport(conf, url):
            raise ValueError('no such transport')
        self.patch(transport, 'get', no_transport)
        self.assertFalse(self.collector.cluster_data_model)
        self.assertIn('no such transport', self.log.output)

    def test_placement_is_not_waited_for_without_end(self):
        self.collector.synchronize()
        self.assertEqual([('/resource_providers', {'timeout': 30})] * 2,
                         self.placement.asked)

    def test_an_old_cloud_is_stale(self):
        self.mirror.ages['nova.host'] = 1801.5
        self.assertFalse(self.collector.cluster_data_model)
        self.assertIn('last seen whole 1801 s ago', self.log.output)

    def test_a_cloud_that_was_never_seen_whole(self):
        self.mirror.ages['nova.host'] = float('inf')
        self.assertFalse(self.collector.cluster_data_model)
        self.assertIn('never seen whole', self.log.output)
