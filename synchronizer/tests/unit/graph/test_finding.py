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

"""Entities are found by name and id, the best first."""

from synchronizer import graph
from synchronizer.tests import base
from synchronizer.tests.unit.graph.samples import entity


def server(id_, name, **fields):
    return entity(('nova.instance', id_), name=name, **fields)


class FindTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.graph = graph.EntityGraph([
            server('1', 'my-web'), server('2', 'web-2'), server('3', 'Web'),
            server('4', None), entity(('nova.host', 'web'), name='web'),
            server('webbed', 'other')])

    def found(self, *args, **kwargs):
        return [id_ for _, id_ in self.graph.find(*args, **kwargs)]

    def test_the_whole_word_comes_first_then_its_beginning_then_a_part(self):
        for text in ('web', 'WEB '):
            self.assertEqual(['web', '3', 'webbed', '2', '1'],
                             self.found(text))

    def test_one_without_a_name_is_found_by_its_id(self):
        self.assertEqual(['4'], self.found('4'))

    def test_of_some_types_and_no_more_than_wanted(self):
        self.assertEqual(['web'], self.found('web', types=['nova.host']))
        self.assertEqual(2, len(self.found('web', limit=2)))

    def test_a_place_is_found_too(self):
        self.graph.put(server('5', None))
        self.graph.put(entity(('nova.instance', '5'),
                              ('runs-on', ('nova.host', 'gone'))))
        self.assertEqual(['gone'], self.found('gone'))

    def test_nothing_finds_nothing(self):
        self.assertEqual([], self.found(' '))
        self.assertEqual([], self.found('no such name'))
