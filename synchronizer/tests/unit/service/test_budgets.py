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


"""Which budget the requests of a process count in."""

import threading

import fixtures

from synchronizer.plugins import nova
from synchronizer.plugins import reality
from synchronizer.service import budgets
from synchronizer.service import enabled
from synchronizer.service import options
from synchronizer.service import parts
from synchronizer.store import memory
from synchronizer.tests import base


class BudgetsTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.conf = options.make()
        self.conf([], project='synchronizer', default_config_files=[],
                  default_config_dirs=[])
        self.conf.set_override('plugins', ['nova', 'heat'])
        self.conf.set_override('enable_observer', True, group='reality')
        enabled.types(self.conf)
        self.store = memory.MemoryStore()

    def limit(self, **rates):
        for group, rate in rates.items():
            self.conf.set_override(
                'max_requests_per_second', rate, group=group)
        return budgets.Budgets(self.conf, self.store)

    def test_by_default_there_is_none(self):
        made = self.limit()
        self.assertIsNone(made.turn('nova', 'nova'))
        self.assertIsNone(made.turn('network', 'reality'))

    def test_each_service_has_its_own(self):
        made = self.limit(nova=5)
        self.assertIsNotNone(made.turn('nova', 'nova'))
        self.assertIsNone(made.turn('heat', 'heat'))

    def test_whoever_asks_a_service_that_is_copied_has_its_budget(self):
        made = self.limit(nova=5, reality=2)
        own = made.turn('nova', 'nova')
        self.assertEqual(own, made.turn('nova', 'reality'))
        self.assertEqual(own, made.turn('compute', 'reality'))
        self.assertNotEqual(own, made.turn('network', 'reality'))
        # heat has no limit, whoever asks it
        self.assertIsNone(made.turn('orchestration', 'reality'))

    def test_its_slots_are_those_of_the_store(self):
        made = self.limit(nova=1 / 3600)
        made.turn('nova', 'nova')(threading.Event())
        self.assertGreater(self.store.reserve('nova', 1, 1 / 3600), 3000)
        self.assertEqual(0, self.store.reserve('heat', 1, 1 / 3600))

    def test_plugins_are_told_what_to_wait_for(self):
        cloud = self.useFixture(fixtures.MockPatch(
            'synchronizer.service.parts.cloud')).mock
        made = self.limit(nova=5)
        stopping = threading.Event()
        parts.build(self.conf, nova.NovaPlugin, stopping, made)
        observer = parts.build_derived(
            self.conf, reality.RealityPlugin, self.store, stopping,
            lambda things: None, made)
        # it builds the plugin of a stream past which it looks
        observer.streams.session('nova.instance')
        self.assertEqual(3, cloud.call_count)
        for call in cloud.call_args_list:
            self.assertEqual(made.turn('nova', 'nova'), call.args[2]('nova'))

    def test_without_budgets_there_is_no_limit(self):
        cloud = self.useFixture(fixtures.MockPatch(
            'synchronizer.service.parts.cloud')).mock
        self.limit(nova=5)
        parts.build(self.conf, nova.NovaPlugin)
        self.assertEqual(2, len(cloud.call_args.args))
