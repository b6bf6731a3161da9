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

"""A start on what the last run left: until the first bookmark can go out.

Line 9: CPU of this process against that of reading the same rows with bare
sqlite3.
"""

import contextlib
import functools
import pathlib
import sqlite3
import tempfile

from benchmarks import filled
from benchmarks import results
from benchmarks.results import Result
from synchronizer.northbound import publisher


def run(options):
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as place:
            path = pathlib.Path(place, 'db')
            filled.fill(path, size, options.seed)
            figure, floor = results.in_turns(
                options.times, functools.partial(_start, path),
                functools.partial(_read, path))
        yield Result(9, 'start, up to the first bookmark', size, figure,
                     's of CPU', floor, 3)


class _Silent:
    """A bus on which nobody listens."""

    told = 0

    def changed(self, *told):
        raise SystemExit('there is nothing new')

    def bookmark(self, *told):
        self.told += 1


@results.as_in_a_collector()
def _start(path):
    bus = _Silent()
    with filled.opened(path) as (store, _):
        publisher.Publisher(store, [filled.TYPE], [bus]).step()
    if not bus.told:
        raise SystemExit('no bookmark went out')


def _read(path):
    """What a start must know of each entity."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute('SELECT id, digest FROM entities').fetchall()
