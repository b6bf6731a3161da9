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

"""An unmodified Watcher, with our compute collector beside its own.

Two of its decision engines look at one cloud: one builds its model itself,
anew for each comparison; the other is fed by a service that runs.
"""

import unittest

from synchronizer.sandbox import SandboxCloud
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional.watcher import cloud as cloud_module
from synchronizer.tests.functional.watcher import process

SERVER = 'nova.instance'
GONE = 'gone'

# notification: what goes before it, what it tells of, and what then holds
# of the instance in the model
EVENTS = {
    'instance.create.end': (
        [], [('finish_boot', {'host': 'compute-0'})],
        {'state': 'active', 'host': 'compute-0'}),
    'instance.lock': ([], [('lock_server', {})], {'locked': True}),
    'instance.unlock': ([('lock_server', {})], [('unlock_server', {})],
                        {'locked': False}),
    'instance.pause.end': ([], 'paused', {'state': 'paused'}),
    'instance.unpause.end': ('paused', 'active', {'state': 'active'}),
    'instance.power_off.end': ([], [('stop', {})], {'state': 'stopped'}),
    'instance.power_on.end': ([('stop', {})], [('start', {})],
                              {'state': 'active'}),
    'instance.shutdown.end': ([], [('stop', {})], {'state': 'stopped'}),
    'instance.resize_confirm.end': (
        [('resize', {'flavor': 'f.large', 'confirm': False})],
        [('confirm_resize', {})],
        {'state': 'active', 'vcpus': 4, 'memory': 8192, 'disk': 80}),
    'instance.suspend.end': ([], 'suspended', {'state': 'suspended'}),
    'instance.resume.end': ('suspended', 'active', {'state': 'active'}),
    'instance.shelve.end': ([], 'shelved', {'state': 'shelved'}),
    'instance.unshelve.end': (
        [('shelve', {})], [('unshelve', {'host': 'compute-1'})],
        {'state': 'active', 'host': 'compute-1'}),
    'instance.rescue.end': ([], 'rescued', {'state': 'rescued'}),
    'instance.unrescue.end': ('rescued', 'active', {'state': 'active'}),
    'instance.rebuild.end': ([], [('rename', {'name': 'rebuilt'})],
                             {'name': 'rebuilt', 'state': 'active'}),
    'instance.update': ([], [('set_metadata', {'metadata': {'a': 'b'}})],
                        {'metadata': {'a': 'b'}}),
    'instance.live_migration_post_dest.end': (
        [], [('migrate', {'host': 'compute-2'})],
        {'host': 'compute-2', 'hypervisor_hostname': 'compute-2'}),
    'instance.live_migration_force_complete.end': (
        [('begin', {'status': 'MIGRATING'})],
        [('migrate', {'host': 'compute-2'})],
        {'host': 'compute-2', 'state': 'active'}),
    'instance.delete.end': ([], [('delete_server', {})], GONE),
    'instance.soft_delete.end': ([], [('soft_delete', {})], GONE),
    'instance.restore.end': ([('soft_delete', {})], [('restore', {})],
                             {'state': 'active'}),
}

SCOPES = {
    'aggregate by name': [{'compute': [
        {'host_aggregates': [{'name': 'rack1'}]}]}],
    'aggregate by id': [{'compute': [{'host_aggregates': [{'id': 2}]}]}],
    'all aggregates': [{'compute': [{'host_aggregates': [{'id': '*'}]}]}],
    'zone': [{'compute': [{'availability_zones': [{'name': 'az2'}]}]}],
    'nothing found': [{'compute': [
        {'host_aggregates': [{'name': 'none such'}]}]}],
    'less one node': [{'compute': [
        {'exclude': [{'compute_nodes': [{'name': 'compute-3'}]}]}]}],
    'less an aggregate': [{'compute': [
        {'exclude': [{'host_aggregates': [{'name': 'rack2'}]}]}]}],
    'a zone less a node': [{'compute': [
        {'availability_zones': [{'name': 'nova'}]},
        {'exclude': [{'compute_nodes': [{'name': 'compute-1'}]}]}]}],
}


def _differences(own, ours):
    """Only what differs, as (Watcher's, ours)."""
    if ours is None:
        return {'model': (own, ours)}
    return {(part, key): (own[part].get(key), ours[part].get(key))
            for part in own for key in own[part].keys() | ours[part].keys()
            if own[part].get(key) != ours[part].get(key)}


needs_watcher = unittest.skipUnless(
    process.python(), 'no Watcher: tools/watcher-venv.sh installs one')


