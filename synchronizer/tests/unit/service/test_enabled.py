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

"""Which plugins are on: the observer has a switch of its own."""

import logging

import fixtures
import testtools

from synchronizer import exception
from synchronizer.service import enabled
from synchronizer.service import options


class EnabledTest(testtools.TestCase):

    def _conf(self, *plugins, observer=False):
        conf = options.make()
        conf([], project='synchronizer', default_config_files=[],
             default_config_dirs=[])
        conf.set_override('plugins', list(plugins))
        conf.set_override('enable_observer', observer, group='reality')
        return conf

    def _types(self, conf):
        return [kind.name for kinds in enabled.types(conf).values()
                for kind in kinds]

    def test_the_observer_is_off_by_default(self):
        self.assertNotIn('heat.drift', self._types(self._conf('heat')))

    def test_its_switch_is_enough(self):
        conf = self._conf('heat', observer=True)
        self.assertEqual(['heat', 'reality'], enabled.names(conf))
        self.assertIn('heat.drift', self._types(conf))
        self.assertEqual(600, conf.reality.poll_interval)
        self.assertNotIn('notification_topics', conf.reality)

    def test_named_as_well_it_is_there_once(self):
        conf = self._conf('reality', 'heat', observer=True)
        self.assertEqual(['heat', 'reality'], enabled.names(conf))

    def test_named_without_its_switch_it_is_off_and_that_is_told(self):
        log = self.useFixture(fixtures.FakeLogger(level=logging.WARNING))
        conf = self._conf('heat', 'reality')
        self.assertNotIn('heat.drift', self._types(conf))
        enabled.tell(conf)
        self.assertIn('enable_observer is off', log.output)

    def test_without_stacks_there_is_nothing_to_observe(self):
        error = self.assertRaises(
            exception.ConfigurationError, enabled.types,
            self._conf('nova', observer=True))
        self.assertIn('needs heat.stack', str(error))

    def test_stacks_without_resources_are_not_enough(self):
        conf = self._conf('heat')
        enabled.types(conf)
        conf.set_override('types', ['heat.stack'], group='heat')
        conf.set_override('enable_observer', True, group='reality')
        error = self.assertRaises(
            exception.ConfigurationError, enabled.types, conf)
        self.assertIn('needs heat.resource', str(error))
