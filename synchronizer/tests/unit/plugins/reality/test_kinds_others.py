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

"""Types of Keystone, Glance, and others."""

from synchronizer.plugins.reality import kinds
from synchronizer.plugins.reality import table
from synchronizer.tests.unit.plugins.reality import tables


class TestKeystone(tables.KindTestCase):

    def test_user(self):
        self.type = 'OS::Keystone::User'
        self.around.has('identity', '/users', 'user', {
            'id': tables.UUID, 'name': 'u', 'email': 'a@b', 'enabled': True,
            'default_project_id': 'p1'})
        self.around.has('identity', '/projects', 'project', {
            'id': 'p1', 'name': 'demo'}, {'id': 'p2', 'name': 'other'})
        self.assert_same(name='u', email='a@b', default_project='demo')
        self.assert_same(default_project='p1')
        self.assert_differs('other', 'demo', default_project='other')
        self.assert_silent('it may be secret', password='x')

    def test_project(self):
        self.type = 'OS::Keystone::Project'
        self.around.has('identity', '/projects', 'project', {
            'id': tables.UUID, 'name': 'p', 'description': 'd',
            'enabled': False})
        self.assert_same(name='p', enabled=False)
        self.assert_differs(True, False, enabled=True)

    def test_each_is_found_missing(self):
        for name, (path, key, _) in kinds.others.IDENTITIES.items():
            self.type = f'OS::Keystone::{name}'
            self.around.has('identity', f'/{path}', key)
            self.assert_missing()


class TestImage(tables.KindTestCase):

    type = 'OS::Glance::WebImage'

    def setUp(self):
        super().setUp()
        self.images = [{
            'id': tables.UUID, 'name': 'i', 'min_disk': 1,
            'visibility': 'public', 'tags': ['a'], 'protected': False,
            'os_hidden': True}]
        self.around.answers['image', '/v2/images'] = self.listed

    def listed(self, id, os_hidden, **query):
        return {'images': [one for one in self.images
                           if f'in:{one["id"]}' == id
                           and one['os_hidden'] is os_hidden]}

    def test_hidden_ones_are_there(self):
        self.assert_same(name='i', min_disk='1', tags=['a'],
                         visibility='public', protected='false')
        self.assert_differs('private', 'public', visibility='private')

    def test_gone(self):
        self.images = []
        self.assert_missing(name='i')

    def test_an_answer_without_a_list_proves_nothing(self):
        self.around.answers['image', '/v2/images'] = {}
        self.assertRaises(table.Unknowable, self.compare, name='i')


class TestExistence(tables.KindTestCase):

    def test_there_or_not(self):
        for name, service, path, key in (
                ('OS::Heat::SoftwareConfig', 'orchestration',
                 '/software_configs', 'software_config'),
                ('OS::Heat::StructuredDeployment', 'orchestration',
                 '/software_deployments', 'software_deployment'),
                ('OS::Octavia::LoadBalancer', 'load-balancer',
                 '/v2/lbaas/loadbalancers', 'loadbalancer'),
                ('OS::Manila::ShareNetwork', 'shared-file-system',
                 '/share-networks', 'share_network'),
                ('OS::Cinder::QoSSpecs', 'block-storage', '/qos-specs',
                 'qos_specs')):
            self.type = name
            self.around = tables.Around()
            self.around.has(service, path, key, {'id': tables.UUID})
            self.assertTrue(self.compare().present, name)
            self.around = tables.Around()
            self.around.has(service, path, key)
            self.assert_missing()

    def test_a_cloud_without_the_service(self):
        self.type = 'OS::Aodh::Alarm'
        self.assertRaises(table.NotComparable, self.compare)

    def test_an_alarm_is_the_whole_answer(self):
        self.type = 'OS::Aodh::Alarm'
        self.around.answers['alarming', f'/v2/alarms/{tables.UUID}'] = {
            'alarm_id': tables.UUID}
        self.assertTrue(self.compare().present)
