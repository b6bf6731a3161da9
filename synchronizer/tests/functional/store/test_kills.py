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

"""Servers that die in mid-commit, and owners that are stopped there."""

import random
import threading
import time

from synchronizer import exception
from synchronizer.store import base as store_base
from synchronizer.store import engine
from synchronizer.store import queries
from synchronizer.store import sql
from synchronizer.tests.functional import servers
from synchronizer.tests.functional.store import base
from synchronizer.tests.store_suite import created
from synchronizer.tests.store_suite import deleted
from synchronizer.tests.store_suite import TYPE
from synchronizer.tests.store_suite import updated

KILLS = 4


class DurableMaria(servers.MariaServer):
    """What it committed outlives the death of the process."""

    def command(self):
        return [*super().command(), '--innodb-flush-log-at-trx-commit=2']


class DurablePostgres(servers.PostgresServer):
    """What it committed outlives the death of the process."""

    def command(self):
        return [*super().command(), '-c', 'synchronous_commit=on',
                '-c', 'full_page_writes=on']


class Writer(threading.Thread):
    """Commits without end; a commit that failed is tried again."""

    def __init__(self, store):
        super().__init__(daemon=True)
        self.store, self.claim = store, store.claim(TYPE, 'me')
        self.stopping = threading.Event()
        self.told, self.failures, self.error = [], 0, None

    def _writes(self):
        number = self.claim.revision
        return [created(f'n{number + n}') for n in range(20)] + [
            updated(f'n{number + n}') for n in range(5)] + [
            deleted(f'n{number + n}') for n in range(5, 10)]

    def run(self):
        try:
            while not self.stopping.is_set():
                self._commit(self._writes())
        except BaseException as error:
            self.error = error

    def _commit(self, writes):
        while True:
            try:
                self.claim, changes = self.store.commit(self.claim, writes)
            except exception.StoreUnavailable:
                self.failures += 1
                continue
            self.told += changes
            return


class KillSuite:

    timeout = 240

    def setUp(self):
        super().setUp()
        self.options = engine.Options(self.url)
        self.store = self._store()
        self.store.ensure([store_base.StreamSpec(TYPE, 'nova', 600)])

    def _store(self):
        store = sql.SqlStore(self.options)
        self.addCleanup(store.close)
        return store

    def test_nothing_is_lost_and_nothing_is_done_twice(self):
        writer = Writer(self.store)
        writer.start()
        for _ in range(KILLS):
            had = len(writer.told)
            self._wait(lambda had=had: (
                writer.error or len(writer.told) > had + 300))
            time.sleep(random.uniform(0, 0.05))
            self.server.kill()
            self.server.start()
        writer.stopping.set()
        writer.join(60)
        self.assertIsNone(writer.error)
        self._assert_journal(writer.told)

    def test_the_caller_tries_after_a_long_outage(self):
        claim = self.store.claim(TYPE, 'me')
        claim, first = self.store.commit(claim, [created('a')])
        self.server.kill()
        began = time.monotonic()
        self.assertRaises(exception.StoreUnavailable, self.store.commit,
                          claim, [created('b')])
        self.assertRaises(exception.StoreUnavailable, self.store.streams)
        self.assertLess(time.monotonic() - began, 25)
        self.server.start()
        claim, second = self.store.commit(claim, [created('b')])
        self._assert_journal([*first, *second])

    def test_a_stopped_owner_does_not_hold_the_stream(self):
        """Its transaction is open and its client says nothing."""
        old = self.store.claim(TYPE, 'old')
        stopped = self.store._database.engine.connect()
        self.addCleanup(stopped.invalidate)
        stopped.begin()
        queries.lock(stopped, TYPE)
        other, deadline = self._store(), time.monotonic() + 90
        while True:
            try:
                claim = other.claim(TYPE, 'new')
                break
            except exception.StoreUnavailable:
                self.assertLess(time.monotonic(), deadline)
        other.commit(claim, [created('a')])
        self.assertRaises(exception.Fenced, self.store.commit, old,
                          [created('b')])

    def _wait(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.005)

    def _assert_journal(self, told):
        row = self.store.streams()[TYPE]
        self.assertEqual(len(told), row.revision)
        found = []
        while len(found) < row.revision:
            found += self.store.changes_since(
                TYPE, row.epoch, len(found), 1000, 1 << 30)[1]
        self.assertEqual(told, found)
        living = {}
        for change in told:
            living[change.id] = change
        self.assertEqual(
            {id_: change.revision for id_, change in living.items()
             if change.action != 'deleted'},
            {e.id: e.revision for e in self.store.page(
                [TYPE], None, 1 << 20, 1 << 30)})
        self.assertEqual(row.entities, len(list(self.store.load(TYPE))))


class MariaKillTest(KillSuite, base.OwnServerTestCase):
    server_class = DurableMaria


class PostgresKillTest(KillSuite, base.OwnServerTestCase):
    server_class = DurablePostgres
