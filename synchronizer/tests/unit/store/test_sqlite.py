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

"""The store in a SQLite file."""

import collections
import functools
import json
import os
import pathlib
import random
import sqlite3
import stat
import tempfile
from unittest import mock

from alembic import autogenerate
from alembic import command
from alembic import script as alembic_script
from alembic.runtime import migration as alembic_migration
from oslo_config import cfg
import sqlalchemy as sa
from sqlalchemy import event

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.store import base as store_base
from synchronizer.store import codec
from synchronizer.store import database
from synchronizer.store import engine
from synchronizer.store import migration
from synchronizer.store import queries
from synchronizer.store import schema
from synchronizer.store import sql
from synchronizer.tests import base
from synchronizer.tests import store_suite
from synchronizer.tests.unit.store import sql_suite


class FileTestCase(base.TestCase):

    def setUp(self):
        self.path = None
        super().setUp()

    def options(self):
        if self.path is None:
            self.path = os.path.join(tempfile.mkdtemp(), 'made', 'x.sqlite')
        return engine.Options(f'sqlite:///{self.path}')

    def new_store(self, clock=None):
        store = sql.SqlStore(self.options(), clock)
        self.addCleanup(store.close)
        return store


class SqliteStoreTest(store_suite.StoreSuite, FileTestCase):

    def test_what_was_written_is_there_after_a_restart(self):
        _, changes = self.commit(store_suite.created())
        before, secret = self.row(), self.store.secret()
        self.store.close()
        self.store = self.new_store()
        self.assertEqual((before, secret), (self.row(), self.store.secret()))
        self.assertEqual(list(changes), self.journal())

    def test_a_page_costs_two_statements_and_none_is_looked_into(self):
        self.commit(*(store_suite.created(f'{number:03}')
                      for number in range(200)))
        said = []
        event.listen(self.store._database.engine, 'before_cursor_execute',
                     lambda *told: said.append(told[2]))
        with mock.patch.object(json, 'loads') as loads:
            for limit in (1, 100):
                del said[:]
                page = self.store.page([store_suite.TYPE], None, limit,
                                       2 ** 20)
                self.assertEqual(limit, len(page))
                self.assertEqual(2, len([text for text in said
                                         if text.startswith('SELECT')]))
            loads.assert_not_called()

    def test_what_a_change_costs_in_statements(self):
        claim = self.store.claim(store_suite.TYPE, 'me')
        said = []
        event.listen(self.store._database.engine, 'before_cursor_execute',
                     lambda *told: said.append(told[2].split()[0]))
        write = ['BEGIN', 'SELECT', 'INSERT', 'INSERT', 'UPDATE']
        for writes, expected in (
                # of what comes to be nothing is asked
                ([store_suite.created('a'), store_suite.created('b')], write),
                ([store_suite.updated('a', state='OFF')],
                 [*write[:2], 'DELETE', *write[2:]]),
                ([store_suite.deleted('b')],
                 ['BEGIN', 'SELECT', 'DELETE', 'INSERT', 'UPDATE']),
                # a rewrite leaves the version alone, and must know it
                ([store_suite.rewrite('a')],
                 ['BEGIN', 'SELECT', 'SELECT', 'DELETE', 'INSERT',
                  'UPDATE'])):
            del said[:]
            claim, _ = self.store.commit(claim, writes)
            self.assertEqual(expected, said)
        del said[:]
        self.store.entities(store_suite.TYPE, ['a'])
        self.store.streams([store_suite.TYPE])
        self.assertEqual(['BEGIN', 'SELECT'] * 2, said)
        del said[:]
        self.store.changes_since(store_suite.TYPE, claim.epoch,
                                 claim.revision - 1, 1, 2 ** 20)
        self.assertEqual(['BEGIN', 'SELECT', 'SELECT'], said)

    def test_a_commit_writes_to_the_log_and_nowhere_else(self):
        chosen = random.Random(1)
        claim = self.store.claim(store_suite.TYPE, 'me')
        for count in (2000, 300):
            before = self.written()
            claim, _ = self.store.commit(claim, [
                store_suite.created(f'{chosen.getrandbits(128):032x}')
                for _ in range(count)])
        after = self.written()
        self.assertGreater(after[0], before[0])
        self.assertEqual(after[0] - before[0], after[1] - before[1])

    def written(self):
        """How long the log is, and how much this process wrote at all."""
        lines = pathlib.Path('/proc/self/io').read_text().splitlines()
        return (os.path.getsize(f'{self.path}-wal'),
                int(dict(line.split(': ') for line in lines)['wchar']))

    def test_two_stores_on_one_file(self):
        other = self.new_store()
        _, changes = self.commit(store_suite.created())
        self.assertEqual(self.store.streams(), other.streams())
        self.assertEqual(self.store.secret(), other.secret())
        claim = other.claim(store_suite.TYPE, 'other')
        other.commit(claim, [store_suite.created('b')])
        self.assertEqual(2, self.row().revision)

    def test_a_large_type_is_read_as_it_lies(self):
        self.store.ensure([store_base.StreamSpec('x.small', 'x', 600)])
        small = self.store.claim('x.small', 'me')
        few = [store_suite.created(f's{n}', type_='x.small') for n in range(2)]
        many = [store_suite.created(f'm{n}\x00') for n in range(20)]
        self.store.commit(small, few)
        self.commit(*many)
        asked = []

        def note(connection, cursor, statement, *rest):
            asked.append(statement)
        event.listen(self.store._database.engine,
                     'before_cursor_execute', note)
        for type_, writes, passes_by in ((store_suite.TYPE, many, True),
                                         ('x.small', few, False)):
            del asked[:]
            self.assertEqual(
                {write.entity.id: write.stored.digest for write in writes},
                dict(self.store.load(type_)))
            self.assertEqual(passes_by, any(
                '+type' in statement for statement in asked), asked)


