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

"""The types of Heat that are off by default, and the engines."""

import threading

from synchronizer import exception
from synchronizer.model.entity import Relation
from synchronizer.plugins import heat
from synchronizer.plugins.heat import options
from synchronizer.plugins.heat import pool
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes
from synchronizer.tests.unit.plugins.heat import test_stack
from synchronizer.tests.unit.plugins.heat.test_stack import DEMO
from synchronizer.tests.unit.plugins.heat.test_stack import SAMPLE
from synchronizer.tests.unit.plugins.heat.test_stack import STACKS

PATH = f'{STACKS}/sample/{SAMPLE}'
REFUSED = test_stack.REFUSED
BROKEN = fakes.failure(exception.BrokenAnswer, 500)
GONE = fakes.failure(exception.NotFound, 404)
CANARY = 'canary'
CONFIG = '53b22abf-e55b-4bb6-b943-185549904841'


class SmallCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = fakes.Session(None, page_size=1000)
        self.session.project_id = DEMO
        self.session.on(STACKS, test_stack.one(SAMPLE))

    def list(self, kind):
        pages, self.outcome = fakes.drain(kind.list(self.session))
        return {kind.record_id(record): kind.entity(record)
                for page in pages for record in page.records}


class TestService(SmallCase):

    def test_real_ones(self):
        self.session.on('/services', fakes.sample('heat.services'))
        found = self.list(heat.Service())
        self.assertEqual(4, len(found))
        dead = found['77edd69c-3ba0-4bc3-a5ec-7796cecf5baa']
        self.assertEqual(('heat-engine@lab-control', 'down', None),
                         (dead.name, dead.state, dead.project_id))
        self.assertNotIn('updated_at', dead.attributes)

    def test_not_for_us(self):
        self.session.on('/services', REFUSED)
        self.assertRaises(exception.Refused, self.list, heat.Service())


def event(number):
    return {'id': f'e{number}', 'resource_name': 'server',
            'logical_resource_id': 'server', 'physical_resource_id': 'x',
            'event_time': '1970-01-01T00:00:00Z',
            'resource_status': 'CREATE_COMPLETE',
            'resource_status_reason': 'state changed'}


