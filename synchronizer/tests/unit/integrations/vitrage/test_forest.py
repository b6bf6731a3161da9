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


from synchronizer.integrations.vitrage import forest as forest_module
from synchronizer.model import change as change_module
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.vitrage import world

KIND = 'OS::Nova::Server'


class EpochTest(base.TestCase):
    """Revisions of different epochs are not to be compared."""

    def setUp(self):
        super().setUp()
        self.forest = forest_module.Forest([KIND])
        self.apply('e0', 12, self.stack('CREATE_COMPLETE'))
        self.apply('e0', 12, self.server('A'))

    def stack(self, state):
        return world.entity('heat.stack', 's', state, id='s')

    def server(self, physical):
        return world.entity('heat.resource', 's/one', resource_type=KIND,
                            physical_resource_id=physical)

    def apply(self, epoch, revision, one):
        self.forest.apply(change_module.Change(
            change_module.UPDATED, one.stamped(revision), 'hint',
            epoch=epoch, revision=revision))

    def held(self):
        return (self.forest.root('s').state,
                [link['physical_resource_id']
                 for link in self.forest.links('s')])

    def test_another_epoch_begins_with_low_revisions(self):
        self.apply('e1', 3, self.stack('UPDATE_FAILED'))
        self.apply('e1', 3, self.server('B'))
        self.assertEqual(('UPDATE_FAILED', ['B']), self.held())

    def test_an_older_one_of_the_same_epoch(self):
        self.apply('e0', 3, self.stack('UPDATE_FAILED'))
        self.apply('e0', 3, self.server('B'))
        self.assertEqual(('CREATE_COMPLETE', ['A']), self.held())

    def test_what_a_page_has_shown_is_of_an_epoch_too(self):
        forest = forest_module.Forest([KIND])
        forest.put_all([self.stack('CREATE_COMPLETE').stamped(12),
                        self.server('A').stamped(12)], 'e0')
        self.forest = forest
        self.apply('e0', 3, self.stack('UPDATE_FAILED'))
        self.apply('e1', 3, self.server('B'))
        self.assertEqual(('CREATE_COMPLETE', ['B']), self.held())
