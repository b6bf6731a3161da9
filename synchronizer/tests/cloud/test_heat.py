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

"""The Heat plugin before a real OpenStack, which OS_CLOUD names.

What the plugin makes of the cloud is compared with what the API says, asked
for over another way. The cloud should be idle. OS_CLOUD names an
administrator, OS_CLOUD_NO_ADMIN an account of the project that
OS_CLOUD_OF_ANOTHER_PROJECT sees: each gets a stack.
"""

import os
import time
import uuid

import openstack
from oslo_config import cfg
import testtools

from synchronizer import exception
from synchronizer.cloud import loader
from synchronizer.model import entity as entity_module
from synchronizer.plugins import heat
from synchronizer.tests import base

OS_CLOUD = os.environ.get('OS_CLOUD')
NO_ADMIN = os.environ.get('OS_CLOUD_NO_ADMIN')
OTHER = os.environ.get('OS_CLOUD_OF_ANOTHER_PROJECT', 'reader')
DETAILS = ['stack', 'outputs', 'resource_data', 'resource_metadata',
           'event', 'config']
ALL = tuple(kind.name for kind in heat.HeatPlugin.types)
PATIENCE = 120


@testtools.skipUnless(OS_CLOUD, 'OS_CLOUD names no cloud')
class HeatCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.raw = openstack.connect(cloud=OS_CLOUD).orchestration
        self.plugin = self.make_plugin()

    def make_plugin(self, name=OS_CLOUD, page_size=1000, **options):
        conf = cfg.ConfigOpts()
        conf([])
        self.asked = []
        cloud = loader.load_cloud(
            conf, name, on_request=lambda *args: self.asked.append(args))
        return heat.HeatPlugin(cloud, page_size, options)

    def kinds(self, plugin=None):
        plugin = plugin or self.plugin
        return {kind.name: plugin.kind(kind) for kind in plugin.types}

    def list(self, kind, plugin=None):
        listing = kind.list((plugin or self.plugin).session(kind))
        found = {}
        while True:
            try:
                page = next(listing)
            except StopIteration as end:
                self.outcome = end.value
                return found
            for record in page.records:
                found[kind.record_id(record)] = kind.entity(record)

    def get(self, path, key):
        answer = self.raw.get(path)
        self.assertEqual(200, answer.status_code, path)
        return answer.json()[key]

    def stacks(self):
        return {stack['id']: stack for stack in self.get(
            '/stacks?show_nested=True&show_hidden=True', 'stacks')}

    def of_stacks(self, what, id_):
        return {id_(stack, record): record
                for stack in self.stacks().values()
                for record in self.get('/stacks/%(stack_name)s/%(id)s/'
                                       % stack + what, what)}

    def digests(self, kind, entities):
        return {id_: entity_module.digest(entity, kind.unordered)
                for id_, entity in entities.items()}


SOME = {
    'heat_template_version': '2021-04-16',
    'resources': {'group': {
        'type': 'OS::Heat::ResourceGroup',
        'properties': {'count': 2, 'resource_def': {
            'type': 'OS::Heat::RandomString'}}}}}


