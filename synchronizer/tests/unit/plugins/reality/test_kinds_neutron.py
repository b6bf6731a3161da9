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

"""The types of Neutron."""

from synchronizer.plugins.reality import kinds
from synchronizer.plugins.reality import table
from synchronizer.tests.unit.plugins.reality import tables

NET = {'id': tables.OTHER, 'name': 'inner', 'admin_state_up': True,
       'shared': False, 'tags': ['a'], 'port_security_enabled': True,
       'provider:network_type': 'vlan', 'router:external': True,
       'provider:segmentation_id': 7}
OTHER_NET = {'id': tables.THIRD, 'name': 'outer'}
DEFAULT, WEB = 'g1', 'g2'


class NeutronTestCase(tables.KindTestCase):

    def setUp(self):
        super().setUp()
        self.around.has('network', '/v2.0/networks', 'network', NET,
                        OTHER_NET)
        self.around.has('network', '/v2.0/subnets', 'subnet',
                        {'id': 'sub1', 'name': 'low'})
        self.around.has('network', '/v2.0/security-groups',
                        'security_group', {'id': DEFAULT, 'name': 'default'},
                        {'id': WEB, 'name': 'web'})


class TestPort(NeutronTestCase):

    type = 'OS::Neutron::Port'

    def setUp(self):
        super().setUp()
        self.port()

    def port(self, **shown):
        self.around.has('network', '/v2.0/ports', 'port', {
            'id': tables.UUID, 'name': 'p', 'network_id': NET['id'],
            'admin_state_up': True, 'mac_address': 'fa:16:3e:00:00:01',
            'security_groups': [DEFAULT, WEB], 'fixed_ips': [
                {'subnet_id': 'sub1', 'ip_address': '10.0.0.5'}],
            'allowed_address_pairs': [
                {'ip_address': '10.0.0.9',
                 'mac_address': 'fa:16:3e:00:00:01'}], **shown})

    def test_plain_ones(self):
        self.assert_same(name='p', admin_state_up='true',
                         mac_address='FA:16:3E:00:00:01')
        self.assert_differs(False, True, admin_state_up=False)

    def test_network_by_name_or_id(self):
        for word in ('inner', NET['id']):
            self.assert_same(network=word, network_id=word)
        self.assert_differs('outer', 'inner', network='outer')
        self.assert_differs(OTHER_NET['id'], 'inner',
                            network=OTHER_NET['id'])
        self.assert_silent('nothing is called gone', network='gone')

    def test_addresses(self):
        for ip in ({'ip_address': '10.0.0.5'}, {'subnet': 'low'},
                   {'subnet_id': 'low', 'ip_address': '10.0.0.5'}):
            self.assert_same(fixed_ips=[ip])
        self.assert_same(fixed_ips=[])
        for wanted in ([{'ip_address': '10.0.0.6'}],
                       [{'ip_address': '10.0.0.5'}, {'subnet': 'low'}]):
            self.assert_differs(
                wanted, [{'subnet_id': 'sub1', 'ip_address': '10.0.0.5'}],
                fixed_ips=wanted)
        self.assert_silent('which subnet is high',
                           fixed_ips=[{'subnet': 'high'}])

    def test_addresses_that_neutron_adds(self):
        low = {'subnet_id': 'sub1', 'ip_address': '10.0.0.5'}
        added = {'subnet_id': 'sub6', 'ip_address': 'fd00::5'}
        self.port(fixed_ips=[low, added])
        self.assert_same(fixed_ips=[{'ip_address': '10.0.0.5'}])
        another = {'subnet_id': 'sub1', 'ip_address': '10.0.0.6'}
        self.port(fixed_ips=[low, another])
        self.assert_differs([{'ip_address': '10.0.0.5'}], [low, another],
                            fixed_ips=[{'ip_address': '10.0.0.5'}])

    def test_groups_by_name_or_id(self):
        for words in ([DEFAULT, WEB], ['web', 'default'], [WEB, 'default']):
            self.assert_same(security_groups=words)
        self.assert_differs(['web'], [DEFAULT, WEB],
                            security_groups=['web'])
        self.assert_differs([], [DEFAULT, WEB], security_groups=[])

    def test_pairs(self):
        self.assert_same(allowed_address_pairs=[{'ip_address': '10.0.0.9'}])
        self.assertIn('allowed_address_pairs', self.compare(
            allowed_address_pairs=[]).differences)

    def test_gone(self):
        self.around.has('network', '/v2.0/ports', 'port')
        del self.around.answers['network', f'/v2.0/ports/{tables.UUID}']
        self.assert_missing(name='p')


