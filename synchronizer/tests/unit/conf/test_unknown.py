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

"""Options that nobody reads are told, and no others."""

import pathlib
import re
import tempfile

from oslo_config import cfg
from oslo_config import generator

import synchronizer
from synchronizer.conf import unknown
from synchronizer.service import enabled
from synchronizer.service import options
from synchronizer.tests import base

TOP = pathlib.Path(synchronizer.__file__).parents[1]
GOOD = '''
[DEFAULT]
debug = true
log_file =
transport_url = rabbit://h/
rpc_response_timeout = 5
[service_credentials]
auth_type = password
auth_url = http://127.0.0.1:1/v3
username = u
user-name = u
password = p
tenant_name = n
read_timeout = 5
[nova]
poll_interval = 7
region_name = r
[oslo_messaging_rabbit]
of_another_driver = 1
[oslo_messaging_kafka]
x = 1
[keystone_authtoken]
x = 1
'''


class ShippedFileTest(base.TestCase):

    def test_the_service_can_run_with_all_that_it_has(self):
        text = (TOP / 'etc/synchronizer.conf').read_text()
        path = pathlib.Path(tempfile.mkdtemp(), 'synchronizer.conf')
        path.write_text(re.sub('(?m)^#(?=[a-z_]+ = )', '', text))
        self.assertNotEqual(text, path.read_text())
        conf = options.make()
        conf([f'--config-file={path}'], project='synchronizer')
        self.assertEqual([], conf.problems())
        self.assertEqual([], unknown.find(conf))


class SampleTest(base.TestCase):

    def sample(self):
        path = pathlib.Path(tempfile.mkdtemp(), 'sample.conf')
        made = cfg.ConfigOpts()
        generator.register_cli_opts(made)
        made([f'--config-file={TOP}/etc/synchronizer-config-generator.conf',
              f'--output-file={path}'])
        generator.generate(made)
        path.write_text(re.sub(
            '(?m)^#(?=[a-z_]+ = )', '', path.read_text()))
        return path

    def test_all_that_can_be_set_is_known(self):
        path = pathlib.Path(tempfile.mkdtemp(), 'x.conf')
        path.write_text(GOOD)
        conf = options.make()
        conf([f'--config-file={path}'], project='synchronizer')
        self.assertEqual([], conf.problems())
        sample = self.sample()
        self.assertIn('\nrpc_response_timeout = ', sample.read_text())
        self.patch(unknown, '_files', lambda conf: [str(sample)])
        self.assertEqual([], unknown.find(conf))


class UnknownTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.file = self.folder / 'x.conf'

    def load(self, text, *arguments):
        self.file.write_text(GOOD + text)
        conf = options.make()
        conf([f'--config-file={self.file}', *arguments],
             project='synchronizer')
        self.assertEqual([], conf.problems())
        return conf

    def found(self, text):
        return [line.removesuffix(f' (in {self.file})')
                for line in unknown.find(self.load(text))]

    def test_nothing_is_unknown(self):
        self.assertEqual([], self.found(''))

    def test_without_any_file(self):
        conf = options.make()
        conf([], default_config_files=[], default_config_dirs=[])
        self.assertEqual([], unknown.find(conf))

    def test_a_name_that_looks_like_another(self):
        self.assertEqual(
            ['[nova] pol_interval is no option and has no effect; did you '
             'mean poll_interval?'], self.found('[nova]\npol_interval = 1\n'))

    def test_a_name_like_no_other(self):
        self.assertEqual(['[database] zzz is no option and has no effect'],
                         self.found('[database]\nzzz = 1\n'))

    def test_a_misspelt_secret_is_named_and_not_shown(self):
        (line,) = self.found('[service_credentials]\npasword = sesame\n')
        self.assertIn('did you mean password?', line)
        self.assertNotIn('sesame', line)

    def test_what_all_share(self):
        self.assertEqual(
            ['[DEFAULT] hots is no option and has no effect; did you mean '
             'host?', '[DEFAULT] my_ip is no option and has no effect'],
            self.found('[DEFAULT]\nhots = x\nmy_ip = 1\n'))

    def test_an_option_of_a_library_that_looks_like_another(self):
        self.assertEqual(
            ['[oslo_messaging_rabbit] amqp_durable is no option and has no '
             'effect; did you mean amqp_durable_queues?'],
            self.found('[oslo_messaging_rabbit]\namqp_durable = true\n'))

    def test_a_group_like_no_other(self):
        self.assertEqual(['[sync] is no group of options and has no effect'],
                         self.found('[sync]\nx = 1\n'))

    def test_a_group_that_looks_like_another(self):
        (line,) = self.found('[nvoa]\npoll_interval = 1\n')
        self.assertIn('[nvoa] is no group', line)
        self.assertIn('did you mean [nova]?', line)

    def test_a_plugin_that_is_off_may_keep_its_group(self):
        self.assertEqual([], self.found(
            '[DEFAULT]\nplugins = nova\n[heat]\npoll_interval = 1\n'))

    def test_files_of_a_folder_are_read_too(self):
        more = self.folder / 'd'
        more.mkdir()
        (more / '9.conf').write_text('[journal]\nretention_hour = 1\n')
        conf = self.load('', f'--config-dir={more}')
        (line,) = unknown.find(conf)
        self.assertIn(f'(in {more}/9.conf)', line)

    def test_the_service_tells_of_them(self):
        enabled.tell(self.load('[nova]\npol_interval = 1\n'))
        self.assertIn('WARNING synchronizer.service.enabled [nova] '
                      'pol_interval', self.log.output)
