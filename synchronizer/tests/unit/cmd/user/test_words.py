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

"""Values, times and names in words."""

from hypothesis import given
from hypothesis import strategies

from synchronizer.cmd.user import words
from synchronizer.tests import base


class WordsTest(base.TestCase):

    def test_ages(self):
        for seconds, text in (
                (-1, '0 s'), (0.4, '0 s'), (59, '59 s'), (60, '1 min 0 s'),
                (3599, '59 min 59 s'), (3600, '1 h 0 min'),
                (86399, '23 h 59 min'), (90000, '1 d 1 h')):
            self.assertEqual(text, words.age(seconds))

    def test_a_name_cannot_lead_a_terminal_astray(self):
        self.assertEqual('\\u001b[31mred\nä', words.visible('\x1b[31mred\nä'))

    @given(strategies.text())
    def test_what_is_shown_can_be_printed(self, text):
        shown = words.visible(text)
        self.assertTrue(all(line.isprintable() or line.encode()
                            for line in shown.split('\n')))
        self.assertFalse(set(shown) & set(map(chr, (
            *range(10), *range(11, 32), *range(0x7f, 0xa0)))))

    def test_half_a_character_can_be_written(self):
        self.assertEqual('ä\n\\ud800', words.writable('ä\n\ud800'))

    def test_what_is_nested_is_json(self):
        self.assertEqual('{"a": [1, null]}', words.as_text({'a': [1, None]}))
        for plain in ('x', 1, None, True):
            self.assertIs(plain, words.as_text(plain))

    def test_perhaps(self):
        self.assertEqual('; did you mean name?',
                         words.perhaps('nmae', ['name', 'state']))
        self.assertEqual('', words.perhaps('xyz', ['name', 'state']))
