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

"""Matchers: when a value of a template and one of a service are one."""

import json

from hypothesis import given
from hypothesis import strategies

from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table
from synchronizer.tests import base

WORDS = strategies.text(max_size=8)
VALUES = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers()
    | WORDS,
    lambda inner: strategies.lists(inner, max_size=3)
    | strategies.dictionaries(WORDS, inner, max_size=3), max_leaves=6)


def as_heat_writes(value):
    """As Heat hands metadata to Nova."""
    return value if isinstance(value, str) else json.dumps(value)


class TestShown(base.TestCase):

    def test_what_is_not_shown_is_no_difference(self):
        read = match.shown('a', 'b')
        self.assertEqual(1, read({'a': {'b': 1}}))
        for thing in ({}, {'a': None}, {'a': 'b'}, {'a': {}}):
            error = self.assertRaises(table.NotComparable, read, thing)
            self.assertEqual('the service does not show a/b', str(error))

    def test_or_what_stands_for_it(self):
        read = match.shown_or(7, 'a')
        self.assertEqual((7, None), (read({}), read({'a': None})))

    def test_null_is_not_set(self):
        compare = match.compared(match.shown('a'), match.text)
        self.assertIsNone(compare(None, {'a': 'x'}, None, None))
        self.assertEqual(table.Difference('', 'x'),
                         compare('', {'a': 'x'}, None, None))


class TestText(base.TestCase):

    def test_odd_ones(self):
        for desired, actual, expected in (
                ('a', 'a', True), ('a', 'A', False), (1, '1', True),
                ('', None, True), ('é', 'é', True), ('None', None, False),
                ('x ', 'x', False)):
            self.assertIs(expected, match.text(desired, actual),
                          (desired, actual))


class TestNumber(base.TestCase):

    def test_odd_ones(self):
        for desired, actual, expected in (
                (1, 1, True), ('1', 1, True), (1, '1', True),
                (1.0, 1, True), ('01', 1, True), (1, 2, False),
                (1, True, False), (1, None, False), (1, '', False),
                (0, 'x', False), (1, 'NaN', False)):
            self.assertIs(expected, match.number(desired, actual),
                          (desired, actual))

    def test_no_number_says_nothing(self):
        for desired in ('x', '', True, [], 'Infinity'):
            self.assertRaises(table.NotComparable, match.number, desired, 1)

    @given(strategies.integers(), strategies.integers())
    def test_in_either_spelling(self, one, other):
        for left, right in ((one, other), (str(one), other),
                            (one, str(other))):
            self.assertIs(one == other, match.number(left, right))


class TestBoolean(base.TestCase):

    def test_spellings(self):
        for true in (True, 'true', 'True', 'TRUE'):
            self.assertTrue(match.boolean(true, 'True'))
            self.assertFalse(match.boolean(true, ''))
            self.assertFalse(match.boolean(true, None))
        for false in (False, 'false', 'False'):
            self.assertTrue(match.boolean(false, ''))
            self.assertFalse(match.boolean(false, True))

    def test_no_boolean_says_nothing(self):
        for desired in ('yes', 1, '', []):
            self.assertRaises(
                table.NotComparable, match.boolean, desired, True)


class TestUnordered(base.TestCase):

    def test_odd_ones(self):
        for desired, actual, expected in (
                (['a', 'b'], ['b', 'a'], True), ([], None, True),
                ([], ['a'], False), (['a'], [], False),
                (['a', 'a'], ['a'], True), ([1], ['1'], True),
                ([{'a': 1, 'b': 2}], [{'b': 2, 'a': 1}], True)):
            self.assertIs(expected, match.unordered(desired, actual),
                          (desired, actual))

    def test_no_list_says_nothing(self):
        self.assertRaises(table.NotComparable, match.unordered, 'ab', ['a'])

    @given(strategies.lists(WORDS), strategies.randoms())
    def test_order_is_nothing(self, words, random):
        shuffled = list(words)
        random.shuffle(shuffled)
        self.assertTrue(match.unordered(words, shuffled))
        self.assertFalse(match.unordered(words, [*shuffled, 'one too many']))


class TestSubset(base.TestCase):

    def test_odd_ones(self):
        for desired, actual, expected in (
                ({}, None, True), ({}, {'a': '1'}, True),
                ({'a': '1'}, {'a': '1', 'b': '2'}, True),
                ({'a': '1'}, {}, False), ({'a': '1'}, {'a': '2'}, False),
                ({1: 'x'}, {'1': 'x'}, True), ({'a': None}, {}, False)):
            self.assertIs(expected, match.subset(desired, actual),
                          (desired, actual))

    def test_no_map_says_nothing(self):
        self.assertRaises(table.NotComparable, match.subset, 'a=b', {})
        self.assertRaises(table.NotComparable, match.subset, {}, ['a'])

    @given(strategies.dictionaries(WORDS, VALUES), WORDS)
    def test_what_heat_wrote_agrees(self, metadata, other):
        shown = {key: as_heat_writes(value)
                 for key, value in metadata.items()}
        self.assertTrue(match.subset(metadata, shown))
        self.assertTrue(match.subset(metadata, {**shown, other: (
            shown.get(other, 'x'))}))
        for key in shown:
            less = {**shown}
            del less[key]
            self.assertFalse(match.subset(metadata, less))


