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

"""Options, and what is refused."""

import pathlib
import tempfile

from oslo_config import cfg

from synchronizer import conf as conf_module
from synchronizer.conf import opts
from synchronizer.conf import plugin
from synchronizer.tests import base


def prepare(conf):
    conf_module.register_opts(conf)


def problems(conf):
    for name in conf.plugins:
        conf_module.register_plugin(conf, name)
    return conf_module.check(conf)


class ConfTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.path = pathlib.Path(tempfile.mkdtemp(), 'synchronizer.conf')
        self.conf = conf_module.Config(prepare, problems)

    def write(self, text):
        self.path.write_text(text)

    def load(self, text):
        self.write(text)
        self.conf(['--config-file', str(self.path)], project='synchronizer')
        return self.conf.problems()


class OptionsTest(ConfTestCase):

    def test_works_without_a_file(self):
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.assertEqual([], self.conf.problems())
        self.assertEqual(['nova', 'cinder', 'heat'], self.conf.plugins)
        self.assertEqual('/var/lib/synchronizer', self.conf.state_path)

    def test_defaults_of_the_contract(self):
        self.assertEqual([], self.load(''))
        conf = self.conf
        self.assertEqual(600, conf.nova.poll_interval)
        self.assertEqual(5, conf.publisher.bookmark_interval)
        self.assertEqual(4 * 2 ** 20, conf.snapshot.page_bytes)
        self.assertEqual(50, conf.snapshot.max_age_timeout)
        self.assertEqual(0.2, conf.collector.deletion_brake_ratio)
        self.assertEqual(20, conf.collector.deletion_brake_min)
        self.assertEqual('compute', conf.nova.service_type)

    def test_every_option_has_a_help_that_says_what_raising_does(self):
        for _, options in opts.list_opts():
            for option in options:
                self.assertTrue(option.help, option.name)
        for module in (*conf_module.GROUPS[2:], plugin):
            for _, options in module.list_opts():
                for option in options:
                    if isinstance(option, cfg.IntOpt | cfg.FloatOpt):
                        self.assertIn('Raised', option.help, option.name)

    def test_groups_have_titles_and_help(self):
        for group, _ in opts.list_opts():
            if isinstance(group, cfg.OptGroup):
                self.assertTrue(group.title and group.help, group.name)

    def test_a_plugin_that_we_do_not_know_has_a_group_too(self):
        self.load('[DEFAULT]\nplugins = nova, trove\n'
                  '[trove]\npoll_interval = 7\n')
        self.assertEqual(7, self.conf.trove.poll_interval)
        self.assertEqual('trove', self.conf.trove.service_type)


class CheckTest(ConfTestCase):

    def test_a_bad_value_is_one_line_with_its_place(self):
        found = self.load('[nova]\npoll_interval = 0\n')
        self.assertEqual(
            ['[nova] poll_interval: Should be greater than or equal to 1 '
             f'(in {self.path})'], found)

    def test_all_bad_values_are_told(self):
        found = self.load('[nova]\npage_size = many\n'
                          '[snapshot]\nworkers = 0\npage_bytes = -1\n')
        self.assertEqual(3, len(found))
        self.assertIn('[nova] page_size', ' '.join(found))

    def test_a_value_that_refers_to_nothing(self):
        found = self.load('[nova]\nregion_name = $nowhere\n')
        self.assertEqual(1, len(found), found)
        self.assertIn('[nova] region_name', found[0])

    def test_an_error_of_the_command_line_is_one_line_too(self):
        self.write('[DEFAULT]\nstate_path = $nowhere\n')
        error = self.assertRaises(
            cfg.Error, self.conf, ['--config-file', str(self.path)])
        self.assertEqual('no such option nowhere in group [DEFAULT]',
                         conf_module.describe(error))

    def test_a_host_has_no_colon(self):
        found = self.load('[DEFAULT]\nhost = a:b\n')
        self.assertIn('[DEFAULT] host', found[0])


class ReloadTest(ConfTestCase):

    def test_a_good_file_is_taken(self):
        self.load('[nova]\npoll_interval = 5\n')
        self.write('[nova]\npoll_interval = 6\n')
        self.assertTrue(self.conf.reload_config_files())
        self.assertEqual(6, self.conf.nova.poll_interval)

    def test_a_bad_value_changes_nothing_and_is_said_once(self):
        self.load('[nova]\npoll_interval = 5\n')
        self.write('[nova]\npoll_interval = 0\npage_size = 7\n')
        self.assertFalse(self.conf.reload_config_files())
        self.assertEqual(5, self.conf.nova.poll_interval)
        self.assertEqual(1000, self.conf.nova.page_size)
        self.assertEqual(1, self.log.output.count('not taken'))
        self.assertIn('[nova] poll_interval', self.log.output)

    def test_a_file_that_cannot_be_parsed_changes_nothing(self):
        self.load('[nova]\npoll_interval = 5\n')
        self.write('poll_interval without a value\n')
        self.assertFalse(self.conf.reload_config_files())
        self.assertEqual(5, self.conf.nova.poll_interval)
        self.assertIn('not taken', self.log.output)

    def test_a_directory_in_place_of_the_file_changes_nothing(self):
        self.load('[nova]\npoll_interval = 5\n')
        self.path.unlink()
        self.path.mkdir()
        self.assertFalse(self.conf.reload_config_files())
        self.assertEqual(5, self.conf.nova.poll_interval)
        self.assertIn('cannot be read', self.log.output)

    def test_a_file_that_is_gone_changes_nothing(self):
        self.load('[nova]\npoll_interval = 5\n')
        self.path.unlink()
        self.assertFalse(self.conf.reload_config_files())
        self.assertEqual(5, self.conf.nova.poll_interval)