@needs_watcher
class LoadingTest(base.FunctionalTestCase):

    def engine(self, plugin):
        # nothing is asked of anybody before there is a model to build
        return self.useFixture(process.Engine(
            plugin, 'http://127.0.0.1:1', 'rabbit://127.0.0.1:1//'))

    def test_strategies_get_ours_by_the_name_compute(self):
        self.assertEqual(
            {'class': 'SynchronizerCollector', 'listened': [],
             'collectors': ['synchronizer']},
            self.engine('synchronizer').ask('about'))

    def test_unless_it_is_named_watcher_has_its_own(self):
        answer = self.engine('compute').ask('about')
        self.assertEqual('NovaClusterDataModelCollector', answer['class'])

    def test_both_at_once_are_refused(self):
        engine = self.engine('compute,synchronizer')
        self.assertEqual(1, engine.process.wait(process.PATIENCE))
        self.assertIn('instead of compute, not beside it',
                      engine.log.read_text())


@needs_watcher
class WatcherTestCase(base.FunctionalTestCase):

    def setUp(self):
        super().setUp()
        self.world = self.useFixture(cloud_module.WatchedCloud(
            SandboxCloud(servers=30, volumes=0, stacks=0)))
        self.cloud = self.world.cloud
        self.daemon = self.useFixture(daemon_module.Daemon(
            self.world.server.auth_url, self.rabbitmq_url())).start()
        self.daemon.await_live()

    def engine(self, plugin='synchronizer', more=''):
        return self.useFixture(process.Engine(
            plugin, self.world.server.auth_url, self.rabbitmq_url(), more))

    def own(self, *scope):
        """What Watcher makes of the cloud by itself, right now."""
        if not hasattr(self, '_own'):
            self._own = self.engine('compute')
        self._own.ask('synchronize')
        return self._own.model(*scope)

    def await_equal(self, engine):
        """Until ours is what Watcher's own is; the model."""
        own = self.own()
        seen = {}

        def equal():
            seen['ours'] = engine.model()
            return seen['ours'] == own
        try:
            daemon_module.until(equal, 'equal models')
        except AssertionError:
            self.assertEqual({}, _differences(own, seen['ours']),
                             engine.log.read_text())
        return own


class ModelTest(WatcherTestCase):

    def setUp(self):
        super().setUp()
        self.cloud.call('create_flavor', name='f.special', ram=100, disk=7,
                        extra_specs={'hw:cpu_policy': 'dedicated'})
        self.cloud.call('boot', name='special', flavor='f.special')
        volume = self.cloud.call('boot', name='from a volume')
        self.cloud.change(SERVER, volume, image='')
        self.cloud.call('boot', name='nowhere yet', status='BUILD')
        self.cloud.call('disable_service', host='compute-1', reason='worn')
        self.cloud.call('force_down', host='compute-2')

    def test_the_scope_of_an_audit_cuts_it_alike(self):
        engine = self.engine()
        self.await_equal(engine)
        excluded = self.cloud.live(SERVER)[0]
        scopes = {**SCOPES, 'less an instance': [{'compute': [
            {'exclude': [{'instances': [{'uuid': excluded['id']}]}]}]}],
            'less a project': [{'compute': [{'exclude': [{'projects': [
                {'uuid': excluded['project_id']}]}]}]}]}
        # it builds its model anew whenever the scope is another
        own = self.engine('compute')
        for name, scope in scopes.items():
            self.assertEqual(own.model(*scope), engine.model(*scope), name)

    def test_it_equals_watchers_and_asks_nova_nothing(self):
        engine = self.engine()
        model = self.await_equal(engine)
        self.assertEqual(5, len(model['nodes']))
        self.assertEqual(32, len(model['instances']))
        self.daemon.process.terminate()
        self.daemon.await_end()
        before = self.world.server.requests.copy()
        for _ in range(2):
            engine.ask('synchronize')
            engine.model()
        self.assertEqual(0, self.world.asked('/compute', before))
        self.assertEqual(2, self.world.asked('/placement', before))


