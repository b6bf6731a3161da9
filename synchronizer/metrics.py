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

"""What is counted, and by which names: the one list of all metrics.

Rooms call it when something happens; nobody need ever ask. Each process has
counters of its own, and what is read at the moment of asking has a `Gauge`.
"""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import dataclasses
import time

import prometheus_client
from prometheus_client import core
from prometheus_client import registry

REGISTRY = prometheus_client.CollectorRegistry()
"""Ours alone; who has an exporter of his own may register it there."""

ACTIONS = ('created', 'updated', 'deleted')
CAUSES = ('startup', 'sweep', 'delta', 'hint')
OUTCOMES = ('complete', 'partial', 'failed')
RESULTS = ('taken', 'others', 'doubled', 'unreadable')

SHORT = (.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)
MIDDLE = (.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60)
LONG = (.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


def _counter(name: str, help_: str, *labels: str
             ) -> prometheus_client.Counter:
    return prometheus_client.Counter(
        f'synchronizer_{name}', help_, labels, registry=REGISTRY)


def _histogram(name: str, help_: str, buckets: Iterable[float],
               *labels: str) -> prometheus_client.Histogram:
    return prometheus_client.Histogram(
        f'synchronizer_{name}', help_, labels, registry=REGISTRY,
        buckets=tuple(buckets))


# --- what happens --------------------------------------------------------

CHANGES = _counter(
    'changes_total', 'Changes that were committed.',
    'type', 'action', 'cause')
SWEEPS = _counter(
    'sweeps_total', 'Sweeps that ended, by how: complete, partial, failed.',
    'type', 'outcome')
SWEEP_SECONDS = _histogram(
    'sweep_seconds', 'How long a sweep took that did not fail.', LONG, 'type')
UNREADABLE = _counter(
    'unreadable_records_total', 'Records that could not be read.', 'type')
DOUBTS = _counter(
    'doubts_total', 'Ids that were asked for since a reading left them in '
    'doubt.', 'type')
REQUESTS = _counter(
    'requests_total', 'Requests to the services, each try, by HTTP status; '
    'none: there was no answer.', 'service', 'status')
REQUEST_SECONDS = _histogram(
    'request_seconds', 'How long a request took, each try.', MIDDLE,
    'service')
TURN_SECONDS = _histogram(
    'turn_seconds', 'How long a request waited for its turn in the budget of '
    'its service (max_requests_per_second), before it was sent.', MIDDLE,
    'service')
UNSHARED = _counter(
    'unshared_requests_total', 'Requests whose turn this process set by '
    'itself, as the database could not be asked for the budget.', 'service')
NOTIFICATIONS = _counter(
    'notifications_total', 'Notifications by what became of them: taken, '
    'others (in no table), doubled, unreadable.', 'plugin', 'result')
HINTS = _counter(
    'hints_total', 'Hints at something of that type, from notifications and '
    'from other collectors.', 'type')
HINT_SECONDS = _histogram(
    'hint_seconds', 'From the first hint at something until its answer was '
    'committed; the count is that of hints settled, those for one id at one '
    'time being one.', MIDDLE, 'type')
UNTOLD = _counter(
    'untold_changes_total', 'Changes that a listing found and no '
    'notification told of.', 'type')
COMMIT_SECONDS = _histogram(
    'commit_seconds', 'How long the database took for a commit.', SHORT,
    'type')
PUBLISHED = _counter(
    'published_changes_total', 'Changes that the bus took.', 'type')
UNPUBLISHED = _counter(
    'unpublished_changes_total', 'Changes that were left to the journal.',
    'type')
PUBLISH_FAILURES = _counter(
    'publish_failures_total', 'How often nothing could be published.')
PUBLISH_SECONDS = _histogram(
    'publish_seconds', 'How long the bus took for up to 100 changes.', SHORT)
PUBLISH_LAG_SECONDS = _histogram(
    'publish_lag_seconds', 'From the commit to the bus, of the eldest of up '
    'to 100 changes.', MIDDLE, 'type')
ANSWERS = _counter(
    'answers_total', 'Requests of consumers, by method and by how they were '
    'answered: ok, or the name of the error.', 'method', 'status')
ANSWER_SECONDS = _histogram(
    'answer_seconds', 'How long a request of a consumer took.', MIDDLE,
    'method')

prometheus_client.ProcessCollector(
    namespace='synchronizer', registry=REGISTRY)


def prepare(plugin: str, types: Iterable[str]) -> None:
    """Show at zero what a collector will count: a rate that begins with one
    is no rate."""
    for result in RESULTS:
        NOTIFICATIONS.labels(plugin, result)
    for type_ in types:
        for metric in (SWEEP_SECONDS, UNREADABLE, DOUBTS, HINTS,
                       HINT_SECONDS, UNTOLD, COMMIT_SECONDS, PUBLISHED,
                       UNPUBLISHED, PUBLISH_LAG_SECONDS):
            metric.labels(type_)
        for outcome in OUTCOMES:
            SWEEPS.labels(type_, outcome)
        for action in ACTIONS:
            for cause in CAUSES:
                CHANGES.labels(type_, action, cause)


def changed(type_: str, cause: str, actions: Iterable[str]) -> None:
    """Changes were committed."""
    for action, count in Counter(actions).items():
        CHANGES.labels(type_, action, cause).inc(count)


def requested(service: str, status: int | None, seconds: float) -> None:
    """A request to a service ended: `cloud.api.OnRequest`."""
    REQUESTS.labels(service, 'none' if status is None else status).inc()
    REQUEST_SECONDS.labels(service).observe(seconds)


def waited(service: str, seconds: float, shared: bool) -> None:
    """A request has had its turn: `cloud.budget.Note`, with the service."""
    TURN_SECONDS.labels(service).observe(seconds)
    UNSHARED.labels(service).inc(0 if shared else 1)


@contextlib.contextmanager
def answering(method: str) -> Iterator[None]:
    """A request of a consumer is answered."""
    began, status = time.perf_counter(), 'ok'
    try:
        yield
    except Exception as error:
        status = type(error).__name__
        raise
    finally:
        ANSWERS.labels(method, status).inc()
        ANSWER_SECONDS.labels(method).observe(time.perf_counter() - began)


# --- what is so now ------------------------------------------------------

@dataclasses.dataclass(frozen=True, slots=True)
class Gauge:
    """Something that is looked at when it is asked for."""

    name: str
    """Without the prefix."""

    help: str
    """What it tells."""

    labels: tuple[str, ...] = ()
    """The names of its labels."""

    def at(self, value: float, *labels: str) -> 'Sample':
        """Its value for these labels."""
        return self, labels, float(value)


Sample = tuple[Gauge, tuple[str, ...], float]
Source = Callable[[], Iterable[Sample]]

QUEUE = Gauge(
    'queue_depth', 'Ids that wait to be asked for: doubts, hints, and those '
    'that are followed until they are at rest.', ('type', 'kind'))
UNSETTLED = Gauge(
    'unsettled_doubts', 'Doubts that were asked for and got no answer yet.',
    ('type',))
MISSING = Gauge(
    'missing_entities', 'Ids that the last complete sweep lacked and that '
    'are not settled yet.', ('type',))
BRAKED = Gauge(
    'braked_deletions', 'Deletions that the brake holds back.', ('type',))
SILENT = Gauge(
    'silent', '1: notifications seem not to tell of this type any more.',
    ('type',))
LISTENING = Gauge(
    'listening', '1: the notifications of this plugin are listened to.',
    ('plugin',))
PUBLISH_QUEUE = Gauge(
    'publish_queue_depth', 'Changes that are committed and not on the bus '
    'yet, at the last look.', ('type',))
BUS_UP = Gauge(
    'bus_up', '0: the bus did not take what this process last published.')

COORDINATION_UP = Gauge(
    'coordination_up', '0: the back end by which synchronizers share the '
    'work does not answer this process.')
OWNING = Gauge(
    'owning', '1: this process collects the plugin; 0: it stands by.',
    ('plugin',))

BUILD = Gauge('build_info', 'Always 1.', ('version',))
STORE_UP = Gauge('store_up', '1: the database answers.')
PROCESS_UP = Gauge(
    'process_up', '1: the process answers; 0: it is dead, or hangs.',
    ('process',))
PROCESS_WORKS = Gauge(
    'process_works', '1: the process has all that it needs to work; 0: it '
    'still tries.', ('process',))
ENTITIES = Gauge('stream_entities', 'Entities that live.', ('type',))
REVISION = Gauge(
    'stream_revision', 'Number of the last committed change.', ('type',))
JOURNAL = Gauge(
    'stream_journal_changes', 'Changes that the journal still has.',
    ('type',))
COLLECTED = Gauge(
    'stream_collected_timestamp_seconds', 'When the last complete sweep '
    'began whose missing ids are settled.', ('type',))
AGE = Gauge('stream_age_seconds', 'Seconds since then.', ('type',))
INTERVAL = Gauge(
    'stream_interval_seconds', 'The poll_interval of the type.', ('type',))
STATE = Gauge(
    'stream_state', '1 for the state that the stream is in, 0 for others.',
    ('type', 'state'))
STALE = Gauge(
    'stream_stale', '1: no sweep was complete for more than twice the '
    'interval and a minute.', ('type',))
OWNER = Gauge(
    'stream_owner_info', 'Always 1; the host that owns the stream.',
    ('type', 'owner'))
TERM = Gauge(
    'stream_term', 'How often the stream was claimed.', ('type',))


def gauges() -> list[Gauge]:
    """Every gauge there is."""
    return [found for found in globals().values()
            if isinstance(found, Gauge)]


def families(samples: Iterable[Sample]) -> list[core.Metric]:
    """The samples, as the client library has them."""
    found: dict[Gauge, core.GaugeMetricFamily] = {}
    for gauge, labels, value in samples:
        family = found.setdefault(gauge, core.GaugeMetricFamily(
            f'synchronizer_{gauge.name}', gauge.help, labels=gauge.labels))
        family.add_metric(labels, value)
    return list(found.values())


class _Sources(registry.Collector):
    """Whoever has something to show while he works."""

    def __init__(self) -> None:
        self.sources: list[Source] = []

    def collect(self) -> list[core.Metric]:
        # they come and go in threads of their own
        return families(sample for source in tuple(self.sources)
                        for sample in source())


_ALL = _Sources()
REGISTRY.register(_ALL)


def watch(source: Source) -> Callable[[], None]:
    """Show what `source` tells, whenever asked; returns what ends that."""
    _ALL.sources.append(source)
    return lambda: _ALL.sources.remove(source)
