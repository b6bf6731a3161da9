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

"""OS::Nova::Server."""

from synchronizer.plugins.reality import table
from synchronizer.tests.unit.plugins.reality import tables

IMAGE, OTHER_IMAGE = tables.UUID, tables.OTHER
NET, OTHER_NET = tables.UUID, tables.OTHER
PORT = tables.THIRD
SHARED, INNER = {'id': NET, 'name': 'shared'}, {
    'id': OTHER_NET, 'name': 'inner'}


def address(ip, mac, kind='fixed'):
    return {'addr': ip, 'version': 4, 'OS-EXT-IPS-MAC:mac_addr': mac,
            'OS-EXT-IPS:type': kind}


def port(id_, net, *ips, name='', subnet='sub'):
    return {'id': id_, 'name': name, 'network_id': net, 'fixed_ips': [
        {'subnet_id': subnet, 'ip_address': ip} for ip in ips]}


class ServerTestCase(tables.KindTestCase):

    type = 'OS::Nova::Server'

    def setUp(self):
        super().setUp()
        self.server()
        for id_, name in (('f1', 'f.tiny'), ('f2', 'f.small')):
            self.around.put(tables.entity('nova.flavor', id_, name))
        self.around.answers['compute', '/flavors'] = {'flavors': [
            {'id': 'f1', 'name': 'f.tiny'}, {'id': 'f2', 'name': 'f.small'}]}
        self.images = [
            {'id': IMAGE, 'name': 'tiny', 'created_at': '2026-01-01'},
            {'id': OTHER_IMAGE, 'name': 'other',
             'created_at': '2026-01-01T00:00:00Z'}]
        self.around.answers['image', '/v2/images'] = self.listed

    def listed(self, name=None, id=None, **query):
        return {'images': [
            one for one in self.images if name in (None, one['name'])
            and id in (None, f'in:{one["id"]}')]}

    def server(self, state='ACTIVE', name='web', **attributes):
        self.around.put(tables.entity(
            'nova.instance', tables.UUID, name, state, **{
                'flavor': {'original_name': 'f.tiny', 'ram': 512},
                'image': {'id': IMAGE}, 'metadata': {}, 'tags': [],
                'key_name': None, 'addresses': {}, **attributes}))


class TestPlain(ServerTestCase):

    def test_what_the_template_does_not_set_is_not_compared(self):
        self.server(name='chosen', tags=['x'], metadata={'a': 'b'})
        self.assert_same()

    def test_it_is_gone(self):
        self.around.entities.clear()
        self.assert_missing()

    def test_one_that_waits_for_its_end_is_gone(self):
        self.server(state='SOFT_DELETED')
        self.assert_missing(name='web')

    def test_name(self):
        self.assert_same(name='web')
        self.assert_differs('other', 'web', name='other')

    def test_metadata_as_heat_writes_it(self):
        self.server(metadata={'n': '1', 'b': 'true', 'd': '{"z": 1}',
                              'more': 'x'})
        self.assert_same(metadata={'n': 1, 'b': True, 'd': {'z': 1}})
        self.assert_differs(
            {'n': 2}, {'n': '1', 'b': 'true', 'd': '{"z": 1}', 'more': 'x'},
            metadata={'n': 2})

    def test_tags(self):
        self.server(tags=['b', 'a'])
        self.assert_same(tags=['a', 'b'])
        self.assert_differs(['a'], ['b', 'a'], tags=['a'])

    def test_key(self):
        self.server(key_name='k')
        self.assert_same(key_name='k')
        self.assert_differs('x', 'k', key_name='x')

    def test_secrets_are_never_compared(self):
        for name in ('user_data', 'admin_pass', 'personality'):
            self.assert_silent('it may be secret', **{name: 'x'})

    def test_config_drive(self):
        self.server(config_drive='True')
        self.assert_same(config_drive=True)
        self.server(config_drive='')
        self.assert_differs(True, '', config_drive=True)


