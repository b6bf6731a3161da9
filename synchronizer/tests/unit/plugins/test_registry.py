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

"""Which plugins there are, and how it is said that there is none."""

from unittest import mock

from stevedore import extension

from synchronizer import exception
from synchronizer.plugins import base as plugin_base
from synchronizer.plugins import nova
from synchronizer.plugins import registry
from synchronizer.tests import base


class Sparing(plugin_base.Plugin):
    name = 'sparing'
    types = (nova.Instance, nova.Flavor)
    default_types = ('nova.flavor',)


class TestLoad(base.TestCase):

    def test_ours(self):
        self.assertEqual({'nova': nova.NovaPlugin},
                         registry.load(['nova', 'nova']))

    def test_missing_names_the_nearest(self):
        error = self.assertRaises(
            exception.ConfigurationError, registry.load, ['novaa'])
        self.assertEqual('[DEFAULT] plugins: there is no plugin novaa; '
                         'did you mean nova?', str(error))

    def test_missing_and_nothing_like_it(self):
        error = self.assertRaises(
            exception.ConfigurationError, registry.load, ['zzz'])
        self.assertIn('there is no plugin zzz (there are: ', str(error))

    def test_broken(self):
        def broken(namespace, names, on_load_failure_callback, **kwargs):
            point = mock.Mock()
            point.name = 'nova'
            on_load_failure_callback(
                None, point, ImportError('no module\nnamed x'))
            return mock.MagicMock()

        with mock.patch('stevedore.named.NamedExtensionManager', broken):
            error = self.assertRaises(
                exception.ConfigurationError, registry.load, ['nova'])
        self.assertEqual('[DEFAULT] plugins: nova cannot be loaded: '
                         'ImportError: no module named x', str(error))

    def test_something_else(self):
        found = extension.Extension('nova', None, object, None)
        with mock.patch('stevedore.named.NamedExtensionManager') as manager:
            manager.return_value.__iter__.return_value = [found]
            error = self.assertRaises(
                exception.ConfigurationError, registry.load, ['nova'])
        self.assertEqual('[DEFAULT] plugins: nova is no synchronizer plugin',
                         str(error))


class TestEnabledTypes(base.TestCase):

    def test_all_unless_configured(self):
        self.assertEqual(nova.NovaPlugin.types,
                         registry.enabled_types(nova.NovaPlugin, None))

    def test_those_on_by_default(self):
        self.assertEqual((nova.Flavor,),
                         registry.enabled_types(Sparing, None))

    def test_the_configured_ones_are_the_complete_list(self):
        self.assertEqual((nova.Instance,), registry.enabled_types(
            Sparing, ['nova.instance', 'nova.instance']))
        self.assertEqual((), registry.enabled_types(Sparing, []))

    def test_unknown(self):
        error = self.assertRaises(
            exception.ConfigurationError, registry.enabled_types,
            nova.NovaPlugin, ['nova.instances'])
        self.assertEqual('[nova] types: there is no type nova.instances; '
                         'did you mean nova.instance?', str(error))
