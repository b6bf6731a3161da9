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

"""cinder.volume: volumes of all projects."""

from collections.abc import Iterator
import datetime

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import base
from synchronizer.plugins import segments
from synchronizer.plugins.cinder import common

MIGRATION = 'migration_status'
ATTACHED_TO = 'attached-to'
HOST = 'os-vol-host-attr:host'

_FILTERS_TIMES = (3, 60)
"""A service that offers less does not know the filter. One that knows it
heeds it from 3.31 on, but with such we speak a higher one anyway."""


class Volume(common.PagedType):
    """A volume. The copies that a migration makes are none."""

    name = 'cinder.volume'
    path, noun = '/volumes', 'volume'
    mark = MIGRATION
    # the names of keys are of use only to who is after the keys
    secrets = ('attachments/connection_info', 'connection_info',
               'encryption_key_id', 'provider_auth',
               'volume_image_metadata/cinder_encryption_key_id')
    unordered = ('attachments',)
    can_list_since = True
    stamp = 'updated_at'
    # Of migrations, uploads and reservations nothing is told, nor of what
    # is known of a volume's content.
    untold = ('attributes.bootable', 'attributes.group_id',
              'attributes.metadata', 'attributes.migration_status',
              'attributes.os-vol-host-attr:host',
              'attributes.os-vol-mig-status-attr:migstat',
              'attributes.os-vol-mig-status-attr:name_id',
              'attributes.replication_status', 'attributes.status',
              'attributes.updated_at', 'attributes.volume_image_metadata',
              'relations', 'state')

    def __init__(self, partitions: int = 1) -> None:
        self._parts = segments.Parts(partitions, 'created_at')

    def list(self, session: base.Session) -> base.Listing:
        """Those of all projects."""
        return (yield from self.pages(session, self._parts.walk(
            session, f'{self.path}/detail', 'volumes', lost=404,
            all_tenants=1)))

    def list_since(self, session: base.Session, when: float
                   ) -> base.Listing:
        """Those whose row was written since; deleted ones are not shown.
        Metadata, image metadata and the readonly flag do not touch it."""
        version = tuple(map(int, session.microversion.split('.')))
        if version < _FILTERS_TIMES:
            return reading.Outcome(
                f'Cinder {session.microversion} cannot tell what moved')
        since = datetime.datetime.fromtimestamp(int(when), datetime.UTC)
        return (yield from self.pages(session, self.walk(
            session, updated_at=since.strftime('gte:%Y-%m-%dT%H:%M:%SZ'))))

    def entity(self, record: base.Record) -> entity_module.Entity | None:
        """None for a row that only serves to migrate another one."""
        if _is_copy(record):
            return None
        return self.make(
            record, name=record['name'], state=record['status'],
            project_id=record.get('os-vol-tenant-attr:tenant_id'),
            user_id=record.get('user_id'), relations=_relations(record))

    def beside(self, entity: entity_module.Entity
               ) -> Iterator[tuple[str, str]]:
        """The servers that it is attached to."""
        for arrow in entity.relations:
            if arrow.kind == ATTACHED_TO:
                yield arrow.type, arrow.id


def _is_copy(record: base.Record) -> bool:
    """Whether it is the target of a migration; or, when that is done and
    the two rows have been swapped, what is left of the source."""
    status = record.get(MIGRATION) or ''
    return status.startswith('target:') or status == 'deleting'


def _relations(record: base.Record) -> list[Relation]:
    arrows = [(ATTACHED_TO, 'nova.instance', attachment.get('server_id'))
              for attachment in record['attachments']]
    arrows += [
        ('made-from', 'cinder.snapshot', record.get('snapshot_id')),
        ('of-type', 'cinder.volume_type', record.get('volume_type_id')),
        ('stored-in', 'cinder.pool', _pool(record))]
    return [Relation(kind, type_, id_) for kind, type_, id_ in arrows if id_]


def _pool(record: base.Record) -> str | None:
    """The pools of a cluster bear its name, not that of a host."""
    place = record.get('cluster_name') or record.get(HOST) or ''
    return place if '#' in place else None
