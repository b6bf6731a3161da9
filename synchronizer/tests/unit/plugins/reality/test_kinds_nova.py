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

"""The types of Nova but servers."""

from synchronizer.plugins.reality import kinds
from synchronizer.plugins.reality import table
from synchronizer.tests.unit.plugins.reality import tables


class TestServerGroup(tables.KindTestCase):

    type = 'OS::Nova::ServerGroup'

    def test_new_and_old_shapes(self):
        for shown in ({'policy': 'affinity'}, {'policies': ['affinity']}):
            self.around.put(tables.entity(
                'nova.server_group', name='g', rules={}, **shown))
            self.assert_same(name='g', policies=['affinity'])
            self.assert_differs(['anti-affinity'], ['affinity'],
                                policies=['anti-affinity'])

    def test_rules(self):
        self.around.put(tables.entity(
            'nova.server_group', name='g', policy='anti-affinity',
            rules={'max_server_per_host': 3}))
        self.assert_same(rules={'max_server_per_host': '3'})
        self.assert_differs(
            {'max_server_per_host': 2}, {'max_server_per_host': 3},
            rules={'max_server_per_host': 2})

    def test_gone(self):
        self.assert_missing(name='g')


class TestFlavor(tables.KindTestCase):

    type = 'OS::Nova::Flavor'

    def flavor(self, **attributes):
        self.around.put(tables.entity('nova.flavor', name='f', **{
            'ram': 64, 'vcpus': 1, 'disk': 0, 'swap': 0,
            'OS-FLV-EXT-DATA:ephemeral': 2,
            'os-flavor-access:is_public': True,
            'extra_specs': {'a': '1'}, **attributes}))

    def test_numbers(self):
        self.flavor()
        self.assert_same(ram=64, vcpus='1', disk=0, swap='0', ephemeral=2)
        for name in ('ram', 'vcpus', 'disk', 'swap', 'ephemeral'):
            self.assertEqual([name], list(
                self.compare(**{name: 77}).differences))

    def test_an_old_nova_shows_no_swap_as_nothing(self):
        self.flavor(swap='')
        self.assert_same(swap=0)
        self.assert_differs(1, 0, swap=1)

    def test_what_is_not_shown_any_more(self):
        self.flavor()
        self.assert_silent('does not show rxtx_factor', rxtx_factor=1.0)

    def test_id(self):
        self.flavor()
        self.assert_same(flavorid=tables.UUID)
        self.assert_same(flavorid='auto')
        self.assert_differs('9', tables.UUID, flavorid='9')

    def test_extra_specs(self):
        self.flavor()
        self.assert_same(extra_specs={'a': 1})
        self.assert_differs({'a': '2'}, {'a': '1'}, extra_specs={'a': '2'})

    def test_who_may_use_it(self):
        self.flavor(**{'os-flavor-access:is_public': False})
        self.around.has('identity', '/projects', 'project', {
            'id': 'p1', 'name': 'demo'}, {'id': 'p2', 'name': 'other'})
        self.around.answers[
            'compute', f'/flavors/{tables.UUID}/os-flavor-access'] = {
                'flavor_access': [{'tenant_id': 'p1'}]}
        for words in (['demo'], ['p1']):
            self.assert_same(tenants=words, is_public=False)
        self.assert_differs(['other'], ['p1'], tenants=['other'],
                            is_public=False)
        self.assert_silent('which project is called x', tenants=['x'],
                           is_public='false')

    def test_of_a_public_one_heat_does_not_heed_them(self):
        self.flavor()
        self.assert_same(tenants=['demo'])

    def test_heat_cannot_make_another_of_that_name(self):
        kind = kinds.kind_of(self.type)
        self.assertEqual({False}, {one.repaired for one in kind.properties})


