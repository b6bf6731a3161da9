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

from synchronizer import memory
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


HEAPS = '''
import pathlib
import sys
import threading

from synchronizer import memory

if sys.argv[1] == 'shared':
    memory.share_heaps()
together = threading.Barrier(8)


def work():
    held = b'x' * 100_000
    together.wait()
    # its place is at the begin of 64 MiB that were set aside for it
    together.wait()


threads = [threading.Thread(target=work, daemon=True) for _ in range(7)]
for thread in threads:
    thread.start()
together.wait()
begins = (int(line.partition('-')[0], 16) for line in
          pathlib.Path('/proc/self/maps').read_text().splitlines())
print(sum(not begin % (64 << 20) for begin in begins))
together.wait()
'''


class MemoryTest(base.TestCase):

    def heaps(self, how):
        return int(subprocess.run(
            [sys.executable, '-c', HEAPS, how], check=True, text=True,
            stdout=subprocess.PIPE).stdout)

    def test_threads_share_few_heaps(self):
        if not hasattr(ctypes.CDLL(None), 'mallopt'):
            self.skipTest('this C library has no heaps of threads')
        # besides that of the process
        self.assertLess(self.heaps('shared'), memory.HEAPS)
        self.assertGreater(self.heaps('own'), memory.HEAPS)

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
