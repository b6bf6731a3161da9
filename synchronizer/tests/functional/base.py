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

"""Tests with real servers."""

import unittest

from synchronizer.tests import base
from synchronizer.tests.functional import servers


class FunctionalTestCase(base.TestCase):
    """A test that may take one of the servers of this process.

    One that is not installed skips the test.  They are shared: leave no
    queue and no database behind; a test that stops or pauses a server takes
    one of its own (``own_server``).
    """

    timeout = 180

    def rabbitmq_url(self) -> str:
        return self._url(servers.RabbitServer)

    def mysql_url(self) -> str:
        return self._url(servers.MariaServer)

    def postgresql_url(self) -> str:
        return self._url(servers.PostgresServer)

    def etcd_url(self) -> str:
        return self._url(servers.EtcdServer)

    def redis_url(self) -> str:
        return self._url(servers.RedisServer)

    def fresh_database(self, server_url: str) -> str:
        """Return the URL of a new database, dropped after the test."""
        return self.useFixture(servers.FreshDatabase(server_url)).url

    def own_server(self, kind: type) -> object:
        """Start a server for this test alone; it ends with the test."""
        if kind.missing():
            raise unittest.SkipTest(f'{kind.name} is not installed')
        server = kind()
        self.addCleanup(server.close)
        return server.start()

    def _url(self, kind: type) -> str:
        url = servers.url_of(kind)
        if url is None:
            raise unittest.SkipTest(f'{kind.name} is not installed')
        return url