class TestWritten(base.TestCase):

    def test_odd_ones(self):
        for desired, actual, expected in (
                (True, 'true', True), (True, 'True', True),
                (True, True, True), (True, '1', False), (True, 1, False),
                (False, 'False', True), ('True', True, True),
                ('true', 'True', False), (1, 'true', False),
                (2, '2', True), ('2', 2, True), (None, 'null', True),
                ({'b': 1, 'a': [1]}, '{"a": [1], "b": 1}', True),
                ([1, 'é'], '[1, "\\u00e9"]', True), ([True], '[1]', False),
                ({'a': 1}, '{', False), ('x', 'y', False)):
            self.assertIs(expected, match.written(desired, actual),
                          (desired, actual))

    @given(WORDS, WORDS)
    def test_text_is_taken_by_the_letter(self, one, other):
        self.assertIs(one == other, match.written(one, other))

    @given(VALUES, VALUES)
    def test_two_that_heat_writes_alike_agree(self, one, other):
        if as_heat_writes(one) == as_heat_writes(other):
            self.assertTrue(match.written(one, as_heat_writes(other)))


class TestPairs(base.TestCase):

    def test_each_needs_one_of_its_own(self):
        self.assertFalse(match.pairs([1, 1], [1, 2], int.__eq__))
        self.assertTrue(match.pairs([1, 1], [1, 2, 1], int.__eq__))
        self.assertTrue(match.pairs([], [1], int.__eq__))

    def test_one_makes_room_for_another(self):
        options = {'any': 'ab', 'a': 'a'}
        self.assertTrue(match.pairs(
            ['any', 'a'], ['a', 'b'], lambda one, two: two in options[one]))

    def test_many_that_are_alike_end_soon(self):
        self.assertFalse(match.pairs(
            [*([1] * 60), 2], [1] * 60, int.__eq__))

    @given(strategies.lists(strategies.integers(0, 3), max_size=8),
           strategies.lists(strategies.integers(0, 3), max_size=8))
    def test_of_equals_there_are_enough(self, wanted, found):
        enough = all(wanted.count(one) <= found.count(one)
                     for one in wanted)
        self.assertIs(enough, match.pairs(wanted, found, int.__eq__))
        self.assertIs(
            sorted(wanted) == sorted(found),
            match.items(int.__eq__, exact=True)(wanted, found))


class TestReference(base.TestCase):
    """The actual thing has the id i1 and the name n1."""

    things = {'i1': 'n1', 'i2': 'n2', 'n1': 'another', 'i3': 'i1'}

    def compare(self, desired, id_='i1', name='n1', things=None):
        things = self.things if things is None else things
        return match.reference(match.Naming(
            lambda actual, around: id_, lambda actual, around: name,
            lambda word, around: things.get(word),
            lambda word, around: word in things.values()))(
                desired, None, None, None)

    def test_nothing_is_not_set(self):
        self.assertIsNone(self.compare(None))

    def test_by_id(self):
        self.assertIsNone(self.compare('i1'))
        self.assertEqual(table.Difference('i2', 'n1'), self.compare('i2'))

    def test_by_name(self):
        things = {'i1': 'n1', 'i2': 'n2'}
        self.assertIsNone(self.compare('n1', things=things))
        self.assertEqual(table.Difference('n2', 'n1'),
                         self.compare('n2', things=things))

    def test_a_name_that_is_anothers_id_is_that_id(self):
        self.assertEqual(table.Difference('n1', 'n1'), self.compare('n1'))

    def test_only_the_name_is_shown(self):
        self.assertIsNone(self.compare('i1', id_=None))
        self.assertEqual(table.Difference('i2', 'n1'),
                         self.compare('i2', id_=None))

    def test_what_is_gone_cannot_be_told(self):
        error = self.assertRaises(
            table.NotComparable, self.compare, 'old', things={})
        self.assertIn('nothing is called old', str(error))
        self.assertIsNone(self.compare('n1', things={}))


class TestAddresses(base.TestCase):

    def test_one_address_has_many_spellings(self):
        for desired, actual in (
                ('10.0.0.1/24', '10.0.0.0/24'), ('10.0.0.1', '10.0.0.1'),
                ('FE80::0001', 'fe80::1'), ('2001:DB8::/32', '2001:db8::/32'),
                (['2001:db8:0::1'], ['2001:db8::1']),
                ({'start': '::0001'}, {'start': '::1'}), (None, None),
                ('no address', 'no address')):
            self.assertEqual(match.address(actual), match.address(desired))

    def test_another_is_another(self):
        agree = match.addresses(match.text)
        for desired, actual in (('10.0.0.1', '10.0.0.2'),
                                ('10.0.0.0/24', '10.0.0.0/25'),
                                ('::1', '::2'), ('x', 'y')):
            self.assertFalse(agree(desired, actual))
