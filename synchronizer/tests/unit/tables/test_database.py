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

"""The tables answer SQL, are loaded whole, and are never written by it."""

import dataclasses
import os
import pathlib
import stat

from synchronizer import exception
from synchronizer import tables
from synchronizer.model.change import Change
from synchronizer.model.change import DELETED
from synchronizer.model.change import UPDATED
from synchronizer.model.entity import Entity
from synchronizer.model.entity import Relation
from synchronizer.tests import base
from synchronizer.tests.unit.tables.samples import SERVER

VOLUME = Entity('cinder.volume', 'v', 'data', state='in-use', relations=(
    Relation('attached-to', 'nova.instance', 's'),),
    attributes={'size': 5, 'attachments': [
        {'attachment_id': 'a', 'server_id': 's', 'device': '/dev/sdb'}]})
ENDLESS = ('WITH RECURSIVE x (i) AS (VALUES (1) UNION ALL SELECT i + 1 '
           'FROM x) SELECT i FROM x')


class DatabaseCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.database = tables.Database()
        self.addCleanup(self.database.close)
        self.database.load([SERVER, VOLUME])

    def ask(self, sql, *parameters):
        return list(self.database.query(sql, parameters).rows)

    def error(self, sql, *parameters):
        error = self.assertRaises(
            exception.TableError, self.ask, sql, *parameters)
        self.assertNotIn('\n', str(error))
        return str(error)


class LoadTest(DatabaseCase):

    def test_tables_can_be_joined(self):
        self.assertEqual([('web', '/dev/sdb', 5)], self.ask(
            'SELECT i.name, a.device, v.size FROM nova_instances i '
            'JOIN cinder_volume_attachments a ON a.instance_id = i.id '
            'JOIN cinder_volumes v ON v.id = a.volume_id'))
        self.assertEqual([('v',)], self.ask(
            'SELECT id FROM relations WHERE to_type = ? AND to_id = ?',
            'nova.instance', 's'))

    def test_all_types_at_once(self):
        self.assertEqual(
            [('cinder.volume', 'v', 'data', None, 'in-use'),
             ('nova.instance', 's', 'web', 'u', 'ACTIVE')],
            self.ask('SELECT type, id, name, user_id, state FROM entities '
                     'ORDER BY type'))

    def test_nothing_of_an_entity_is_out_of_reach(self):
        self.assertEqual([('small', 'c')], self.ask(
            "SELECT json_extract(attributes, '$.flavor.original_name'), "
            """json_extract(attributes, '$.flavor.extra_specs."a:b"') """
            'FROM nova_instances'))
        self.assertEqual([(2,)], self.ask(
            'SELECT count(*) FROM nova_instances, '
            "json_each(attributes, '$.tags')"))

    def test_one_that_comes_twice_is_there_once(self):
        newer = dataclasses.replace(
            SERVER, name='www', attributes={'tags': ['z']})
        self.assertEqual(3, self.database.load([VOLUME, newer, newer]))
        self.assertEqual([('www',)],
                         self.ask('SELECT name FROM nova_instances'))
        self.assertEqual([('z',)],
                         self.ask('SELECT tag FROM nova_instance_tags'))
        self.assertEqual([], self.ask('SELECT * FROM nova_instance_volumes'))

    def test_all_or_none_is_loaded(self):

        def broken():
            for number in range(1200):
                yield dataclasses.replace(SERVER, id=str(number))
            yield Entity('foreign.thing', 'x')
            raise ValueError('the rest does not come')

        self.assertRaises(ValueError, self.database.load, broken())
        self.assertEqual([('s',)], self.ask('SELECT id FROM nova_instances'))
        self.assertIn('no such table',
                      self.error('SELECT * FROM foreign_thing'))
        self.database.load([Entity('foreign.thing', 'x')])
        self.assertEqual([('foreign.thing', 'x')], self.ask(
            "SELECT type, id FROM entities WHERE id = 'x'"))

    def test_batches_are_made_while_entities_come(self):
        loaded = []

        def many():
            for number in range(2000):
                loaded.append(number)
                yield dataclasses.replace(SERVER, id=str(number))

        self.assertEqual(2000, self.database.load(many()))
        self.assertEqual(
            [(2001, 4002)],
            self.ask('SELECT count(*), (SELECT count(*) FROM '
                     'nova_instance_tags) FROM nova_instances'))

    def test_changes_are_followed(self):
        self.database.apply(Change(UPDATED, dataclasses.replace(
            SERVER, state='ERROR', relations=()), 'sweep'))
        self.assertEqual([('ERROR',)],
                         self.ask('SELECT state FROM nova_instances'))
        for _ in range(2):
            self.database.apply(Change(DELETED, SERVER, 'sweep'))
        self.assertEqual([('cinder.volume',)],
                         self.ask('SELECT type FROM entities'))
        self.assertEqual([('v',)], self.ask('SELECT id FROM relations'))
        for table in self.database.tables:
            if table.type == 'nova.instance':
                self.assertEqual([(0,)], self.ask(
                    f'SELECT count(*) FROM {table.name}'))

    def test_no_types_at_all(self):
        with tables.Database([]) as database:
            self.assertEqual([(0,)], list(database.query(
                'SELECT count(*) FROM entities').rows))


