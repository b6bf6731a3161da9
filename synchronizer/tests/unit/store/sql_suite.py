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

"""Faults of a database, and what becomes of a commit then.

Mix it in before a test case that has `new_store(clock)`, `options()` and
the texts that its driver uses.
"""

from unittest import mock

import sqlalchemy as sa
from sqlalchemy import event

from synchronizer import exception
from synchronizer.store import base as store_base
from synchronizer.store import database
from synchronizer.store import migration
from synchronizer.store import sql
from synchronizer.tests import store_suite
from synchronizer.tests.store_suite import created
from synchronizer.tests.store_suite import TYPE


class SqlFaultSuite:
    """Each fault is put where SQLAlchemy calls the driver."""

    #: arguments of the driver's OperationalError
    lost = ('server closed the connection unexpectedly',)
    full = ('no space',)

    def setUp(self):
        super().setUp()
        self.sleeps, self.time = [], 0.0
        self.clock = store_suite.Clock()
        self.store = sql.SqlStore(self.options(), self.clock, self._sleep,
                                  lambda: self.time)
        self.addCleanup(self.store.close)
        self.engine = self.store._database.engine
        self.store.ensure([store_base.StreamSpec(TYPE, 'nova', 600)])
        self.claim = self.store.claim(TYPE, 'me')

    def _sleep(self, seconds):
        self.sleeps.append(seconds)
        self.time += seconds
        # somebody else's work is told by another clock
        self.clock.forward(seconds=seconds)

    def operational_error(self, arguments):
        return self.engine.dialect.loaded_dbapi.OperationalError(*arguments)

    def full_error(self):
        return self.operational_error(self.full)

    def patch_commit(self, *plan):
        """For each commit of the driver: before, after or None (works)."""
        plan, real = list(plan), self.engine.dialect.do_commit

        def do_commit(connection):
            step = plan.pop(0) if plan else None
            if step == 'before':
                raise self.operational_error(self.lost)
            real(connection)
            if step == 'after':
                raise self.operational_error(self.lost)
        patch = mock.patch.object(self.engine.dialect, 'do_commit',
                                  do_commit)
        patch.start()
        self.addCleanup(patch.stop)
        return patch

    def patch_statement(self, beginning, make_error, times=1):
        """Let the first so many statements that begin so raise."""
        left = [times]

        def fail(cursor, statement, parameters, context):
            if statement.startswith(beginning) and left[0]:
                left[0] -= 1
                raise make_error()
        for hook in ('do_execute', 'do_executemany'):
            event.listen(self.engine, hook, fail)
            self.addCleanup(event.remove, self.engine, hook, fail)

    def assert_once(self, changes):
        """The one commit is there, and as it was told."""
        row = self.store.streams()[TYPE]
        self.assertEqual((2, 2), (row.revision, row.entities))
        self.assertEqual((2, list(changes)), self.store.changes_since(
            TYPE, row.epoch, 0, 10, 1 << 20))
        self.assertEqual({'a', 'b'}, set(
            self.store.entities(TYPE, ['a', 'b'])))

    def assert_nothing(self):
        row = self.store.streams()[TYPE]
        self.assertEqual((0, 0), (row.revision, row.entities))
        self.assertEqual((0, []), self.store.changes_since(
            TYPE, row.epoch, 0, 10, 1 << 20))

    writes = [created('a'), created('b')]

    def test_connection_lost_before_the_commit(self):
        self.patch_commit('before')
        claim, changes = self.store.commit(self.claim, self.writes)
        self.assertEqual((2, 1), (claim.revision, len(self.sleeps)))
        self.assert_once(changes)

    def test_connection_lost_after_the_commit(self):
        self.patch_commit('after')
        claim, changes = self.store.commit(self.claim, self.writes)
        self.assertEqual((2, 1), (claim.revision, len(self.sleeps)))
        self.assert_once(changes)
        self.assertEqual('2026-11-20T12:00:00.000000Z',
                         changes[0].committed_at)

    def test_lost_before_and_after_again_and_again(self):
        self.patch_commit('before', 'before', 'after', 'after', 'after')
        claim, changes = self.store.commit(self.claim, self.writes)
        self.assertEqual(2, claim.revision)
        self.assert_once(changes)

    def test_lost_for_too_long_and_the_caller_tries_again(self):
        for last in ('before', 'after'):
            claim = self.store.claim(TYPE, 'me')
            steps = [last] + ['before'] * len(database.DELAYS)
            patch = self.patch_commit(*steps)
            self.assertRaises(exception.StoreUnavailable, self.store.commit,
                              claim, [created(last)])
            patch.stop()
            self.clock.forward(minutes=1)
            self.store.commit(claim, [created(last)])
        self.assertEqual(['before', 'after'], [
            change.id for change in self.store.changes_since(
                TYPE, self.claim.epoch, 0, 10, 1 << 20)[1]])

    def test_the_caller_tries_something_else(self):
        self.patch_commit('after', *['before'] * len(database.DELAYS))
        # nobody could know; the reads of the tries end in commits, too
        self.assertRaises(exception.StoreUnavailable, self.store.commit,
                          self.claim, self.writes)
        self.assertRaises(exception.Fenced, self.store.commit, self.claim,
                          [created('a')])

    def test_tries_are_bounded(self):
        self.patch_commit(*['before'] * 100)
        self.assertRaises(exception.StoreUnavailable, self.store.commit,
                          self.claim, self.writes)
        self.assertEqual(len(database.DELAYS), len(self.sleeps))
        self.assertGreater(database.BUDGET, sum(self.sleeps))

    def test_slow_tries_are_bounded_too(self):
        def slow():
            self.time += 6
            return self.operational_error(self.lost)
        self.patch_statement('INSERT', slow, times=100)
        self.assertRaises(exception.StoreUnavailable, self.store.commit,
                          self.claim, self.writes)
        self.assertEqual(1, len(self.sleeps))

    def test_a_statement_fails_and_nothing_is_left(self):
        for beginning in ('SELECT', 'UPDATE', 'INSERT'):
            self.patch_statement(
                beginning, lambda: self.operational_error(self.lost), 1)
        claim, changes = self.store.commit(self.claim, self.writes)
        self.assert_once(changes)
        self.assertEqual(3, len(self.sleeps))

    def test_the_disk_is_full(self):
        self.patch_statement('INSERT', self.full_error)
        error = self.assertRaises(
            exception.StoreUnavailable, self.store.commit, self.claim,
            self.writes)
        self.assertEqual([], self.sleeps)
        self.assertNotIn('INSERT', str(error))
        self.assert_nothing()
        # there is room again, and the claim is still good
        _, changes = self.store.commit(self.claim, self.writes)
        self.assert_once(changes)

    def test_what_cannot_pass_is_not_tried_again(self):
        for kind in ('ProgrammingError', 'DataError'):
            self.patch_statement('INSERT', lambda kind=kind: getattr(
                self.engine.dialect.loaded_dbapi, kind)('nonsense'))
            self.assertRaises(exception.StoreUnavailable, self.store.commit,
                              self.claim, self.writes)
        self.assertEqual([], self.sleeps)
        self.assert_nothing()

    def test_reads_are_tried_again(self):
        self.store.commit(self.claim, self.writes)
        for number, read in enumerate((
                lambda: self.store.streams(),
                lambda: self.store.page([TYPE], None, 10, 1000),
                lambda: self.store.entities(TYPE, ['a']),
                lambda: self.store.history(TYPE, 'a', 10),
                lambda: self.store.entities_at({TYPE: 2}, None, 9, 1000),
                lambda: self.store.entity_at(TYPE, 'a', 2),
                lambda: list(self.store.load(TYPE)),
                lambda: self.store.changes_since(
                    TYPE, self.claim.epoch, 0, 10, 1000),
                self.store.secret), 1):
            self.patch_statement(
                'SELECT', lambda: self.operational_error(self.lost))
            self.assertTrue(read())
            self.assertEqual(number, len(self.sleeps))

    def test_the_connection_is_lost_before_it_is_used(self):
        """SQLAlchemy does not wrap what happens where it sets it up."""
        def fail(connection, *unused):
            event.remove(self.engine, 'engine_connect', fail)
            raise self.operational_error(self.lost)
        event.listen(self.engine, 'engine_connect', fail)
        _, changes = self.store.commit(self.claim, self.writes)
        self.assertEqual(1, len(self.sleeps))
        self.assert_once(changes)

    def test_every_method_says_unavailable(self):
        self.patch_statement('', lambda: self.operational_error(self.lost),
                             10000)
        for call in (
                lambda: self.store.ensure(
                    [store_base.StreamSpec('x.y', 'nova', 1)]),
                self.store.streams, self.store.secret,
                lambda: self.store.claim(TYPE, 'me'),
                lambda: list(self.store.load(TYPE)),
                lambda: self.store.commit(self.claim, self.writes),
                lambda: self.store.report(self.claim, 'live', None),
                lambda: self.store.trim(TYPE, '9', 0),
                lambda: self.store.page([TYPE], None, 10, 1000),
                lambda: self.store.entities(TYPE, ['a']),
                lambda: self.store.changes_since(
                    TYPE, self.claim.epoch, 0, 10, 1000),
                lambda: self.store.history(TYPE, 'a', 10),
                lambda: self.store.at(TYPE, '9'),
                lambda: self.store.entities_at({TYPE: 0}, None, 9, 1000),
                lambda: self.store.entity_at(TYPE, 'a', 0),
                lambda: self.store.request_sweep([TYPE]),
                lambda: self.store.set_paused(TYPE, True),
                lambda: self.store.reset(TYPE)):
            self.assertRaises(exception.StoreUnavailable, call)

    def test_two_make_the_same_row_at_once(self):
        """The other one's row comes between our look and our insert."""
        other = sql.SqlStore(self.options())
        self.addCleanup(other.close)
        spec = store_base.StreamSpec('x.y', 'nova', 1)
        error = self.engine.dialect.loaded_dbapi.IntegrityError
        texts = {'sqlite': ('UNIQUE constraint failed: streams.type',),
                 'mysql': (1062, "Duplicate entry 'x' for key 'PRIMARY'"),
                 'postgresql': (
                     'duplicate key value violates unique constraint '
                     '"streams_pkey"\n',)}
        self.patch_statement(
            'INSERT', lambda: error(*texts[self.engine.dialect.name]))
        self.store.ensure([spec])
        self.assertEqual(1, len(self.sleeps))
        self.assertEqual(other.streams(), self.store.streams())
        self.assertEqual(other.secret(), self.store.secret())

    works_from = migration.WORKS_FROM
    """What an upgrade says."""

    def test_a_newer_schema(self):
        self._newer(None)
        error = self.assertRaises(exception.SchemaOutdated, sql.SqlStore,
                                  self.options())
        self.assertIn('upgrade the packages', str(error))
        self.assertIn('newer', str(error))

    def _newer(self, works_from):
        """A schema of a later release, which says from when on it does."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(
                "UPDATE alembic_version SET version_num = '9999'"))
            connection.execute(sa.text(
                "DELETE FROM settings WHERE name = 'schema_works_from'"))
            if works_from:
                connection.execute(sa.text(
                    'INSERT INTO settings (name, value) VALUES '
                    "('schema_works_from', :value)"), {'value': works_from})

    def test_an_upgrade_says_from_when_on_its_schema_does(self):
        with self.engine.connect() as connection:
            said = connection.execute(sa.text(
                'SELECT value FROM settings '
                "WHERE name = 'schema_works_from'")).scalar()
        self.assertEqual(self.works_from, said)
        self.assertFalse(migration.is_newer(said))

    def test_a_newer_schema_that_does_for_us(self):
        self._newer(migration.head())
        store = sql.SqlStore(self.options())
        self.addCleanup(store.close)
        self.assertEqual(self.store.streams(), store.streams())

    def test_a_newer_schema_that_does_only_for_newer_programs(self):
        self._newer('9998')
        self.assertRaises(exception.SchemaOutdated, sql.SqlStore,
                          self.options())
