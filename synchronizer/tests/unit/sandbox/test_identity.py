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

"""Keystone: who gets a token, what it says, and how long it is good."""

from keystoneauth1 import exceptions
from keystoneauth1 import session
from keystoneauth1.identity import v3

from synchronizer.tests.unit.sandbox import base


class IdentityTest(base.SandboxCase):

    def plugin(self, **changes):
        return v3.Password(**{
            'auth_url': self.server.auth_url, 'username': 'admin',
            'password': 'sandbox', 'project_name': 'admin',
            'user_domain_id': 'default', 'project_domain_id': 'default',
            **changes})

    def test_discovery(self):
        self.assertEqual(300, self.http.get(
            f'{self.server.url}/identity/').status_code)
        self.assertEqual('v3.14', self.http.get(
            self.server.auth_url).json()['version']['id'])

    def test_password(self):
        client = session.Session(self.plugin())
        self.assertEqual(self.cloud.projects['admin'],
                         client.get_project_id())
        self.assertEqual(
            f'{self.server.url}/compute/v2.1',
            client.get_endpoint(service_type='compute').rstrip('/'))
        self.assertEqual(
            f'{self.server.url}/volume/v3/{client.get_project_id()}',
            client.get_endpoint(service_type='volumev3'))

    def test_wrong_password(self):
        self.assertIsNone(self.token('admin', 'admin', 'wrong'))

    def test_foreign_project(self):
        self.assertIsNone(self.token('demo', 'alpha'))
        self.assertIsNone(self.token('demo', 'nowhere'))

    def test_not_an_auth(self):
        for body in ({}, {'auth': {}}, {'auth': 1}, [], {'auth': {
                'identity': {'methods': []}}}):
            reply = self.http.post(f'{self.server.auth_url}/auth/tokens',
                                   json=body)
            self.assertEqual(400, reply.status_code, body)

    def test_application_credential(self):
        client = session.Session(v3.ApplicationCredential(
            self.server.auth_url, 'sandbox', 'demo-credential'))
        self.assertEqual(self.cloud.projects['demo'],
                         client.get_project_id())
        self.assertRaises(
            exceptions.Unauthorized, session.Session(
                v3.ApplicationCredential(
                    self.server.auth_url, 'no', 'demo-credential')).get_token)

    def test_token(self):
        client = session.Session(v3.Token(
            self.server.auth_url, self.admin, project_name='demo',
            project_domain_id='default'))
        self.assertEqual(self.cloud.projects['demo'],
                         client.get_project_id())

    def test_show(self):
        reply = self.http.get(
            f'{self.server.auth_url}/auth/tokens', headers={
                'X-Auth-Token': self.admin, 'X-Subject-Token': self.admin})
        self.assertEqual(['admin', 'member', 'reader'], [
            role['name'] for role in reply.json()['token']['roles']])

    def test_projects(self):
        demo = self.token('demo', 'demo')
        names = [[project['name'] for project in self.get(
            '/identity/v3/projects', token=token).json()['projects']]
            for token in (self.admin, demo)]
        self.assertEqual([['admin', 'demo', 'alpha'], ['demo']], names)

    def test_no_token(self):
        reply = self.http.get(f'{self.server.url}{base.NOVA}/servers')
        self.assertEqual(401, reply.status_code)
        self.assertEqual(f'Keystone uri="{self.server.url}/identity"',
                         reply.headers['WWW-Authenticate'])

    def test_unscoped(self):
        token = self.token('demo', None)
        self.assertEqual(200, self.get(
            '/identity/v3/projects', token=token).status_code)
        self.assertEqual(401, self.get(
            f'{base.NOVA}/servers', token=token).status_code)

    def test_lifetime(self):
        self.clock.tick(3599)
        self.assertEqual(200, self.get('/identity/v3/projects').status_code)
        self.clock.tick(1)
        self.assertEqual(401, self.get('/identity/v3/projects').status_code)

    def test_lost_roles(self):
        everybodys = f'{base.NOVA}/servers?all_tenants=1'
        self.server.identity.lose_roles('admin')
        self.assertEqual(401, self.get(everybodys).status_code)
        token = self.token('admin', 'admin')
        self.assertEqual(403, self.get(everybodys, token=token).status_code)
        self.server.identity.lose_roles()
        token = self.token('admin', 'admin')
        self.assertEqual(200, self.get(everybodys, token=token).status_code)

    def test_expired_tokens_are_replaced(self):
        # keystoneauth compares with the time of this machine.
        self.cloud.token_lifetime = 10 ** 9
        client = session.Session(self.plugin())
        where = {'service_type': 'compute'}
        first = client.get_token()
        self.server.identity.expire_tokens()
        reply = client.get('/servers', endpoint_filter=where)
        self.assertEqual(200, reply.status_code)
        self.assertNotEqual(first, client.get_token())