class TestGone(NeutronTestCase):

    type = 'OS::Neutron::Trunk'

    def test_a_service_that_has_no_such_things_lacks_none(self):
        error = self.assertRaises(
            table.NotComparable, self.compare, name='t')
        self.assertIn('has no /v2.0/trunks', str(error))

    def test_it_has_others(self):
        self.around.has('network', '/v2.0/trunks', 'trunk')
        self.assert_missing(name='t')

    def test_an_odd_answer_is_neither(self):
        self.around.answers['network', f'/v2.0/trunks/{tables.UUID}'] = {}
        self.assertRaises(table.Unknowable, self.compare, name='t')


class TestNet(NeutronTestCase):

    type = 'OS::Neutron::ProviderNet'
    physical = NET['id']

    def test_it_agrees(self):
        self.assert_same(name='inner', tags=['a'], network_type='vlan',
                         segmentation_id='7', router_external=True)

    def test_it_differs(self):
        for name, value in (('name', 'x'), ('tags', []), ('shared', True),
                            ('network_type', 'flat'),
                            ('router_external', False)):
            self.assertEqual([name], list(
                self.compare(**{name: value}).differences))


class TestSubnet(NeutronTestCase):

    type = 'OS::Neutron::Subnet'

    def setUp(self):
        super().setUp()
        self.around.has('network', '/v2.0/subnets', 'subnet', {
            'id': tables.UUID, 'name': 's', 'network_id': NET['id'],
            'cidr': '10.0.0.0/24', 'gateway_ip': None, 'ip_version': 4,
            'enable_dhcp': True, 'dns_nameservers': ['1.1.1.1', '8.8.8.8'],
            'allocation_pools': [{'start': 'a', 'end': 'b'}],
            'host_routes': []})

    def test_it_agrees(self):
        self.assert_same(
            network='inner', cidr='10.0.0.0/24', gateway_ip='',
            ip_version='4', enable_dhcp='True', host_routes=[],
            dns_nameservers=['8.8.8.8', '1.1.1.1'],
            allocation_pools=[{'start': 'a', 'end': 'b'}])

    def test_it_differs(self):
        self.assert_differs(['8.8.8.8'], ['1.1.1.1', '8.8.8.8'],
                            dns_nameservers=['8.8.8.8'])
        self.assert_differs(
            [{'start': 'a', 'end': 'c'}], [{'start': 'a', 'end': 'b'}],
            allocation_pools=[{'start': 'a', 'end': 'c'}])