class AccessTest(FileTestCase):

    def modes(self):
        folder = os.path.dirname(self.path)
        return {name: stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
                for name in ('', *os.listdir(folder))}

    def test_what_is_made_is_for_us_alone(self):
        self.addCleanup(os.umask, os.umask(0o022))
        store = self.new_store()
        store.ensure([store_base.StreamSpec(store_suite.TYPE, 'nova', 600)])
        claim = store.claim(store_suite.TYPE, 'me')
        store.commit(claim, [store_suite.created()])
        modes = self.modes()
        self.assertIn('x.sqlite-wal', modes)
        self.assertEqual(0o700, modes.pop(''))
        self.assertEqual({0o600}, set(modes.values()))

    def test_what_is_there_stays_as_it_is(self):
        self.options()
        os.mkdir(os.path.dirname(self.path), 0o750)
        os.close(os.open(self.path, os.O_CREAT, 0o640))
        os.chmod(self.path, 0o640)
        self.new_store()
        self.assertEqual(0o640, self.modes()['x.sqlite'])
        self.assertEqual(0o750, self.modes()[''])


class LeanTest(FileTestCase):
    """What the journal says of an entity is said once."""

    def setUp(self):
        super().setUp()
        self.clock = store_suite.Clock()
        self.store = self.new_store(self.clock)
        self.store.ensure([store_base.StreamSpec(store_suite.TYPE, 'x', 1)])
        self.claim = self.store.claim(store_suite.TYPE, 'me')

    def commit(self, *writes):
        self.claim, _ = self.store.commit(self.claim, writes)

    def bodies(self):
        """By id, as they lie in the file."""
        with self.store._database.engine.connect() as connection:
            return dict(connection.exec_driver_sql(
                'SELECT id, body FROM entities').fetchall())

    def shown(self):
        """By id, as readers see them, in all three ways."""
        pages = [self.store.page(
            [store_suite.TYPE], None, 100, 2 ** 20)]
        ids = [entity.id for entity in pages[0]]
        pages.append([entity for entity, _ in self.store.entities(
            store_suite.TYPE, ids).values()])
        head = self.claim.revision
        pages.append([self.store.entity_at(store_suite.TYPE, id_, head)
                      for id_ in ids])
        self.assertEqual(*pages[:2])
        self.assertEqual(*pages[1:])
        return {entity.id: (entity.attributes, entity.relations)
                for entity in pages[0]}

    def test_a_change_is_written_once(self):
        self.commit(store_suite.created('a', attributes={'n': 1}),
                    store_suite.created('b', attributes={'n': 2}))
        self.commit(store_suite.updated('b', attributes={'n': 3}))
        self.assertEqual({'a': '', 'b': ''}, self.bodies())
        self.assertEqual([{'n': 1}, {'n': 3}], [
            attributes for attributes, _ in self.shown().values()])

    def test_a_rewrite_is_not_what_the_journal_says(self):
        self.commit(store_suite.created('a', attributes={'n': 1}))
        self.commit(store_suite.rewrite('a', attributes={'n': 2}))
        self.commit(store_suite.created('b', attributes={'n': 1}),
                    store_suite.rewrite('b', attributes={'n': 2}))
        for body in self.bodies().values():
            self.assertEqual({'n': 2}, json.loads(body)['attributes'])
        self.assertEqual([{'n': 2}] * 2, [
            attributes for attributes, _ in self.shown().values()])
        self.commit(store_suite.updated('a', attributes={'n': 3}))
        self.assertEqual('', self.bodies()['a'])

    def test_what_the_journal_forgets_is_taken_from_it(self):
        for number, id_ in enumerate(('a', "b'\x00", '\xe4')):
            self.commit(store_suite.created(id_, attributes={'n': number}))
        self.commit(store_suite.updated('a', attributes={'n': 3}))
        before = self.shown()
        self.store.trim(store_suite.TYPE, '2000', 1)
        self.assertEqual([False, True, True], [
            bool(body) for _, body in sorted(self.bodies().items())])
        self.assertEqual(before, self.shown())
        self.store.trim(store_suite.TYPE, '2000', 0)
        self.assertTrue(all(self.bodies().values()))
        self.assertEqual(before, self.shown())

    def test_rows_of_both_kinds_are_read_together(self):
        self.commit(*(store_suite.created(id_) for id_ in 'abc'))
        before = self.shown()
        with self.store._database.engine.begin() as connection:
            connection.execute(
                sa.update(schema.ENTITIES).where(schema.ENTITIES.c.id == 'b')
                .values(body=codec.entity_row(
                    store_suite.entity('b'), store_suite.STORED).body))
        self.assertEqual(before, self.shown())

    def test_what_it_forgets_is_found_from_its_own_rows(self):
        asked = self.store._database.read(
            lambda connection: connection.execute(sa.text(
                f'EXPLAIN QUERY PLAN {queries._LEFT_BODIES.text}'),
                {'of': 'x', 'last': 1}).all())
        self.assertEqual(
            ['SEARCH j USING INDEX', 'SEARCH e USING INDEX'],
            [' '.join(row.detail.split()[:4]) for row in asked])


