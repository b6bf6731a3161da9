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

"""Texts in columns: any text, exactly, in its order."""

import hypothesis
from hypothesis import strategies
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from synchronizer.store import columns
from synchronizer.tests import base

TEXTS = strategies.one_of(
    strategies.text(strategies.characters(exclude_categories=())),
    strategies.text('a\x00\x01\x02\u0100\ud7fe\ud7ff\ud800\udfff\ue000'))
DIALECTS = [mysql.dialect(), postgresql.dialect(), sqlite.dialect()]


class StorableTest(base.TestCase):

    @hypothesis.given(TEXTS, TEXTS)
    @hypothesis.settings(deadline=None)
    def test_any_text_keeps_its_value_and_order(self, one, two):
        kept = columns.storable(one), columns.storable(two)
        self.assertEqual(one, columns.original(kept[0]))
        self.assertEqual(one < two, kept[0].encode() < kept[1].encode())
        self.assertNotIn('\x00', kept[0])

    @hypothesis.given(strategies.lists(TEXTS))
    @hypothesis.settings(deadline=None)
    def test_many_are_read_as_each_is(self, texts):
        kept = list(map(columns.storable, texts))
        self.assertEqual(texts, columns.originals(kept))
        self.assertEqual(texts, columns.originals(
            [text.encode() for text in kept]))

    def test_ordinary_text_is_as_it_is(self):
        for text in ('', 'a ', '\xe4\u4e2d\U0001f600\n'):
            self.assertEqual(text, columns.storable(text))

    def test_types(self):
        names = [columns.Key(64).load_dialect_impl(dialect).compile(dialect)
                 for dialect in DIALECTS]
        self.assertEqual(['VARBINARY(256)', 'VARCHAR(64) COLLATE "C"',
                          'VARCHAR(64) COLLATE "BINARY"'], names)
        self.assertEqual('LONGTEXT', columns.Words().load_dialect_impl(
            DIALECTS[0]).compile(DIALECTS[0]))

    def test_null_stays_null(self):
        for kind in (columns.Key(64), columns.Words()):
            for dialect in DIALECTS:
                self.assertIsNone(kind.process_bind_param(None, dialect))
                self.assertIsNone(kind.result_processor(dialect, None)(None))
