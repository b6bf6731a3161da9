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

"""What tempest gets from the plugin."""

import pathlib

from oslo_config import cfg

import synchronizer
from synchronizer.tests import base
from synchronizer.tests.tempest import plugin

TOP = pathlib.Path(synchronizer.__file__).parent.parent


class PluginTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.plugin = plugin.SynchronizerTempestPlugin()
        self.conf = cfg.ConfigOpts()
        self.plugin.register_opts(self.conf)
        self.conf([])

    def test_the_tests_are_where_it_says(self):
        directory, top = map(pathlib.Path, self.plugin.load_tests())
        self.assertEqual(TOP, top)
        for test in ('api/test_get_all.py', 'scenario/test_stack.py'):
            self.assertTrue((directory / test).is_file(), test)
        self.assertEqual(('synchronizer', 'tests', 'tempest'),
                         directory.relative_to(top).parts)

    def test_without_a_bus_there_is_nothing_to_test(self):
        self.assertTrue(self.conf.service_available.synchronizer)
        self.assertIsNone(self.conf.synchronizer.transport_url)
        self.assertFalse(self.conf.synchronizer.observer)

    def test_what_the_sample_lists_can_be_set(self):
        listed = self.plugin.get_opt_lists()
        self.assertEqual(['service_available', 'synchronizer'],
                         [group for group, _ in listed])
        for group, options in listed:
            self.assertEqual({option.dest: option.default
                              for option in options},
                             dict(self.conf[group]))

    def test_the_bus_is_a_secret(self):
        by_name = {option.name: option
                   for _, options in self.plugin.get_opt_lists()
                   for option in options}
        self.assertEqual(['transport_url'], [
            name for name, option in by_name.items() if option.secret])
