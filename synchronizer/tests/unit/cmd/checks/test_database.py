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

"""The database: its file, its schema, and its server."""

import os
import pathlib
import sqlite3
from unittest import mock

from synchronizer import exception
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import database
from synchronizer.service import schema
from synchronizer.store import engine
from synchronizer.tests.unit.cmd.checks import fakes


class DatabaseTest(fakes.ChecksTestCase):

    def setUp(self):
        super().setUp()
        self.known = self.subject()

    @property
    def file(self):
        return pathlib.Path(
            engine.Options.from_conf(self.known.conf).file)

    def make(self, version):
        with sqlite3.connect(self.file) as connection:
            connection.execute('CREATE TABLE alembic_version (version_num)')
            connection.execute('INSERT INTO alembic_version VALUES (?)',
                               (version,))
        connection.close()

    def check(self):
        return database.database(self.known)

    def test_a_file_that_the_service_will_make(self):
        self.assert_row(base.SUCCESS, self.check(), 'when it starts')
        self.assertFalse(self.file.exists())

    def test_a_file_that_the_service_will_upgrade(self):
        self.make('0001')
        self.assert_row(base.SUCCESS, self.check(), 'when it starts')

    def test_a_current_file(self):
        _, head = schema.upgrade(self.known.conf)
        self.assert_row(base.SUCCESS, self.check(), f'at {head}')

    def test_a_file_of_a_newer_release(self):
        self.make('9999')
        self.assertRaisesRegex(
            exception.SchemaOutdated, '9999.* newer release.* backup',
            self.check)

    def test_a_place_that_cannot_be_written_to(self):
        def access(path, mode):
            return path != self.file.parent and real(path, mode)
        real = os.access
        with mock.patch('os.access', side_effect=access):
            self.assert_row(base.FAILURE, self.check(),
                            str(self.file.parent), 'user of the service')

    def test_a_damaged_file(self):
        self.file.write_bytes(b'no database at all' * 400)
        self.assertRaisesRegex(
            exception.StoreUnavailable, 'move it away', self.check)


class ServerTest(fakes.ChecksTestCase):

    def check(self, current, problems=()):
        subject = self.subject(
            more='[database]\nconnection = postgresql+psycopg2://h/x\n')
        with (mock.patch.object(schema, 'versions',
                                return_value=(current, '0003')),
              mock.patch('synchronizer.store.server.problems',
                         return_value=list(problems)),
              mock.patch('synchronizer.store.migration.check_from_conf',
                         side_effect=exception.SchemaOutdated('old'))):
            return base.guarded(lambda: database.database(subject))()

    def test_a_current_schema(self):
        self.assert_row(base.SUCCESS, self.check('0003'), 'at 0003')

    def test_any_other_schema(self):
        for current in (None, '0001', '9999'):
            self.assert_row(base.FAILURE, self.check(current), 'old')

    def test_a_server_that_has_to_be_set_otherwise(self):
        self.assert_row(base.FAILURE, self.check('0003', ['one', 'two']),
                        'one; two')
