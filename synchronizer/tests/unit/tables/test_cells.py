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

"""Whatever JSON has, SQLite gives back what was put in."""

import json
import sqlite3

import hypothesis

from synchronizer.tables import cells
from synchronizer.tests import base
from synchronizer.tests.unit.tables import samples


class CellsTest(base.TestCase):

    def test_texts(self):
        self.assertEqual('a', cells.as_text('a'))
        self.assertEqual('', cells.as_text(''))
        self.assertIsNone(cells.as_text(None))
        self.assertEqual('5', cells.as_text(5))
        self.assertEqual('true', cells.as_text(True))
        self.assertEqual('["ü",{"a":1,"b":null}]',
                         cells.as_text(['ü', {'b': None, 'a': 1}]))
        self.assertEqual('a?', cells.as_text('a\ud800'))

    def test_numbers(self):
        self.assertEqual(5, cells.as_number(5))
        self.assertEqual(5, cells.as_number('5'))
        self.assertEqual(0.5, cells.as_number('0.5'))
        self.assertEqual('infinite', cells.as_number('infinite'))
        self.assertEqual('inf', cells.as_number('inf'))
        self.assertEqual('[1]', cells.as_number([1]))
        self.assertEqual(2.0 ** 64, cells.as_number(2 ** 64))
        self.assertEqual(float('inf'), cells.as_number(10 ** 400))
        self.assertIsNone(cells.as_number(float('nan')))

    def test_truth(self):
        self.assertEqual(
            [1, 0, 1, 0, 0, None, 'maybe'],
            [cells.as_truth(value) for value in (
                True, False, 'True', 'false', '', None, 'maybe')])

    def test_json_of_a_text_is_no_number(self):
        self.assertEqual('"5"', cells.as_json('5'))
        self.assertIsNone(cells.as_json(None))

    def test_json_has_no_word_for_some_numbers(self):
        self.assertEqual('[null,{"a":null,"b":1.5}]', cells.as_json(
            [float('nan'), {'b': 1.5, 'a': float('inf')}]))

    @hypothesis.given(samples.trees)
    def test_json_is_always_valid(self, value):
        cell = cells.as_json(value)
        if value is not None:
            json.loads(cell, parse_constant=self.fail)
            cell.encode()

    @hypothesis.given(samples.trees)
    def test_sqlite_gives_back_what_it_was_given(self, value):
        connection = sqlite3.connect(':memory:')
        self.addCleanup(connection.close)
        for kind, declared in (
                ('text', 'TEXT'), ('json', 'TEXT'), ('integer', 'INTEGER'),
                ('real', 'REAL'), ('boolean', 'BOOLEAN')):
            cell = cells.CONVERTERS[kind](value)
            connection.execute(f'CREATE TABLE {kind} (cell {declared})')
            connection.execute(f'INSERT INTO {kind} VALUES (?)', (cell,))
            [(found,)] = connection.execute(f'SELECT cell FROM {kind}')
            self.assertEqual(cell, found)
