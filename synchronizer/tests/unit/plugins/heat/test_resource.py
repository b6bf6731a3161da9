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

"""heat.resource: relations, ids, details, gets."""

from synchronizer import exception
from synchronizer.model.entity import Relation
from synchronizer.plugins import heat
from synchronizer.plugins.heat import arrows
from synchronizer.plugins.heat import options
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes
from synchronizer.tests.unit.plugins.heat import test_stack
from synchronizer.tests.unit.plugins.heat.test_stack import DEMO
from synchronizer.tests.unit.plugins.heat.test_stack import EMPTY
from synchronizer.tests.unit.plugins.heat.test_stack import SAMPLE
from synchronizer.tests.unit.plugins.heat.test_stack import STACKS

PATH = f'{STACKS}/sample/{SAMPLE}'
RESOURCES = f'{PATH}/resources'
GONE = fakes.failure(exception.NotFound, 404)
BROKEN = fakes.failure(exception.BrokenAnswer, 500)


class ResourceCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = fakes.Session(None, page_size=1000)
        self.session.project_id = 'mine'
        self.session.on(STACKS, test_stack.one(SAMPLE))
        self.session.on(RESOURCES, fakes.sample('heat.resources'))
        self.use()

    def use(self, **chosen):
        self.kind = heat.Resource(options.Options(**chosen),
                                  monotonic=lambda: 0.0)

    def list(self):
        pages, self.outcome = fakes.drain(self.kind.list(self.session))
        return {self.kind.record_id(record): self.kind.entity(record)
                for page in pages for record in page.records}

    def read(self):
        """The ids that a sweep could read."""
        return fakes.read(self.kind, self.session)

    def get(self, name):
        return self.kind.get(self.session, f'{SAMPLE}/{name}')


class TestResource(ResourceCase):

    def test_a_real_one(self):
        server = self.list()[f'{SAMPLE}/server']
        self.assertEqual(
            ('server', 'CREATE_COMPLETE', DEMO, None),
            (server.name, server.state, server.project_id, server.user_id))
        record = next(one for one in fakes.sample('heat.resources')[
            'resources'] if one['resource_name'] == 'server')
        del record['links']
        self.assertEqual(record, server.attributes)

    def test_real_relations(self):
        found = self.list()
        physical = 'cd8e081d-862c-4fd6-b701-535ae8ea974d'
        self.assertEqual(
            (Relation('contains', 'heat.stack', SAMPLE),
             Relation('realized-by', 'nova.instance', physical)),
            found[f'{SAMPLE}/server'].relations)
        self.assertEqual(
            {Relation('contains', 'heat.stack', SAMPLE),
             Relation('depends-on', 'heat.resource', f'{SAMPLE}/server'),
             Relation('depends-on', 'heat.resource', f'{SAMPLE}/volume')},
            set(found[f'{SAMPLE}/attach'].relations))
        self.assertIn(Relation('realized-by', 'heat.stack',
                               test_stack.GROUP),
                      found[f'{SAMPLE}/g'].relations)

    def test_what_did_not_move_is_not_asked_for(self):
        found = self.list()
        self.assertEqual({}, self.list())
        self.assertEqual(1, self.session.paths().count(RESOURCES))
        for id_ in found:
            self.assertTrue(self.outcome.covers(id_))
            self.assertFalse(self.outcome.lacks(id_))
        self.assertTrue(self.outcome.lacks(f'{SAMPLE}/other'))
        self.assertTrue(self.outcome.lacks('gone/server'))

    def test_after_the_stream_was_opened_anew(self):
        found = self.list()
        self.kind.forget()
        self.assertEqual(found, self.list())

    def test_a_stack_that_cannot_be_read(self):
        found = self.list()
        self.session.on(STACKS, test_stack.one(
            SAMPLE, stack_status='CHECK_COMPLETE'))
        self.session.on(RESOURCES, BROKEN)
        self.assertEqual({}, self.list())
        self.assertIn('1 stacks could not be read', self.outcome.reason)
        self.assertFalse(any(map(self.outcome.lacks, found)))
        self.assertFalse(self.outcome.lacks(f'{SAMPLE}/other'))
        self.assertTrue(self.outcome.lacks('gone/server'))

    def test_a_stack_that_is_gone(self):
        found = self.list()
        self.session.on(STACKS, EMPTY)
        self.list()
        self.assertTrue(all(map(self.outcome.lacks, found)))

    def test_a_stack_that_is_deleted_meanwhile(self):
        found = self.list()
        self.session.on(
            STACKS, test_stack.one(SAMPLE, stack_status='CHECK_COMPLETE'),
            test_stack.one(SAMPLE, stack_status='DELETE_COMPLETE'))
        self.session.on(RESOURCES, GONE)
        self.list()
        self.assertTrue(self.outcome.complete)
        self.assertTrue(all(map(self.outcome.lacks, found)))

    def test_a_stack_whose_resources_are_hidden(self):
        self.session.on(RESOURCES, GONE)
        self.list()
        self.assertIn('could not be read', self.outcome.reason)

    def test_a_record_that_cannot_be_read_is_asked_for_again(self):
        body = fakes.sample('heat.resources')
        del body['resources'][0]['resource_status']
        self.session.on(RESOURCES, body)
        name = body['resources'][0]['resource_name']
        for _ in range(2):
            seen = self.read()
            self.assertEqual(len(body['resources']) - 1, len(seen))
            self.assertNotIn(f'{SAMPLE}/{name}', seen)
        self.assertEqual(2, self.session.paths().count(RESOURCES))
        self.session.on(RESOURCES, fakes.sample('heat.resources'))
        self.assertIn(f'{SAMPLE}/{name}', self.read())
        self.read()
        self.assertEqual(3, self.session.paths().count(RESOURCES))

    def test_a_stack_record_that_cannot_be_read(self):
        body = test_stack.one(SAMPLE)
        del body['stacks'][0]['stack_name']
        self.session.on(STACKS, body)
        self.assertEqual({}, self.list())
        self.assertIn('stack_name', self.outcome.reason)