class TestStatus(ServerTestCase):

    def status(self, action, state):
        self.state = f'{action}_COMPLETE'
        self.server(state=state)
        return self.compare().differences.get('status')

    def test_what_is_at_rest_and_wrong(self):
        for state in ('SHUTOFF', 'SUSPENDED', 'PAUSED', 'SHELVED', 'ERROR',
                      'SHELVED_OFFLOADED', 'RESCUE'):
            self.assertEqual(table.Difference('ACTIVE', state),
                             self.status('CREATE', state))

    def test_what_is_worked_on_is_not_judged(self):
        for state in ('REBOOT', 'HARD_REBOOT', 'RESIZE', 'VERIFY_RESIZE',
                      'MIGRATING', 'REBUILD', 'PASSWORD', 'BUILD'):
            self.assertIsNone(self.status('UPDATE', state))

    def test_a_suspended_stack(self):
        self.assertIsNone(self.status('SUSPEND', 'SUSPENDED'))
        self.assertEqual(table.Difference('SUSPENDED', 'ACTIVE'),
                         self.status('SUSPEND', 'ACTIVE'))
        self.assertIsNone(self.status('RESUME', 'ACTIVE'))

    def test_after_a_check_or_a_snapshot_either_may_be_right(self):
        for action in ('CHECK', 'SNAPSHOT'):
            for state in ('ACTIVE', 'SUSPENDED'):
                self.assertIsNone(self.status(action, state))
            self.assertEqual(table.Difference('ACTIVE', 'SHUTOFF'),
                             self.status(action, 'SHUTOFF'))

    def test_unknown_is_neither(self):
        self.assertRaises(
            table.Unknowable, self.status, 'CREATE', 'UNKNOWN')


class TestFlavor(ServerTestCase):

    def test_by_name_or_id(self):
        self.assert_same(flavor='f.tiny')
        self.assert_same(flavor='f1')
        self.assert_differs('f.small', 'f.tiny', flavor='f.small')
        self.assert_differs('f2', 'f.tiny', flavor='f2')

    def test_one_that_agrees_costs_no_request(self):
        self.assert_same(flavor='f.tiny')
        self.assertEqual([], self.around.asked)

    def test_name_equal_to_the_id_of_another(self):
        self.around.put(tables.entity('nova.flavor', 'f.tiny', 'f.big'))
        self.assert_differs('f.tiny', 'f.tiny', flavor='f.tiny')

    def test_what_a_deleted_flavor_was_called_cannot_be_told(self):
        self.assert_silent('nothing is called f9', flavor='f9')

    def test_an_old_nova_shows_the_id(self):
        self.server(flavor={'id': 'f1'})
        self.assert_same(flavor='f1')
        self.assert_same(flavor='f.tiny')
        self.assert_differs('f.small', 'f.tiny', flavor='f.small')


class TestImage(ServerTestCase):

    def test_by_name_or_id(self):
        self.assert_same(image='tiny')
        self.assert_same(image=IMAGE)
        self.assert_differs('other', IMAGE, image='other')
        self.assert_differs(OTHER_IMAGE, IMAGE, image=OTHER_IMAGE)

    def test_a_name_that_is_newer_than_the_server_proves_nothing(self):
        self.images = [
            {'id': IMAGE, 'name': 'tiny-old', 'created_at': '2026-01-01'},
            {'id': OTHER_IMAGE, 'name': 'tiny', 'created_at': '2027-01-01'}]
        self.assert_silent('no image of that time', image='tiny')

    def test_an_image_that_is_gone(self):
        self.images = []
        self.assert_silent('no image of that time', image='tiny')
        self.assert_same(image=IMAGE)

    def test_booted_from_a_volume(self):
        for shown in ('', {}, None):
            self.server(image=shown)
            self.assert_silent('booted from a volume', image='tiny')
        self.assert_same()


