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

"""Whether a 404 of Nova's may be believed."""

from synchronizer import exception
from synchronizer.plugins import nova
from synchronizer.plugins.nova import scope
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

SERVERS = '/servers/detail'
MISSING = fakes.failure(exception.NotFound, 404)
FOUND = {'server': {}}


class ScopeTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = fakes.Session()
        self.scope = scope.Scope()

    def servers(self, **projects):
        self.session.on(SERVERS, {'servers': [
            {'id': id_, 'tenant_id': project}
            for id_, project in projects.items()]})

    def asked(self):
        self.session.asked.clear()
        self.scope.check(self.session)
        return self.session.paths()

    def test_a_server_of_others_is_the_witness(self):
        self.servers(a=self.session.project_id, b='other')
        self.session.on('/servers/b', FOUND)
        self.assertEqual([SERVERS, '/servers/b'], self.asked())
        # from now on it costs one request
        self.assertEqual(['/servers/b'], self.asked())

    def test_a_witness_that_is_gone_is_replaced(self):
        self.servers(b='other')
        self.session.on('/servers/b', FOUND)
        self.asked()
        self.session.on('/servers/b', MISSING).on('/servers/c', FOUND)
        self.servers(c='other')
        self.assertEqual(['/servers/b', SERVERS, '/servers/c'], self.asked())

    def test_one_that_is_deleted_between_the_two_is_passed(self):
        self.servers(b='other', c='other')
        self.session.on('/servers/b', MISSING).on('/servers/c', FOUND)
        self.asked()
        self.assertEqual(['/servers/c'], self.asked())

    def test_who_lists_what_he_cannot_get_is_not_believed(self):
        self.servers(b='other', c='other', d='other')
        for id_ in 'bcd':
            self.session.on(f'/servers/{id_}', MISSING)
        for _ in range(2):
            error = self.assertRaises(exception.Refused, self.asked)
            self.assertIn('context_is_admin', str(error))
        # and no more than so many are asked for
        self.assertNotIn('/servers/d', self.session.paths())

    def test_nor_after_he_could_get_it(self):
        self.servers(b='other')
        self.session.on('/servers/b', FOUND)
        self.asked()
        self.session.on('/servers/b', MISSING)
        self.assertRaises(exception.Refused, self.asked)

    def test_nor_who_may_not_even_list(self):
        self.session.on(SERVERS, fakes.failure(exception.Refused, 403))
        self.assertRaises(exception.Refused, self.asked)

    def test_what_does_not_answer_proves_nothing(self):
        self.servers(b='other')
        self.session.on('/servers/b', fakes.failure(exception.Unreachable))
        self.assertRaises(exception.Unreachable, self.asked)

    def test_in_a_cloud_of_our_own_the_listing_has_to_do(self):
        self.servers(a=self.session.project_id)
        self.assertEqual([SERVERS], self.asked())

    def test_the_types_of_a_plugin_share_the_witness(self):
        class Cloud:
            def api(self, *args, **kwargs):
                return None
        plugin = nova.NovaPlugin(Cloud())
        self.assertEqual(1, len({
            id(plugin.kind(kind).scope) for kind in plugin.types}))
        self.assertIsNot(nova.Flavor().scope, nova.Flavor().scope)
