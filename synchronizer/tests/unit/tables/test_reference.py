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

"""The page of the tables is level with their declarations."""

import pathlib
import re
import unittest

from synchronizer import tables
from synchronizer.tables import reference
from synchronizer.tests import base

PAGE = (pathlib.Path(tables.__file__).parents[2]
        / 'doc/source/user/tables.rst')


@unittest.skipUnless(PAGE.exists(), 'installed without its documents')
class ReferenceTest(base.TestCase):

    def test_the_page_is_level(self):
        page = PAGE.read_text()
        self.assertEqual(
            reference.level(page), page,
            f'run python -m synchronizer.tables.reference {PAGE}')

    def test_every_column_is_in_it(self):
        made = reference.made()
        for table in tables.declared():
            section = made.partition(f'\n{table.name}\n---' if table.name
                                     != 'nova_instances' else '---')[2]
            found = re.findall(r'^   ``(\w+)``, ',
                               section.partition('\n---')[0], re.MULTILINE)
            self.assertEqual(list(table.names), found)

    def test_the_tables_that_the_text_names_are_there(self):
        named = set(re.findall(r'``((?:heat|nova|cinder)_\w+)``',
                               PAGE.read_text().partition(
                                   reference.START)[0]))
        self.assertEqual(set(), named - {
            table.name for table in tables.declared()})
        self.assertIn('heat_event_properties', named)

    def test_its_queries_run(self):
        examples = re.findall(r'^ +(select .*\n(?: .*\n)+)',
                              PAGE.read_text(), re.MULTILINE)
        self.assertEqual(3, len(examples))
        with tables.Database() as database:
            for sql in examples:
                self.assertEqual([], list(database.query(sql).rows))
