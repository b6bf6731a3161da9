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

"""TLS on every way out: bus, database, APIs; and no way without."""

import unittest

import sqlalchemy

from synchronizer.client import rpc
from synchronizer.sandbox import SandboxCloud
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional.servers import tls
from synchronizer.tests.functional.test_service import manage

BUS = '''
[oslo_messaging_rabbit]
ssl = true
ssl_ca_file = {ca}
'''
CLOUD = '''
[service_credentials]
cafile = {ca}
'''


class TlsTest(base.FunctionalTestCase):

    def setUp(self):
        super().setUp()
        if tls.Authority.missing():
            raise unittest.SkipTest('openssl is not installed')
        self.authority = self.useFixture(tls.Authority())
        self.cloud = tls.SandboxTlsServer(
            SandboxCloud(servers=3), self.authority)
        self.cloud.start()
        self.addCleanup(self.cloud.stop)

    def server(self, kind):
        if kind.missing():
            raise unittest.SkipTest(f'{kind.name} is not installed')
        server = kind(self.authority)
        self.addCleanup(server.close)
        return server.start()

    def daemon(self, transport_url, more, **options):
        daemon = self.useFixture(daemon_module.Daemon(
            self.cloud.auth_url, transport_url, **options))
        daemon.configure(more.format(ca=self.authority.ca))
        return daemon

    def test_the_bus_and_the_apis(self):
        rabbit = self.server(tls.RabbitTlsServer)
        daemon = self.daemon(rabbit.url, BUS + CLOUD).start()
        daemon.await_live()
        daemon.await_text('snapshot works')
        client = rpc.SynchronizerClient.from_url(
            f'{rabbit.url}?ssl=1&ssl_ca_file={self.authority.ca}',
            timeout=10)
        self.assertEqual('here', client.describe()['service']['host'])

    def test_an_authority_that_is_not_trusted(self):
        daemon = self.daemon('rabbit://127.0.0.1:1/', '').start()
        row = daemon_module.until(
            lambda: daemon.streams().get('nova.zone'), daemon.text())
        daemon_module.until(
            lambda: 'certificate verify failed' in str(
                daemon.streams()['nova.zone'].error), str(row))
        self.assertNotIn('Traceback', daemon.text())

    def assert_database(self, url, untrusted):
        """It works with our authority, and says why not with another."""
        for connection, code in ((url, 0), (untrusted, 1)):
            daemon = self.daemon('rabbit://127.0.0.1:1/', CLOUD,
                                 database=f'connection = {connection}\n'
                                 'max_retries = 0')
            done = manage(daemon, 'db', 'upgrade')
            self.assertEqual(code, done.returncode, done.stderr)
            self.assertNotIn('Traceback', done.stderr)
        self.assertIn('ertificate', done.stderr)

    def test_postgresql(self):
        server = self.server(tls.PostgresTlsServer)
        url = self.fresh_database(server.url) + '?sslmode=verify-full'
        other = self.useFixture(tls.Authority())
        self.assert_database(f'{url}&sslrootcert={self.authority.ca}',
                             f'{url}&sslrootcert={other.ca}')

    def test_mariadb(self):
        server = self.server(tls.MariaTlsServer)
        url = sqlalchemy.make_url(self.fresh_database(server.url))
        other = url.update_query_dict(
            {'ssl_ca': str(self.useFixture(tls.Authority()).ca)})
        self.assert_database(*(
            one.render_as_string(hide_password=False)
            for one in (url, other)))
