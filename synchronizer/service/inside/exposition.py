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

"""A census as metrics: what each process counts, and how the streams are."""

from collections.abc import Iterable
from collections.abc import Iterator

from prometheus_client import core
from prometheus_client import registry

from synchronizer import metrics
from synchronizer import version
from synchronizer.bus import wire
from synchronizer.model import stream as stream_module
from synchronizer.service.inside import census as census_module
from synchronizer.service.inside import health


class Exposition(registry.Collector):
    """Shown once; the client library writes it down."""

    def __init__(self, census: census_module.Census) -> None:
        self._census = census

    def collect(self) -> Iterator[core.Metric]:
        """Everything: a name comes once, whoever it comes from."""
        yield from metrics.families(samples(self._census))
        yield from _merged(self._census.processes)


def _merged(processes: Iterable[census_module.Process]
            ) -> list[core.Metric]:
    found: dict[str, core.Metric] = {}
    for process in processes:
        for name, help_, type_, told in process.families:
            family = found.setdefault(name, core.Metric(name, help_, type_))
            for sample, labels, value in told:
                family.add_sample(
                    sample, {**labels, 'process': process.name}, value)
    return list(found.values())


def samples(census: census_module.Census) -> Iterator[metrics.Sample]:
    """What is seen from outside of the processes."""
    yield metrics.BUILD.at(1, version.version_string())
    yield metrics.STORE_UP.at(census.rows is not None)
    for process in census.processes:
        yield metrics.PROCESS_UP.at(process.alive, process.name)
        yield metrics.PROCESS_WORKS.at(process.works, process.name)
    for row in (census.rows or {}).values():
        yield from _of_stream(row, census.at)


def _of_stream(row: stream_module.Stream, now: float
               ) -> Iterator[metrics.Sample]:
    yield metrics.ENTITIES.at(row.entities, row.type)
    yield metrics.REVISION.at(row.revision, row.type)
    yield metrics.JOURNAL.at(
        row.revision - row.oldest_revision + 1, row.type)
    yield metrics.INTERVAL.at(row.interval, row.type)
    yield metrics.TERM.at(row.term, row.type)
    yield metrics.STALE.at(health.is_stale(row, now), row.type)
    for state in stream_module.STATES:
        yield metrics.STATE.at(row.state == state, row.type, state)
    if row.owner:
        yield metrics.OWNER.at(1, row.type, health.host(row.owner))
    since = health.age(row, now)
    if since is not None:
        yield metrics.AGE.at(since, row.type)
        yield metrics.COLLECTED.at(wire.seconds(row.collected_at), row.type)