class LineageTest(FileTestCase):
    """Of an entity, what the index of a file does not have."""

    def setUp(self):
        super().setUp()
        self.store = self.new_store(store_suite.Clock())
        self.store.ensure([store_base.StreamSpec(store_suite.TYPE, 'n', 1)])
        self.claim = self.store.claim(store_suite.TYPE, 'me')
        self.asked = []
        event.listen(self.store._database.engine, 'before_cursor_execute',
                     self.note)

    def note(self, connection, cursor, statement, parameters, *unused):
        if 'FROM journal' in statement and 'EXPLAIN' not in statement:
            self.asked.append((statement, parameters))

    def commit(self, *writes):
        self.claim, _ = self.store.commit(self.claim, writes)

    def known(self, id_):
        return self.store.entities(store_suite.TYPE, [id_])[id_][0]

    def live(self, id_):
        """Made, moved, gone, and made again, as the service tells it."""
        self.commit(store_suite.created(id_))
        self.commit(store_suite.updated(id_, name='2',
                                        before=self.known(id_)))
        last = self.known(id_)
        self.commit(store_base.Write(
            last, store_suite.STORED, change_module.Change(
                change_module.DELETED, last, change_module.SWEEP)))
        self.commit(store_suite.created(id_, name='3'))

    def ways(self):
        """How each of the questions was answered by SQLite."""
        with self.store._database.engine.connect() as connection:
            return [' '.join(row.detail for row in connection.exec_driver_sql(
                f'EXPLAIN QUERY PLAN {statement}', parameters))
                for statement, parameters in self.asked]

    def test_creations_are_found_by_what_followed(self):
        self.live('a')
        self.live('b')
        self.asked.clear()
        found = self.store.history(store_suite.TYPE, 'b', 10)
        self.assertEqual([8, 7, 6, 5], [change.revision for change in found])
        ends, told = self.ways()
        self.assertIn('USING INDEX journal_of_entity (type=? AND id=?)',
                      ends)
        self.assertIn('(type=? AND revision=?)', told)

    def test_the_first_later_change_is_found_by_the_index(self):
        self.store.report(self.claim, 'live', None, store_suite.SAMPLED)
        self.live('a')
        for revision, name in ((0, None), (1, 'web-1'), (2, '2'), (3, None),
                               (4, '3')):
            self.asked.clear()
            found = self.store.entity_at(store_suite.TYPE, 'a', revision)
            self.assertEqual(name, found and found.name)
            self.assertIn('USING INDEX journal_of_entity (type=? AND id=? '
                          'AND revision>?)', self.ways()[0])

    def test_pages_of_the_past_are_found_by_the_index(self):
        self.store.report(self.claim, 'live', None, store_suite.SAMPLED)
        self.live('a')
        self.asked.clear()
        self.assertEqual(['2'], [found.name for found in (
            self.store.entities_at({store_suite.TYPE: 2}, None, 9, 1 << 30))])
        self.assertEqual('SEARCH journal USING INDEX journal_of_entity '
                         '(type=?)', self.ways()[0])

    def test_an_update_that_does_not_say_what_it_ended(self):
        self.commit(store_suite.created('b'), store_suite.created('a'))
        self.commit(store_suite.updated('a', name='2'))
        self.assertEqual([3, 2], [
            change.revision for change in self.store.history(
                store_suite.TYPE, 'a', 10)])

    def test_the_index_has_no_creations(self):
        with self.store._database.engine.connect() as connection:
            made = connection.exec_driver_sql(
                'SELECT sql FROM sqlite_master '
                "WHERE name = 'journal_of_entity'").scalar()
        self.assertTrue(made.endswith("WHERE action != 'created'"), made)


