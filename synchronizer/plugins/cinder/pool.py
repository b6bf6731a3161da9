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

"""cinder.pool: what the scheduler knows of the backends, pool by pool."""

from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.cinder import capacity
from synchronizer.plugins.cinder import common
from synchronizer.plugins.cinder import service as service_module

POOLS = '/scheduler-stats/get_pools'
BINARY = 'cinder-volume'

STATE = 'synchronizer:state'
"""Where a record of ours has the state of its pool; never an attribute."""

CAPABILITIES = 'capabilities'

_STATISTICS = (
    'timestamp',
    # of single drivers: counters and measurements
    'avg_busy_perc', 'bandwidth', 'capacity_utilization',
    'domain_busy_percent', 'input_per_sec', 'io_size', 'latency',
    'average_processor_busy_percent', 'netapp_aggregate_used_percent',
    'output_per_sec', 'provisioned_capacity', 'queue_depth', 'queue_length',
    'queue_usec_per_mirrored_write_op', 'queue_usec_per_read_op',
    'queue_usec_per_write_op', 'reads_per_sec', 'throughput', 'total_hosts',
    'total_pgroups', 'total_snapshots', 'total_volumes',
    'usec_per_read_op', 'usec_per_write_op', 'utilization',
    'writes_per_sec')


class Pool(common.CinderType):
    """A pool: two listings make one reading.

    The pools of a service that is disabled, frozen or down leave Cinder's
    listing, and so they are gone here too until they are back in it.
    """

    name = 'cinder.pool'
    # pools are the same at any; services are cheaper
    microversion = common.WITHOUT_SCHEDULER
    volatile = tuple(f'{CAPABILITIES}/{name}' for name in _STATISTICS)

    def __init__(self, capacity_step: float = 5.0) -> None:
        """Percent of its total by which a capacity must move to be seen."""
        self._step = capacity_step

    def list(self, session: base.Session) -> base.Listing:
        """All in one page.

        A scheduler that was just started knows only the backends that have
        reported since: one that is up and has no pool is fenced.
        """
        services = session.get(service_module.SERVICES, binary=BINARY)
        backends = _Backends(services.records('services'))
        answer = session.get(POOLS, detail='true')
        pools = answer.records('pools')
        yield answer.page([backends.join(pool) for pool in pools], services)
        silent = backends.expected.difference(map(_backend_of, (
            pool['name'] for pool in pools)))
        if not silent:
            return reading.COMPLETE
        return reading.Outcome(
            fence=lambda entity: _backend_of(entity.id) in silent)

    def record_id(self, record: base.Record) -> str:
        """A pool is its name, which volumes have as their host."""
        return record['name']

    def entity(self, record: base.Record) -> entity_module.Entity:
        """Down if its service is, or if its driver says so of itself."""
        return self.make(record, name=record['name'], state=record[STATE])

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """The scheduler's record, but for the capacities: they move all the
        time, so they stand under a key of ours, in steps."""
        kept = super().attributes(record)
        kept.pop(STATE, None)
        fixed, moving = capacity.apart(kept.get(CAPABILITIES) or {})
        return {**kept, CAPABILITIES: fixed,
                'capacity': capacity.in_steps(moving, self._step)}

    def shape(self, session: base.Session) -> str:
        """With other steps the same pool looks different."""
        return f'{super().shape(session)}/{self._step:g}'


class _Backends:
    """The services behind the pools, by host or by cluster."""

    def __init__(self, rows: list[base.Record]) -> None:
        self._up: dict[str, bool] = {}
        self.expected: set[str] = set()
        for row in rows:
            if row['binary'] != BINARY:
                continue
            backend = row.get('cluster') or row['host']
            up = row['state'] == 'up'
            self._up[backend] = up or self._up.get(backend, False)
            if up and row['status'] == 'enabled' and not row.get('frozen'):
                self.expected.add(backend)

    def join(self, pool: base.Record) -> base.Record:
        """The pool with its state."""
        said = (pool.get(CAPABILITIES) or {}).get('backend_state')
        up = said != 'down' and self._up.get(
            _backend_of(pool['name']), True)
        return {**pool, STATE: 'up' if up else 'down'}


def _backend_of(pool: str) -> str:
    return pool.partition('#')[0]
