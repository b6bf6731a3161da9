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

"""The drivers, on as much of Vitrage as they touch."""

from concurrent import futures
import importlib
import sys
import threading
import types
from unittest import mock

from oslo_config import cfg

from synchronizer.bus import wire
from synchronizer.client import rpc
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.vitrage import world

NAME = 'synchronizer.integrations.vitrage.driver'
KINDS = {'OS::Nova::Server': 'nova.instance',
         'OS::Neutron::Port': 'neutron.port'}


class _DriverBase:

    _datasource_name = None

    @staticmethod
    def should_delete_outdated_entities():
        return False


MODULES = {
    'vitrage': {}, 'vitrage.datasources': {}, 'vitrage.datasources.heat': {},
    'vitrage.common': {}, 'vitrage.utils': {},
    'vitrage.common.constants': {
        'DatasourceProperties': types.SimpleNamespace(
            ENTITY_TYPE='type', DATASOURCE_ACTION='reading',
            EVENT_TYPE='action', SAMPLE_DATE='date'),
        'DatasourceAction': types.SimpleNamespace(SNAPSHOT='snapshot'),
        'VertexProperties': types.SimpleNamespace(
            VITRAGE_DATASOURCE_NAME='datasource')},
    'vitrage.datasources.driver_base': {'DriverBase': _DriverBase},
    'vitrage.datasources.heat.stack': {},
    'vitrage.datasources.heat.stack.transformer': {
        'HeatStackTransformer': types.SimpleNamespace(RESOURCE_TYPE=KINDS)},
    'vitrage.utils.datetime': {'format_utcnow': lambda: 'now'},
}


def _modules():
    made = {}
    for name, content in MODULES.items():
        made[name] = types.ModuleType(name)
        vars(made[name]).update(content)
        parent, _, child = name.rpartition('.')
        if parent:
            setattr(made[parent], child, made[name])
    return made


class DriverTest(base.TestCase):

    def setUp(self):
        super().setUp()
        # what is imported meanwhile goes, too
        patch = mock.patch.dict(sys.modules, _modules())
        patch.start()
        self.addCleanup(patch.stop)
        sys.modules.pop(NAME, None)
        self.service = world.Service(
            'nova.instance', 'heat.stack', 'heat.resource')
        self.patch(rpc.SynchronizerClient, 'from_conf',
                   lambda conf, **kwargs: self.service)
        self.module = importlib.import_module(NAME)

    def put(self, *args, **attributes):
        return wire.change_to_dict(self.service.put(
            world.entity(*args, **attributes)))

    def test_what_is_added_to_a_row(self):
        self.put('nova.instance', '1', 'ACTIVE', id='1')
        driver = self.module.InstanceDriver()
        # as Vitrage does
        type(driver)._datasource_name = 'nova.instance'
        self.assertEqual(
            [{'id': '1', 'type': 'nova.instance', 'reading': 'snapshot',
              'action': 'update_entity', 'date': 'now',
              'datasource': 'nova.instance'}],
            list(driver.get_all('init_snapshot')))

    def test_a_snapshot_deletes_and_silence_does_not(self):
        kind = self.module.InstanceDriver
        self.assertFalse(kind.should_delete_outdated_entities())
        self.assertTrue(kind().should_delete_outdated_entities())

    def test_the_events_of_a_change(self):
        driver = self.module.InstanceDriver()
        self.assertIn('nova.instance.deleted', driver.get_event_types())
        change = self.put('nova.instance', '1', 'ACTIVE', id='1')
        [event] = driver.enrich_event(change, 'nova.instance.created')
        self.assertEqual(('1', 'update_entity'),
                         (event['id'], event['action']))

    def test_two_objects_tell_of_one_feed(self):
        first, second = (self.module.InstanceDriver(),
                         self.module.InstanceDriver())
        change = self.put('nova.instance', '1', 'ACTIVE', id='1')
        list(first.get_all('snapshot'))
        # the other has read it, so it is not told once more
        self.assertEqual([], second.enrich_event(change, 'created'))

    def test_a_feed_is_made_once_however_many_ask(self):
        made, several = [], threading.Barrier(4)

        def from_conf(conf, **kwargs):
            made.append(kwargs)
            return self.service
        self.patch(rpc.SynchronizerClient, 'from_conf', from_conf)

        def make():
            several.wait()
            return self.module.InstanceDriver()._feed
        with futures.ThreadPoolExecutor(4) as pool:
            waiting = [pool.submit(make) for _ in range(4)]
        self.assertEqual(1, len({id(one.result()) for one in waiting}))
        self.assertEqual(1, len(made))

    def test_each_datasource_has_a_feed_of_its_own(self):
        self.assertIsNot(self.module.InstanceDriver()._feed,
                         self.module.VolumeDriver()._feed)

    def test_what_is_no_change(self):
        driver = self.module.InstanceDriver()
        self.assertEqual([], driver.enrich_event(
            {'no': 'change'}, 'nova.instance.created'))
        self.assertIn('is ignored', self.log.output)

    def test_a_stack_shows_what_is_drawn_and_no_more(self):
        cfg.CONF.register_opts([cfg.ListOpt('types')], group='datasources')
        self.addCleanup(cfg.CONF.unregister_opts, [cfg.ListOpt('types')],
                        group='datasources')
        cfg.CONF.set_override('types', ['nova.instance'], 'datasources')
        driver = self.module.StackDriver()
        self.put('heat.stack', 's', id='s')
        for name, kind in enumerate(KINDS):
            self.put('heat.resource', f's/{name}', resource_type=kind,
                     physical_resource_id=kind)
        [event] = driver.get_all('snapshot')
        self.assertEqual(
            ['OS::Nova::Server'],
            [link['resource_type'] for link in event['resources']])