class TestHeat(HeatCase):

    @classmethod
    def setUpClass(cls):
        """A stack in each of two projects, whatever else there is."""
        super().setUpClass()
        for account in filter(None, (OS_CLOUD, NO_ADMIN)):
            heat = openstack.connect(cloud=account).orchestration
            stack = heat.create_stack(
                name=f'test_heat-{uuid.uuid4().hex[:8]}', template=SOME)
            cls.addClassCleanup(heat.wait_for_delete, stack, wait=60)
            cls.addClassCleanup(heat.delete_stack, stack)
            heat.wait_for_status(
                stack, 'CREATE_COMPLETE', ['CREATE_FAILED'], 0.5, 60)

    def expected(self, name):
        """The records of the API, by id."""
        if name == 'heat.stack':
            return self.stacks()
        if name == 'heat.resource':
            return self.of_stacks('resources', lambda stack, record: (
                f'{stack["id"]}/{record["resource_name"]}'))
        if name == 'heat.event':
            return self.of_stacks('events', lambda _, record: record['id'])
        if name == 'heat.snapshot':
            return self.of_stacks('snapshots', lambda _, one: one['id'])
        key = name.partition('.')[2] + 's'
        records = self.get(f'/{key}', key)
        if name == 'heat.resource_type':
            return {one: {'resource_type': one} for one in records}
        return {record['id']: record for record in records}

    def test_attributes_are_what_the_api_says(self):
        plugin = self.make_plugin(events_per_stack=10000)
        for name, kind in self.kinds(plugin).items():
            expected, found = self.expected(name), self.list(kind, plugin)
            self.assertIsNone(self.outcome.reason)
            self.assertEqual(set(expected), set(found), name)
            for id_, record in expected.items():
                for key, value in record.items():
                    if key in ('links', *kind.volatile, *kind.secrets):
                        self.assertNotIn(key, found[id_].attributes)
                    elif key in kind.unordered:
                        self.assertEqual(sorted(value or []), sorted(
                            found[id_].attributes[key] or []))
                    elif key not in ('input_values', 'output_values'):
                        self.assertEqual(value, found[id_].attributes[key])

    def test_get_gives_what_the_listing_gives(self):
        for plugin in (self.plugin, self.make_plugin(details=DETAILS)):
            for kind in self.kinds(plugin).values():
                if not kind.can_get:
                    continue
                session, listed = plugin.session(kind), self.list(
                    kind, plugin)
                got = {id_: kind.entity(kind.get(session, id_).records[0])
                       for id_ in listed}
                self.assertEqual(self.digests(kind, listed),
                                 self.digests(kind, got), kind.name)

    def test_an_idle_cloud_does_not_change(self):
        for details in ([], DETAILS):
            plugin = self.make_plugin(details=details)
            for kind in self.kinds(plugin).values():
                first = self.digests(kind, self.list(kind, plugin))
                again = self.digests(kind, self.list(kind, plugin))
                for id_, digest in again.items():
                    self.assertEqual(first[id_], digest, kind.name)
                for id_ in set(first) - set(again):
                    self.assertFalse(self.outcome.lacks(id_))

    def test_page_size_changes_nothing(self):
        small = self.make_plugin(page_size=2)
        for name in ALL:
            kind, other = self.kinds()[name], self.kinds(small)[name]
            self.assertEqual(
                self.digests(kind, self.list(kind)),
                self.digests(other, self.list(other, small)), name)

    def test_what_did_not_move_is_not_asked_for(self):
        kind = self.kinds()['heat.resource']
        self.list(kind)
        self.asked.clear()
        self.list(kind)
        self.assertLess(len(self.asked), 5)

    def test_relations_point_to_what_is_there(self):
        known = {name: set(self.list(kind))
                 for name, kind in self.kinds().items()}
        for kind in self.kinds().values():
            for entity in self.list(kind).values():
                for relation in entity.relations:
                    if relation.kind != 'about' and relation.type in known:
                        self.assertIn(relation.id, known[relation.type])

    def test_absent(self):
        nobody = '00000000-0000-4000-8000-000000000000'
        stack = next(iter(self.stacks()))
        for name, id_ in (('heat.stack', nobody),
                          ('heat.resource', f'{nobody}/server'),
                          ('heat.resource', f'{stack}/no such thing')):
            kind = self.kinds()[name]
            page = kind.get(self.plugin.session(kind), id_)
            self.assertEqual((), page.records, name)

    def test_one_project(self):
        plugin = self.make_plugin(OTHER)
        kinds = self.kinds(plugin)
        found = self.list(kinds['heat.stack'], plugin)
        self.assertEqual(1, len({stack.project_id
                                 for stack in found.values()}))
        self.assertIn('only project', self.outcome.note)
        own = {stack.project_id for stack in found.values()}
        foreign = next(id_ for id_, stack in self.stacks().items()
                       if stack['project'] not in own)
        for name, id_ in (('heat.stack', foreign),
                          ('heat.resource', f'{foreign}/any')):
            self.assertRaises(
                exception.Undecided, kinds[name].get,
                plugin.session(kinds[name]), id_)