class QueryTest(DatabaseCase):

    def test_columns_and_rows(self):
        result = self.database.query(
            ' -- a comment\n/* and another */ Values (1, ?)', [2])
        self.assertEqual(('column1', 'column2'), result.columns)
        self.assertEqual([(1, 2)], list(result.rows))
        self.assertEqual(
            ('id', 'parent', 'notused', 'detail'), self.database.query(
                'EXPLAIN QUERY PLAN SELECT * FROM nova_hosts').columns)

    def test_rows_come_one_by_one_and_can_be_stopped(self):
        result = self.database.query(ENDLESS)
        self.assertEqual((1,), next(result.rows))
        self.database.interrupt()
        error = self.assertRaises(exception.TableError, next, result.rows)
        self.assertEqual('interrupted', str(error))
        self.assertEqual([(1,)], self.ask('SELECT 1'))

    def test_the_columns_of_a_table_can_be_asked_for(self):
        self.assertEqual([('id', 'TEXT')], self.ask(
            "SELECT name, type FROM pragma_table_info('nova_hosts') "
            'LIMIT 1'))

    def test_a_query_only_reads(self):
        place = str(pathlib.Path.home() / 'other')
        for sql in (
                'DELETE FROM nova_hosts', "ATTACH 'x' AS y", 'BEGIN',
                'CREATE TABLE a (b)', f"VACUUM INTO '{place}'", 'ANALYZE',
                'PRAGMA user_version = 3', 'PRAGMA query_only', '', ' ;',
                '-- nothing', '(SELECT 1)', 'SELECT\0 1',
                'WITH x AS (SELECT 1) DELETE FROM nova_instances',
                'EXPLAIN DELETE FROM nova_instances',
                "SELECT load_extension('x')",
                'SELECT * FROM pragma_user_version'):
            self.assertIn('never written', self.error(sql), sql)
        self.assertEqual([('s',)], self.ask('SELECT id FROM nova_instances'))
        self.assertFalse(os.path.exists(place))
        self.database.load([dataclasses.replace(SERVER, id='t')])

    def test_one_question_at_a_time(self):
        self.assertIn('one statement', self.error('SELECT 1; SELECT 2'))
        self.assertEqual([(1,)], self.ask('SELECT 1;'))

    def test_an_error_names_what_was_meant(self):
        self.assertEqual(
            'no such table: heat_stack; perhaps heat_stacks or '
            'heat_stack_tags or heat_stack_outputs?',
            self.error('SELECT * FROM heat_stack'))
        self.assertEqual(
            'no such column: s.binry; perhaps binary?', self.error(
                'SELECT s.binry FROM nova_services s, nova_hosts h'))
        self.assertEqual('near "FORM": syntax error',
                         self.error('SELECT * FORM heat_stacks'))
        self.assertIn('bindings', self.error('SELECT ?'))
        self.assertIn('no valid text', self.error("SELECT '\ud800'"))

    def test_an_error_on_the_way(self):
        self.assertEqual(
            'malformed JSON',
            self.error("SELECT json_extract(id, '$') FROM nova_instances"))

    def test_a_table_of_a_type_that_is_not_here(self):
        with tables.Database(['nova.instance']) as database:
            error = self.assertRaises(
                exception.TableError, database.query,
                'SELECT * FROM heat_stack_tags')
        self.assertEqual('no such table: heat_stack_tags: heat.stack is not '
                         'among the types here', str(error))


class TypesTest(DatabaseCase):

    def test_the_types_that_a_query_is_about(self):
        for sql, expected in (
                ('SELECT 1', set()),
                ('SELECT count(*) FROM heat_stack_tags', {'heat.stack'}),
                ('WITH x AS (SELECT * FROM nova_hosts) SELECT x.id FROM x '
                 'WHERE id IN (SELECT host FROM nova_services)',
                 {'nova.host', 'nova.service'}),
                ('EXPLAIN SELECT id FROM nova_zones', {'nova.zone'})):
            self.assertEqual(expected, self.database.types(sql), sql)
        self.assertEqual({'nova.host'}, self.database.types(
            'SELECT id FROM nova_hosts WHERE id = ?', ['x']))

    def test_relations_and_the_view_are_about_all(self):
        with tables.Database(['nova.host', 'nova.zone']) as database:
            for name in ('relations', 'entities'):
                self.assertEqual(
                    {'nova.host', 'nova.zone'},
                    database.types(f'SELECT id FROM {name}'))

    def test_nothing_is_run(self):
        self.assertEqual(set(), self.database.types(
            f'SELECT count(*) FROM ({ENDLESS})'))


class FileTest(base.TestCase):

    def test_a_database_in_a_file_of_its_own(self):
        path = str(pathlib.Path.home() / 'cloud.sqlite')
        with tables.Database(['nova.instance'], path) as database:
            database.load([SERVER])
        self.assertEqual(0o600, stat.S_IMODE(os.stat(path).st_mode))
        error = self.assertRaises(
            exception.TableError, tables.Database, None, path)
        self.assertEqual(f'{path} is there already', str(error))
