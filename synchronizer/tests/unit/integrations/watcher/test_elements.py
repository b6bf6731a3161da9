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

from synchronizer.integrations.watcher import elements
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.watcher import doubles

INVENTORIES = {
    'VCPU': {'total': 16, 'reserved': 1, 'allocation_ratio': 4.0},
    'MEMORY_MB': {'total': 999, 'reserved': 512, 'allocation_ratio': 1.5},
    'DISK_GB': {'total': 50, 'reserved': 5, 'allocation_ratio': 0.9}}


class NodeTest(base.TestCase):

    def test_capacity_is_placements(self):
        host = doubles.host(status='disabled', reason='worn')
        self.assertEqual({
            'uuid': 'uuid-of-node-1', 'hostname': 'node-1-service',
            'state': 'up', 'status': 'disabled', 'disabled_reason': 'worn',
            'vcpus': 16, 'vcpu_reserved': 1, 'vcpu_ratio': 4.0,
            'memory': 999, 'memory_mb_reserved': 512, 'memory_ratio': 1.5,
            'disk': 50, 'disk_gb_reserved': 5, 'disk_ratio': 0.9,
        }, elements.node_fields(host, INVENTORIES))

    def test_what_placement_does_not_have_is_novas(self):
        fields = elements.node_fields(
            doubles.host(), {'VCPU': INVENTORIES['VCPU']})
        self.assertEqual((16, 4096, 100), (
            fields['vcpus'], fields['memory'], fields['disk']))
        self.assertEqual((0, 1.0, 0, 1.0), (
            fields['memory_mb_reserved'], fields['memory_ratio'],
            fields['disk_gb_reserved'], fields['disk_ratio']))

    def test_bare_metal_is_no_compute_node(self):
        self.assertTrue(elements.is_node(doubles.host()))
        self.assertFalse(elements.is_node(
            doubles.host(hypervisor_type='ironic')))


class InstanceTest(base.TestCase):

    def fields(self, extended=False, pinned=True, flavor=None,
               **attributes):
        entity = doubles.instance(**attributes)
        entity.attributes['flavor'] |= flavor or {}
        return elements.instance_fields(entity, extended, pinned)

    def test_all_of_it(self):
        self.assertEqual({
            'uuid': 'vm-1', 'name': 'name of vm-1', 'project_id': 'project',
            'memory': 512, 'vcpus': 1, 'disk': 10, 'state': 'active',
            'metadata': {'a': 'b'}, 'locked': True,
            'created': '2026-11-20T10:00:00Z', 'host': 'node-1-service',
            'hypervisor_hostname': 'node-1', 'flavor_extra_specs': {},
            'pinned_az': ''}, self.fields(locked=True))

    def test_extended(self):
        fields = self.fields(True, pinned_availability_zone='az1')
        self.assertEqual(({'hw:x': 'y'}, 'az1'), (
            fields['flavor_extra_specs'], fields['pinned_az']))

    def test_the_zone_is_told_only_where_watcher_would(self):
        zone = {'pinned_availability_zone': 'az1'}
        self.assertEqual('', self.fields(True, False, **zone)['pinned_az'])
        self.assertEqual('', self.fields(False, True, **zone)['pinned_az'])

    def test_extended_where_nova_tells_neither(self):
        fields = self.fields(True, flavor={'extra_specs': None})
        self.assertEqual(({}, ''), (
            fields['flavor_extra_specs'], fields['pinned_az']))

    def test_disk_is_what_its_host_gives(self):
        more = {'ephemeral': 3, 'swap': 1025}
        self.assertEqual(15, self.fields(flavor=more)['disk'])
        self.assertEqual(5, self.fields(flavor=more, image='')['disk'])

    def test_where_it_counts(self):
        self.assertEqual('node-1', elements.node_of(doubles.instance()))
        for state in ('deleted', 'soft-delete'):
            self.assertIsNone(elements.node_of(
                doubles.instance(state=state)))
        self.assertIsNone(elements.node_of(doubles.instance(node=None)))
