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

"""Stacks in stacks, and groups."""

from synchronizer.plugins.reality import table
from synchronizer.tests.unit.plugins.reality import tables


class NestedTestCase(tables.KindTestCase):

    def setUp(self):
        super().setUp()
        self.around.put(tables.entity('heat.stack', name='inner'))

    def members(self, *states):
        self.around.lists[tables.UUID] = [
            tables.entity('heat.resource', f'{tables.UUID}/{number}',
                          state=state)
            for number, state in enumerate(states)]


class TestGroup(NestedTestCase):

    type = 'OS::Heat::ResourceGroup'

    def test_members(self):
        self.members('CREATE_COMPLETE', 'CHECK_FAILED', 'DELETE_COMPLETE')
        for count in (2, '2'):
            self.assert_same(count=count)
        self.assert_differs(3, 2, count=3)
        self.assert_same()

    def test_no_members(self):
        self.assert_same(count=0)
        self.assert_differs(1, 0, count=1)

    def test_the_stack_is_gone(self):
        self.around.entities.clear()
        self.assert_missing(count=0)

    def test_what_members_are_is_compared_with_them(self):
        self.assert_silent('compared themselves', resource_def={}, count=0)

    def test_as_many_as_in_a_list_or_map(self):
        self.members('CREATE_COMPLETE')
        self.type = 'OS::Heat::ResourceChain'
        self.assert_same(resources=['A'])
        self.assert_differs(2, 1, resources=['A', 'B'])
        self.type = 'OS::Heat::SoftwareDeploymentGroup'
        self.assert_same(servers={'one': 'id'})


class TestScaled(NestedTestCase):

    type = 'OS::Heat::AutoScalingGroup'

    def test_between_its_bounds_policies_move_it(self):
        self.members('CREATE_COMPLETE', 'CREATE_COMPLETE')
        self.assert_same(min_size=1, max_size='2')
        self.assert_silent('policies', desired_capacity=1)
        self.assert_differs(3, 2, min_size=3)
        self.assert_differs(1, 2, max_size=1)


class TestRemote(NestedTestCase):

    type = 'OS::Heat::Stack'
    path = f'/stacks/inner/{tables.UUID}'

    def shown(self, **parameters):
        self.around.answers['orchestration', self.path] = (
            lambda resolve_outputs: {'stack': {'parameters': parameters}})

    def test_parameters(self):
        self.shown(n='1', t='x', l='a,b', j='{"a": 1}', **{'OS::x': 'y'})
        self.assert_same(parameters={
            'n': 1, 't': 'x', 'l': ['a', 'b'], 'j': {'a': 1}, 'none': None})
        self.assert_differs({'t': 'y'}, {'t': 'x'}, parameters={'t': 'y'})
        self.assert_differs({'z': 'y'}, {'z': None}, parameters={'z': 'y'})

    def test_hidden_ones(self):
        self.shown(secret='******', t='x')
        self.assert_same(parameters={'secret': 'abc', 't': 'x'})
        self.assert_differs({'t': 'y'}, {'t': 'x'}, parameters={
            'secret': 'abc', 't': 'y'})

    def test_an_odd_answer_is_no_difference(self):
        self.assertRaises(table.Unknowable, self.compare,
                          parameters={'t': 'x'})

    def test_gone(self):
        self.around.entities.clear()
        self.assert_missing(parameters={})

    def test_elsewhere(self):
        self.assert_same(context={'region_name': 'here'})
        self.around.entities.clear()
        self.assertRaises(table.NotComparable, self.compare,
                          context={'region_name': 'there'})


class TestTemplate(NestedTestCase):

    type = 'My::Own'

    def test_a_stack(self):
        self.nested = tables.UUID
        self.assertTrue(self.compare().present)
        self.around.entities.clear()
        self.assert_missing()

    def test_of_a_plug_in_that_nobody_knows(self):
        error = self.assertRaises(table.NotComparable, self.compare)
        self.assertEqual('how to find a My::Own is not known', str(error))

    def test_a_file_is_a_stack(self):
        self.type = 'lib/inner.yaml'
        self.assertTrue(self.compare().present)
        self.around.entities.clear()
        self.assert_missing()
