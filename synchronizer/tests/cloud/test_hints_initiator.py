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

"""Who did it, as the services of a real cloud tell it.

OS_CLOUD_OTHER names the cloud as a plain user sees it, who then does what
needs no operator; without it all is done by the one of OS_CLOUD.
"""

import os

import openstack

from synchronizer.tests.cloud import listening
from synchronizer.tests.cloud.listening import has

OTHER = os.environ.get('OS_CLOUD_OTHER') or listening.OS_CLOUD
SERVER, SERVICE = 'nova.instance', 'nova.service'
VOLUME, STACK, RESOURCE = 'cinder.volume', 'heat.stack', 'heat.resource'
TEMPLATE = {
    'heat_template_version': '2018-08-31',
    'resources': {'one': {'type': 'OS::Heat::RandomString'}}}


class TestInitiator(listening.HintCase):

    names = ('nova', 'cinder', 'heat')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator, cls.raw = cls.raw, openstack.connect(cloud=OTHER)

    def assert_by(self, raw, type_, id_, request_id=None):
        """All that was told of it since the mark is his doing."""
        told = [change.initiator for change in self.changes(type_, id_)]
        self.assertNotEqual([], told)
        for who in told:
            self.assertIsNotNone(who)
            self.assertEqual(
                (raw.current_user_id, raw.current_project_id),
                (who.user_id, who.project_id))
            self.assertRegex(who.request_id, '^req-')
            if request_id is not None:
                self.assertEqual(request_id, who.request_id)

    def rename(self, proxy, path, body, microversion):
        """Which request it was."""
        answer = proxy.put(path, json=body, microversion=microversion)
        return answer.headers['x-openstack-request-id']

    def test_a_server(self):
        id_ = self.make_server('by')
        self.assert_by(self.raw, SERVER, id_)
        self.since, name = len(self.world.told), f'{self.prefix}-by-renamed'
        request_id = self.rename(
            self.raw.compute, f'/servers/{id_}', {'server': {'name': name}},
            '2.96')
        self.await_shown(SERVER, id_, has(name=name))
        self.assert_by(self.raw, SERVER, id_, request_id)
        self.since = len(self.world.told)
        self.raw.compute.delete(f'/servers/{id_}')
        self.await_gone(SERVER, id_)
        self.assert_by(self.raw, SERVER, id_)

    def test_a_volume(self):
        id_ = self.make_volume('by')
        self.assert_by(self.raw, VOLUME, id_)
        self.since, name = len(self.world.told), f'{self.prefix}-by-renamed'
        request_id = self.rename(
            self.raw.block_storage, f'/volumes/{id_}',
            {'volume': {'name': name}}, '3.70')
        self.await_shown(VOLUME, id_, has(name=name))
        self.assert_by(self.raw, VOLUME, id_, request_id)

    def test_a_stack_and_what_lies_in_it(self):
        name = f'{self.prefix}-by'
        id_ = self.raw.orchestration.post('/stacks', json={
            'stack_name': name, 'template': TEMPLATE}).json()['stack']['id']
        self.addCleanup(self.raw.orchestration.delete,
                        f'/stacks/{name}/{id_}')
        for type_, one in ((STACK, id_), (RESOURCE, f'{id_}/one')):
            self.await_shown(type_, one, has(state='CREATE_COMPLETE'))
            self.assert_by(self.raw, type_, one)

    def test_a_service_that_an_operator_disables(self):
        id_ = next(one.id for one in self.world.mirror.all(
            SERVICE, binary='nova-compute', status='enabled'))
        path = f'/os-services/{id_}'
        for status in ('disabled', 'enabled'):
            self.since = len(self.world.told)
            self.rename(self.operator.compute, path, {'status': status},
                        '2.96')
            self.await_shown(SERVICE, id_, has(status=status))
            self.assert_by(self.operator, SERVICE, id_)