class TestZone(ServerTestCase):

    def zone(self, **shown):
        self.server(**{
            'OS-EXT-AZ:availability_zone': 'az2', **shown})

    def test_where_it_runs_or_what_was_asked_for(self):
        self.zone(pinned_availability_zone='nova')
        for desired in ('az2', 'nova', 'nova:host1', ''):
            self.assert_same(availability_zone=desired)
        self.assert_differs('az3', 'nova', availability_zone='az3')

    def test_no_zone_was_asked_for(self):
        self.zone(pinned_availability_zone=None)
        self.assert_differs('az3', 'az2', availability_zone='az3')

    def test_an_old_nova_does_not_tell(self):
        self.zone()
        self.assert_same(availability_zone='az2')
        self.assert_silent('does not tell', availability_zone='nova')


class TestVolumes(ServerTestCase):

    def test_they_are_attached(self):
        self.server(**{'os-extended-volumes:volumes_attached': [
            {'id': 'v1', 'delete_on_termination': False}, {'id': 'v2'}]})
        for name in ('block_device_mapping', 'block_device_mapping_v2'):
            self.assert_same(**{name: [
                {'volume_id': 'v1', 'device_name': 'vda',
                 'delete_on_termination': 'false'},
                {'image': 'tiny', 'volume_size': 1}]})
            self.assert_same(**{name: [{'snapshot_id': 's'}]})

    def test_one_is_not(self):
        self.server(**{'os-extended-volumes:volumes_attached': []})
        self.assert_differs(
            [{'volume_id': 'v1'}], [],
            block_device_mapping_v2=[{'volume_id': 'v1', 'boot_index': 0}])


class NetworkTestCase(ServerTestCase):

    def setUp(self):
        super().setUp()
        self.around.has('network', '/v2.0/networks', 'network',
                        SHARED, INNER)
        self.ports()

    def ports(self, *ports):
        self.around.answers['network', '/v2.0/ports'] = {
            'ports': list(ports)}


class TestNetworks(NetworkTestCase):

    def test_nothing_is_the_choice_of_the_service(self):
        self.server(addresses={'shared': [address('10.0.0.1', 'a')]})
        for nothing in ([], None):
            self.assert_same(networks=nothing)

    def test_addresses_that_prove_it_need_no_ports(self):
        self.server(addresses={
            'shared': [address('10.0.0.1', 'a'), address('::1', 'a'),
                       address('1.2.3.4', 'a', 'floating')],
            'inner': [address('10.9.0.1', 'b')]})
        self.assert_same(networks=[{'network': 'shared'}, {
            'network': OTHER_NET, 'fixed_ip': '10.9.0.1'}])
        self.assertNotIn('/v2.0/ports', self.around.asked)

    def test_one_too_many(self):
        self.server(addresses={'shared': [
            address('10.0.0.1', 'a'), address('10.0.0.2', 'b')]})
        self.ports(port('p1', NET, '10.0.0.1'), port('p2', NET, '10.0.0.2'))
        self.assert_same(networks=[{'network': 'shared'}] * 2)
        self.assert_differs(
            [{'network': 'shared'}],
            [{'network': NET, 'port': 'p1', 'fixed_ip': '10.0.0.1'},
             {'network': NET, 'port': 'p2', 'fixed_ip': '10.0.0.2'}],
            networks=[{'network': 'shared'}])

    def test_one_too_few(self):
        self.server(addresses={'shared': [address('10.0.0.1', 'a')]})
        self.ports(port('p1', NET, '10.0.0.1'))
        self.assert_differs(
            [{'network': NET}, {'network': OTHER_NET}],
            [{'network': NET, 'port': 'p1', 'fixed_ip': '10.0.0.1'}],
            networks=[{'network': NET}, {'network': OTHER_NET}])

    def test_another_network(self):
        self.server(addresses={'inner': [address('10.9.0.1', 'a')]})
        self.ports(port('p1', OTHER_NET, '10.9.0.1'))
        self.assert_differs(
            [{'network': 'shared'}],
            [{'network': OTHER_NET, 'port': 'p1', 'fixed_ip': '10.9.0.1'}],
            networks=[{'network': 'shared'}])

    def test_another_address(self):
        self.server(addresses={'shared': [address('10.0.0.2', 'a')]})
        self.ports(port('p1', NET, '10.0.0.2'))
        self.assert_differs(
            [{'network': NET, 'fixed_ip': '10.0.0.1'}],
            [{'network': NET, 'port': 'p1', 'fixed_ip': '10.0.0.2'}],
            networks=[{'network': NET, 'fixed_ip': '10.0.0.1'}])

    def test_by_port(self):
        self.ports(port(PORT, NET, '10.0.0.1', name='mine'))
        for word in (PORT, 'mine'):
            self.assert_same(networks=[{'port': word}])
        self.assert_differs(
            [{'port': 'p9'}],
            [{'network': NET, 'port': PORT, 'fixed_ip': '10.0.0.1'}],
            networks=[{'port': 'p9'}])

    def test_the_port_is_removed(self):
        self.assert_differs([{'port': PORT}], [], networks=[{'port': PORT}])

    def test_by_subnet(self):
        self.around.has('network', '/v2.0/subnets', 'subnet',
                        {'id': 'sub', 'name': 'low'})
        self.ports(port('p1', NET, '10.0.0.1'))
        for word in ('sub', 'low'):
            self.assert_same(networks=[{'subnet': word}])
        self.assertIn('networks', self.compare(
            networks=[{'subnet': 'high'}]).differences)

    def test_none_and_auto(self):
        self.assert_same(networks=[{'allocate_network': 'none'}])
        self.assert_silent('left to Nova',
                           networks=[{'allocate_network': 'auto'}])
        self.ports(port('p1', NET))
        self.assert_differs(
            [{'allocate_network': 'none'}],
            [{'network': NET, 'port': 'p1', 'fixed_ip': None}],
            networks=[{'allocate_network': 'none'}])

    def test_a_name_that_is_the_id_of_another(self):
        self.around.has('network', '/v2.0/networks', 'network',
                        {'id': NET, 'name': OTHER_NET}, INNER)
        self.ports(port('p1', NET, '10.0.0.1'))
        self.assertIn('networks', self.compare(
            networks=[{'network': OTHER_NET}]).differences)


