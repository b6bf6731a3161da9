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
"""What a follower holds."""

import copy
import dataclasses

from synchronizer.bus import wire
from synchronizer.client import held
from synchronizer.model import entity as entity_module
from synchronizer.model import kept
from synchronizer.tests import base

ENTITY = entity_module.Entity('t', 'i', attributes={'a': 1}, revision=3)


class HeldTest(base.TestCase):

    def test_entities_by_id(self):
        entities = held.Held([ENTITY])
        self.assertEqual({'i': ENTITY}, entities)
        self.assertEqual(3, entities.revision('i'))
        self.assertIsNone(entities.revision('j'))
        entities['i'] = dataclasses.replace(ENTITY, revision=4)
        self.assertEqual([4], [one.revision for one in entities.shelf()])
        del entities['i']
        self.assertEqual((0, [], None), (len(entities), list(entities),
                                         entities.get('i')))

    def test_what_is_taken_over_is_not_copied(self):
        one = kept.of(ENTITY)
        self.assertIs(one, held.Held([one]).shelf()[0])

    def test_what_one_does_to_what_he_was_told_is_not_seen(self):
        told = wire.entity_from_dict(
            copy.deepcopy(wire.entity_to_dict(ENTITY)))
        entities = held.Held()
        entities['i'] = told
        told.attributes['a'] = 2
        self.assertEqual({'i': ENTITY}, entities)

    def test_what_one_does_to_his_own_is_not_seen_by_others(self):
        entities = held.Held([ENTITY])
        entities['i'].attributes['a'] = 2
        self.assertEqual({'i': ENTITY}, entities)
        self.assertIsNot(entities['i'], entities['i'])
