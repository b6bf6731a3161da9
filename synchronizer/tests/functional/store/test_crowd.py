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

"""Many owners, readers and trimmers at once; several processes."""

import concurrent.futures
import multiprocessing
import os
import tempfile

from synchronizer.store import base as store_base
from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests import base
from synchronizer.tests.functional.store import test_servers
from synchronizer.tests.store_suite import created
from synchronizer.tests.store_suite import deleted
from synchronizer.tests.store_suite import updated

TYPES = [f'crowd.t{number}' for number in range(4)]
ROUNDS, SIZE = 15, 40
SPECS = [store_base.StreamSpec(type_, 'crowd', 1) for type_ in TYPES]


def own(store, type_):
    """One owner's life; what it was told."""
    claim, told = store.claim(type_, 'me'), []
    for number in range(ROUNDS):
        claim, changes = store.commit(
            claim, [created(f'{number}-{n}', type_=type_)
                    for n in range(SIZE)])
        told += changes
        claim, changes = store.commit(
            claim, [updated(f'{number}-{n}', type_=type_)
                    for n in range(SIZE // 2)] +
            [deleted(f'{number}-{SIZE - 1}', type_=type_)])
        told += changes
        store.report(claim, 'live', None)
        store.trim(type_, '', SIZE * 3)
    return [(change.revision, change.id) for change in told]


def own_in_a_process(url, type_):
    store = sql.SqlStore(engine.Options(url))
    try:
        store.ensure(SPECS)
        return own(store, type_), store.secret()
    finally:
        store.close()


def read(store, times):
    """Read as a snapshot server does; what was wrong."""
    wrong = []
    for _ in range(times):
        rows = store.streams()
        for type_, row in rows.items():
            since = max(row.revision - 5, row.oldest_revision - 1)
            head, changes = store.changes_since(
                type_, row.epoch, row.revision, 1000, 1 << 30)
            held = [change.revision for change in changes]
            if held != list(range(row.revision + 1, head + 1)):
                wrong.append((type_, since, head, held))
        store.page(list(rows), None, 500, 1 << 20)
        store.request_sweep(TYPES)
    return wrong


class CrowdSuite:

    timeout = 180
    total = ROUNDS * (SIZE + SIZE // 2 + 1)

    def check(self, store):
        for type_, row in store.streams().items():
            self.assertEqual(
                (self.total, self.total - SIZE * 3 + 1,
                 ROUNDS * (SIZE - 1)),
                (row.revision, row.oldest_revision, row.entities), type_)
            self.assertEqual(SIZE * 3, len(store.changes_since(
                type_, row.epoch, row.oldest_revision - 1, 10000,
                1 << 30)[1]))

    def test_many_threads(self):
        store = self.new_store(None)
        store.ensure(SPECS)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            readers = [pool.submit(read, store, 15) for _ in range(2)]
            owners = [pool.submit(own, store, type_) for type_ in TYPES]
            for owner in owners:
                self.assertEqual(
                    list(range(1, self.total + 1)),
                    [revision for revision, _ in owner.result(150)])
            self.assertEqual([[], []], [r.result(150) for r in readers])
        self.check(store)
        # all of them locked in one order
        self.assertNotIn('Deadlock', self.log.output)
        self.assertNotIn('deadlock', self.log.output)


class SqliteCrowdTest(CrowdSuite, base.TestCase):

    def setUp(self):
        super().setUp()
        path = os.path.join(tempfile.mkdtemp(), 'x.sqlite')
        self.url = f'sqlite:///{path}'

    def new_store(self, clock):
        store = sql.SqlStore(engine.Options(self.url), clock)
        self.addCleanup(store.close)
        return store

    def test_processes_that_start_at_once(self):
        """The file, its schema, the rows and the secret are made once."""
        context = multiprocessing.get_context('spawn')
        with concurrent.futures.ProcessPoolExecutor(
                len(TYPES), mp_context=context) as pool:
            lives = [pool.submit(own_in_a_process, self.url, type_)
                     for type_ in TYPES]
            secrets = {life.result(150)[1] for life in lives}
        store = self.new_store(None)
        self.assertEqual({store.secret()}, secrets)
        self.check(store)


class MysqlCrowdTest(CrowdSuite, test_servers.ServerTestCase):
    server_url = test_servers.MYSQL


class PostgresqlCrowdTest(CrowdSuite, test_servers.ServerTestCase):
    server_url = test_servers.POSTGRESQL