class TestSecurityGroups(NetworkTestCase):

    def setUp(self):
        super().setUp()
        self.around.has('network', '/v2.0/security-groups',
                        'security_group', {'id': tables.UUID, 'name': 'web'})

    def groups(self, *names):
        self.server(security_groups=[{'name': name} for name in names])

    def test_those_of_two_ports(self):
        self.groups('default', 'default')
        self.assert_same(security_groups=['default'])

    def test_by_id(self):
        self.groups('default', 'web')
        self.assert_same(security_groups=[tables.UUID, 'default'])

    def test_one_more_or_less(self):
        self.groups('default', 'web')
        self.assert_differs(['default'], ['default', 'web'],
                            security_groups=['default'])
        self.groups('default')
        self.assert_differs([tables.UUID], ['default'],
                            security_groups=[tables.UUID])

    def test_none_given_is_the_choice_of_the_service(self):
        self.groups('default')
        self.assert_same(security_groups=[])

    def test_ports_that_are_given_have_their_own(self):
        self.groups('web')
        self.ports(port(PORT, NET))
        self.assert_silent('ports that are given', security_groups=['x'],
                           networks=[{'port': PORT}])

    def test_without_ports(self):
        self.server()
        self.assert_silent('without ports', security_groups=['x'])


class TestTemplate(ServerTestCase):

    def test_a_type_that_the_environment_makes_a_stack(self):
        self.nested = 'inner'
        self.around.put(tables.entity('heat.stack', 'inner'))
        error = self.assertRaises(
            table.NotComparable, self.compare, name='x')
        self.assertIn('is a template here', str(error))
        self.around.entities.clear()
        self.assert_missing()

    def test_an_aws_instance_is_a_server(self):
        self.type = 'AWS::EC2::Instance'
        self.server(key_name='k')
        self.assert_same(InstanceType='f.tiny', ImageId='tiny', KeyName='k')
        self.assert_differs('f.small', 'f.tiny', InstanceType='f.small')