class TestGet(ResourceCase):

    def test_the_same_as_the_listing(self):
        for id_, entity in self.list().items():
            record, = self.get(id_.partition('/')[2]).records
            self.assertEqual(entity, self.kind.entity(record))

    def test_of_a_stack_that_we_do_not_know(self):
        self.assertEqual(1, len(self.get('server').records))

    def test_absent_from_its_stack(self):
        self.list()
        page = self.get('other')
        self.assertEqual((), page.records)
        self.assertEqual(RESOURCES, self.session.asked[-1][0])

    def test_absent_with_its_stack(self):
        gone = test_stack.one(SAMPLE, stack_status='DELETE_COMPLETE')
        for body in (EMPTY, gone):
            self.use()
            self.session.on(STACKS, body)
            self.assertEqual((), self.get('server').records)

    def test_absent_with_a_stack_that_we_knew(self):
        gone = test_stack.one(SAMPLE, stack_status='DELETE_COMPLETE')
        for body in (EMPTY, gone):
            self.use()
            self.session.on(STACKS, test_stack.one(SAMPLE))
            self.session.on(RESOURCES, fakes.sample('heat.resources'))
            self.list()
            self.session.on(STACKS, body).on(RESOURCES, GONE)
            self.assertEqual((), self.get('server').records)

    def test_404_of_a_living_stack(self):
        self.list()
        self.session.on(RESOURCES, GONE)
        self.assertRaises(exception.Undecided, self.get, 'server')