class TestSecurityGroup(NeutronTestCase):

    type = 'OS::Neutron::SecurityGroup'

    def setUp(self):
        super().setUp()
        self.rules(self.rule(protocol='tcp', port_range_min=22,
                             port_range_max=22))

    def rule(self, **shown):
        return {'direction': 'ingress', 'ethertype': 'IPv4', 'id': 'r',
                'remote_ip_prefix': None, 'remote_group_id': None,
                **shown}

    def rules(self, *rules):
        self.around.has('network', '/v2.0/security-groups',
                        'security_group', {
                            'id': tables.UUID, 'name': 'web',
                            'description': '', 'security_group_rules': [
                                self.rule(direction='egress'), *rules]})

    def test_rules(self):
        for rule in ({'protocol': 'tcp', 'port_range_min': '22',
                      'port_range_max': 22, 'remote_ip_prefix': '0.0.0.0/0'},
                     {'protocol': 'TCP'}, {'direction': 'egress'}):
            self.assert_same(rules=[rule])
        self.assert_same(rules=[])

    def test_one_is_not_there(self):
        for rule in ({'protocol': 'udp'}, {'protocol': 'tcp',
                     'remote_ip_prefix': '10.0.0.0/8'},
                     {'protocol': 'tcp', 'ethertype': 'IPv6'},
                     {'protocol': 'tcp', 'remote_mode': 'remote_group_id'}):
            self.assert_differs([rule], [
                {'direction': 'egress', 'ethertype': 'IPv4'},
                {'direction': 'ingress', 'ethertype': 'IPv4',
                 'protocol': 'tcp', 'port_range_min': 22,
                 'port_range_max': 22}], rules=[rule])

    def test_each_needs_one_of_its_own(self):
        rule = {'protocol': 'tcp'}
        self.assertIn('rules', self.compare(
            rules=[rule, rule]).differences)

    def test_of_a_group(self):
        self.rules(self.rule(protocol='udp', remote_group_id=tables.OTHER))
        for rule in ({'remote_mode': 'remote_group_id'},
                     {'remote_group_id': tables.OTHER},
                     {'remote_group_id': 'default'}):
            self.assertEqual({}, self.compare(
                rules=[{'protocol': 'udp', **rule}]).differences)
        self.assertIn('rules', self.compare(rules=[
            {'remote_group_id': tables.THIRD}]).differences)

    def test_a_prefix_is_a_network(self):
        self.rules(self.rule(protocol='tcp', remote_ip_prefix='10.0.0.0/8'))
        self.assert_same(rules=[{'remote_ip_prefix': '10.1.2.3/8'}])


class TestRouter(NeutronTestCase):

    def router(self, network):
        self.around.has('network', '/v2.0/routers', 'router', {
            'id': tables.UUID, 'name': 'r', 'admin_state_up': True,
            'external_gateway_info': network and {'network_id': network}})

    def test_gateway(self):
        self.type = 'OS::Neutron::Router'
        self.router(NET['id'])
        for word in ('inner', NET['id']):
            self.assert_same(external_gateway_info={'network': word})
        self.assert_same(external_gateway_info=None)
        self.router(None)
        self.assertEqual(
            {'external_gateway_info': table.Difference(NET['id'], None)},
            self.compare(external_gateway_info={
                'network': 'inner'}).differences)

    def test_gateway_by_itself(self):
        self.type = 'OS::Neutron::RouterGateway'
        self.physical = f'{tables.UUID}:{NET["id"]}'
        self.router(NET['id'])
        self.assertTrue(self.compare().present)
        self.router(OTHER_NET['id'])
        self.assert_missing()

    def test_interface(self):
        self.type = 'OS::Neutron::RouterInterface'
        self.around.answers['network', '/v2.0/ports'] = {'ports': [
            {'id': 'p1', 'fixed_ips': [{'subnet_id': 'sub1'}]}]}
        for end, there in (('subnet_id=sub1', True), ('port_id=p1', True),
                           ('subnet_id=p1', False), ('port_id=x', False)):
            self.physical = f'router:{end}'
            self.assertIs(there, self.compare().present, end)


class TestFloatingIP(NeutronTestCase):

    def floating(self, port):
        self.around.has('network', '/v2.0/floatingips', 'floatingip', {
            'id': tables.UUID, 'floating_network_id': NET['id'],
            'port_id': port, 'fixed_ip_address': None})

    def test_address(self):
        self.type = 'OS::Neutron::FloatingIP'
        self.floating('p1')
        self.assert_same(floating_network='inner', port_id='p1')
        self.floating(None)
        self.assert_differs('p1', None, port_id='p1')
        self.assert_same(floating_network=NET['id'])

    def test_association(self):
        self.type = 'OS::Neutron::FloatingIPAssociation'
        self.physical = 'some name'
        self.floating('p1')
        self.assert_same(floatingip_id=tables.UUID, port_id='p1')
        self.floating('p2')
        self.assert_differs('p1', 'p2', port_id='p1',
                            floatingip_id=tables.UUID)
        self.floating(None)
        self.assert_missing(floatingip_id=tables.UUID, port_id='p1')


class TestAll(NeutronTestCase):

    def test_each_type_is_found_missing(self):
        for name in kinds.neutron.BY_EXISTENCE:
            self.type = f'OS::Neutron::{name}'
            path, key = kinds.neutron.BY_EXISTENCE[name]
            self.around.has('network', f'/v2.0/{path}', key)
            self.assert_missing()