class TestEvent(SmallCase):

    path = f'{PATH}/events'
    shown = f'{PATH}/resources/server/events/e1'

    def use(self, **chosen):
        self.kind = heat.Event(options.Options(**chosen),
                               monotonic=lambda: 0.0)

    def events(self, *numbers, status):
        """The stack has moved, and these are its events now."""
        self.session.on(STACKS, test_stack.one(SAMPLE, stack_status=status))
        self.session.on(self.path, {
            'events': [event(number) for number in numbers]})
        return set(self.list(self.kind))

    def test_real_ones(self):
        self.use()
        self.session.on(self.path, fakes.sample('heat.events'))
        found = self.list(self.kind)
        whole = found['4c574005-abf4-45db-81f8-bfd682bf3eb6']
        part = found['a6439398-c82f-4a68-bf44-3cdea17017f3']
        self.assertEqual(('sample', 'CREATE_COMPLETE', DEMO),
                         (whole.name, whole.state, whole.project_id))
        self.assertEqual((Relation('about', 'heat.stack', SAMPLE),),
                         whole.relations)
        self.assertEqual((Relation('about', 'heat.resource',
                                   f'{SAMPLE}/attach'),), part.relations)
        self.assertNotIn('synchronizer', str(whole.attributes))

    def test_only_new_ones_are_read(self):
        self.use()
        self.assertEqual({'e1', 'e2'}, self.events(2, 1, status='A'))
        self.assertEqual({'e3'}, self.events(3, 2, 1, status='B'))
        self.assertEqual(set(), self.events(3, 2, 1, status='C'))
        for id_ in ('e1', 'e2', 'e3'):
            self.assertFalse(self.outcome.lacks(id_))
        self.assertTrue(self.outcome.lacks('e0'))

    def test_one_that_cannot_be_read_is_asked_for_again(self):
        self.use()
        broken = event(1)
        del broken['resource_status']
        self.session.on(self.path, {'events': [event(2), broken]})
        self.assertEqual(['e2'], fakes.read(self.kind, self.session))
        self.session.on(self.path, {'events': [event(2), event(1)]})
        self.assertEqual(['e1'], fakes.read(self.kind, self.session))
        self.session.asked = []
        self.assertEqual([], fakes.read(self.kind, self.session))
        self.assertEqual([STACKS], self.session.paths())

    def test_a_stack_that_did_not_move_is_not_asked(self):
        self.use()
        self.events(2, 1, status='A')
        self.session.asked = []
        self.list(self.kind)
        self.assertEqual([STACKS], self.session.paths())

    def test_so_many_of_a_stack_are_kept(self):
        self.use(events_per_stack=3)
        self.assertEqual({'e5', 'e4', 'e3'},
                         self.events(5, 4, 3, status='A'))
        self.assertEqual({'e6'}, self.events(6, 5, 4, status='B'))
        self.assertEqual([4, 5, 6], [
            number for number in range(9)
            if not self.outcome.lacks(f'e{number}')])

    def test_pages(self):
        self.use()
        self.session.page_size = 2
        self.session.on(
            self.path, {'events': [event(5), event(4)]},
            {'events': [event(3), event(2)]}, {'events': [event(1)]})
        self.assertEqual(5, len(self.list(self.kind)))
        self.assertEqual([None, 'e4', 'e2'], [
            query.get('marker') for query in self.session.queries(
                self.path)])

    def test_a_marker_that_is_ignored(self):
        # it was purged meanwhile: what lies behind it is not gone with it
        self.use()
        self.session.page_size = 2
        self.session.on(self.path, {'events': [event(5), event(4)]})
        self.assertEqual(set(), set(self.list(self.kind)))
        self.assertEqual(2, len(self.session.queries(self.path)))
        self.assertIn('the marker was lost', self.outcome.reason)
        self.session.on(
            self.path, {'events': [event(5), event(4)]},
            {'events': [event(3)]})
        self.assertEqual({'e5', 'e4', 'e3'}, set(self.list(self.kind)))

    def detailed(self, template=None, **chosen):
        self.use(details=frozenset({'event'}), **chosen)
        self.session.on(self.path, {'events': [event(1)]})
        self.session.on(self.shown, {'event': {
            **event(1), 'resource_type': 'OS::Nova::Server',
            'resource_properties': {'flavor': 'tiny',
                                    'admin_pass': CANARY}}})
        self.session.on(f'{PATH}/template', template or {})
        return self.list(self.kind)['e1'].attributes

    def test_properties(self):
        found = self.detailed()
        self.assertEqual({'flavor': 'tiny'}, found['resource_properties'])
        self.assertEqual('OS::Nova::Server', found['resource_type'])

    def test_all_properties(self):
        found = self.detailed(include_sensitive=True)
        self.assertEqual(CANARY, found['resource_properties']['admin_pass'])

    def test_properties_made_of_a_hidden_parameter(self):
        found = self.detailed({
            'parameters': {'p': {'hidden': True}}, 'resources': {
                'server': {'properties': {'x': {'get_param': 'p'}}}}})
        self.assertIsNone(found['resource_properties'])

    def test_an_event_that_is_dropped_meanwhile(self):
        self.detailed()
        self.session.on(self.shown, GONE)
        self.kind.forget()
        self.assertEqual({}, self.list(self.kind))
        self.assertTrue(self.outcome.complete)

    def test_properties_that_cannot_be_read(self):
        self.detailed()
        self.session.on(self.shown, BROKEN)
        self.kind.forget()
        self.assertEqual({}, self.list(self.kind))
        self.assertIn('could not be read', self.outcome.reason)


class TestSnapshot(SmallCase):

    path = f'{PATH}/snapshots'
    body = {'snapshots': [{
        'id': 's1', 'name': 'before', 'status': 'COMPLETE',
        'status_reason': 'fine', 'data': {'x': CANARY},
        'creation_time': '2026-11-20T10:00:00Z'}]}

    def test_one(self):
        self.session.on(self.path, self.body)
        found = self.list(heat.Snapshot())['s1']
        self.assertEqual(('before', 'COMPLETE', DEMO),
                         (found.name, found.state, found.project_id))
        self.assertEqual((Relation('about', 'heat.stack', SAMPLE),),
                         found.relations)
        self.assertNotIn(CANARY, str(found))
        self.assertIsNone(self.outcome.note)

    def test_its_data_where_they_are_wanted(self):
        self.session.on(self.path, self.body)
        kind = heat.Snapshot(options.Options(include_sensitive=True))
        self.assertIn(CANARY, str(self.list(kind)['s1']))

    def test_of_other_projects_none_is_seen(self):
        kind = heat.Snapshot()
        self.session.on(self.path, self.body)
        held = self.list(kind)['s1']
        self.session.project_id, self.session.asked = 'mine', []
        self.assertEqual({}, self.list(kind))
        self.assertEqual([STACKS], self.session.paths())
        self.assertIn('of 1 stacks of others none', self.outcome.note)
        self.assertTrue(self.outcome.fence(held))


