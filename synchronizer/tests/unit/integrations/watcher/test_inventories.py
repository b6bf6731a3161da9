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

from synchronizer.integrations.watcher import inventories
from synchronizer.tests import base


class Placement:
    """Providers with a generation each; None stands for a 404."""

    def __init__(self, **generations):
        self.generations = generations
        self.asked = []
        self.fails = False
        self.failing = set()

    def get(self, path):
        self.asked.append(path)
        if self.fails:
            raise OSError('away')
        if path == '/resource_providers':
            return {'resource_providers': [
                {'uuid': uuid, 'generation': generation}
                for uuid, generation in self.generations.items()]}
        if path.split('/')[2] in self.failing:
            raise OSError('this one fails')
        generation = self.generations.get(path.split('/')[2])
        return generation and {
            'resource_provider_generation': generation,
            'inventories': {'VCPU': {'total': generation}}}


class InventoriesTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.placement = Placement(a=1, b=1, other=1)
        self.inventories = inventories.Inventories(self.placement.get)

    def refresh(self):
        """What it asked for."""
        self.placement.asked.clear()
        self.inventories.refresh(['a', 'b', 'unknown'])
        return sorted(self.placement.asked)

    def total(self, uuid):
        return self.inventories.of(uuid)['VCPU']['total']

    def test_only_nodes_that_placement_lists_are_asked_for(self):
        self.assertEqual(
            ['/resource_providers', '/resource_providers/a/inventories',
             '/resource_providers/b/inventories'], self.refresh())
        self.assertEqual({}, self.inventories.of('unknown'))

    def test_then_only_those_that_have_moved(self):
        self.refresh()
        self.placement.generations['b'] = 2
        self.assertEqual(
            ['/resource_providers', '/resource_providers/b/inventories'],
            self.refresh())
        self.assertEqual((1, 2), (self.total('a'), self.total('b')))
        self.assertEqual(['/resource_providers'], self.refresh())

    def test_one_that_is_gone_is_forgotten(self):
        self.refresh()
        del self.placement.generations['a']
        self.refresh()
        self.assertEqual({}, self.inventories.of('a'))

    def test_learning_asks_for_the_unknown_alone(self):
        self.inventories.learn(['a'])
        self.placement.asked.clear()
        self.assertEqual(['b'], self.inventories.learn(['a', 'b', 'no']))
        self.assertEqual(
            ['/resource_providers', '/resource_providers/b/inventories'],
            sorted(self.placement.asked))

    def test_all_known_asks_nothing(self):
        self.refresh()
        self.placement.asked.clear()
        self.assertEqual([], self.inventories.learn(['a', 'b']))
        self.assertEqual([], self.placement.asked)

    def test_a_failure_is_told_and_loses_nothing(self):
        self.refresh()
        self.placement.fails = True
        self.assertRaises(OSError, self.refresh)
        self.assertRaises(OSError, self.inventories.learn, ['new'])
        self.assertEqual((1, 1), (self.total('a'), self.total('b')))

    def test_one_that_fails_costs_no_other_its_answer(self):
        self.placement.failing.add('a')
        self.refresh()
        self.assertEqual({}, self.inventories.of('a'))
        self.assertEqual(1, self.total('b'))
        self.assertIn('a: this one fails', self.log.output)
        self.assertEqual([], self.inventories.learn(['a', 'b']))

    def test_one_that_failed_is_asked_for_again(self):
        self.placement.failing.add('a')
        self.refresh()
        self.placement.failing.clear()
        self.assertEqual(['a'], self.inventories.learn(['a', 'b']))
        self.assertEqual(1, self.total('a'))

    def test_one_that_fails_later_is_as_it_was(self):
        self.refresh()
        self.placement.generations['a'] = 2
        self.placement.failing.add('a')
        self.refresh()
        self.assertEqual(1, self.total('a'))
        self.placement.failing.clear()
        self.refresh()
        self.assertEqual(2, self.total('a'))
