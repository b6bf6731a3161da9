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

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from synchronizer.integrations.watcher import elements
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.watcher import doubles

HOST, INSTANCE = elements.HOST, elements.INSTANCE


class ModelTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.mirror = doubles.Mirror(
            doubles.host('node-1'), doubles.host('node-2'),
            doubles.instance('vm-1'))
        self.inventories = doubles.Inventories()
        self.live = doubles.live(self.mirror, self.inventories)
        self.root = self.live.root

    def put(self, entity):
        self.mirror.put(entity)
        self.live.look(entity.type, entity.id)

    def drop(self, type_, id_):
        self.mirror.drop(type_, id_)
        self.live.look(type_, id_)

    def test_it_begins_with_all_that_is_held(self):
        self.assertEqual({'uuid-of-node-1', 'uuid-of-node-2'},
                         set(self.root.nodes))
        self.assertEqual({'vm-1': 'uuid-of-node-1'}, self.root.places)

    def test_an_instance_moves_and_grows(self):
        self.put(doubles.instance('vm-1', 'node-2', ram=2048))
        self.assertEqual({'vm-1': 'uuid-of-node-2'}, self.root.places)
        self.assertEqual({'uuid-of-node-1': 0, 'uuid-of-node-2': 2048},
                         self.root.used)

    def test_an_instance_without_a_node_is_not_in_it(self):
        self.put(doubles.instance('vm-1', None))
        self.assertEqual({}, self.root.instances)
        self.put(doubles.instance('vm-1', 'node-1'))
        self.assertEqual({'vm-1'}, set(self.root.instances))
        self.drop(INSTANCE, 'vm-1')
        self.assertEqual({}, self.root.instances)

    def test_a_node_is_updated_under_its_instances(self):
        self.put(doubles.host('node-1', status='disabled'))
        self.assertEqual('disabled',
                         self.root.nodes['uuid-of-node-1'].status)
        self.assertEqual({'vm-1': 'uuid-of-node-1'}, self.root.places)

    def test_an_instance_waits_for_its_node(self):
        self.put(doubles.instance('vm-2', 'node-3'))
        self.assertNotIn('vm-2', self.root.instances)
        self.put(doubles.host('node-3'))
        self.assertEqual('uuid-of-node-3', self.root.places['vm-2'])

    def test_a_node_goes_with_its_instances(self):
        self.drop(HOST, 'node-1')
        self.assertEqual({'uuid-of-node-2'}, set(self.root.nodes))
        self.assertEqual({}, self.root.instances)

    def test_a_node_that_is_registered_anew(self):
        self.put(doubles.host('node-1', uuid='another'))
        self.assertEqual({'another', 'uuid-of-node-2'},
                         set(self.root.nodes))
        self.assertEqual({'vm-1': 'another'}, self.root.places)

    def test_a_node_under_another_name(self):
        self.mirror.drop(HOST, 'node-1')
        self.put(doubles.host('node-3', uuid='uuid-of-node-1'))
        self.put(doubles.instance('vm-1', 'node-3'))
        self.live.look(HOST, 'node-1')
        self.assertEqual({'uuid-of-node-1', 'uuid-of-node-2'},
                         set(self.root.nodes))
        self.assertEqual({'vm-1': 'uuid-of-node-1'}, self.root.places)

    def test_bare_metal_is_left_out(self):
        self.put(doubles.host('node-3', hypervisor_type='ironic'))
        self.put(doubles.instance('vm-3', 'node-3'))
        self.assertNotIn('uuid-of-node-3', self.root.nodes)
        self.assertNotIn('vm-3', self.root.instances)

    def test_an_inventory_that_comes_later(self):
        self.inventories.coming['uuid-of-node-2'] = {'VCPU': {
            'total': 3, 'reserved': 1, 'allocation_ratio': 2.0}}
        self.assertEqual(8, self.root.nodes['uuid-of-node-2'].vcpus)
        self.live.complete()
        self.assertEqual(3, self.root.nodes['uuid-of-node-2'].vcpus)

    def test_nothing_unknown_is_looked_at(self):
        self.drop(HOST, 'never seen')
        self.drop(INSTANCE, 'never seen')
        self.assertEqual({'vm-1'}, set(self.root.instances))


NODES = st.sampled_from(['node-1', 'node-2', 'node-3'])
STEPS = st.lists(st.one_of(
    st.builds(doubles.host, NODES, uuid=st.sampled_from([None, 'another']),
              status=st.sampled_from(['enabled', 'disabled']),
              hypervisor_type=st.sampled_from(['QEMU', 'ironic'])),
    st.builds(doubles.instance, st.sampled_from(['vm-1', 'vm-2']),
              st.one_of(st.none(), NODES), st.integers(1, 3),
              st.sampled_from(['active', 'deleted'])),
    st.tuples(st.just(HOST), NODES),
    st.tuples(st.just(INSTANCE), st.sampled_from(['vm-1', 'vm-2']))))


class RuleTest(base.TestCase):

    @settings(deadline=None)
    @given(STEPS, st.randoms())
    def test_looked_at_in_any_order_it_is_what_is_held(self, steps, random):
        """Told late, in whatever order, it equals one that is made anew."""
        mirror = doubles.Mirror()
        live = doubles.live(mirror)
        waiting = set()
        for step in steps:
            if isinstance(step, tuple):
                mirror.drop(*step)
                waiting.add(step)
            elif not self.clashes(mirror, step):
                mirror.put(step)
                waiting.add((step.type, step.id))
            if random.random() < 0.5:
                one = random.choice(sorted(waiting) or [(HOST, 'none')])
                waiting.discard(one)
                live.look(*one)
        for one in sorted(waiting, key=lambda one: random.random()):
            live.look(*one)
        self.assertEqual(doubles.live(mirror).root.content(),
                         live.root.content())

    def clashes(self, mirror, step):
        """No two hypervisors have one uuid."""
        return step.type == HOST and any(
            other.id != step.id and
            other.attributes['id'] == step.attributes['id']
            for other in mirror.all(HOST))
