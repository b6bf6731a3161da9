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

"""What is changed behind Heat's back is told, until it is undone."""

from tempest import config
from tempest.lib import decorators
from tempest.lib.common.utils import data_utils

from synchronizer.tests.tempest import base
from synchronizer.tests.tempest.base import DRIFT
from synchronizer.tests.tempest.base import RESOURCE
from synchronizer.tests.tempest.base import SERVER
from synchronizer.tests.tempest.base import STACK
from synchronizer.tests.tempest.base import VOLUME
from synchronizer.tests.tempest.scenario import templates

CONF = config.CONF


class DriftTest(base.SynchronizerTest):

    def new_stack(self, **resources):
        """Its ``name/id``, its id and the name of what is in it; the
        service has seen all of it."""
        name = data_utils.rand_name('mine', CONF.resource_name_prefix)
        stack, id_ = self.create_stack(
            templates.of(**resources), name=name)
        for resource in resources:
            self.await_shown(
                RESOURCE, f'{id_}/{resource}', state='CREATE_COMPLETE')
        return stack, id_, name

    def await_drift(self, id_, name, desired, actual):
        """One property differs, and no other. What was judged before the
        new stack was seen whole may have been told before."""
        expected = [{'property': name, 'desired': desired, 'actual': actual}]
        return self.await_shown(
            DRIFT, id_, state='changed', properties=expected)

    def assert_in_drift(self, id_):
        self.assertIsNotNone(self.mirror.get(DRIFT, id_))


class TestServerDrift(DriftTest):

    types = (SERVER, STACK, RESOURCE, DRIFT)

    @decorators.idempotent_id('d6f0b9c5-4b8b-4f6d-a9e0-7e0b1c52f3a9')
    def test_metadata_is_changed_and_put_right(self):
        network = self.get_tenant_network() or {}
        stack, stack_id, _ = self.new_stack(server=templates.server(
            CONF.compute.image_ref, CONF.compute.flavor_ref,
            network.get('id'), metadata={'role': 'db'}))
        server = self.physical_id(stack, 'server')
        id_ = f'{stack_id}/server'
        self.await_shown(SERVER, server, state='ACTIVE')

        self.servers_client.set_server_metadata(server, {'role': 'web'})
        drift = self.await_drift(
            id_, 'metadata', {'role': 'db'}, {'role': 'web'})
        self.assertEqual(
            ('OS::Nova::Server', server, stack.partition('/')[0]),
            tuple(drift.entity.attributes[name] for name in (
                'resource_type', 'physical_resource_id', 'stack_name')))
        self.assertIn(('about', RESOURCE, id_), [
            (relation.kind, relation.type, relation.id)
            for relation in drift.entity.relations])

        self.servers_client.set_server_metadata(server, {'role': 'db'})
        self.await_gone(DRIFT, id_, drift.revision)
        self.assertIsNone(self.mirror.get(DRIFT, id_))


class TestVolumeDrift(DriftTest):

    types = (VOLUME, STACK, RESOURCE, DRIFT)

    @decorators.idempotent_id('71a3c0de-9c1b-4c4f-b5f0-3c8a40a6e2d8')
    def test_a_name_is_changed_and_put_right_and_then_it_is_gone(self):
        stack, stack_id, name = self.new_stack(disk=templates.volume())
        volume = self.physical_id(stack, 'disk')
        id_ = f'{stack_id}/disk'
        self.await_shown(VOLUME, volume, state='available', name=name)

        other = data_utils.rand_name('other', CONF.resource_name_prefix)
        self.volumes_client.update_volume(volume, name=other)
        drift = self.await_drift(id_, 'name', name, other)
        self.volumes_client.update_volume(volume, name=name)
        gone = self.await_gone(DRIFT, id_, drift.revision)

        self.volumes_client.delete_volume(volume)
        missing = self.await_shown(
            DRIFT, id_, gone.revision, state='missing', properties=[])
        self.delete_stack(stack)
        self.await_gone(DRIFT, id_, missing.revision)
        self.await_gone(STACK, stack_id)