class SqliteFaultTest(sql_suite.SqlFaultSuite, FileTestCase):

    works_from = '0004'

    lost = ('database is locked',)

    def setUp(self):
        # as it is with every new connection
        self.patch(database, 'KEPT', 0)
        super().setUp()

    def full_error(self):
        error = self.operational_error(['database or disk is full'])
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        return error

    def test_the_disk_is_really_full(self):
        def little(connection, record):
            pages = connection.execute('PRAGMA page_count').fetchone()[0]
            connection.execute(f'PRAGMA max_page_count = {pages + 2}')
        event.listen(self.engine, 'connect', little)
        large = [store_suite.created(
            f'{n}', attributes={'x': 'y' * 5000}) for n in range(100)]
        self.assertRaises(exception.StoreUnavailable, self.store.commit,
                          self.claim, large)
        self.assertEqual([], self.sleeps)
        self.assert_nothing()
        event.remove(self.engine, 'connect', little)
        claim, _ = self.store.commit(self.claim, large)
        self.assertEqual(100, claim.revision)

    def test_somebody_else_holds_the_lock(self):
        connection = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(connection.close)
        connection.execute('BEGIN IMMEDIATE')
        real = self._sleep

        def release(seconds):
            connection.execute('ROLLBACK')
            real(seconds)
        self.store._database._sleep = release

        def impatient(connection, record):
            connection.execute('PRAGMA busy_timeout = 1')
        event.listen(self.engine, 'connect', impatient)
        # who only reads does not wait
        self.assertEqual(0, self.store.streams()[store_suite.TYPE].revision)
        _, changes = self.store.commit(self.claim, self.writes)
        self.assertEqual(1, len(self.sleeps))
        self.assert_once(changes)

    def test_the_file_is_no_database(self):
        path = os.path.join(tempfile.mkdtemp(), 'x')
        with open(path, 'w') as file:
            file.write('words, ' * 1000)
        self.assertRaises(exception.StoreUnavailable, sql.SqlStore,
                          engine.Options(f'sqlite:///{path}'))


