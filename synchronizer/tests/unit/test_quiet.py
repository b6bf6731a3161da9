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

"""Only the thread that asks is hushed, and only while it asks."""

import logging
import threading

from synchronizer import quiet
from synchronizer.tests import base

NAME = 'some.library'


class QuietTest(base.TestCase):

    def say(self, text):
        logging.getLogger(NAME).warning(text)

    def test_one_thread_for_a_while(self):
        self.say('before')
        with quiet.hushed(NAME):
            self.say('meanwhile')
            with quiet.hushed(NAME):
                self.say('nested')
            self.say('still')
            other = threading.Thread(target=self.say, args=('other',))
            other.start()
            other.join()
        self.say('after')
        self.assertEqual(
            ['before', 'other', 'after'],
            [line.split()[-1] for line in self.log.output.splitlines()])

    def test_an_error_ends_it(self):
        try:
            with quiet.hushed(NAME):
                raise ValueError
        except ValueError:
            self.say('heard')
        self.assertIn('heard', self.log.output)
