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

"""Which resources a change of a stream leads to, and what is asked then."""

import testtools

from synchronizer.model import entity as entity_module
from synchronizer.plugins import reality
from synchronizer.plugins.reality import act
from synchronizer.plugins.reality import index
from synchronizer.tests.unit.plugins.reality import fakes

SERVER, PORT = 'stack-1/server', 'stack-1/port'
ELSEWHERE = 'stack-2/port'


class ConcernsTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.plugin = reality.RealityPlugin(None, fakes.Streams(), {})
        self.eyes = self.plugin._eyes
        self.eyes.index.note(SERVER, [('nova.instance', 'server-1'),
                                      ('heat.stack', 'stack-1')])
        for resource in (PORT, ELSEWHERE):
            self.eyes.index.asks(resource.partition('/')[0], resource)

    def _of(self, action, type_, id_, *changed):
        found = list(self.plugin.concerns(fakes.change(
            action, entity_module.Entity(type_, id_), 7, changed)))
        self.assertLessEqual({one[0] for one in found}, {'heat.drift'})
        return {one[1] for one in found}

    def test_a_thing_leads_to_what_was_judged_by_it(self):
        self.assertEqual({SERVER}, self._of(
            'updated', 'nova.instance', 'server-1', 'state'))
        self.assertEqual({SERVER}, self._of(
            'updated', 'heat.stack', 'stack-1', 'state'))
        self.assertEqual(set(), self._of(
            'updated', 'nova.instance', 'server-2', 'state'))

    def test_what_comes_and_goes_with_it_is_looked_at_as_well(self):
        for action, changed in (('deleted', ()), ('created', ()), (
                'updated', ('attributes.addresses',))):
            self.assertEqual({SERVER, PORT}, self._of(
                action, 'nova.instance', 'server-1', *changed))
            self.assertTrue(self.eyes.is_anew(PORT))
            self.assertFalse(self.eyes.is_anew(PORT))
            self.assertFalse(self.eyes.is_anew(ELSEWHERE))

    def test_a_resource_leads_to_itself_and_to_its_group(self):
        self.eyes.index.note('stack-0/group', [(index.MEMBERS, 'stack-1')])
        self.assertEqual({SERVER, 'stack-0/group'}, self._of(
            'created', 'heat.resource', SERVER))

    def test_what_is_concerned_is_asked_for_anew(self):
        self._of('updated', 'heat.stack', 'stack-1', 'state')
        self.assertTrue(self.eyes.is_anew(SERVER))


class RepairableTest(testtools.TestCase):

    def test_by_the_tables(self):
        for type_, name, is_repaired in (
                ('OS::Nova::Server', 'metadata', True),
                ('OS::Nova::Flavor', 'name', False),
                ('OS::Cinder::Volume', 'name', False),
                ('OS::Nova::Server', 'nonsense', False),
                ('OS::Nova::Server', act.ITSELF, True),
                ('OS::Nova::KeyPair', act.ITSELF, False),
                ('OS::Cinder::VolumeAttachment', act.ITSELF, False),
                ('OS::Heat::Value', 'value', False)):
            self.assertEqual(
                is_repaired, reality.repairable(type_, name), type_)