class SqliteSchemaTest(FileTestCase):

    def setUp(self):
        super().setUp()
        self.database = database.Database(self.options())
        self.addCleanup(self.database.close)

    def test_the_migrations_make_the_schema(self):
        self.assertIsNone(migration.current(self.database))
        error = self.assertRaises(exception.SchemaOutdated, migration.check,
                                  self.database)
        self.assertIn('synchronizer-manage db upgrade', str(error))
        migration.upgrade(self.database)
        self.assertEqual(migration.head(), migration.current(self.database))
        with self.database.engine.connect() as connection:
            context = alembic_migration.MigrationContext.configure(
                connection, opts={'compare_type': True})
            self.assertEqual([], autogenerate.compare_metadata(
                context, schema.METADATA))

    def test_scripts_are_named_after_their_versions(self):
        scripts = alembic_script.ScriptDirectory.from_config(
            migration._config(None))
        self.assertEqual(migration.known(), [
            script.revision for script in scripts.walk_revisions()][::-1])
        self.assertEqual(scripts.get_current_head(), migration.head())

    def test_a_migration_that_fails_leaves_nothing(self):
        def fail(connection, cursor, statement, *unused):
            if 'CREATE TABLE settings' in statement:
                raise sqlite3.ProgrammingError('now')
        event.listen(self.database.engine, 'before_cursor_execute', fail)
        self.assertRaises(exception.StoreUnavailable, migration.upgrade,
                          self.database)
        event.remove(self.database.engine, 'before_cursor_execute', fail)
        with self.database.engine.connect() as connection:
            self.assertEqual([], sa.inspect(connection).get_table_names())
        migration.upgrade(self.database)

    def test_an_old_schema_is_upgraded_by_the_service(self):
        self.new_store().close()
        with self.database.engine.begin() as connection:
            connection.execute(sa.text('DROP TABLE settings'))
            connection.execute(sa.text('DELETE FROM alembic_version'))
        self.assertEqual(32, len(self.new_store().secret()))

    def test_what_the_first_release_wrote_is_kept(self):
        with self.database.engine.begin() as connection:
            command.upgrade(migration._config(connection), '0001')
            connection.execute(sa.text(
                "INSERT INTO streams VALUES ('t', 'p', 'e', 2, 1, 'me', "
                "'then', 'live', NULL, 0, 1, 0, 1, 0, 0, '', '')"))
            self.write_as_it_did(connection, 'created', 'updated')
        store = self.new_store(store_suite.Clock())
        claim = store.claim('t', 'me')
        self.assertEqual(['updated', 'created'], [
            change.action for change in store.history('t', 'i', 9)])
        self.assertRaises(exception.BeyondJournal, store.at, 't', '9')
        store.report(claim, 'live', None, store_suite.SAMPLED)
        self.assertEqual(2, store.at('t', '9'))
        # and where it still runs beside us, it writes on
        with self.database.engine.begin() as connection:
            self.write_as_it_did(connection, 'deleted', 'updated', first=3)
        self.assertEqual(4, store.at('t', '9'))
        self.assertEqual('i', store.entity_at('t', 'i', 2).id)
        self.assertRaises(exception.BeyondJournal, store.entity_at, 't',
                          'i', 3)

    def test_what_was_written_before_anybody_was_named_is_kept(self):
        with self.database.engine.begin() as connection:
            command.upgrade(migration._config(connection), '0002')
            connection.execute(sa.text(
                "INSERT INTO streams VALUES ('t', 'p', 'e', 2, 1, 'me', "
                "'then', 'live', NULL, 0, 1, 0, 1, 0, 0, '', '', '2025')"))
            self.write_as_it_did(connection, 'created', 'deleted')
            connection.execute(sa.text(
                "UPDATE journal SET before = '{}' WHERE revision = 2"))
        store = self.new_store(store_suite.Clock())
        store.commit(store.claim('t', 'me'), [store_suite.created(
            'i', type_='t', initiator=store_suite.WHO)])
        # and where it still runs beside us, it writes on
        with self.database.engine.begin() as connection:
            self.write_as_it_did(connection, 'deleted', first=4)
        self.assertEqual(
            [('created', None), ('deleted', None),
             ('created', store_suite.WHO), ('deleted', None)],
            [(change.action, change.initiator) for change in
             store.changes_since('t', 'e', 0, 9, store_suite.PLENTY)[1]])
        self.assertEqual('i', store.entity_at('t', 'i', 1).id)
        with self.database.engine.connect() as connection:
            self.assertEqual('{}', connection.execute(sa.text(
                'SELECT before FROM journal WHERE revision = 2')).scalar())

    def test_a_step_that_was_cut_off_is_made_again(self):
        with self.database.engine.begin() as connection:
            command.upgrade(migration._config(connection), '0002')
            connection.execute(sa.text(
                'ALTER TABLE journal ADD COLUMN initiator TEXT'))
        self.new_store()
        self.assertEqual(migration.head(), migration.current(self.database))

    def write_as_it_did(self, connection, *actions, first=1):
        """Name the columns that the first release knew."""
        entity = codec.change_row(
            store_suite.created('i', type_='t').change).entity
        for revision, action in enumerate(actions, first):
            connection.execute(sa.text(
                'INSERT INTO journal (type, revision, id, action, cause, '
                'committed_at, changed, weight, entity) VALUES '
                "('t', :revision, 'i', :action, 'sweep', '2026', '[]', 9, "
                ':entity)'), {'revision': revision, 'action': action,
                              'entity': entity})
            connection.execute(
                sa.text('UPDATE streams SET revision = :revision'),
                {'revision': revision})

    def test_settings_of_the_file(self):
        with self.database.engine.connect() as connection:
            self.assertEqual(['wal', 1, 5000, 16384, -500], [
                connection.exec_driver_sql(f'PRAGMA {name}').scalar()
                for name in ('journal_mode', 'synchronous', 'busy_timeout',
                             'page_size', 'cache_size')])

    def test_who_may_write_takes_the_lock_at_once(self):
        impatient = sqlite3.connect(self.path, isolation_level=None,
                                    timeout=0)
        self.addCleanup(impatient.close)
        for run, locked in ((self.database.read, False),
                            (self.database.write, True)):
            def work(connection, locked=locked):
                if not locked:
                    impatient.execute('BEGIN IMMEDIATE')
                    return impatient.execute('ROLLBACK')
                self.assertRaises(sqlite3.OperationalError,
                                  impatient.execute, 'BEGIN IMMEDIATE')
            run(work)


