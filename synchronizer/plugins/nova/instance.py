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

"""nova.instance: servers of all projects."""

from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses
import datetime
from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins import paging
from synchronizer.plugins import segments
from synchronizer.plugins.nova import cells
from synchronizer.plugins.nova import common
from synchronizer.plugins.nova import flavor_names
from synchronizer.plugins.nova import members as members_module

SERVERS = '/servers/detail'
HOST = 'OS-EXT-SRV-ATTR:host'
NODE = 'OS-EXT-SRV-ATTR:hypervisor_hostname'

VOLUMES = 'os-extended-volumes:volumes_attached'

FLAVOR = 'synchronizer:flavor'
"""Where a record of ours has the id of its flavor; never an attribute."""

RUNS_ON = 'runs-on'

ONLY_SHOWN = ('server_groups',)
"""What a GET of one server has and the listing does not."""


class Instance(common.FoundType):
    """A server."""

    name = 'nova.instance'
    path, noun = '/servers', 'server'
    secrets = ('OS-EXT-SRV-ATTR:user_data', 'user_data', 'adminPass',
               'personality')
    unordered = ('addresses/*', 'security_groups', 'tags', VOLUMES)
    can_list_since = True
    stamp = 'updated'
    # What Neutron, the hypervisor and aggregates change; of attachments
    # `delete_on_termination`; the id of a flavor that is gone.
    untold = ('attributes.OS-EXT-AZ:availability_zone',
              'attributes.OS-EXT-STS:power_state', 'attributes.addresses',
              'attributes.host_status', f'attributes.{VOLUMES}',
              'attributes.progress', 'attributes.security_groups',
              'attributes.updated', 'relations')

    def __init__(self, members: members_module.Members | None = None,
                 partitions: int = 1) -> None:
        # newest first, by a time that no update changes
        self._parts = segments.Parts(partitions, 'created')
        self._flavors = flavor_names.FlavorNames()
        self._members = members or members_module.Members()

    def list(self, session: base.Session) -> base.Listing:
        """All that are not deleted; soft-deleted ones are left out too."""
        watch = cells.Watch(session)
        self._flavors.refresh(session)
        hidden: set[str] = set()
        reason = yield from self._pages(session, hidden, self._parts.walk(
            session, SERVERS, 'servers', all_tenants=1))
        outcome = watch.outcome(_host_of, reason)
        if hidden and outcome.complete:
            return reading.Outcome(
                f'{len(hidden)} servers are in cells that do not answer',
                lambda entity: entity.id in hidden or not _host_of(entity))
        return outcome

    def list_since(self, session: base.Session, when: float
                   ) -> base.Listing:
        """Those whose row was written since, deleted ones included.

        Of a server with rows in two cells the dead row may be shown: that
        one says DELETED proves nothing. Tags, attachments and deleted
        metadata keys do not touch the row.
        """
        since = datetime.datetime.fromtimestamp(int(when), datetime.UTC)
        reason = yield from self._pages(session, set(), paging.by_marker(
            session, SERVERS, 'servers', all_tenants=1, **{
                'changes-since': since.strftime('%Y-%m-%dT%H:%M:%SZ')}))
        return reading.Outcome(reason)

    def look_up(self, session: base.Session, id_: str) -> reading.Page:
        """One server, cut to the shape of the listing."""
        page = super().look_up(session, id_)
        for record in page.records:
            if _is_hidden(record):
                raise exception.Undecided(
                    f'server {id_} is in a cell that does not answer')
        records = [{key: value for key, value in record.items()
                    if key not in ONLY_SHOWN} for record in page.records]
        self._add_flavors(session, records)
        return dataclasses.replace(page, records=tuple(records))

    def _pages(self, session: base.Session, hidden: set[str],
               walk: paging.Walk) -> base.Listing:
        """By the default order, which no update changes."""
        newest: dict[str, str] = {}
        while True:
            try:
                answer, records = next(walk)
            except StopIteration as end:
                return end.value
            unseen = [record['id'] for record in records
                      if _is_hidden(record)]
            if unseen:
                hidden.update(unseen)
                records = [record for record in records
                           if not _is_hidden(record)]
            shown = _without_stale(records, newest)
            self._add_flavors(session, shown)
            yield paging.page(answer, shown)

    def _add_flavors(self, session: base.Session,
                     records: Iterable[base.Record]) -> None:
        """Nobody else holds these records."""
        ids: dict[str | None, str | None] = {}
        for record in records:
            flavor = record.get('flavor') or {}
            id_ = flavor.get('id')
            if not id_:
                name = flavor.get('original_name')
                if name not in ids:
                    ids[name] = self._flavors.id_of(session, name)
                id_ = ids[name]
            record[FLAVOR] = id_

    def entity(self, record: base.Record) -> entity_module.Entity | None:
        """None if the record says that the server is deleted."""
        if record['status'] == 'DELETED':
            return None
        return self.make(
            record, name=record['name'], state=record['status'],
            project_id=record['tenant_id'], user_id=record['user_id'],
            relations=_relations(record))

    def beside(self, entity: entity_module.Entity
               ) -> Iterator[tuple[str, str]]:
        """Its host, its volumes, and its group as it was last read."""
        for arrow in entity.relations:
            if arrow.kind == RUNS_ON:
                yield arrow.type, arrow.id
        for volume in entity.attributes.get(VOLUMES) or ():
            yield 'cinder.volume', volume['id']
        for group in self._members.groups_of(entity.id):
            yield 'nova.server_group', group

    def attributes(self, record: base.Record) -> dict[str, Any]:
        """The service's record, without what we added to it."""
        kept = super().attributes(record)
        kept.pop(FLAVOR, None)
        return kept


def _relations(record: base.Record) -> list[Relation]:
    arrows = ((RUNS_ON, 'nova.host', record.get(NODE)),
              ('has-flavor', 'nova.flavor', record.get(FLAVOR)))
    return [Relation(kind, type_, id_) for kind, type_, id_ in arrows if id_]


def _is_hidden(record: base.Record) -> bool:
    """A row that stands for a server in a cell that is down: it has an id,
    and says nothing of the server."""
    return record.get('status') == 'UNKNOWN' and 'name' not in record


def _without_stale(records: list[base.Record], newest: dict[str, str]
                   ) -> list[base.Record]:
    """One row for each id, and none older than one that was shown before.

    While a server moves to another cell, and after an evacuation, it may
    have a row in two cells; taken in turns they would look like changes.
    """
    found: dict[str, base.Record] = {}
    for record in records:
        id_, written = record['id'], record.get('updated') or ''
        if written >= newest.get(id_, ''):
            newest[id_] = written
            found[id_] = record
    return list(found.values())


def _host_of(entity: entity_module.Entity) -> str | None:
    return entity.attributes.get(HOST)