class TestArrows(base.TestCase):

    def test_the_newer_of_two(self):
        old = {'resource_name': 'a', 'creation_time': '1', 'number': 1,
               'resource_status': 'CREATE_COMPLETE'}
        new = {**old, 'creation_time': '2', 'number': 2}
        dying = {**new, 'resource_status': 'DELETE_IN_PROGRESS', 'number': 3}
        for records in ([old, new], [new, old], [new, dying], [dying, new]):
            self.assertEqual([new], arrows.newest(records))

    def test_an_empty_physical_id(self):
        record = {'resource_name': 'a', 'resource_type': 'OS::Nova::Server',
                  'physical_resource_id': '', arrows.NEEDS: []}
        self.assertEqual([Relation('contains', 'heat.stack', 's')],
                         arrows.of(record, 's'))

    def test_types_of_others(self):
        for name, kind in (('OS::Nova::Flavor', 'nova.flavor'),
                           ('OS::Nova::HostAggregate', 'nova.aggregate'),
                           ('OS::Cinder::VolumeType', 'cinder.volume_type'),
                           ('OS::Neutron::Port', None),
                           ('OS::Cinder::VolumeAttachment', None)):
            record = {'resource_name': 'a', 'resource_type': name,
                      'physical_resource_id': '7', arrows.NEEDS: []}
            expected = [Relation('contains', 'heat.stack', 's')]
            if kind:
                expected.append(Relation('realized-by', kind, '7'))
            self.assertEqual(expected, arrows.of(record, 's'))


class TestDetails(ResourceCase):

    def setUp(self):
        super().setUp()
        for record in fakes.sample('heat.resources')['resources']:
            path = f'{RESOURCES}/{record["resource_name"]}'
            self.session.on(path, fakes.sample('heat.resource'))
            self.session.on(f'{path}/metadata', fakes.sample(
                'heat.metadata'))
        self.session.on(f'{PATH}/template', fakes.sample('heat.template'))
        self.use(details=frozenset({'resource_data', 'resource_metadata'}))

    def server(self):
        return self.list()[f'{SAMPLE}/server'].attributes

    def test_data_and_metadata(self):
        server = self.server()
        self.assertEqual('ACTIVE', server['data']['attributes']['status'])
        self.assertEqual({'attributes', 'description'}, set(server['data']))
        self.assertIn('os-collect-config', server['metadata'])
        self.assertNotIn('password', str(server))

    def test_all_of_it(self):
        self.use(include_sensitive=True, details=frozenset({
            'resource_data', 'resource_metadata'}))
        self.assertIn('password', str(self.server()))

    def test_only_what_changed_is_asked_for(self):
        before = self.list()
        count = len(self.session.asked)
        body = fakes.sample('heat.resources')
        body['resources'][0]['resource_status'] = 'CHECK_FAILED'
        changed = body['resources'][0]['resource_name']
        self.session.on(RESOURCES, body)
        self.session.on(STACKS, test_stack.one(
            SAMPLE, stack_status='CHECK_FAILED'))
        after = self.list()
        # the stacks, the resources, its data, its metadata
        self.assertEqual(4, len(self.session.asked) - count)
        self.assertEqual({f'{SAMPLE}/{changed}'}, {
            id_ for id_ in before if before[id_] != after[id_]})

    def test_what_is_made_of_a_hidden_parameter(self):
        self.session.on(f'{PATH}/template', {
            'parameters': {'p': {'hidden': True}}, 'resources': {
                'server': {'properties': {'name': {'get_param': 'p'}}}}})
        found = self.list()
        server = found[f'{SAMPLE}/server'].attributes
        self.assertEqual((None, None), (server['data'], server['metadata']))
        self.assertIsNotNone(found[f'{SAMPLE}/volume'].attributes['data'])

    def test_details_that_cannot_be_had(self):
        found = self.list()
        self.kind._looks.forget()
        self.session.on(RESOURCES, {'resources': [
            {**record, 'resource_status': 'UPDATE_COMPLETE'}
            for record in fakes.sample('heat.resources')['resources']]})
        self.session.on(f'{RESOURCES}/server', BROKEN)
        again = self.list()[f'{SAMPLE}/server']
        self.assertEqual('UPDATE_COMPLETE', again.state)
        self.assertEqual(found[again.id].attributes['data'],
                         again.attributes['data'])
        self.assertIn('details cannot be read', self.outcome.reason)

    def test_a_get_without_details_decides_nothing(self):
        self.session.on(f'{RESOURCES}/server', BROKEN)
        self.assertRaises(exception.Undecided, self.get, 'server')
