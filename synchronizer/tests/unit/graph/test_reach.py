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

"""What something stands on, and what falls with it."""

import hypothesis

from synchronizer import graph
from synchronizer.graph.arrows import Edge
from synchronizer.graph.dependencies import Harm
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples
from synchronizer.tests.unit.graph.samples import entity

LOST, IMPAIRED, TOUCHED = Harm.LOST, Harm.IMPAIRED, Harm.TOUCHED


class ReachTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.graph = samples.cloud_graph()

    def hurt(self, node):
        return {reached.node: (reached.harm, reached.depth)
                for reached in self.graph.hangs_on(*node)}

    def under(self, node):
        return {reached.node: reached.depth
                for reached in self.graph.runs_on(*node)}

    def test_a_server_stands_on_its_host_and_its_disks(self):
        self.assertEqual(
            {samples.HOST: 1, samples.VOLUME: 1, samples.ZONE: 2,
             samples.AGGREGATE: 2, samples.POOL: 2},
            self.under(samples.SERVER))

    def test_a_resource_stands_on_all_that_its_body_stands_on(self):
        self.assertEqual(
            {samples.SERVER: 1, samples.HOST: 2, samples.VOLUME: 2,
             samples.ZONE: 3, samples.AGGREGATE: 3, samples.POOL: 3},
            self.under(samples.BODY))

    def test_a_volume_stands_on_its_pool_and_not_on_what_it_was_made_from(
            self):
        self.assertEqual({samples.POOL: 1}, self.under(samples.VOLUME))
        self.assertEqual({}, self.under(samples.COPY))

    def test_the_blast_radius_of_a_host(self):
        self.assertEqual({
            samples.SERVER: (LOST, 1),
            samples.VOLUME: (TOUCHED, 2),
            samples.BODY: (IMPAIRED, 2),
            samples.ADDRESS: (IMPAIRED, 3),
            samples.STACK: (IMPAIRED, 3),
            samples.NEST: (IMPAIRED, 4),
            samples.PARENT: (IMPAIRED, 4)}, self.hurt(samples.HOST))

    def test_the_blast_radius_of_a_pool(self):
        hurt = self.hurt(samples.POOL)
        self.assertEqual(
            [(LOST, 1), (LOST, 2), (LOST, 2), (IMPAIRED, 3)],
            [hurt[node] for node in (samples.VOLUME, samples.SERVER,
                                     samples.SNAPSHOT, samples.BODY)])
        self.assertNotIn(samples.COPY, hurt)
        self.assertNotIn(samples.HOST, hurt)

    def test_what_a_stack_made_goes_with_it(self):
        hurt = self.hurt(samples.PARENT)
        self.assertEqual(
            {samples.NEST, samples.STACK, samples.BODY, samples.OTHER_BODY,
             samples.ADDRESS, samples.SERVER, samples.OTHER},
            {node for node, (harm, _) in hurt.items() if harm is LOST})
        self.assertEqual((TOUCHED, 4), hurt[samples.VOLUME])

    def test_a_nested_stack_takes_its_own_along_and_impairs_its_parent(self):
        hurt = self.hurt(samples.STACK)
        self.assertEqual((LOST, 2), hurt[samples.OTHER])
        self.assertEqual((IMPAIRED, 1), hurt[samples.PARENT])
        self.assertEqual((IMPAIRED, 1), hurt[samples.NEST])

    def test_what_was_only_made_from_it_goes_on(self):
        self.assertEqual({}, self.hurt(samples.FLAVOR))

    def test_of_what_is_about_it_only_some_is_hurt(self):
        """An event is a report; a deployment and a snapshot are things."""
        event, deployment = ('heat.event', 'e'), (
            'heat.software_deployment', 'd')
        snapshot = ('heat.snapshot', 'n')
        self.graph.put(entity(event, ('about', samples.STACK)))
        self.graph.put(entity(deployment, ('about', samples.SERVER)))
        self.graph.put(entity(snapshot, ('about', samples.STACK)))
        hurt = self.hurt(samples.STACK)
        self.assertNotIn(event, hurt)
        self.assertEqual((LOST, 1), hurt[snapshot])
        self.assertEqual((IMPAIRED, 2), self.hurt(samples.HOST)[deployment])

    def test_the_way_is_told_in_the_order_walked(self):
        [stack] = [reached for reached in self.graph.hangs_on(*samples.HOST)
                   if reached.node == samples.STACK]
        self.assertEqual((
            Edge(samples.SERVER, 'runs-on', samples.HOST),
            Edge(samples.BODY, 'realized-by', samples.SERVER),
            Edge(samples.STACK, 'contains', samples.BODY)), stack.way)

    def test_the_worst_that_happens_to_it_counts(self):
        """A second disk is touched by the server, and lost with the pool."""
        second = ('cinder.volume', 'w')
        self.graph.put(entity(second, ('attached-to', samples.SERVER),
                              ('stored-in', samples.POOL)))
        self.assertEqual((LOST, 1), self.hurt(samples.POOL)[second])
        self.assertEqual((TOUCHED, 2), self.hurt(samples.HOST)[second])

    def test_of_what_is_not_known_nothing_is_known(self):
        self.assertEqual([], self.graph.runs_on('nova.host', 'x'))
        self.assertEqual([], self.graph.hangs_on('nova.host', 'x'))

    def test_circles_end(self):
        one, two = ('heat.resource', '1'), ('heat.resource', '2')
        self.graph = graph.EntityGraph([
            entity(one, ('depends-on', two)),
            entity(two, ('depends-on', one))])
        self.assertEqual({two: 1}, self.under(one))
        self.assertEqual({two: (IMPAIRED, 1)}, self.hurt(one))

    @hypothesis.given(samples.graphs())
    def test_what_one_stands_on_hurts_it(self, any_graph):
        for node in any_graph.nx:
            for below in any_graph.runs_on(*node):
                self.assertIn(node, {
                    above.node for above in any_graph.hangs_on(*below.node)})
