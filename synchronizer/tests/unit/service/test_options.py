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

"""Which settings keep the service from starting, and how that is said."""

import logging
import pathlib
import tempfile
from unittest import mock

from synchronizer import exception
from synchronizer.cloud import loader
from synchronizer.service import enabled
from synchronizer.service import options
from synchronizer.service import parts
from synchronizer.service import schema
from synchronizer.tests import base

CREDENTIALS = '''
[service_credentials]
auth_type = password
auth_url = http://127.0.0.1:1/v3
username = u
password = p
project_name = n
user_domain_name = d
project_domain_name = d
'''


class OptionsTestCase(base.TestCase):

    def load(self, text='', *arguments):
        directory = pathlib.Path(tempfile.mkdtemp())
        path = directory / 'synchronizer.conf'
        path.write_text(text)
        conf = options.make(options.register_cli_opts)
        conf([f'--config-file={path}', f'--state-path={directory}',
              *arguments], project='synchronizer')
        return conf

    def problems(self, text, *arguments):
        return self.load(text, *arguments).problems()


class ProblemsTest(OptionsTestCase):

    def test_nothing_is_wrong(self):
        self.assertEqual([], self.problems(CREDENTIALS))

    def test_no_credentials(self):
        (problem,) = self.problems('')
        self.assertIn('[service_credentials] auth_type', problem)

    def test_an_unknown_plugin(self):
        (problem,) = self.problems('[DEFAULT]\nplugins = novva\n')
        self.assertIn('did you mean nova?', problem)

    def test_an_address_with_a_password_is_not_shown(self):
        url = 'http://sync:sesame@127.0.0.1:1/v3'
        for text, option in (
                (CREDENTIALS + f'[nova]\nendpoint_override = {url}\n',
                 '[nova] endpoint_override'),
                (CREDENTIALS.replace('http://127.0.0.1:1/v3', url),
                 '[service_credentials] auth_url')):
            (problem,) = self.problems(text)
            self.assertIn(f'{option}: the host', problem)
            self.assertNotIn('sesame', problem)

    def test_an_address_may_have_that_sign_in_its_path(self):
        self.assertEqual([], self.problems(
            CREDENTIALS + '[nova]\nendpoint_override = http://h:1/a@b\n'))

    def test_parameters_of_the_database_are_not_logged(self):
        conf = self.load(
            '[database]\nconnection_parameters = password=sesame\n')
        conf.log_opt_values(logging.getLogger('synchronizer'), logging.INFO)
        self.assertIn('database.connection_parameters', self.log.output)
        self.assertNotIn('sesame', self.log.output)

    def test_rules_that_cannot_be_understood(self):
        path = pathlib.Path(tempfile.mkdtemp()) / 'rules.yaml'
        path.write_text('"synchronizer:get": "admin"\n')
        text = CREDENTIALS + f'[oslo_policy]\npolicy_file = {path}\n'
        (problem,) = self.problems(text)
        self.assertIn('[oslo_policy] policy_file', problem)
        self.assertIn('synchronizer:get cannot be understood', problem)
        path.unlink()
        (problem,) = self.problems(text)
        self.assertIn('there is no such file', problem)

    def test_no_plugin_at_all(self):
        (problem,) = self.problems('[DEFAULT]\nplugins =\n')
        self.assertIn('plugins is empty', problem)

    def test_an_unknown_type(self):
        (problem,) = self.problems('[nova]\ntypes = nova.instanse\n')
        self.assertIn('did you mean nova.instance?', problem)

    def test_no_type_at_all(self):
        (problem,) = self.problems('[nova]\ntypes =\n')
        self.assertIn('[nova] types is empty', problem)

    def test_a_bus_that_nobody_knows(self):
        for url in ('smoke://signals', 'rabbit://host:port/', 'rabbit'):
            (problem,) = self.problems(
                f'[DEFAULT]\ntransport_url = {url}\n')
            self.assertIn('transport_url', problem)

    def test_a_broker_of_notifications_that_nobody_knows(self):
        (problem,) = self.problems(
            CREDENTIALS
            + '[nova]\nnotification_urls = smoke://me:secret@signals\n')
        self.assertIn('[nova] notification_urls', problem)
        self.assertNotIn('secret', problem)

    def test_a_password_with_signs_of_a_url_is_not_shown(self):
        for sign in '/?#':
            (problem,) = self.problems(
                '[DEFAULT]\ntransport_url = '
                f'rabbit://me:ses{sign}ame@h:5672/\n')
            self.assertIn('transport_url', problem)
            self.assertIn('%2F', problem)
            self.assertNotIn('ses', problem)

    def test_two_plugins_that_would_take_each_others_notifications(self):
        own = '[{}]\nnotification_pool =\nnotification_topics = {}\n'
        (problem,) = self.problems(
            CREDENTIALS + own.format('cinder', 'shared')
            + own.format('heat', 'shared'))
        self.assertIn('topic shared', problem)
        self.assertEqual([], self.problems(
            CREDENTIALS + own.format('cinder', 'one')
            + own.format('heat', 'another')))

    def test_a_back_end_by_which_nobody_could_share(self):
        text = CREDENTIALS + '[coordination]\nbackend_url = '
        (problem,) = self.problems(text + 'mysql://sync:sesame@there/base\n')
        self.assertIn('[coordination] backend_url: the driver mysql knows no '
                      'groups', problem)
        self.assertNotIn('sesame', problem)
        for good in ('', 'file:///nowhere', 'redis://:sesame@there:6379'):
            self.assertEqual([], self.problems(f'{text}{good}\n'))

    def test_nobody_to_tell(self):
        (problem,) = self.problems(CREDENTIALS + '[publisher]\ndrivers =\n')
        self.assertIn('[publisher] drivers is empty', problem)

    def test_an_argument_that_no_driver_of_a_database_knows(self):
        for text in ('connection = mysql+pymysql://me:secret@h/x?bogus=1',
                     'connection = mysql+pymysql://me:secret@h/x\n'
                     'connection_parameters = bogus=1'):
            (problem,) = self.problems(
                CREDENTIALS + f'[database]\n{text}\n')
            self.assertIn('[database] connection', problem)
            self.assertIn("'bogus'", problem)
            self.assertNotIn('secret', problem)

    def test_a_certificate_that_is_not_there(self):
        (problem,) = self.problems(CREDENTIALS + 'cafile = /nope/ca.pem\n')
        self.assertIn('[service_credentials] cafile: /nope/ca.pem', problem)

    def test_a_type_to_notify_of_that_is_off(self):
        (problem,) = self.problems(
            CREDENTIALS + '[publisher]\nnotification_types = nova.hots\n')
        self.assertIn('[publisher] notification_types: nova.hots', problem)

    def test_a_value_of_a_library(self):
        (problem,) = self.problems(
            CREDENTIALS + '[oslo_messaging_rabbit]\nrabbit_qos_prefetch_count'
            ' = many\n')
        self.assertIn('rabbit_qos_prefetch_count', problem)

    def test_tracing_that_has_not_all_it_needs(self):
        text = CREDENTIALS + (
            '[oslo_messaging_tracing]\ntracing_enabled = true\n')
        with mock.patch.object(parts, '_is_installed', return_value=False):
            (problem,) = self.problems(text)
        self.assertIn('pip install "oslo.messaging[tracing-http]"', problem)
        with mock.patch.object(parts, '_is_installed', return_value=True):
            self.assertEqual([], self.problems(text))

    def test_an_address_that_is_none(self):
        (problem,) = self.problems(
            CREDENTIALS + '[metrics]\nlisten = everywhere\n')
        self.assertIn('[metrics] listen', problem)

    def test_a_bad_value_of_a_plugin(self):
        (problem,) = self.problems(
            CREDENTIALS + '[nova]\ndelta_interval = -1\n')
        self.assertIn('[nova] delta_interval', problem)


