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

"""Heat: scopes, pages that start again, nested and deleted stacks."""

from synchronizer.sandbox.stacks import STACK
from synchronizer.tests.unit.sandbox import base
from synchronizer.tests.unit.sandbox.base import ids


class HeatTest(base.SandboxCase):

    def tops(self):
        return list(reversed(self.ids(STACK, parent=None)))

    def status(self, path, project='admin', **options):
        key = self.cloud.projects[project]
        return self.get(f'/heat/v1/{key}{path}', **options).status_code

    def path_of(self, key):
        return f'/stacks/{self.cloud.table(STACK)[key]["name"]}/{key}'

    def test_list(self):
        stacks = self.heat('/stacks')['stacks']
        self.assertEqual(self.tops(), ids(stacks))
        self.assertIn('project', stacks[0])
        self.assertEqual(8, len(self.heat('/stacks?show_nested=True')[
            'stacks']))

    def test_pages(self):
        first = self.heat('/stacks?limit=3')
        link = first['links'][0]['href'].removeprefix(self.server.url)
        rest = self.get(link).json()
        self.assertEqual(self.tops(), ids(first['stacks'] + rest['stacks']))
        self.assertNotIn('links', rest)

    def test_unknown_marker_is_page_one(self):
        self.assertEqual(self.heat('/stacks?limit=2')['stacks'],
                         self.heat('/stacks?limit=2&marker=x')['stacks'])

    def test_limit(self):
        self.assertEqual(400, self.status('/stacks?limit=-1'))
        self.assertEqual([], self.heat('/stacks?limit=0')['stacks'])

    def test_scope(self):
        demo = self.token('demo', 'demo')
        mine = self.ids(STACK, parent=None,
                        project_id=self.cloud.projects['demo'])
        shown = self.heat('/stacks', 'demo', token=demo)['stacks']
        self.assertEqual(set(mine), set(ids(shown)))
        self.assertNotIn('project', shown[0])
        foreign = self.path_of(self.ids(
            STACK, project_id=self.cloud.projects['alpha'])[0])
        self.assertEqual(404, self.status(foreign, 'demo', token=demo))
        self.assertEqual(403, self.status(foreign, 'alpha', token=demo))
        self.assertEqual(403, self.status('/services', 'demo', token=demo))

    def test_global_tenant(self):
        path = '/stacks?global_tenant=True'
        self.assertEqual(403, self.status(path))
        self.cloud.heat_global_tenant = True
        self.assertEqual(self.tops(), ids(self.heat(path)['stacks']))

    def test_deleted(self):
        key = self.tops()[0]
        path = self.path_of(key)
        self.cloud.delete_stack(key)
        self.assertNotIn(key, ids(self.heat('/stacks')['stacks']))
        self.assertIn(key, ids(self.heat('/stacks?show_deleted=True')[
            'stacks']))
        self.assertEqual('DELETE_COMPLETE',
                         self.heat(path)['stack']['stack_status'])
        self.assertEqual({'resources': []}, self.heat(f'{path}/resources'))
        self.assertEqual('DELETE_IN_PROGRESS', self.heat(
            f'{path}/events?resource_type=OS::Heat::Stack')['events'][0][
            'resource_status'])

    def test_filters(self):
        first, second = self.tops()[:2]
        self.assertEqual({first, second}, set(ids(self.heat(
            f'/stacks?id={first}&id={second}&id=x')['stacks'])))
        self.cloud.update_stack(first, settle=False)
        self.assertEqual([first], ids(self.heat(
            '/stacks?status=IN_PROGRESS')['stacks']))
        self.assertEqual(4, len(self.heat('/stacks?bogus=1')['stacks']))

    def test_updated_time_marks_the_start(self):
        key = self.tops()[0]
        self.assertIsNone(self.heat(self.path_of(key))['stack'][
            'updated_time'])
        self.clock.tick(5)
        self.cloud.update_stack(key, settle=False)
        started = self.heat(self.path_of(key))['stack']
        self.clock.tick(5)
        self.cloud.settle_stack(key)
        ended = self.heat(self.path_of(key))['stack']
        self.assertEqual(
            ('UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'),
            (started['stack_status'], ended['stack_status']))
        self.assertEqual(started['updated_time'], ended['updated_time'])

    def test_walk_by_updated_time_ends_at_null(self):
        self.cloud.update_stack(self.tops()[0])
        path = '/stacks?sort_keys=updated_time&sort_dir=desc&limit=1'
        first = ids(self.heat(path)['stacks'])
        self.assertEqual(self.tops()[:1], first)
        self.assertEqual([], self.heat(f'{path}&marker={first[0]}')[
            'stacks'])

    def test_what_is_below_a_stack_by_its_id_alone(self):
        key = self.tops()[0]
        reply = self.get(
            f'/heat/v1/{self.cloud.projects["admin"]}/stacks/{key}/resources'
            '?nested_depth=1')
        self.assertEqual(302, reply.history[0].status_code)
        self.assertIn('nested_depth=1', reply.url)
        self.assertEqual(
            {row['name'] for row in self.cloud.resources(key)},
            {row['resource_name'] for row in reply.json()['resources']
             if row['links'][1]['href'].endswith(key)})

    def test_by_id_alone(self):
        key = self.tops()[0]
        reply = self.get(
            f'/heat/v1/{self.cloud.projects["admin"]}/stacks/{key}')
        self.assertEqual(302, reply.history[0].status_code)
        self.assertEqual(key, reply.json()['stack']['id'])
        self.assertEqual(404, self.status('/stacks/stack-0'))
        self.assertEqual(404, self.status(f'/stacks/wrong/{key}'))

    def test_resources(self):
        key = self.cloud.create_stack('deep', nested=2, depth=2,
                                      config=True)
        path = f'/stacks/deep/{key}/resources'
        self.assertEqual(
            ['server0', 'volume0', 'attach-volume0', 'config', 'deploy',
             'group'], self.names(path))
        self.assertEqual(8, len(self.names(f'{path}?nested_depth=1')))
        deep = self.heat(f'{path}?nested_depth=5')['resources']
        self.assertEqual(12, len(deep))
        self.assertEqual({'group', '0', '1', None}, {
            one.get('parent_resource') for one in deep})
        self.assertEqual(['server0'], self.names(
            f'{path}?type=OS::Nova::Server'))
        self.assertEqual(400, self.status(f'{path}?limit=1'))

    def names(self, path):
        return [one['resource_name']
                for one in self.heat(path)['resources']]

    def test_requirements(self):
        key = self.cloud.create_stack('one')
        shown = {one['resource_name']: one['required_by'] for one in
                 self.heat(f'/stacks/one/{key}/resources')['resources']}
        self.assertEqual({'server0': ['attach-volume0'],
                          'volume0': ['attach-volume0'],
                          'attach-volume0': []}, shown)

    def test_unhealthy_shows_on_the_resource_only(self):
        key = self.tops()[0]
        before = self.heat(self.path_of(key))
        self.cloud.mark_unhealthy(key, 'server0')
        self.assertEqual(before, self.heat(self.path_of(key)))
        self.assertEqual('CHECK_FAILED', self.heat(
            f'{self.path_of(key)}/resources/server0')['resource'][
            'resource_status'])

    def test_events(self):
        path = f'{self.path_of(self.tops()[0])}/events'
        events = self.heat(path)['events']
        self.assertEqual(events[:2], self.heat(f'{path}?limit=2')['events'])
        self.assertEqual(events[2:], self.heat(
            f'{path}?marker={events[1]["id"]}')['events'])
        self.assertEqual(events, self.heat(f'{path}?marker=x')['events'])
        self.assertEqual(events[::-1], self.heat(
            f'{path}?sort_dir=asc')['events'])

    def test_snapshots_of_a_foreign_stack_are_none(self):
        key = self.ids(STACK, project_id=self.cloud.projects['demo'])[0]
        snapshot = self.cloud.snapshot_stack(key)
        path = f'{self.path_of(key)}/snapshots'
        self.assertEqual([], self.heat(path)['snapshots'])
        demo = self.token('demo', 'demo')
        self.assertEqual([snapshot], ids(
            self.heat(path, 'demo', token=demo)['snapshots']))

    def test_configs_and_deployments(self):
        configs = self.heat('/software_configs')['software_configs']
        self.assertEqual(self.ids('heat.software_config'), ids(configs))
        deployment = self.heat('/software_deployments')[
            'software_deployments'][0]
        self.assertEqual({'software_deployment': deployment}, self.heat(
            f'/software_deployments/{deployment["id"]}'))
        self.assertEqual('true', self.heat(
            f'/software_configs/{configs[0]["id"]}')['software_config'][
            'config'])

    def test_others(self):
        self.assertIn('OS::Nova::Server',
                      self.heat('/resource_types')['resource_types'])
        self.assertEqual(2, len(self.heat('/services')['services']))
        key = self.tops()[0]
        template = self.heat(f'{self.path_of(key)}/template')
        self.assertEqual('OS::Nova::Server',
                         template['resources']['server0']['type'])