class TestResourceType(SmallCase):

    def test_real_ones(self):
        self.session.on('/resource_types', fakes.sample(
            'heat.resource_types'))
        self.session.on('/services', {'services': []})
        server = self.list(heat.ResourceType())['OS::Nova::Server']
        self.assertEqual(('OS::Nova::Server', None),
                         (server.name, server.state))
        self.assertIsNone(self.outcome.fence)
        self.session.on('/services', REFUSED)
        self.list(heat.ResourceType())
        self.assertTrue(self.outcome.fence(server))
        self.assertIn('administrators', self.outcome.note)

    def test_another_shape(self):
        for body in ({}, [], {'resource_types': {}}):
            self.session.on('/resource_types', body)
            self.assertRaises(exception.BrokenAnswer, self.list,
                              heat.ResourceType())


class TestSoftware(SmallCase):

    def config(self, **chosen):
        body = fakes.sample('heat.software_configs')
        self.session.on('/software_configs', body)
        for record in body['software_configs']:
            self.session.on(f'/software_configs/{record["id"]}',
                            fakes.sample('heat.software_config'))
        self.session.on(f'{PATH}/template', fakes.sample('heat.template'))
        return heat.SoftwareConfig(options.Options(**chosen))

    def test_configs(self):
        found = self.list(self.config())
        self.assertEqual(7, len(found))
        config = found[CONFIG]
        self.assertEqual(('sample-config-n56qiauac32a', DEMO, None),
                         (config.name, config.project_id, config.state))

    def test_their_contents(self):
        kind = self.config(details=frozenset({'config'}))
        config = self.list(kind)[CONFIG].attributes['config']
        self.assertEqual({'config', 'inputs', 'outputs', 'options'},
                         set(config))
        self.assertEqual('true', config['config'])
        self.session.asked = []
        self.list(kind)
        self.assertEqual(['/software_configs', STACKS],
                         self.session.paths())

    def test_contents_that_cannot_be_read(self):
        kind = self.config(details=frozenset({'config'}))
        self.session.on(f'/software_configs/{CONFIG}', BROKEN)
        self.assertEqual(6, len(self.list(kind)))
        self.assertIn('details cannot be read', self.outcome.reason)
        self.session.on(f'/software_configs/{CONFIG}', GONE)
        self.list(kind)
        self.assertTrue(self.outcome.complete)

    def deployments(self, **more):
        body = fakes.sample('heat.software_deployments')
        body['software_deployments'][0].update(more)
        self.session.on('/software_deployments', body)
        self.session.on(f'/software_configs/{CONFIG}',
                        fakes.sample('heat.software_config'))
        self.session.on(f'{PATH}/template', fakes.sample('heat.template'))

    def test_deployments(self):
        self.deployments()
        found, = self.list(heat.SoftwareDeployment()).values()
        self.assertEqual('COMPLETE', found.state)
        self.assertEqual(
            (Relation('about', 'heat.software_config', CONFIG),
             Relation('about', 'nova.instance',
                      'cd8e081d-862c-4fd6-b701-535ae8ea974d')),
            found.relations)
        self.assertEqual({'a': 'b'}, found.attributes['input_values'])

    def test_what_they_print(self):
        self.deployments(
            input_values={'password': CANARY, 'a': 'b'},
            output_values={'deploy_stdout': CANARY, 'deploy_stderr': CANARY,
                           'deploy_status_code': 0})
        found, = self.list(heat.SoftwareDeployment()).values()
        self.assertNotIn(CANARY, str(found))
        self.assertEqual(
            ({'a': 'b'}, {'deploy_status_code': 0}),
            (found.attributes['input_values'],
             found.attributes['output_values']))
        kind = heat.SoftwareDeployment(options.Options(
            include_sensitive=True))
        self.assertIn(CANARY, str(self.list(kind)))

    def hide(self, *names):
        """Let these resources be made of a hidden parameter."""
        self.session.on(f'{PATH}/template', {
            'parameters': {'p': {'hidden': True}}, 'resources': {
                name: {'properties': {'x': {'get_param': 'p'}}}
                for name in names}})

    def test_deployments_made_of_a_hidden_parameter(self):
        self.deployments(input_values={'a': CANARY})
        self.hide('deploy')
        found, = self.list(heat.SoftwareDeployment()).values()
        self.assertNotIn(CANARY, str(found))
        self.assertIsNone(found.attributes['input_values'])
        self.session.asked = []
        kind = heat.SoftwareDeployment(options.Options(
            include_sensitive=True))
        self.assertIn(CANARY, str(self.list(kind)))

    def test_a_deployments_config_is_read_once(self):
        self.deployments()
        kind = heat.SoftwareDeployment()
        self.list(kind)
        self.session.asked = []
        self.list(kind)
        self.assertEqual(['/software_deployments', STACKS],
                         self.session.paths())

    def test_a_deployment_whose_config_cannot_be_read(self):
        self.deployments()
        self.session.on(f'/software_configs/{CONFIG}', BROKEN)
        self.assertEqual({}, self.list(heat.SoftwareDeployment()))
        self.assertIn('configs cannot be read', self.outcome.reason)
        self.session.on(f'/software_configs/{CONFIG}', GONE)
        found, = self.list(heat.SoftwareDeployment()).values()
        self.assertIsNone(found.attributes['input_values'])

    def test_configs_made_of_a_hidden_parameter(self):
        for name, hides in (('config', True), ('deploy', True),
                            ('server', False)):
            kind = self.config(details=frozenset({'config'}))
            self.hide(name)
            found = self.list(kind)[CONFIG].attributes['config']
            self.assertEqual(hides, found is None, name)

    def test_deployments_of_one_project(self):
        self.deployments()
        kind = heat.SoftwareDeployment()
        held, = self.list(kind).values()
        self.assertIsNone(self.outcome.fence)
        self.session.on(STACKS, test_stack.as_owner(test_stack.one(SAMPLE)))
        self.session.on('/software_deployments',
                        {'software_deployments': []})
        self.list(kind)
        self.assertTrue(self.outcome.fence(held))
        self.assertIn('only project', self.outcome.note)


