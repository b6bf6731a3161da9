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

"""Tables as files: whole or not there, for the owner alone."""

import contextlib
import csv
import io
import os
import pathlib
import sqlite3
import stat

import hypothesis
from hypothesis import strategies

from synchronizer import exception
from synchronizer import tables
from synchronizer.tables import files
from synchronizer.tests import base
from synchronizer.tests.unit.tables import samples
from synchronizer.tests.unit.tables.samples import SERVER


class FilesCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.home = pathlib.Path.home()
        self.database = tables.Database(['nova.instance'])
        self.addCleanup(self.database.close)
        self.database.load([SERVER])

    def fail(self, do, *arguments):
        return str(self.assertRaises(exception.TableError, do, *arguments))


class SaveTest(FilesCase):

    def names(self, path):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return connection.execute(
                'SELECT name FROM entities').fetchall()

    def test_all_is_saved(self):
        path = self.home / 'cloud.sqlite'
        self.database.save(path)
        self.assertEqual([('web',)], self.names(path))
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        self.assertEqual([path], list(self.home.iterdir()))

    def test_nothing_is_overwritten_unless_told(self):
        path = self.home / 'cloud.sqlite'
        path.write_text('mine')
        self.assertEqual(f'{path} is there already',
                         self.fail(self.database.save, path))
        self.assertEqual('mine', path.read_text())
        self.database.save(path, overwrite=True)
        self.assertEqual([('web',)], self.names(path))
        self.assertEqual([path], list(self.home.iterdir()))

    def test_one_who_comes_between_is_not_overwritten(self):
        path = self.home / 'cloud.sqlite'
        with self.assertRaisesRegex(exception.TableError, 'there already'):
            with files._failing(path), files._instead_of(path, False):
                path.write_text('mine')
        self.assertEqual('mine', path.read_text())
        self.assertEqual([path], list(self.home.iterdir()))

    def test_a_place_that_cannot_be_written(self):
        path = self.home / 'nowhere' / 'cloud.sqlite'
        self.assertRegex(
            self.fail(self.database.save, path),
            f'^{path} cannot be written: .*No such file')


class CsvTest(FilesCase):

    def test_a_file_for_each_table(self):
        folder = self.home / 'cloud'
        for _ in range(2):
            self.database.write_csv(folder)
        self.assertEqual(
            {f'{table.name}.csv' for table in self.database.tables},
            set(os.listdir(folder)))
        self.assertEqual(
            b'instance_id,key,value\r\ns,k,v\r\ns,none,\r\n',
            (folder / 'nova_instance_metadata.csv').read_bytes())
        with open(folder / 'nova_instances.csv', newline='') as file:
            [row] = csv.DictReader(file)
        self.assertEqual(('web', '64', '1'), (
            row['name'], row['flavor_ram'], row['locked']))

    def test_a_place_that_cannot_be_written(self):
        path = self.home / 'file'
        path.write_text('mine')
        self.assertIn(str(path), self.fail(self.database.write_csv, path))
        self.assertEqual('mine', path.read_text())

    def test_null_is_not_the_empty_text(self):
        self.assertEqual('a,,"",5,"b ""c"", d"\r\n',
                         files.line(('a', None, '', 5, 'b "c", d')))

    @hypothesis.given(strategies.lists(
        strategies.none() | samples.texts, min_size=2))
    def test_other_readers_read_it(self, row):
        record = io.StringIO(files.line(tuple(row)), newline='')
        [found] = csv.reader(record, strict=True)
        self.assertEqual([cell or '' for cell in row], found)