class PartsTest(OptionsTestCase):

    def test_the_database_is_a_file_in_the_state_path(self):
        conf = self.load()
        self.assertEqual(
            f'sqlite:///{conf.state_path}/synchronizer.sqlite',
            conf.database.connection)

    def test_all_in_one_needs_neither_broker_nor_server(self):
        conf = self.load(
            CREDENTIALS + '[DEFAULT]\ntransport_url = rabbit://elsewhere/\n'
            '[database]\nconnection = mysql+pymysql://elsewhere/x\n',
            '--all-in-one')
        self.assertEqual([], conf.problems())
        self.assertEqual('kombu+memory://', conf.transport_url)
        self.assertIn('sqlite:///', conf.database.connection)

    def test_all_in_one_survives_a_reload(self):
        conf = self.load(CREDENTIALS, '--all-in-one')
        self.assertEqual([], conf.problems())
        self.assertTrue(conf.reload_config_files())
        self.assertEqual('kombu+memory://', conf.transport_url)

    def test_owners_differ_and_show_the_host(self):
        conf = self.load('[DEFAULT]\nhost = here\n')
        first, second = parts.owner(conf), parts.owner(conf)
        self.assertNotEqual(first, second)
        self.assertTrue(first.startswith('here:'))

    def test_what_a_publisher_saw_is_good_for_less_than_a_lease(self):
        conf = self.load('[coordination]\ntakeover_timeout = 40\n')
        made = parts.publisher(conf, None, [], mock.Mock(conf=conf), 'me')
        self.assertEqual(12, made._fresh)

    def test_the_streams_that_are_on(self):
        conf = self.load('[DEFAULT]\nplugins = nova\n'
                         '[nova]\ntypes = nova.zone, nova.zone, nova.host\n'
                         'poll_interval = 9\n')
        self.assertEqual(
            [('nova.zone', 'nova', 9), ('nova.host', 'nova', 9)],
            [(s.type, s.plugin, s.interval) for s in enabled.specs(conf)])

    def test_the_streams_that_are_on_unless_configured_otherwise(self):
        self.assertEqual(
            ['nova.instance', 'nova.host', 'nova.service', 'nova.aggregate',
             'nova.zone', 'nova.flavor', 'nova.server_group',
             'cinder.volume', 'cinder.snapshot', 'cinder.backup',
             'cinder.volume_type', 'cinder.service', 'cinder.pool',
             'heat.stack', 'heat.resource', 'heat.service'],
            [spec.type for spec in enabled.specs(self.load())])

    def test_a_transport_url_is_set_or_not(self):
        self.assertFalse(parts.bus_is_set(self.load()))
        self.assertTrue(parts.bus_is_set(self.load(
            '[DEFAULT]\ntransport_url = rabbit://somewhere/\n')))
        self.assertRaises(
            exception.ConfigurationError, parts.bus_is_set,
            self.load('[DEFAULT]\ntransport_url = smoke://signals\n'))


