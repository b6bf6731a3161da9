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


"""One budget of requests for two synchronizers, on each database."""

import bisect
import subprocess
import sys
import time

from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module

RATE = 10
WINDOW, LATE = 4, 1
"""Seconds; and by how many of them a busy machine may deliver late."""

MORE = '''
[DEFAULT]
host = {host}
[nova]
types = {types}
page_size = 1
delta_interval = 0
max_requests_per_second = {rate}
'''
TYPES = {'one': 'nova.instance', 'two': 'nova.host,nova.flavor,nova.service'}


class BudgetSuite:
    """What each database must hold."""

    def setUp(self):
        super().setUp()
        self.url = self.fresh_database(self.server_url())
        self.came = []
        self.cloud = SandboxServer(SandboxCloud(servers=60, hosts=20))
        self.cloud.start()
        self.addCleanup(self.cloud.stop)
        self.cloud.faults.add('call', '/compute/v2.1/.', fn=lambda path:
                              self.came.append((time.monotonic(), path)))

    def daemon(self, host, rate=RATE):
        daemon = self.useFixture(daemon_module.Daemon(
            self.cloud.auth_url, self.rabbitmq_url(),
            database=f'connection = {self.url}'))
        daemon.configure(MORE.format(
            host=host, types=TYPES[host], rate=rate))
        return daemon

    def upgrade(self, daemon):
        subprocess.run(
            [sys.executable, '-m', 'synchronizer.cmd.manage', '--config-file',
             str(daemon.conf), 'db', 'upgrade'], check=True)

    def most(self):
        """The most that came within a window that slides."""
        came = sorted(moment for moment, _ in self.came)
        return max(bisect.bisect(came, start + WINDOW) - index
                   for index, start in enumerate(came))

    def test_two_daemons_share_it(self):
        daemons = [self.daemon(host) for host in sorted(TYPES)]
        self.upgrade(daemons[0])
        for daemon in daemons:
            daemon.start()
        daemon_module.until(
            lambda: len(self.came) > 12 * RATE, 'requests', 120)
        # each of them asked
        for part in ('/servers/detail', '/os-hypervisors'):
            self.assertTrue(
                any(part in path for _, path in self.came), part)
        # by themselves they would ask as fast as they can
        most = self.most()
        self.assertTrue(most <= RATE * (WINDOW + LATE) + 1, most)
        # and what they are there for goes on
        store = sql.SqlStore(engine.Options(self.url))
        self.addCleanup(store.close)
        daemon_module.until(
            lambda: all(row.state == 'live'
                        for row in store.streams().values()),
            'all streams live', 120)
        for daemon in daemons:
            self.assertNotIn('Traceback', daemon.text())

    def test_without_it_they_ask_more(self):
        """So that the test above can fail."""
        daemon = self.daemon('one', rate=0)
        self.upgrade(daemon)
        daemon.start()
        daemon_module.until(
            lambda: self.came and self.most() > 2 * RATE * (WINDOW + LATE),
            'more requests than a budget would let go', 120)


class MariaBudgetTest(BudgetSuite, base.FunctionalTestCase):

    server_url = base.FunctionalTestCase.mysql_url


class PostgresBudgetTest(BudgetSuite, base.FunctionalTestCase):

    server_url = base.FunctionalTestCase.postgresql_url
