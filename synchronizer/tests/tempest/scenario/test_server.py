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

"""The life of a server, as the service tells it."""

from tempest import config
from tempest.common import waiters
from tempest.lib import decorators
from tempest.lib.common.utils import data_utils

from synchronizer.tests.tempest import base
from synchronizer.tests.tempest.base import SERVER

CONF = config.CONF


class TestServer(base.SynchronizerTest):

    types = (SERVER,)

    def new_server(self):
        """The id of one that the service has shown as active."""
        server = self.create_server()
        change = self.await_shown(
            SERVER, server['id'], state='ACTIVE', name=server['name'])
        self.assertEqual(server['tenant_id'], change.entity.project_id)
        self.assertEqual(server['user_id'], change.entity.user_id)
        return server['id']

    @decorators.idempotent_id('2c1f6b1e-6d0e-4c3a-9a53-0f7d9be5d6a1')
    def test_a_life(self):
        id_ = self.new_server()
        self.assertEqual('created', self.changes(SERVER, id_)[0].action)

        name = data_utils.rand_name(
            'renamed', prefix=CONF.resource_name_prefix)
        self.servers_client.update_server(id_, name=name)
        renamed = self.await_shown(SERVER, id_, name=name)
        self.assertEqual('updated', renamed.action)
        self.assertIn('name', renamed.changed)

        self.servers_client.set_server_metadata(id_, {'role': 'web'})
        marked = self.await_shown(SERVER, id_, metadata={'role': 'web'})
        self.assertIn('attributes.metadata', marked.changed)

        self.servers_client.stop_server(id_)
        stopped = self.await_shown(SERVER, id_, state='SHUTOFF')
        self.assertIn('state', stopped.changed)

        self.servers_client.delete_server(id_)
        gone = self.await_gone(SERVER, id_)
        self.assertEqual(name, gone.entity.name)
        self.assertIsNone(self.mirror.get(SERVER, id_))
        self.assert_whole(SERVER)

    @decorators.idempotent_id('b8d8f0a4-1f0c-4a0d-8f0b-5a2a9f6e8b1c')
    def test_it_is_resized(self):
        if not CONF.compute_feature_enabled.resize:
            self.skipTest('this cloud does not resize')
        id_ = self.new_server()
        before = self.mirror.get(SERVER, id_)
        self.servers_client.resize_server(
            id_, flavor_ref=CONF.compute.flavor_ref_alt)
        waiters.wait_for_server_status(
            self.servers_client, id_, 'VERIFY_RESIZE')
        resized = self.await_shown(SERVER, id_, state='VERIFY_RESIZE')
        self.servers_client.confirm_resize_server(id_)
        change = self.await_shown(
            SERVER, id_, resized.revision, state='ACTIVE')
        self.assertEqual(
            [CONF.compute.flavor_ref_alt],
            [relation.id for relation in change.entity.relations
             if relation.kind == 'has-flavor'])
        self.assertNotEqual(before.attributes['flavor'],
                            change.entity.attributes['flavor'])
