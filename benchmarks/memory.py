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

"""What a collector holds of a cloud, beyond what an empty one does.

Line 7: the resident memory of a process that has swept the same cloud
again and again, less that of one which has swept next to nothing.
``python -m benchmarks.memory`` is that process.
"""

import argparse
import gc
import pathlib
import re
import subprocess
import sys

from benchmarks import clouds
from benchmarks import collectors
from benchmarks.results import Result

EMPTY = 10
SWEEPS = 3
BOUND, PER = 60, 100000
"""So many MB for so many entities."""


def run(options):
    empty, _ = _held_of(EMPTY, options)
    for size in options.sizes:
        held, entities = _held_of(size, options)
        yield Result(7, 'a collector holds, per 100 000 entities', entities,
                     (held - empty) * PER / entities, 'MB',
                     bound=BOUND if entities >= PER else None)


def _held_of(size, options):
    """MB of a process that collects a cloud, and how many entities."""
    with clouds.Cloud(size, options.seed) as cloud:
        found = subprocess.run(
            [sys.executable, '-m', 'benchmarks.memory', cloud.auth_url],
            stdout=subprocess.PIPE, text=True, check=True)
    held, entities = found.stdout.split()
    return float(held), int(entities)


def resident():
    """MB of memory that this process holds."""
    gc.collect()
    said = pathlib.Path('/proc/self/status').read_text()
    return int(re.search(r'VmRSS:\s+(\d+) kB', said)[1]) / 1024


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.memory', description=__doc__)
    parser.add_argument('auth_url')
    args = parser.parse_args(arguments)
    with collectors.Collectors(clouds.client(args.auth_url)) as found:
        found.open()
        for _ in range(SWEEPS):
            found.sweep()
        print(resident(), sum(one.living() for one in found.all.values()))


if __name__ == '__main__':
    main()
