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

"""A resource in drift is seen, and so is what stands behind it."""

from synchronizer.graph import drift
from synchronizer.graph import states
from synchronizer.graph import vicinity
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples

NESTED = samples.drift(samples.NEST, 'changed')


class DriftTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.graph = samples.cloud_graph()

    def verdicts(self, graph):
        return {node: drift.verdict(found) for node in graph
                if (found := drift.at(graph, node))}

    def test_the_resource_and_what_stands_behind_it(self):
        self.graph.put(samples.drift(samples.BODY))
        self.graph.put(NESTED)
        self.assertEqual(
            dict.fromkeys((samples.BODY, samples.SERVER, samples.NEST,
                           samples.STACK), 'changed'),
            self.verdicts(self.graph.nx))

    def test_gone_when_it_agrees_again(self):
        self.graph.put(samples.drift(samples.BODY))
        self.graph.remove('heat.drift', samples.BODY[1])
        self.assertEqual({}, self.verdicts(self.graph.nx))

    def test_of_what_only_something_points_to(self):
        self.graph.put(samples.drift(samples.BODY, 'missing'))
        self.graph.remove(*samples.SERVER)
        self.assertEqual(dict.fromkeys(
            (samples.BODY, samples.SERVER), 'missing'),
            self.verdicts(self.graph.nx))

    def test_another_arrow_says_nothing(self):
        self.graph.put(samples.entity(('heat.event', 'e'), (
            'about', samples.BODY), state='changed'))
        self.graph.put(samples.entity(('heat.drift', 'x'), (
            'realized-by', samples.BODY), state='changed'))
        self.assertEqual({}, self.verdicts(self.graph.nx))

    def test_the_worst_is_told_first(self):
        both = samples.entity(
            samples.OTHER_BODY, ('contains', samples.STACK),
            ('realized-by', samples.SERVER))
        self.graph.put(both)
        for verdict, worst in (('unknown', 'changed'),
                               ('missing', 'missing'), ('new', 'changed')):
            self.graph.put(samples.drift(samples.BODY))
            self.graph.put(samples.drift(samples.OTHER_BODY, verdict))
            found = drift.at(self.graph.nx, samples.SERVER)
            self.assertEqual((worst, 2), (drift.verdict(found), len(found)))

    def test_a_part_knows_what_it_has_no_room_for(self):
        self.graph.put(samples.drift(samples.BODY))
        part = self.graph.around(*samples.HOST, depth=1)
        self.assertNotIn(samples.BODY, part)
        self.assertEqual({samples.SERVER: 'changed'}, self.verdicts(part))
        self.graph.remove('heat.drift', samples.BODY[1])
        self.assertEqual({samples.SERVER: 'changed'}, self.verdicts(part))

    def test_a_part_of_a_part(self):
        self.graph.put(samples.drift(samples.BODY))
        part = vicinity.around(
            self.graph.around(*samples.HOST, depth=2), samples.SERVER, 1, 9)
        self.assertEqual('changed', self.verdicts(part)[samples.SERVER])

    def test_classes(self):
        for verdict, own, expected in (
                ('changed', states.ERROR, states.DRIFT_CHANGED),
                ('missing', states.OK, states.DRIFT_MISSING),
                ('unknown', states.OK, states.DRIFT_UNKNOWN),
                ('unknown', states.ERROR, states.ERROR)):
            self.assertEqual(expected, drift.class_of(
                (samples.drift(samples.BODY, verdict),), own))
        self.assertEqual(states.OFF, drift.class_of((), states.OFF))

    def test_words(self):
        found = (samples.drift(samples.BODY, properties=[
            ('tags', ['a'], []), ('name', 'x', 'y' * 200)]),
            samples.drift(samples.OTHER_BODY, 'unknown', reason='why'))
        lines = drift.lines(found)
        self.assertEqual(['drift: changed', '  tags: ["a"] -> []'],
                         lines[:2])
        self.assertEqual(('  name: x -> yyy', 120, '…'), (
            lines[2][:16], len(lines[2]), lines[2][-1]))
        self.assertEqual('drift: unknown, why', lines[3])
        self.assertEqual(
            ['drift: changed', '  tags', '  name'],
            drift.lines(found[:1], values=False))
