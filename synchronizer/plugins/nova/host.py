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

"""nova.host: hypervisors, with their compute service and aggregates."""

from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins import paging
from synchronizer.plugins.nova import aggregate
from synchronizer.plugins.nova import cells
from synchronizer.plugins.nova import common

HYPERVISORS = '/os-hypervisors/detail'
BINARY = 'nova-compute'

AGGREGATES = 'synchronizer:aggregates'
"""Where a record of ours has its aggregates' ids; never an attribute."""

JOINED = ('status', 'state', 'disabled_reason', 'forced_down', 'zone')
"""What of the compute service stands in the attribute `service`."""


class Host(common.NovaType):
    """A hypervisor: three listings make one reading."""

    name = 'nova.host'
    # From 2.88 on Nova asks each compute for its uptime while it lists them
    # (one call over the bus each), and shows no capacity any more.
    microversion = '2.87'
    volatile = ('current_workload', 'disk_available_least', 'free_disk_gb',
                'free_ram_mb', 'local_gb_used', 'memory_mb_used',
                'running_vms', 'uptime', 'vcpus_used')
    unordered = ('cpu_info/features',)
    can_get = True
    # what servers take of it is volatile, and a look costs three requests
    patience = 10.0

    def list(self, session: base.Session) -> base.Listing:
        """All of them; each page's window reaches back to the services.
        One whose service was in a cell that is down is half a reading, and
        is left out.

        Nova leaves out, after it has cut the page, hypervisors whose service
        is gone: a short page is not the last one.
        """
        services = session.get(cells.SERVICES)
        rows = services.records('services')
        aggregates = session.get(aggregate.AGGREGATES)
        join = _Join(rows, aggregates.records('aggregates'))
        watch = cells.Watch(session, cells.hosts_down(rows))
        walk = _walk(session)
        while True:
            try:
                answer, records = next(walk)
            except StopIteration as end:
                return watch.outcome(_host_of, end.value)
            yield answer.page([join(record) for record in records
                               if _compute(record) not in watch.down],
                              services, aggregates)

    def get(self, session: base.Session, id_: str) -> reading.Page:
        """One by its name, with its service and all aggregates."""
        try:
            return self._get(session, id_)
        except exception.NotFound:
            return self._absent(session, id_)

    def _get(self, session: base.Session, name: str) -> reading.Page:
        answer, record = _find(session, name)
        host = _compute(record)
        services = session.get(cells.SERVICES, host=host, binary=BINARY)
        rows = services.records('services')
        if host in cells.hosts_down(rows):
            raise exception.Undecided(
                f'host {name} is in a cell that does not answer')
        aggregates = session.get(aggregate.AGGREGATES)
        join = _Join(rows, aggregates.records('aggregates'))
        return aggregates.page([join(record)], answer, services)

    def _absent(self, session: base.Session, name: str) -> reading.Page:
        """A host in a cell that is down is not found either, so it is
        looked for again, between two looks for such cells."""
        watch = cells.Watch(session)
        # before it is looked for: our role may not have been whole before
        self.scope.check(session)
        try:
            _find(session, name)
        except exception.NotFound as error:
            if watch.outcome(_host_of).complete:
                return reading.Page((), error.window, error.sampled_at)
        raise exception.Undecided(
            f'host {name} may be in a cell that does not answer')

    def record_id(self, record: base.Record) -> str:
        """The name that servers know it by."""
        return _name(record)

    def entity(self, record: base.Record) -> entity_module.Entity:
        """Up or down, as its service is."""
        service = record['service']
        relations = [Relation('member-of', 'nova.aggregate', id_)
                     for id_ in record[AGGREGATES]]
        if service.get('zone'):
            relations.append(
                Relation('in-zone', 'nova.zone', service['zone']))
        return self.make(
            record, name=_name(record),
            state=service.get('state') or record['state'],
            relations=relations)

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """The hypervisor's record; its `service` has more than Nova gives
        there."""
        kept = super().attributes(record)
        kept.pop(AGGREGATES, None)
        return kept


class _Join:
    """Finds a hypervisor's service and aggregates by its service's host."""

    def __init__(self, services: list[base.Record],
                 aggregates: list[base.Record]) -> None:
        self._services = {row['host']: row for row in services
                          if row.get('binary') == BINARY}
        self._aggregates: dict[str, list[str]] = {}
        for row in aggregates:
            for host in row['hosts']:
                self._aggregates.setdefault(host, []).append(str(row['id']))

    def __call__(self, hypervisor: base.Record) -> base.Record:
        host = _compute(hypervisor)
        found = self._services.get(host, {})
        service = {**hypervisor['service'], **{
            name: found[name] for name in JOINED if name in found}}
        return {**hypervisor, 'service': service,
                AGGREGATES: self._aggregates.get(host, [])}


def _walk(session: base.Session) -> paging.Walk:
    return paging.by_marker(
        session, HYPERVISORS, 'hypervisors', to_the_end=True)


def _find(session: base.Session, name: str
          ) -> tuple[base.Answer, base.Record]:
    """Raises NotFound where there is none."""
    pages = _candidates(session, name)
    for answer, records in pages:
        for record in records:
            if _name(record) == name:
                return answer, record
    last, _ = pages[-1]
    raise exception.NotFound(
        f'no hypervisor is called {name}', window=last.window,
        sampled_at=last.sampled_at)


def _candidates(session: base.Session, name: str
                ) -> list[tuple[base.Answer, list[base.Record]]]:
    """Nova looks for all names that contain it, and says 404 if none does.
    Where it refuses the pattern, or passes it over, all are read."""
    try:
        answer = session.get(HYPERVISORS, hypervisor_hostname_pattern=name)
    except exception.BrokenAnswer as error:
        if getattr(error, 'status', None) != 400:
            raise
        return list(paging.whole(_walk(session)))
    records = answer.records('hypervisors')
    if all(name.lower() in _name(record).lower() for record in records):
        return [(answer, records)]
    return list(paging.whole(_walk(session)))


def _name(hypervisor: base.Record) -> str:
    return hypervisor['hypervisor_hostname']


def _compute(hypervisor: base.Record) -> str:
    return hypervisor['service']['host']


def _host_of(entity: entity_module.Entity) -> str | None:
    return _compute(entity.attributes)
