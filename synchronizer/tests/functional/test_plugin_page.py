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

"""The package of the plugin tutorial: installed, tested, and found."""

import testtools

from synchronizer.tests import pages
from synchronizer.tests.functional import base
from synchronizer.tests.functional import terminal

PAGE = 'doc/source/contributor/plugin-tutorial.rst'
# not into the environment of the tests
INSTALLED = ' --no-deps --no-build-isolation --target lib .'


@testtools.skipUnless((pages.ROOT / PAGE).exists(), 'needs the source tree')
class PluginPageTest(base.FunctionalTestCase):

    def setUp(self):
        super().setUp()
        self.terminal = self.useFixture(terminal.Terminal(
            {'pip install -e .': f'pip install {INSTALLED}'}))
        files = pages.files(PAGE)
        self.terminal.write({
            **files, '.synchronizer/synchronizer.conf':
            files['synchronizer.conf'].replace(
                '[DEFAULT]', '[DEFAULT]\nstate_path = .')})
        self.terminal.environment['PYTHONPATH'] += ':lib'

    def test_each_command(self):
        self.assertEqual([
            'pip install -e .', 'python -m unittest',
            'synchronizer-status upgrade check',
            'synchronizer-manage stream list'],
            [command.text for command in pages.commands(PAGE)])
        for line in ('pip install -e .', 'python -m unittest'):
            done = self.terminal.run(line)
            self.assertEqual(0, done.returncode, done)
        self.assertIn('OK', done.stderr)
        # there is no Neutron here, but it knows the plugin
        self.assertIn('neutron.port', self.terminal.run(
            'synchronizer-status upgrade check').stdout)
        # what the service does when it starts
        self.terminal.run('synchronizer-manage db upgrade')
        done = self.terminal.run('synchronizer-manage stream list')
        self.assertEqual(0, done.returncode, done)