class LoaderTest(OptionsTestCase):

    def test_credentials_are_the_same_wherever_they_are_registered(self):
        conf = self.load(CREDENTIALS)
        loader.register_opts(conf)
        self.assertEqual(10, conf.service_credentials.connect_timeout)

    def test_two_configurations_share_nothing(self):
        first = self.load(CREDENTIALS)
        first.set_override('retention_hours', 1, group='journal')
        self.assertEqual([], first.problems())
        second = self.load('')
        self.assertEqual(24, second.journal.retention_hours)
        self.assertNotIn('auth_url', second.service_credentials)


class SchemaTest(OptionsTestCase):

    def file(self, conf):
        return pathlib.Path(conf.state_path, 'synchronizer.sqlite')

    def test_a_look_makes_no_file(self):
        conf = self.load()
        current, head = schema.versions(conf)
        self.assertIsNone(current)
        self.assertTrue(head)
        self.assertFalse(self.file(conf).exists())

    def test_who_only_looks_on_makes_no_file(self):
        conf = self.load()
        with self.assertRaisesRegex(
                exception.SchemaOutdated, str(self.file(conf))):
            with parts.opened(conf):
                self.fail('it was opened')
        self.assertFalse(self.file(conf).exists())
        schema.prepare(conf)
        with parts.opened(conf) as store:
            self.assertEqual({}, store.streams())

    def test_a_file_is_made_and_upgraded(self):
        conf = self.load()
        schema.prepare(conf)
        self.assertEqual(*schema.versions(conf))
        self.assertEqual(*schema.upgrade(conf))

    def test_a_server_that_is_away_is_left_to_the_workers(self):
        conf = self.load(
            '[database]\nconnection = mysql+pymysql://u:p@127.0.0.1:1/x\n')
        with self.patched(exception.StoreUnavailable('away')):
            schema.prepare(conf)
        self.assertIn('cannot be checked now', self.log.output)

    def test_an_old_schema_on_a_server_is_fatal(self):
        conf = self.load(
            '[database]\nconnection = mysql+pymysql://u:p@127.0.0.1:1/x\n')
        with self.patched(exception.SchemaOutdated('old')):
            self.assertRaises(exception.SchemaOutdated, schema.prepare, conf)

    def patched(self, error):
        return mock.patch.object(
            schema.migration, 'check_from_conf', side_effect=error)
