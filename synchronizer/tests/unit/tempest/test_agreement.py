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

"""A snapshot against what an API lists before and after it."""

from unittest import mock

from synchronizer.model import entity as entity_module
from synchronizer.tests import base
from synchronizer.tests.tempest import agreement


def record(id_, **more):
    return {'id': id_, 'name': f'name-{id_}', **more}


def by_id(*records):
    return {one['id']: one for one in records}


def entities(*records):
    return {one['id']: entity_module.Entity(
        'a.thing', one['id'], attributes=one) for one in records}


class ListedTest(base.TestCase):

    def test_pages_are_walked_to_the_end(self):
        ask = mock.Mock(side_effect=[
            [record('a'), record('b')], [record('c')], []])
        self.assertEqual(['a', 'b', 'c'], list(agreement.listed(ask)))
        self.assertEqual(
            [{'limit': agreement.PAGE},
             {'limit': agreement.PAGE, 'marker': 'b'},
             {'limit': agreement.PAGE, 'marker': 'c'}],
            [call.kwargs for call in ask.call_args_list])

    def test_a_marker_that_is_ignored_ends_it(self):
        found = agreement.listed(lambda **page: [record('a'), record('b')])
        self.assertEqual(['a', 'b'], list(found))


class DifferencesTest(base.TestCase):

    def of(self, before, after, held):
        return agreement.differences(
            by_id(*before), by_id(*after), entities(*held), ('name',))

    def test_what_is_equal_is_no_difference(self):
        both = [record('a'), record('b')]
        self.assertEqual([], self.of(both, both, both))

    def test_what_is_missing(self):
        self.assertEqual(['a is missing'], self.of(
            [record('a')], [record('a')], []))

    def test_what_should_be_gone(self):
        self.assertEqual(['a is not there any more'], self.of(
            [], [], [record('a')]))

    def test_a_field_that_differs(self):
        self.assertEqual(["a: name is 'name-a', not 'x'"], self.of(
            [record('a')], [record('a')], [record('a', name='x')]))

    def test_other_fields_do_not_count(self):
        self.assertEqual([], self.of(
            [record('a', more=1)], [record('a', more=1)], [record('a')]))

    def test_what_moves_meanwhile_may_be_either(self):
        old, new = record('a'), record('a', name='x')
        for held in ([old], [new], []):
            self.assertEqual([], self.of([old], [new], held))
        for held in ([old], []):
            self.assertEqual([], self.of([old], [], held))
            self.assertEqual([], self.of([], [old], held))
