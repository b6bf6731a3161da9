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

RESIDENT = '''
import pathlib
import re
import sys

from synchronizer import memory


def resident():
    said = pathlib.Path('/proc/self/status').read_text()
    return int(re.search(r'VmRSS:\\s+(\\d+) kB', said)[1])
'''

HOLE = RESIDENT + '''
# below what glibc maps by itself, with something that stays at the end
blocks = [b'x' * 100_000 for _ in range(400)]
stays = b'x' * 100_000
blocks.clear()
before = resident()
memory.give_back()
print(before - resident())
'''

BETWEEN = RESIDENT + '''
if sys.argv[1] == 'apart':
    memory.keep_heaps_small()
# an answer, after which the C library takes such blocks for usual
answer = b'x' * 10_000_000
del answer
before, pages, stays = resident(), [], []
for _ in range(2000):
    pages.append(b'x' * 16_500)
    stays.append(b'x' * 1000)
pages.clear()
print(resident() - before)
'''

HEAPS = '''
import pathlib
import sys
import threading

from synchronizer import memory

if sys.argv[1] == 'shared':
    memory.keep_heaps_small()
together = threading.Barrier(8)


def work():
    held = b'x' * 10_000
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


class GarbageTest(base.TestCase):

    def test_seldom(self):
        set_threshold = self.useFixture(
            fixtures.MockPatch('gc.set_threshold')).mock
        memory.look_seldom_for_garbage()
        # Python has 700 to 2 000
        self.assertLess(10_000, set_threshold.call_args.args[0])


class MemoryTest(base.TestCase):

    def told(self, program, *arguments):
        return int(subprocess.run(
            [sys.executable, '-c', program, *arguments], check=True,
            text=True, stdout=subprocess.PIPE).stdout)

    def demand(self, name):
        if not hasattr(ctypes.CDLL(None), name):
            self.skipTest('this C library has other ways')

    def test_threads_share_few_heaps(self):
        self.demand('mallopt')
        # one is that of the process, and elsewhere; a stack may look like one
        self.assertLessEqual(self.told(HEAPS, 'shared'), memory.HEAPS)
        self.assertGreater(self.told(HEAPS, 'own'), 2 * memory.HEAPS)

    def test_what_stays_keeps_no_room_of_what_goes(self):
        self.demand('mallopt')
        self.assertLess(self.told(BETWEEN, 'apart'), 5_000)
        self.assertGreater(self.told(BETWEEN, 'among'), 20_000)

    def test_what_is_free_is_given_back(self):
        self.demand('malloc_trim')
        self.assertGreater(self.told(HOLE), 20_000)


class SweepTest(test_collector.CollectorCase):

    def test_at_the_end_of_each_sweep(self):
        given = self.useFixture(fixtures.MockPatch(
            'synchronizer.memory.give_back')).mock
        self.sweep([record('a')])
        given.assert_called_once_with()
