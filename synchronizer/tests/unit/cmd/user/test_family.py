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

"""Which stacks lie in one, however deep."""

from synchronizer import exception
from synchronizer.cmd.user import family
from synchronizer.model.entity import Entity
from synchronizer.model.entity import Relation
from synchronizer.tests import base


def stack(id_, parent=None):
    return Entity('heat.stack', id_, relations=(
        Relation('contains', 'heat.stack', parent),) if parent else ())


class FamilyTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.asked = []
        self.later = {'late': stack('late', 'below')}
        self.family = family.Family(
            'top', [stack('above'), stack('top', 'above'),
                    stack('below', 'top'), stack('deep', 'below'),
                    stack('beside', 'above')], self.ask)

    def ask(self, id_):
        self.asked.append(id_)
        return self.later.get(id_)

    def test_what_lies_in_it_and_what_does_not(self):
        ids = ('above', 'top', 'below', 'deep', 'beside')
        self.assertEqual(['top', 'below', 'deep'],
                         list(filter(self.family.has, ids)))
        self.assertEqual([], self.asked)

    def test_one_that_came_later_is_asked_for_once(self):
        self.assertTrue(self.family.has('late'))
        self.assertTrue(self.family.has('late'))
        self.assertEqual(['late'], self.asked)

    def test_one_that_is_gone_lies_in_none(self):
        self.assertFalse(self.family.has('gone'))
        self.later['gone'] = stack('gone', 'top')
        self.assertTrue(self.family.has('gone'))

    def test_one_that_nobody_can_place_is_shown(self):
        def fail(id_):
            raise exception.BusError('no answer')
        self.assertTrue(family.Family('top', [], fail).has('x'))

    def test_a_ring_of_parents_has_an_end(self):
        ring = family.Family('top', [stack('a', 'b'), stack('b', 'a')],
                             self.ask)
        self.assertFalse(ring.has('a'))
