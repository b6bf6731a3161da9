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

"""The true records: what the listings would show if nothing went wrong."""

from typing import Any

from synchronizer.sandbox import cinder_views
from synchronizer.sandbox import heat_views
from synchronizer.sandbox import nova_views
from synchronizer.sandbox.stacks import STACK
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import parse_version

TYPES = (
    'nova.instance', 'nova.host', 'nova.service', 'nova.aggregate',
    'nova.zone', 'nova.flavor', 'nova.server_group', 'cinder.volume',
    'cinder.snapshot', 'cinder.backup', 'cinder.volume_type',
    'cinder.service', 'cinder.pool', 'heat.stack', 'heat.resource',
    'heat.event', 'heat.snapshot', 'heat.software_config',
    'heat.software_deployment', 'heat.service', 'heat.resource_type')


class Truth:
    """Renders rows as an admin of the admin project would see them.

    The keys are the ids that a synchronizer gives: numbers as text, names,
    `<stack id>/<resource name>`. Soft-deleted servers are in it, since a GET
    of them answers; hosts are hypervisors with no service joined in.
    """

    def __init__(self, cloud: Any, nova: str | None = None,
                 cinder: str | None = None) -> None:
        self.cloud = cloud
        self.nova = parse_version(nova or cloud.nova_max_version)
        self.cinder = parse_version(cinder or cloud.cinder_max_version)

    def everything(self, types: tuple[str, ...] = TYPES
                   ) -> dict[str, dict[str, Row]]:
        """All live records, by type and id, at one moment."""
        with self.cloud.lock:
            return {kind: {
                key: self.record(kind, row)
                for key, row in self.cloud.table(kind).items()
                if not row.get('deleted')} for kind in types}

    def history(self, kind: str | None = None
                ) -> list[tuple[float, str, str, Row | None]]:
        """(time, type, id, record or None), oldest first."""
        with self.cloud.lock:
            journal = list(self.cloud.journal)
        return [(when, one, key, row and self.record(one, row))
                for when, one, key, row in journal if kind in (None, one)]

    def record(self, kind: str, row: Row) -> Row:
        """One row as its listing would show it."""
        service, _, noun = kind.partition('.')
        return getattr(self, '_' + service)(noun, row)

    def _nova(self, noun: str, row: Row) -> Row:
        now, url = self.cloud.now(), self.cloud.url
        if noun == 'instance':
            return nova_views.server(row, self.nova, True, url)
        if noun == 'host':
            guests = [one for one in self.cloud.live('nova.instance')
                      if one['host'] == row['name']
                      ] if self.nova < (2, 88) else []
            return nova_views.hypervisor(row, self.nova, guests, now)
        if noun == 'service':
            return nova_views.service(row, self.nova, now)
        if noun == 'zone':
            return nova_views.zone(row, now, True)
        if noun == 'flavor':
            return nova_views.flavor(row, self.nova, url)
        return getattr(nova_views, noun)(row, self.nova)

    def _cinder(self, noun: str, row: Row) -> Row:
        now = self.cloud.now()
        if noun == 'service':
            return cinder_views.service(row, self.cinder, now)
        if noun == 'pool':
            used = sum(one['size'] for one in self.cloud.rows('cinder.volume')
                       if one['pool'] == row['name'])
            return cinder_views.pool(row, used, now)
        if noun == 'volume_type':
            return cinder_views.volume_type(row, True)
        return getattr(cinder_views, noun)(
            row, self.cinder, True, self.cloud.projects['admin'],
            self.cloud.url)

    def _heat(self, noun: str, row: Row) -> Row:
        url = self.cloud.url
        if noun == 'stack':
            return heat_views.stack(row, True, url)
        if noun == 'resource':
            nested = row['nested'] and self.cloud.table(STACK)[row['nested']]
            return heat_views.resource(row, url, nested and nested['name'])
        if noun == 'event':
            return heat_views.event(row, url)
        if noun == 'service':
            return heat_views.service(row, self.cloud.now())
        if noun == 'resource_type':
            return {'name': row['name']}
        if noun == 'software_config':
            return heat_views.software_config(row, True)
        return getattr(heat_views, noun)(row)