class TestPool(base.TestCase):

    def test_all_are_done_and_errors_are_kept(self):
        def call(number):
            if number == 3:
                raise exception.Unreachable('three')
            return number * 2
        found = dict(pool.each(call, range(7), 2))
        self.assertEqual({0, 1, 2, 3, 4, 5, 6}, set(found))
        self.assertEqual(12, found[6].result())
        error = self.assertRaises(exception.Unreachable, found[3].result)
        self.assertEqual('three', str(error))

    def test_what_nobody_wants_any_more_is_not_begun(self):
        begun, going_on = [], threading.Event()

        def call(number):
            begun.append(number)
            if number:
                going_on.wait(60)
        walk = pool.some(call, range(100), 1, 10, 0)
        self.assertEqual([0], [item for item, _ in next(walk)])
        threads = [thread for thread in threading.enumerate()
                   if thread.name.startswith('heat-')]
        walk.close()
        going_on.set()
        for thread in threads:
            thread.join()
        self.assertIn(begun, ([0], [0, 1]))

    def test_one_that_is_slow_does_not_hold_up_the_others(self):
        slow = threading.Event()
        self.addCleanup(slow.set)
        walk = pool.some(lambda number: number or slow.wait(60), range(3),
                         2, 3, 0.01)
        came = [item for item, _ in next(walk)]
        while 2 not in came:
            came += [item for item, _ in next(walk)]
        self.assertEqual([1, 2], came)
        slow.set()
        self.assertEqual([0], [item for item, _ in next(walk)])
        self.assertEqual([], list(walk))

    def test_none(self):
        self.assertEqual([], list(pool.each(str, [], 4)))


class TestOptions(base.TestCase):

    def test_of_a_group(self):
        found = options.Options.of({
            'details': ['stack'], 'concurrency': 2, 'poll_interval': 600,
            'include_sensitive': True})
        self.assertEqual(options.Options(
            2, 3600, frozenset({'stack'}), True, 100), found)
        self.assertEqual(options.Options(), options.Options.of({}))
