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


"""What is quick gives what the plain way gives, for anything JSON knows."""

import json

import hypothesis
from hypothesis import strategies

from synchronizer.cloud import answer
from synchronizer.model import shape
from synchronizer.tests import base

WORDS = strategies.sampled_from(('a', 'b', 'links', 'href', '*', ''))
TEXTS = strategies.text(strategies.characters(codec=None))
"""Halves of surrogate pairs among them."""

NUMBERS = strategies.integers() | strategies.integers(-2 ** 70, 2 ** 70) | (
    strategies.floats(allow_nan=False, allow_infinity=False))
PLAIN = strategies.none() | strategies.booleans() | NUMBERS | TEXTS | WORDS
JSON = strategies.recursive(
    PLAIN, lambda inner: strategies.lists(inner, max_size=3)
    | strategies.dictionaries(TEXTS | WORDS, inner, max_size=4),
    max_leaves=12)
PATHS = strategies.lists(
    strategies.lists(strategies.sampled_from(('a', 'b', 'links', '*')),
                     min_size=1, max_size=3).map('/'.join),
    max_size=3).map(tuple)


def strip(value, paths, at=()):
    """Links, at any depth, and what lies at one of the paths."""
    if isinstance(value, list):
        return [strip(member, paths, at) for member in value]
    if not isinstance(value, dict):
        return value
    return {key: strip(inner, paths, (*at, key))
            for key, inner in value.items()
            if not _is_links(key, inner) and not _is_at((*at, key), paths)}


def _is_links(key, value):
    return key == 'links' and isinstance(value, list) and all(
        isinstance(link, dict) and 'href' in link for link in value)


def _is_at(at, paths):
    return any(
        len(steps) == len(at) and all(
            step in ('*', key) for step, key in zip(steps, at, strict=True))
        for steps in (path.split('/') for path in paths))


def canonical(value, paths, at=()):
    """Lists at one of the paths are in one order."""
    if isinstance(value, dict):
        return {key: canonical(inner, paths, (*at, key))
                for key, inner in value.items()}
    if isinstance(value, list):
        members = [canonical(member, paths, at) for member in value]
        return sorted(members, key=shape.encoded) if _is_at(
            at, paths) else members
    return value


def plain(value):
    return json.dumps(value, sort_keys=True)


class QuickTest(base.TestCase):

    @hypothesis.given(JSON, PATHS)
    @hypothesis.example({'a': {'b': {'a': 1, 'b': 2}}}, ('a/b/a', '*/b/b'))
    def test_strip(self, value, paths):
        before = plain(value)
        self.assertEqual(plain(strip(value, paths)),
                         plain(shape.strip(value, paths)))
        self.assertEqual(before, plain(value))

    @hypothesis.given(JSON, PATHS)
    @hypothesis.example({'a': [[2, 1]]}, ('a',))
    def test_canonical(self, value, paths):
        before = plain(value)
        self.assertEqual(plain(canonical(value, paths)),
                         plain(shape.canonical(value, paths)))
        self.assertEqual(before, plain(value))

    @hypothesis.given(JSON)
    def test_texts_are_json_in_ascii(self, value):
        self.assertTrue(shape.text(value).isascii())
        self.assertEqual(plain(value), plain(json.loads(shape.text(value))))

    @hypothesis.given(JSON, JSON)
    def test_texts_marks_and_codes_are_equal_where_values_are(
            self, one, other):
        for value in (other, json.loads(json.dumps(one))):
            same = plain(one) == plain(value)
            self.assertEqual(same, shape.text(one) == shape.text(value))
            self.assertEqual(
                same, shape.encoded(one) == shape.encoded(value))
            if not same and shape.mark(one, '') is not None:
                self.assertNotEqual(
                    shape.mark(one, ''), shape.mark(value, ''))

    @hypothesis.given(JSON)
    def test_answers_are_parsed_as_plainly(self, value):
        for body in (json.dumps(value), json.dumps(value, indent=1)):
            self.assertEqual(
                plain(value), plain(answer.parsed(body.encode(), 'x')))

    def test_no_numbers(self):
        for text in ('NaN', '[1, Infinity]', '{"a": -Infinity}'):
            self.assertEqual(str(json.loads(text)),
                             str(shape.parsed(text.encode())))
            self.assertRaises(ValueError, shape.parsed, text.encode(),
                              strict=True)

    def test_long_numbers_keep_their_digits(self):
        for text in (str(2 ** 64), str(-2 ** 63 - 1), '[1,' + '9' * 40 + ']',
                     '{"a": ' + '1' * 25 + '}', '1' * 19, '[0,\n' + '7' * 21
                     + ']'):
            self.assertEqual(
                json.loads(text), answer.parsed(text.encode(), 'x'))

    def test_digits_in_a_text_are_no_number(self):
        body = json.dumps({'id': f'f{"1" * 30}', 'host': '2' * 30})
        self.assertFalse(shape.has_long_number(body.encode()))

    def test_a_mark_depends_on_the_form(self):
        self.assertNotEqual(shape.mark({}, '2.1'), shape.mark({}, '2.2'))

    def test_what_is_no_json_has_no_mark(self):
        self.assertIsNone(shape.mark({'a': {1, 2}}, ''))
