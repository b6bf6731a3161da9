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

"""From options, or clouds.yaml, to a session and to clients."""

import fixtures
from keystoneauth1 import loading
from oslo_config import cfg

from synchronizer import exception
from synchronizer.cloud import clients
from synchronizer.cloud import loader
from synchronizer.tests import base

CLOUDS = """
clouds:
  mine:
    auth:
      auth_url: http://keystone/v3
      username: sync
      password: secret
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
    region_name: North
    interface: internal
    verify: false
"""
SECTION = """
[service_credentials]
auth_type = {auth_type}
auth_url = http://keystone/v3
application_credential_id = abc
application_credential_secret = def
username = sync
user_domain_id = default
password = secret
cafile = /etc/ca.pem
read_timeout = 30
{more}
[nova]
region_name = South
valid_interfaces = admin,internal
"""


class LoaderTestCase(base.TestCase):

    def conf(self, text=''):
        path = self.useFixture(fixtures.TempDir()).join('s.conf')
        with open(path, 'w') as file:
            file.write(text)
        conf = cfg.ConfigOpts()
        loading.register_adapter_conf_options(
            conf, 'nova', include_deprecated=False)
        conf(['--config-file', path])
        return conf

    def clouds_yaml(self, text=CLOUDS):
        path = self.useFixture(fixtures.TempDir()).join('clouds.yaml')
        with open(path, 'w') as file:
            file.write(text)
        self.useFixture(fixtures.EnvironmentVariable(
            'OS_CLIENT_CONFIG_FILE', path))


class TestLoader(LoaderTestCase):

    def test_section(self):
        conf = self.conf(SECTION.format(auth_type='password', more=''))
        session = loader.load_cloud(conf).session
        self.assertEqual((10.0, 30.0), session.timeout)
        self.assertEqual('/etc/ca.pem', session.verify)
        self.assertEqual('http://keystone/v3', session.auth.auth_url)

    def test_section_insecure_and_one_timeout(self):
        more = 'insecure = true\ntimeout = 5\ncertfile = c\nkeyfile = k'
        conf = self.conf(SECTION.format(auth_type='password', more=more))
        session = loader.load_cloud(conf).session
        self.assertEqual((5, 5), session.timeout)
        self.assertIs(False, session.verify)
        self.assertEqual(('c', 'k'), session.cert)

    def test_every_auth_type(self):
        for auth_type in ('password', 'v3password',
                          'v3applicationcredential'):
            conf = self.conf(SECTION.format(auth_type=auth_type, more=''))
            self.assertIsNotNone(loader.load_cloud(conf).session.auth)

    def test_no_credentials(self):
        error = self.assertRaises(
            exception.ConfigurationError, loader.load_cloud, self.conf())
        self.assertIn('auth_type is not set', str(error))
        self.assertNotIn('\n', str(error))

    def test_unknown_auth_type(self):
        conf = self.conf('[service_credentials]\nauth_type = magic\n')
        error = self.assertRaises(
            exception.ConfigurationError, loader.load_cloud, conf)
        self.assertIn('magic', str(error))

    def test_clouds_yaml(self):
        self.clouds_yaml()
        cloud = loader.load_cloud(self.conf(), 'mine')
        self.assertEqual((10.0, 60.0), cloud.session.timeout)
        self.assertIs(False, cloud.session.verify)
        http = cloud.api('nova', **loader.adapter_options(
            self.conf(), 'nova', 'mine'))._http
        self.assertEqual('North', http.region_name)
        self.assertEqual('internal', http.interface)

    def test_what_was_chosen_wins_over_clouds_yaml(self):
        self.clouds_yaml()
        conf = self.conf(SECTION.format(auth_type='password', more=''))
        cloud = loader.load_cloud(conf, 'mine')
        http = cloud.api('nova', **loader.adapter_options(
            conf, 'nova', 'mine'))._http
        self.assertEqual('South', http.region_name)
        self.assertEqual(['admin', 'internal'], http.interface)

    def test_files_that_cannot_be_read(self):
        for more, named in (
                ('', 'cafile: /no/ca.pem'),
                ('insecure = true\ncertfile = /no/c', 'certfile: /no/c'),
                ('insecure = true\ncertfile = /dev/null\nkeyfile = /no/k',
                 'keyfile: /no/k')):
            text = SECTION.format(auth_type='password', more=more)
            conf = self.conf(text.replace('/etc/ca.pem', '/no/ca.pem'))
            session = loader.load_cloud(conf).session
            error = self.assertRaises(exception.ConfigurationError,
                                      loader.check_files, session)
            self.assertEqual(
                f'[service_credentials] {named} is not there, or cannot be '
                'read by this user', str(error))

    def test_files_of_clouds_yaml(self):
        self.clouds_yaml(CLOUDS.replace(
            'verify: false', 'cacert: /no/ca.pem'))
        session = loader.load_cloud(self.conf(), 'mine').session
        error = self.assertRaises(exception.ConfigurationError,
                                  loader.check_files, session, 'mine')
        self.assertIn('clouds.yaml, cloud mine: cacert: /no/ca.pem',
                      str(error))

    def test_unknown_cloud(self):
        self.clouds_yaml()
        error = self.assertRaises(
            exception.ConfigurationError, loader.load_cloud, self.conf(),
            'yours')
        self.assertIn('yours', str(error))


class TestClients(LoaderTestCase):

    def test_each_client_takes_the_options(self):
        conf = self.conf(SECTION.format(auth_type='password', more=''))
        session = loader.load_cloud(conf).session
        for service, kind in (('nova', 'compute'),
                              ('cinder', 'block-storage'),
                              ('heat', 'orchestration')):
            http = clients.build(
                service, session, region_name='R', interface=['internal'],
                endpoint_override='http://here')
            self.assertIs(session, http.session)
            self.assertEqual(
                (kind, 'R', ['internal'], 'http://here'),
                (http.service_type, http.region_name, http.interface,
                 http.endpoint_override))

    def test_a_service_without_a_client_of_its_own(self):
        conf = self.conf(SECTION.format(auth_type='password', more=''))
        session = loader.load_cloud(conf).session
        self.assertEqual(
            'neutron', clients.build('neutron', session).service_type)
        self.assertEqual('network', clients.build(
            'neutron', session, service_type='network').service_type)
