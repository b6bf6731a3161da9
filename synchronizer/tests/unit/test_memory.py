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

"""What a sweep does not need any more goes back to the system."""

import ctypes
import subprocess
import sys

import fixtures

from synchronizer.tests import base
from synchronizer.tests.unit.collector import test_collector
from synchronizer.tests.unit.collector.doubles import record

HOLE = '''
import pathlib
import re

from synchronizer import memory


def resident():
    said = pathlib.Path('/proc/self/status').read_text()
    return int(re.search(r'VmRSS:\\s+(\\d+) kB', said)[1])


# below what glibc maps by itself, with something that stays at the end
blocks = [b'x' * 100_000 for _ in range(400)]
stays = b'x' * 100_000
blocks.clear()
before = resident()
memory.give_back()
print(before - resident())
'''


class MemoryTest(base.TestCase):

    def test_what_is_free_is_given_back(self):
        if not hasattr(ctypes.CDLL(None), 'malloc_trim'):
            self.skipTest('this C library gives back by itself')
        given = subprocess.run([sys.executable, '-c', HOLE], check=True,
                               stdout=subprocess.PIPE, text=True).stdout
        self.assertGreater(int(given), 20_000)


class SweepTest(test_collector.CollectorCase):

    def test_at_the_end_of_each_sweep(self):
        given = self.useFixture(fixtures.MockPatch(
            'synchronizer.memory.give_back')).mock
        self.sweep([record('a')])
        given.assert_called_once_with()
