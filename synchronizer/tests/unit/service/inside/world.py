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

"""A service as the tests want it: processes and rows."""

from synchronizer.model import stream
from synchronizer.service.inside import census

NOW = 1_800_000_000.0
STAMP = '2027-01-15T08:00:00.000000Z'
"""The same moment."""


def row(type_='nova.instance', **given):
    """The row of a stream that is well, but for what is given."""
    return stream.Stream(**{
        'type': type_, 'plugin': type_.partition('.')[0], 'epoch': 'e',
        'revision': 9, 'oldest_revision': 3, 'term': 2, 'entities': 5,
        'owner': 'here:abc', 'collected_at': STAMP, 'interval': 600,
        'collected_state': stream.LIVE, **given})


def process(name='collector-nova', **given):
    """A process that is well, but for what is given."""
    return census.Process(name, **{
        'pid': 7, 'works': True,
        'owners': ('here:abc',) if name.startswith('collector') else (),
        **given})


def bus(up, **given):
    """A collector's process, and whether the bus takes what it publishes."""
    name = 'synchronizer_bus_up'
    return process(families=((name, 'x', 'gauge', ((name, {}, up),)),),
                   **given)


SNAPSHOT = process('snapshot')
DEAD = census.Process('collector-nova')


def found(*rows, processes=None, error=None, at=NOW, types=None):
    """A census."""
    return census.Census(
        at, (process(), SNAPSHOT) if processes is None else processes,
        types or tuple(one.type for one in rows),
        None if error else {one.type: one for one in rows}, error)
