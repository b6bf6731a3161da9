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

"""Entities of a simulated cloud, without any HTTP."""

import time

from synchronizer.collector import reader
from synchronizer.model import change as change_module
from synchronizer.model import reading
from synchronizer.plugins.nova import instance
from synchronizer.sandbox import cloud as sandbox_cloud
from synchronizer.sandbox import nova_views

VERSION = (2, 104)
SHAPE = '2.104/benchmark'
PAGE = 1000
FLAVOR = '0f5e8a1c-benchmark'


def records(size, seed):
    """Pages of servers, as the plugin gives them."""
    cloud = sandbox_cloud.SandboxCloud(
        seed, hosts=200, servers=0, volumes=0, stacks=0)
    for first in range(0, size, PAGE):
        yield [{**nova_views.server(
            cloud.table('nova.instance').pop(cloud.boot(
                f'server-{number}', 'demo', metadata={'n': str(number)})),
            VERSION, True, 'http://cloud.example'),
            instance.FLAVOR: FLAVOR}
            for number in range(first, min(first + PAGE, size))]


def pages(size, seed):
    """The same, as a listing gives them."""
    for page in records(size, seed):
        now = time.monotonic()
        yield reading.Page(tuple(page), reading.Window(now, now),
                           '2026-11-29T00:00:00.000000Z')


def fill(writer, size, seed):
    """Commit them all."""
    read = reader.Reader(instance.Instance())
    for page in pages(size, seed):
        writer.take(read.all(page, SHAPE, reader.Tally()), SHAPE,
                    change_module.STARTUP)