class ConnectionsTest(FileTestCase):
    """How often the file is opened, and closed."""

    def setUp(self):
        super().setUp()
        self.now, self.count = 100.0, collections.Counter()
        self.database = database.Database(
            self.options(), timer=lambda: self.now)
        self.addCleanup(self.database.close)
        for name in ('connect', 'close'):
            event.listen(self.database.engine, name, functools.partial(
                self.note, name))

    def note(self, name, *unused):
        self.count[name] += 1

    def ask(self, connection):
        return connection.exec_driver_sql('SELECT 1').scalar()

    def opened(self):
        return self.count['connect'], self.count['close']

    def test_one_serves_many_transactions(self):
        for _ in range(3):
            self.assertEqual(1, self.database.read(self.ask))
        self.assertEqual((1, 0), self.opened())
        for _ in range(3):
            self.database.write(self.ask)
        self.assertEqual((2, 0), self.opened())

    def test_it_is_used_for_some_seconds_only(self):
        self.database.read(self.ask)
        self.now += database.KEPT - 1
        self.database.read(self.ask)
        self.assertEqual((1, 0), self.opened())
        self.now += 1
        self.database.read(self.ask)
        self.assertEqual((2, 1), self.opened())

    def test_two_at_once_have_one_each_and_one_is_kept(self):
        self.database.read(lambda one: self.database.read(
            lambda other: self.assertIsNot(one, other)))
        self.assertEqual((2, 1), self.opened())
        self.database.read(self.ask)
        self.assertEqual((2, 1), self.opened())

    def test_one_whose_work_failed_is_not_used_again(self):
        def fail(connection):
            connection.exec_driver_sql('CREATE TABLE t (a INTEGER)')
            raise ZeroDivisionError
        self.assertRaises(ZeroDivisionError, self.database.write, fail)
        self.assertEqual((1, 1), self.opened())
        self.database.write(lambda connection: self.assertEqual(
            [], sa.inspect(connection).get_table_names()))

    def test_none_is_left_open(self):
        self.database.anchor()
        self.database.read(self.ask)
        self.database.write(self.ask)
        self.database.close()
        self.assertEqual((3, 3), self.opened())

    def test_each_sees_what_others_have_written(self):
        with sqlite3.connect(self.path) as other:
            self.assertEqual(1, self.database.read(self.ask))
            other.execute('CREATE TABLE t (a INTEGER)')
            other.commit()
        other.close()
        self.assertEqual(['t'], self.database.read(
            lambda connection: sa.inspect(connection).get_table_names()))


