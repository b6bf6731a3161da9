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

"""Sweeps: the first one, one with nothing new, and one with a little.

Lines 1 and 3: CPU of this process against that of the bare pages, and
requests as the simulated cloud counts them.
"""

import statistics

from benchmarks import clouds
from benchmarks import collectors
from benchmarks import pages
from benchmarks import results
from benchmarks.results import Result

FEW_REQUESTS = 40
"""Of a cloud of 10 000, in pages of 1 000."""


def run(options):
    for size in options.sizes:
        with clouds.Cloud(size, options.seed) as cloud:
            yield from Sweeps(cloud, options).results()


class Sweeps:
    """All sweeps over one cloud, each with its floor beside it."""

    def __init__(self, cloud, options):
        self._cloud, self._options = cloud, options
        self._pages = pages.Pages(cloud)
        self._times = options.times if cloud.size < 100000 else 1

    def results(self):
        # whoever comes first pays for what is only made once
        self._pages.listings()
        figure, floor = self._first()
        yield self._result(3, 'the first sweep', figure, floor, 2.5)
        with collectors.Collectors(self._cloud.client()) as found:
            found.open()
            found.sweep()
            yield from self._unchanged(found)
            figure, floor = self._changed(found)
            yield self._result(3, '1 % changed', figure, floor, 1.7)

    def _result(self, line, what, figure, floor, bound):
        return Result(line, what, self._cloud.size, figure, 's of CPU',
                      floor, bound)

    def _first(self):
        rounds = []
        for _ in range(self._times):
            floor = results.seconds_of(self._pages.everything)
            with collectors.Collectors(self._cloud.client()) as found:
                found.open()
                rounds.append((results.seconds_of(found.sweep), floor))
        return map(statistics.median, zip(*rounds))

    def _unchanged(self, found):
        found.sweep()
        before = found.revisions()
        figure, floor = results.in_turns(
            max(3, self._times), found.sweep, self._pages.listings)
        yield self._result(1, 'nothing changed', figure, floor, 1.5)
        asked = self._cloud.requests()
        found.sweep()
        asked = self._cloud.requests() - asked
        yield Result(
            1, 'nothing changed: requests', self._cloud.size, asked,
            'requests',
            bound=FEW_REQUESTS if self._cloud.size <= 10000 else None)
        if found.revisions() != before:
            raise SystemExit('there were changes where there are none')

    def _changed(self, found):
        rounds = []
        for number in range(self._times):
            self._cloud.touch(0.01, f'mark-{number}')
            floor = results.seconds_of(self._some)
            rounds.append((results.seconds_of(found.sweep), floor))
        return map(statistics.median, zip(*rounds))

    def _some(self):
        """One in a hundred stacks has to be looked into."""
        self._pages.resources(self._pages.listings()[::100])
