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

"""The bar: only on a terminal, and only after a second."""

import io

from synchronizer.cmd.user import progress
from synchronizer.tests import base


class Terminal(io.StringIO):

    tty = True

    def isatty(self):
        return self.tty


class ProgressTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.terminal = Terminal()
        self.bar = progress.Progress(10, self.terminal, lambda: self.now)

    def test_what_is_quick_shows_nothing(self):
        self.bar.add(5)
        self.bar.end()
        self.assertEqual('', self.terminal.getvalue())

    def test_what_is_slow(self):
        self.now = 1.0
        self.bar.add(5)
        self.assertEqual('\r[' + '#' * 15 + ' ' * 15 + '] 5 of 10',
                         self.terminal.getvalue())
        self.bar.end()
        self.assertTrue(self.terminal.getvalue().endswith('\r\x1b[K'))

    def test_more_than_was_known(self):
        self.now = 1.0
        self.bar.add(12)
        self.assertIn('] 12 of 12', self.terminal.getvalue())

    def test_not_too_often(self):
        self.now = 1.0
        for _ in range(9):
            self.bar.add(1)
        self.assertEqual(1, self.terminal.getvalue().count('\r'))

    def test_no_terminal(self):
        self.terminal.tty = False
        self.now = 5.0
        self.bar.add(5)
        self.bar.end()
        self.assertEqual('', self.terminal.getvalue())