CANARY = 'canary-' + uuid.uuid4().hex
TEMPLATE = {
    'heat_template_version': '2021-04-16',
    'parameters': {
        'plain': {'type': 'string', 'default': 'seen'},
        'shy': {'type': 'string', 'hidden': True, 'default': CANARY}},
    'resources': {
        'open': {'type': 'OS::Heat::TestResource',
                 'properties': {'value': {'get_param': 'plain'}}},
        'shut': {'type': 'OS::Heat::TestResource',
                 'properties': {'value': {'get_param': 'shy'}}},
        'after': {'type': 'OS::Heat::TestResource', 'properties': {
            'value': {'get_attr': ['shut', 'output']}}},
        'group': {'type': 'OS::Heat::ResourceGroup', 'properties': {
            'count': 1, 'resource_def': {
                'type': 'OS::Heat::TestResource',
                'properties': {'value': {'get_param': 'shy'}}}}},
        'random': {'type': 'OS::Heat::RandomString'},
        'config': {'type': 'OS::Heat::SoftwareConfig', 'properties': {
            'group': 'script', 'config': 'echo seen too'}},
        'login': {'type': 'OS::Heat::SoftwareConfig', 'properties': {
            'config': f'PASSWORD={CANARY}'}},
        'tainted': {'type': 'OS::Heat::SoftwareConfig', 'properties': {
            'config': {'str_replace': {
                'template': 'use $x', 'params': {
                    '$x': {'get_param': 'shy'}}}}}}},
    'outputs': {'seen': {'value': {'get_attr': ['open', 'output']}},
                'unseen': {'value': {'get_attr': ['after', 'output']}}}}


class TestCanaries(HeatCase):

    def setUp(self):
        super().setUp()
        self.name = 'canary-' + uuid.uuid4().hex[:8]
        answer = self.raw.post('/stacks', json={
            'stack_name': self.name, 'template': TEMPLATE})
        self.stack = answer.json()['stack']['id']
        self.addCleanup(self.delete)
        self.wait('CREATE_COMPLETE')
        self.raw.post(f'/stacks/{self.name}/{self.stack}/snapshots', json={
            'name': 'canary'})
        self.wait('SNAPSHOT_COMPLETE')

    def delete(self):
        """Wait for its end too: the other tests want an idle cloud."""
        self.raw.delete(f'/stacks/{self.name}/{self.stack}')
        self.wait('DELETE_COMPLETE')

    def wait(self, status):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            stack = self.get(f'/stacks/{self.name}/{self.stack}', 'stack')
            if stack['stack_status'] == status:
                return
            time.sleep(0.5)
        self.fail(stack)

    def everything(self, **options):
        plugin = self.make_plugin(details=DETAILS, **options)
        return {name: self.list(kind, plugin)
                for name, kind in self.kinds(plugin).items()}

    def test_no_secret_leaves(self):
        found = self.everything()
        self.assertNotIn(CANARY, str(found))
        secret = self.get(f'/stacks/{self.name}/{self.stack}/resources/'
                          'random', 'resource')['attributes']['value']
        self.assertNotIn(secret, str(found))

    def test_the_rest_is_there(self):
        found = self.everything()
        stack = found['heat.stack'][self.stack].attributes['detail']
        self.assertEqual('seen', stack['parameters']['plain'])
        self.assertEqual(['seen'], [one['output_value']
                                    for one in stack['outputs']])
        resource = found['heat.resource'][f'{self.stack}/open'].attributes
        self.assertEqual('seen', resource['data']['attributes']['output'])
        self.assertEqual({}, resource['metadata'])
        self.assertIn("'value': 'seen'", str([
            event.attributes['resource_properties']
            for event in found['heat.event'].values()]))
        self.assertIn('echo seen too', str(found['heat.software_config']))
        self.assertIn('canary', {snapshot.name for snapshot in
                                 found['heat.snapshot'].values()})

    def test_all_of_it(self):
        self.assertIn(CANARY, str(self.everything(include_sensitive=True)))
