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

"""Incremental looks at a cloud in which nothing moved, by its size.

Line 2: CPU of this process against that of the bare requests; neither may
know how large the cloud is.
"""

from benchmarks import clouds
from benchmarks import collectors
from benchmarks import pages
from benchmarks import results
from benchmarks.results import Result

TYPES = ('nova.instance', 'cinder.volume')
AT_ONCE = 50
"""One alone is too short to be measured."""


def run(options):
    for size in options.sizes:
        with clouds.Cloud(size, options.seed) as cloud, (
                collectors.Collectors(cloud.client(), TYPES)) as found:
            found.open()
            found.sweep()
            yield from _looks(cloud, found, options)


def _looks(cloud, found, options):
    bare = pages.Pages(cloud)
    found.look()
    asked = cloud.requests()
    found.look()
    asked = cloud.requests() - asked
    figure, floor = results.in_turns(
        options.times, lambda: _often(found.look),
        lambda: _often(bare.look))
    yield Result(2, 'a look, nothing moved', cloud.size,
                 1000 * figure / AT_ONCE, 'ms of CPU',
                 1000 * floor / AT_ONCE, 3)
    yield Result(2, 'a look: requests', cloud.size, asked, 'requests')


def _often(call):
    for _ in range(AT_ONCE):
        call()