class OptionsTest(base.TestCase):

    def _conf(self, **values):
        conf = cfg.ConfigOpts()
        conf.register_opts(engine.db_options.database_opts, 'database')
        for name, value in values.items():
            conf.set_override(name, value, 'database')
        return conf

    def test_from_conf(self):
        options = engine.Options.from_conf(self._conf(
            connection='sqlite:///x', max_retries=3, retry_interval=2,
            max_pool_size=7))
        self.assertEqual(('sqlite:///x', 3, 2, 7, 'TRADITIONAL'), (
            options.connection, options.max_retries, options.retry_interval,
            options.settings['max_pool_size'],
            options.settings['mysql_sql_mode']))

    def test_a_store_from_conf(self):
        path = os.path.join(tempfile.mkdtemp(), 'x')
        conf = self._conf(connection=f'sqlite:///{path}')
        migration.upgrade_from_conf(conf)
        migration.check_from_conf(conf)
        store = sql.SqlStore.from_conf(conf)
        self.addCleanup(store.close)
        self.assertEqual({}, store.streams())

    def test_urls(self):
        for given, parameters, query in (
                ('mysql+pymysql://h/d', '', {
                    'charset': 'utf8mb4', 'connect_timeout': '10',
                    'read_timeout': '60', 'write_timeout': '60'}),
                ('mariadb+pymysql://h/d?charset=utf8', 'read_timeout=7', {
                    'charset': 'utf8mb4', 'connect_timeout': '10',
                    'read_timeout': '7', 'write_timeout': '60'}),
                ('sqlite:////d/x', '', {})):
            url = engine.Options(given, parameters).url
            self.assertEqual(query, dict(url.query))
            self.assertIn(url.get_backend_name(), ('mysql', 'sqlite'))

    def test_what_cannot_work_is_said(self):
        for wrong in ('', 'nonsense', 'oracle8://x', 'sqlite://',
                      'sqlite:///:memory:', 'sqlite:////dev/null/x/y'):
            self.assertRaises(
                exception.ConfigurationError, lambda wrong=wrong:
                sql.SqlStore.from_conf(self._conf(connection=wrong)))

    def test_the_first_connection_is_tried_as_often_as_told(self):
        sleeps = []
        options = engine.Options('mysql+pymysql://127.0.0.1:1/d',
                                 max_retries=3, retry_interval=4)
        self.assertRaises(exception.StoreUnavailable, sql.SqlStore, options,
                          sleep=sleeps.append)
        self.assertEqual([4, 4, 4], sleeps)

    def test_or_as_any_other_where_others_would_work_instead(self):
        sleeps = []
        options = engine.Options('mysql+pymysql://127.0.0.1:1/d',
                                 max_retries=-1, retry_interval=100)
        self.assertRaises(exception.StoreUnavailable, sql.SqlStore, options,
                          sleep=sleeps.append, waits=False)
        self.assertEqual(len(database.DELAYS), len(sleeps))
        self.assertLess(sum(sleeps), 1.2 * database.BUDGET)


class FileTest(FileTestCase):

    def test_a_file_or_a_server(self):
        options = self.options()
        self.assertEqual(self.path, options.file)
        self.assertIsNone(
            engine.Options('postgresql+psycopg2://h/x').file)
        for url in ('sqlite://', 'sqlite:///:memory:'):
            self.assertRaisesRegex(
                exception.ConfigurationError, 'needs a file',
                getattr, engine.Options(url), 'file')

    def test_what_is_damaged_is_named_and_nothing_else_is_said(self):
        options = self.options()
        os.mkdir(os.path.dirname(self.path))
        with open(self.path, 'w') as file:
            file.write('no database at all' * 400)
        for method in (lambda found: found.connect(),
                       lambda found: found.read(lambda connection: None),
                       lambda found: found.write(lambda connection: None)):
            found = database.Database(options)
            self.addCleanup(found.close)
            with self.assertRaisesRegex(
                    exception.StoreUnavailable,
                    f'{self.path}: .*move it away'):
                method(found)
        self.assertNotIn('oslo_db', self.log.output)
        self.assertNotIn('Traceback', self.log.output)
