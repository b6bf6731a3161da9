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

"""Cells that do not answer: what they hide looks like what is deleted.

A listing leaves them out with 200. Only the listing of services tells, from
microversion 2.69 on: it has the computes of such a cell as rows that have
nothing but their name, with status UNKNOWN. A cell may fail in the middle of
a listing, so they are looked for before it and after it.
"""

from collections.abc import Callable

from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base

SERVICES = '/os-services'
_SINCE = (2, 69)

HostsOf = Callable[[entity_module.Entity], str | None]
"""On which compute an entity was, if on any."""


def is_down(service: base.Record) -> bool:
    """Whether this row stands for a service in a cell that is down."""
    return service.get('status') == 'UNKNOWN' or not service.get('state')


def hosts_down(services: list[base.Record]) -> frozenset[str]:
    """The computes in cells that are down."""
    return frozenset(row['host'] for row in services
                     if is_down(row) and 'host' in row)


class Watch:
    """Looks for cells that are down before a listing and after it."""

    def __init__(self, session: base.Session,
                 before: frozenset[str] | None = None) -> None:
        """`before`: what is known already."""
        self._session = session
        self.down = self._probe() if before is None else before

    def _probe(self) -> frozenset[str]:
        version = tuple(map(int, self._session.microversion.split('.')))
        if version < _SINCE:
            return frozenset()
        return hosts_down(self._session.get(SERVICES).records('services'))

    def outcome(self, host_of: HostsOf, reason: str | None = None
                ) -> reading.Outcome:
        """Probe again, and say what the listing is worth."""
        self.down |= self._probe()
        if reason:
            return reading.Outcome(reason)
        return outcome(self.down, host_of)


def outcome(down: frozenset[str], host_of: HostsOf) -> reading.Outcome:
    """Partial if any host is down: what was on one, or on none that we
    know of, may be there all the same."""
    if not down:
        return reading.COMPLETE

    def fence(entity: entity_module.Entity) -> bool:
        host = host_of(entity)
        return not host or host in down

    return reading.Outcome(
        f'{len(down)} computes are in cells that do not answer', fence)