class TestHostAggregate(tables.KindTestCase):

    type = 'OS::Nova::HostAggregate'
    physical = '14'

    def setUp(self):
        super().setUp()
        self.around.put(tables.entity(
            'nova.aggregate', '14', 'agg', hosts=['h2', 'h1'],
            availability_zone='az',
            metadata={'availability_zone': 'az', 'm': '1'}))

    def test_it_agrees(self):
        self.assert_same(name='agg', hosts=['h1', 'h2'],
                         metadata={'m': 1}, availability_zone='az')

    def test_it_differs(self):
        self.assert_differs(['h1'], ['h2', 'h1'], hosts=['h1'])
        self.assert_differs('x', 'agg', name='x')
        self.assert_differs('x', 'az', availability_zone='x')
        self.assertIn('metadata', self.compare(
            metadata={'m': 2}).differences)

    def test_no_hosts(self):
        self.assert_differs([], ['h2', 'h1'], hosts=[])


class TestKeyPair(tables.KindTestCase):

    type = 'OS::Nova::KeyPair'
    physical = 'key'

    def setUp(self):
        super().setUp()
        self.keys = {}
        self.around.has('identity', '/users', 'user', {
            'id': 'u1', 'name': 'demo'}, {'id': 'u2', 'name': 'other'})
        self.around.answers['compute', '/os-keypairs/key'] = self.shown

    def shown(self, user_id, microversion):
        self.assertEqual('2.10', microversion)
        found = self.keys.get(user_id)
        return found and {'keypair': found}

    def test_of_the_user_who_made_the_stack(self):
        self.keys['u1'] = {'name': 'key', 'public_key': 'ssh-rsa AAA\n'}
        self.assert_same(name='key', public_key='ssh-rsa AAA')
        self.assert_differs('ssh-rsa BBB', 'ssh-rsa AAA\n',
                            public_key='ssh-rsa BBB')

    def test_of_the_user_that_is_named(self):
        self.keys['u2'] = {'name': 'key'}
        for word in ('other', 'u2'):
            self.assert_same(user=word)
        self.assert_missing(user='demo')

    def test_another_user_of_that_name(self):
        self.around.has('identity', '/users', 'user', {
            'id': 'u1', 'name': 'demo'}, {'id': 'u2', 'name': 'demo'})
        self.keys['u2'] = {'name': 'key'}
        self.assert_same(name='key')

    def test_gone(self):
        self.assert_missing(name='key')

    def test_one_that_came_later_may_be_of_another_user(self):
        self.times['creation_time'] = '2026-11-20T11:00:00Z'
        self.assertRaises(table.NotComparable, self.compare, name='key')

    def test_a_user_that_is_gone(self):
        self.around.has('identity', '/users', 'user')
        self.assertRaises(table.NotComparable, self.compare, name='key')

    def test_an_error_is_no_absence(self):
        self.around.answers['compute', '/os-keypairs/key'] = (
            table.Unknowable('Nova does not answer'))
        self.assertRaises(table.Unknowable, self.compare, name='key')


class TestKindOf(tables.KindTestCase):

    def test_types_without_a_reality(self):
        for name in ('OS::Heat::None', 'OS::Heat::Value', 'OS::Nova::Quota',
                     'OS::Heat::RandomString', 'OS::Heat::WaitCondition',
                     'OS::Keystone::UserRoleAssignment',
                     'AWS::CloudFormation::WaitConditionHandle'):
            self.assertIsNone(kinds.kind_of(name), name)

    def test_types_of_others_may_be_stacks(self):
        for name in ('web.yaml', 'My::Own', 'OS::TripleO::Controller',
                     'file:///a/b.template'):
            self.assertIsNotNone(kinds.kind_of(name), name)

    def test_names_are_told_once(self):
        for type_, kind in kinds.KINDS.items():
            names = [one.name for one in kind.properties]
            self.assertEqual(len(names), len(set(names)), type_)
            self.assertEqual(set(), set(names) & set(kind.ignored), type_)

    def test_an_error_is_neither_there_nor_gone(self):
        self.type = 'OS::Nova::Server'
        self.around.entities['nova.instance', tables.UUID] = (
            table.Unknowable('the cell is down'))
        self.assertRaises(table.Unknowable, self.compare, name='x')
