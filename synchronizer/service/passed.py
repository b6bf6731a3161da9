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

"""Hosts that are passed over: they are there, and do not take what is theirs.

A host may be heard and be able to do no more: what it asks of the back end
takes too long, say. Nobody else would take what is left to it, for ever.
"""

from oslo_log import log as logging

from synchronizer.service import coordination
from synchronizer.service import share

LOG = logging.getLogger(__name__)

WAY = 4
"""For so many looks a unit that is free is left to whoever has fewer."""

PASSED = 8
"""For so many take-overs nothing is left to a host that did not take it."""


class Passed:
    """As one process sees it, of its unit."""

    def __init__(self, host: str, unit: str, times: coordination.Times
                 ) -> None:
        self._host, self._unit, self._times = host, unit, times
        self._free_since: float | None = None
        self._until: dict[str, float] = {}

    def hosts(self, now: float) -> set[str]:
        """Nothing is left to these."""
        return {host for host, until in self._until.items() if until > now}

    def look(self, view: share.View, now: float) -> None:
        """See who has not taken it."""
        holder = view.holders.get(self._unit)
        if holder is not None:
            self._until.pop(holder, None)
            self._free_since = None
        elif self._free_since is None:
            self._free_since = now
        elif now - self._free_since > WAY * self._times.pace:
            self._pass_over(view, now)

    def forget(self) -> None:
        """Nobody is to take anything now."""
        self._free_since = None

    def _pass_over(self, view: share.View, now: float) -> None:
        passed = self.hosts(now)
        for host in view.others(self._host, self._unit) - passed:
            if share.may_take(view, host, self._unit, passed):
                self._until[host] = now + PASSED * self._times.takeover
                LOG.warning('%(unit)s was not taken by %(host)s, though it '
                            'is its turn: others may',
                            {'unit': self._unit, 'host': host})
