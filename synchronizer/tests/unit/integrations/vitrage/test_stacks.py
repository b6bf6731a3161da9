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


from synchronizer import exception
from synchronizer.integrations.vitrage import stacks
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.vitrage import world


class StacksTestCase(base.TestCase):

    KINDS = ('OS::Nova::Server',)

    def setUp(self):
        super().setUp()
        self.service = world.Service('heat.stack', 'heat.resource')
        self.feed = stacks.StackFeed(
            self.service, world.fields, self.KINDS)

    def stack(self, id_, root=None, state='CREATE_COMPLETE'):
        return self.service.put(world.entity(
            'heat.stack', id_, state, id=id_, stack_status=state,
            root=root or id_, parent=root))

    def server(self, stack, name, physical):
        return self.service.put(world.entity(
            'heat.resource', f'{stack}/{name}',
            resource_type='OS::Nova::Server', physical_resource_id=physical))

    def drop(self, type_, id_):
        return self.feed.changed(self.service.delete(type_, id_))

    def shown(self, events):
        return [(event['action'], event['id'],
                 [link['physical_resource_id']
                  for link in event['resources']]) for event in events]


class StackFeedTest(StacksTestCase):

    def test_a_tree_is_one_stack(self):
        self.stack('s')
        self.stack('n', root='s')
        self.server('s', 'one', 'A')
        self.server('n', 'two', 'B')
        self.assertEqual([('update_entity', 's', ['A', 'B'])],
                         self.shown(self.feed.snapshot()))

    def test_a_resource_of_a_nested_stack_comes_and_goes(self):
        self.stack('s')
        self.stack('n', root='s')
        list(self.feed.snapshot())
        self.assertEqual([], self.feed.changed(self.server('n', 'x', None)))
        self.assertEqual(
            [('update_entity', 's', ['B'])],
            self.shown(self.feed.changed(self.server('n', 'x', 'B'))))
        self.assertEqual([], self.feed.changed(self.server('n', 'x', 'B')))
        self.assertEqual([('delete_relationship', 's', ['B']),
                          ('update_entity', 's', [])],
                         self.shown(self.drop('heat.resource', 'n/x')))

    def test_a_nested_stack_that_is_known_after_its_resource(self):
        self.stack('s')
        list(self.feed.snapshot())
        self.assertEqual([], self.feed.changed(self.server('n', 'x', 'B')))
        self.assertEqual(
            [('update_entity', 's', ['B'])],
            self.shown(self.feed.changed(self.stack('n', root='s'))))

    def test_a_stack_goes(self):
        self.stack('s')
        self.server('s', 'one', 'A')
        list(self.feed.snapshot())
        dying = self.stack('s', state='DELETE_IN_PROGRESS')
        self.assertEqual([('delete_entity', 's', ['A'])],
                         self.shown(self.feed.changed(dying)))
        self.assertEqual([], self.drop('heat.resource', 's/one'))
        self.assertEqual([('delete_entity', 's', [])],
                         self.shown(self.drop('heat.stack', 's')))

    def test_a_dying_stack_is_not_in_a_snapshot(self):
        self.stack('s', state='DELETE_IN_PROGRESS')
        self.assertEqual([], list(self.feed.snapshot()))

    def test_a_change_while_the_stacks_are_read(self):
        self.stack('s')
        self.server('s', 'one', 'A')
        read = self.service.get_all

        def get_all(types):
            yield from read(types)
            if types == ['heat.resource']:
                self.feed.changed(self.server('s', 'two', 'B'))
        self.service.get_all = get_all
        self.assertEqual([('update_entity', 's', ['A', 'B'])],
                         self.shown(self.feed.snapshot()))

    def test_what_cannot_be_read_is_raised(self):
        self.stack('s')
        self.service.away = True
        self.assertRaises(exception.BusError, list, self.feed.snapshot())