class ChangesTest(WatcherTestCase):

    def do(self, server, steps):
        """Verbs, or a vm_state of which the sandbox knows no verb."""
        if isinstance(steps, str):
            self.cloud.change(SERVER, server, vm_state=steps,
                              updated=self.cloud.now())
            return
        for verb, arguments in steps:
            self.cloud.call(verb, server=server, **arguments)

    def test_each_notification_of_an_instance(self):
        engine = self.engine()
        servers = {
            name: self.cloud.call(
                'boot', name=name, flavor='f.tiny', host=None
                if name == 'instance.create.end' else 'compute-0',
                status='BUILD' if name == 'instance.create.end'
                else 'ACTIVE')
            for name in EVENTS}
        for name, (before, _, _) in EVENTS.items():
            self.do(servers[name], before)
        self.await_equal(engine)
        for name, (_, event, _) in EVENTS.items():
            self.do(servers[name], event)
        model = self.await_equal(engine)
        for name, (_, _, expected) in EVENTS.items():
            found = model['instances'].get(servers[name])
            if expected == GONE:
                self.assertIsNone(found, name)
            else:
                self.assertEqual(expected, {
                    key: found[key] for key in expected}, name)

    def test_each_notification_of_a_service(self):
        engine = self.engine()
        first = self.await_equal(engine)
        self.cloud.call('add_host', name='compute-new')
        new = self.cloud.get('nova.host', 'compute-new')['id']
        guest = self.cloud.call('boot', name='guest', host='compute-new')
        model = self.await_equal(engine)
        self.assertEqual({new}, set(model['nodes']) - set(first['nodes']))
        self.assertEqual([new], model['places'][guest])

        self.cloud.call('disable_service', host='compute-new', reason='why')
        self.cloud.call('service_down', host='compute-0')
        model = self.await_equal(engine)
        self.assertEqual(
            ('disabled', 'why', 'up'), tuple(
                model['nodes'][new][name]
                for name in ('status', 'disabled_reason', 'state')))

        self.cloud.call('delete_server', server=guest)
        self.cloud.call('remove_host', name='compute-new')
        model = self.await_equal(engine)
        self.assertNotIn(new, model['nodes'])

    def test_a_busy_life_ends_equal(self):
        engine = self.engine()
        engine.model()
        for _ in range(10):
            self.world.server.life.run(20)
            engine.model()
        self.await_equal(engine)


class PlacementTest(WatcherTestCase):

    def test_only_what_has_moved_is_asked_for(self):
        engine = self.engine()
        self.await_equal(engine)
        self.world.placement.change('compute-3', VCPU=9.0)
        before = self.world.server.requests.copy()
        engine.ask('synchronize')
        self.assertEqual(1, self.world.asked('/inventories', before))
        model = self.await_equal(engine)

        # away, what was known of all nodes is good
        self.world.placement.answers = False
        engine.ask('synchronize')
        self.assertEqual(model, engine.model())

    def test_a_node_that_placement_fails_for(self):
        self.world.placement.failing.add('compute-3')
        failed = self.cloud.get('nova.host', 'compute-3')['id']
        engine = self.engine()
        nodes = engine.model()['nodes']
        # all that Nova says of it; Watcher's own is without it, as below
        self.assertEqual((64, 1.0), (nodes[failed]['vcpus'],
                                     nodes[failed]['vcpu_ratio']))
        self.assertEqual({4.0}, {
            node['vcpu_ratio'] for uuid, node in nodes.items()
            if uuid != failed})
        self.world.placement.failing.clear()
        self.await_equal(engine)

    def test_a_node_that_placement_does_not_know_yet(self):
        self.world.placement.answers = False
        engine = self.engine()
        self.assertIsNone(engine.model())
        self.world.placement.answers = True
        self.assertEqual(self.own(), engine.model())

        self.world.placement.without.add('compute-new')
        self.cloud.call('add_host', name='compute-new')
        new = self.cloud.get('nova.host', 'compute-new')['id']
        # Watcher's own has no node here: it asks Nova at a version that
        # tells no capacity any more
        node = daemon_module.until(
            lambda: engine.model()['nodes'].get(new), 'the new node')
        self.assertEqual((64, 1.0), (node['vcpus'], node['vcpu_ratio']))
        self.world.placement.without.clear()
        self.await_equal(engine)


class OutageTest(WatcherTestCase):

    def test_the_model_is_stale_while_the_cloud_is_not_seen(self):
        engine = self.engine(more=f'[{process.NAMESPACE}.synchronizer]\n'
                             'max_age = 5\n')
        self.await_equal(engine)
        rule = self.world.server.faults.add(
            'error', path='/compute', status=503)
        daemon_module.until(lambda: engine.model() is None, 'staleness')
        self.world.server.faults.remove(rule)
        self.await_equal(engine)

    def test_it_comes_when_the_service_comes(self):
        self.daemon.end()
        engine = self.engine(more=f'[{process.NAMESPACE}.synchronizer]\n'
                             'sync_timeout = 2\n')
        engine.ask('synchronize')
        self.assertIsNone(engine.model())
        self.daemon.start()
        daemon_module.until(engine.model, 'a model')
        self.await_equal(engine)
