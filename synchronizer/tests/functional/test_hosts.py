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

"""Several hosts share the work, and one takes over from another.

Each back end is tried, and both databases; not every pair of them. How long
a take-over took is printed, and bounded by what is promised.
"""

import os
import signal
import sys
import time
import unittest

import fixtures

from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.service import tenure
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import hosts as hosts_module
from synchronizer.tests.functional import servers

RATE = 100
"""Changes a second."""


def tell(what, seconds):
    print(f'{what}: {seconds:.1f} s', file=sys.stderr)


class HostsTestCase(base.FunctionalTestCase):

    timeout = 600

    def setUp(self):
        super().setUp()
        self.cloud = SandboxServer(SandboxCloud(servers=40))
        self.cloud.start()
        self.addCleanup(self.cloud.stop)

    def hosts(self, database, back_end, *names, **more):
        made = self.useFixture(hosts_module.Hosts(
            self.cloud, self.rabbitmq_url(), self.fresh_database(database),
            back_end, **more))
        for name in names:
            made.add(name)
        return made

    def consumer(self):
        found = self.useFixture(hosts_module.Consumer(self.rabbitmq_url()))
        self.assertTrue(found.mirror.wait_synced(60))
        return found

    def assert_all_well(self, hosts, consumer):
        self.cloud.life.stop()
        daemon_module.until(
            lambda: not consumer.problems(), consumer.problems,
            hosts_module.PATIENCE)
        self.assertEqual([], hosts_module.journal_problems(hosts.store))


class ShareTest(HostsTestCase):

    def test_etcd_and_postgresql(self):
        hosts = self.hosts(self.postgresql_url(), self.etcd_url(), 'a', 'b')
        before = hosts.await_shares(2, 1)
        consumer = self.consumer()
        self.cloud.life.start(RATE)
        hosts.add('c')
        after = hosts.await_shares(1, 1, 1)
        moved = [plugin for plugin in after
                 if after[plugin] != before[plugin]]
        if hosts.were_heard():
            self.assertEqual(['c'], [after[plugin] for plugin in moved])

        hosts.kill('c')
        died = time.monotonic()
        hosts.await_shares(2, 1)
        tell('kill -9, etcd, PostgreSQL: first sweep of the new owner',
             time.monotonic() - died)
        if hosts.were_heard():
            left = {plugin for plugin, owner in hosts.owners().items()
                    if owner != after[plugin]}
            self.assertEqual({plugin for plugin, owner in after.items()
                              if owner == 'c'}, left)

        hosts.stop('b')
        began = time.monotonic()
        hosts.await_shares(3)
        took = time.monotonic() - began
        tell('SIGTERM, etcd, PostgreSQL: first sweep of the new owner', took)
        self.assert_all_well(hosts, consumer)

    def test_files_and_mariadb(self):
        directory = self.useFixture(fixtures.TempDir()).path
        hosts = self.hosts(self.mysql_url(), f'file://{directory}',
                           'a', 'b', plugins='nova,heat')
        hosts.await_shares(1, 1)
        consumer = self.consumer()
        self.cloud.life.start(RATE)
        hosts.kill('a')
        died = time.monotonic()
        hosts.await_shares(2)
        tell('kill -9, files, MariaDB: first sweep of the new owner',
             time.monotonic() - died)
        self.assert_all_well(hosts, consumer)


