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

from synchronizer.integrations.vitrage import rows
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.vitrage import world


class RowsTest(base.TestCase):

    def test_a_host_is_a_compute_service(self):
        service = world.entity('nova.service', '1', binary='nova-compute',
                               host='cmp-1', zone='nova')
        self.assertEqual({'binary': 'nova-compute', 'host': 'cmp-1',
                          'zone': 'nova'}, rows.host(service))
        self.assertIsNone(rows.host(world.entity(
            'nova.service', '2', binary='nova-scheduler', host='ctl')))

    def test_the_internal_zone_is_none(self):
        self.assertIsNone(rows.zone(world.entity('nova.zone', 'internal')))

    def test_a_zone_without_hosts(self):
        self.assertEqual({}, rows.zone(world.entity(
            'nova.zone', 'az', hosts=None))['hosts'])

    def test_an_attachment_to_no_server(self):
        volume = world.entity('cinder.volume', '1', attachments=[
            {'server_id': None, 'host_name': 'h'}, {'server_id': 'a'}])
        self.assertEqual([{'server_id': 'a'}],
                         rows.volume(volume)['attachments'])

    def test_a_resource_that_has_brought_about_nothing_yet(self):
        resource = world.entity(
            'heat.resource', 's/one', resource_type='OS::Nova::Server',
            physical_resource_id='')
        self.assertIsNone(rows.resource(resource))
