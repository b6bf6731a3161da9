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

"""A snapshot says what the APIs of the services say, of all projects."""

from tempest import config
from tempest.lib import decorators

from synchronizer.tests.tempest import agreement
from synchronizer.tests.tempest import base
from synchronizer.tests.tempest.base import SERVER
from synchronizer.tests.tempest.base import STACK
from synchronizer.tests.tempest.base import VOLUME
from synchronizer.tests.tempest.scenario import templates
from synchronizer.tests.tempest.services import orchestration

CONF = config.CONF
MOST = 20

# what every version of the API shows alike, and no order counts in
SERVER_FIELDS = (
    'name', 'status', 'tenant_id', 'user_id', 'metadata', 'created',
    'key_name', 'hostId', 'config_drive', 'accessIPv4', 'accessIPv6',
    'OS-DCF:diskConfig', 'OS-EXT-SRV-ATTR:host',
    'OS-EXT-SRV-ATTR:hypervisor_hostname', 'OS-EXT-SRV-ATTR:instance_name',
    'OS-EXT-STS:task_state', 'OS-EXT-STS:vm_state',
    'OS-SRV-USG:launched_at', 'OS-SRV-USG:terminated_at')
VOLUME_FIELDS = (
    'name', 'status', 'size', 'description', 'metadata', 'user_id',
    'availability_zone', 'volume_type', 'bootable', 'encrypted',
    'multiattach', 'snapshot_id', 'source_volid', 'created_at',
    'os-vol-tenant-attr:tenant_id', 'os-vol-host-attr:host')
STACK_FIELDS = (
    'stack_name', 'stack_status', 'stack_status_reason', 'description',
    'stack_owner', 'project', 'parent', 'creation_time', 'updated_time')


class TestGetAll(base.SynchronizerTest):

    types = (SERVER, VOLUME, STACK)

    @classmethod
    def setup_clients(cls):
        super().setup_clients()
        cls.all_stacks_client = cls.stacks_of(cls.os_admin)

    def assert_agrees(self, type_, ask, fields, mine):
        """At some moment, with ours among them; others may work on."""
        found = []

        def agrees():
            before = agreement.listed(ask)
            held = self.snapshot(type_)
            after = agreement.listed(ask)
            self.assertIn(mine, after)
            found[:] = agreement.differences(before, after, held, fields)
            return mine in held and not found
        base.until(agrees, lambda: '\n'.join(found[:MOST]),
                   CONF.synchronizer.change_timeout, 1)

    def snapshot(self, type_):
        """All of it, as a sweep finds it that begins now."""
        return {entity.id: entity
                for page in self.asking.get_all([type_], max_age=0)
                for entity in page.entities}

    @decorators.idempotent_id('f4a6d3c8-2f6e-4b1c-8d4c-9b6e3c1f5a02')
    def test_servers(self):
        server = self.create_server()
        self.assert_agrees(SERVER, lambda **page: (
            self.os_admin.servers_client.list_servers(
                detail=True, all_tenants=True, **page)['servers']),
            SERVER_FIELDS, server['id'])

    @decorators.idempotent_id('3d7b9e10-8c52-4a6f-9e41-d0f2a7b4c6e5')
    def test_volumes(self):
        volume = self.create_volume()
        self.assert_agrees(VOLUME, lambda **page: (
            self.os_admin.volumes_client_latest.list_volumes(
                detail=True, params={'all_tenants': 1, **page})['volumes']),
            VOLUME_FIELDS, volume['id'])

    @decorators.idempotent_id('a1c05b7d-64fe-4e83-bd29-5e8f1a3c7d90')
    def test_stacks(self):
        _, id_ = self.create_stack(templates.of(word=templates.text()),
                                   name='unused')
        self.assert_agrees(STACK, lambda **page: [
            stack for stack in self.all_stacks_client.list_stacks(
                show_nested=True, show_hidden=True, **page)['stacks']
            if stack['stack_status'] != orchestration.GONE],
            STACK_FIELDS, id_)