class PauseTest(HostsTestCase):
    """SIGSTOP for longer than the lease, under load, and SIGCONT."""

    def check(self, database, back_end):
        hosts = self.hosts(database, back_end, 'a', plugins='nova')
        hosts.await_owner('a')
        other = hosts.add('b')
        other.await_text('nova is collected by a; this host stands by')
        consumer = self.consumer()
        self.cloud.life.start(RATE)
        head = hosts.store.streams()['nova.instance'].revision
        daemon_module.until(
            lambda: hosts.store.streams()['nova.instance'].revision
            > head + RATE, 'load')

        hosts.signal('a', signal.SIGSTOP)
        tell('SIGSTOP: first sweep of the new owner', hosts.await_owner('b'))
        hosts.signal('a', signal.SIGCONT)
        hosts.daemons['a'].await_text(
            'nova is collected by b; this host stands by')
        hosts.stop('b')
        tell('SIGTERM: first sweep of the one that was paused',
             hosts.await_owner('a'))
        self.assertEqual(
            2, hosts.text('a').count('nova is collected by this host'))
        self.assertNotIn('CRITICAL', hosts.text('a'))
        self.assert_all_well(hosts, consumer)

    def test_etcd_and_mariadb(self):
        self.check(self.mysql_url(), self.etcd_url())

    def test_redis_and_postgresql(self):
        self.check(self.postgresql_url(), self.redis_url())


class HeirTest(HostsTestCase):
    """A collector process dies alone, on a host that lives."""

    def check(self, database, back_end):
        hosts = self.hosts(database, back_end, 'a', 'b', plugins='nova')
        name = hosts.await_shares(1, 0)['nova']
        consumer = self.consumer()
        self.cloud.life.start(RATE)
        # younger ones have no heir
        time.sleep((tenure.LIVED + 0.5) * hosts_module.TAKEOVER)
        if hosts.owners() != {'nova': name} or not hosts.were_heard():
            raise unittest.SkipTest('this machine has too much to do')
        terms = hosts.terms()
        os.kill(hosts.daemons[name].workers()['synchronizer: collector-nova'],
                signal.SIGKILL)
        died = time.monotonic()
        daemon_module.until(
            lambda: all(term > terms[type_] for type_, term in
                        hosts.terms().items()),
            'claims', hosts_module.PATIENCE)
        tell('kill -9 of one process: claimed again',
             time.monotonic() - died)
        hosts.daemons[name].await_text('nova is taken back from an earlier')
        self.assertEqual({'nova': name}, hosts.owners())
        self.assert_all_well(hosts, consumer)

    def test_etcd_and_postgresql(self):
        self.check(self.postgresql_url(), self.etcd_url())

    def test_redis_and_postgresql(self):
        self.check(self.postgresql_url(), self.redis_url())


class OutageTest(HostsTestCase):
    """The back end is lost, and comes back without what it knew."""

    def test_redis_that_keeps_nothing(self):
        back_end = self.own_server(servers.RedisServer)
        hosts = self.hosts(self.postgresql_url(), back_end.url, 'a',
                           plugins='nova')
        hosts.await_owner('a')
        hosts.add('b').await_text('this host stands by')
        term = hosts.store.streams()['nova.instance'].term
        back_end.kill()
        for name in 'ab':
            hosts.daemons[name].await_text('back end does not answer')
        self.cloud.life.start(RATE)
        head = hosts.store.streams()['nova.instance'].revision
        # longer than a lease
        time.sleep(hosts_module.TAKEOVER)
        self.assertGreater(
            hosts.store.streams()['nova.instance'].revision, head)
        back_end.start()
        for name in 'ab':
            hosts.daemons[name].await_text('back end answers again')
        # time enough for whoever would take it away
        time.sleep(hosts_module.TAKEOVER)
        row = hosts.store.streams()['nova.instance']
        self.assertEqual(term, row.term)
        self.assertEqual(1, hosts.text('a').count('does not answer'))
        # and it is worth something again
        hosts.kill('a')
        hosts.await_owner('b')


class AloneTest(HostsTestCase):
    """Without a back end."""

    def test_a_second_one_by_mistake(self):
        hosts = self.hosts(self.postgresql_url(), None, 'a', plugins='nova')
        hosts.await_owner('a')
        hosts.add('b').await_text('nova: taken over from a')
        hosts.await_owner('b')
        hosts.daemons['a'].await_text('this service stands by')
        for name, says in (('a', 'this service stands by'),
                           ('b', 'it stands by from now on')):
            self.assertEqual(1, hosts.text(name).count(says))
            self.assertIn('wo services on one database need [coordination] '
                          'backend_url', hosts.text(name))
