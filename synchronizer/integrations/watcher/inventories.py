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

"""What only Placement knows of compute nodes.

It lists all providers in one request, but tells inventories of one provider
at a time. The listing bears a generation for each, which moves whenever an
inventory does: only those that moved are asked for.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from concurrent import futures
from typing import Any

from oslo_log import log

LOG = log.getLogger(__name__)

PROVIDERS = '/resource_providers'
AT_ONCE = 8
"""Requests under way at a time."""

Get = Callable[[str], Any]
Inventory = dict[str, dict[str, Any]]


class Inventories:
    """Inventories by the id of their compute node.

    What `get` raises is passed on where it is the listing that failed, and
    what was known stays known. A single provider that fails is as it was
    known, or unknown, and is asked for again.
    """

    def __init__(self, get: Get) -> None:
        """`get` gives the JSON behind a path, or None for a 404."""
        self._get = get
        self._held: dict[str, tuple[int, Inventory]] = {}

    def of(self, uuid: str) -> Inventory:
        """By resource class; empty if it is not known, or there is none."""
        return self._held.get(uuid, (0, {}))[1]

    def refresh(self, uuids: Iterable[str]) -> None:
        """Let what is held of these be as it is now."""
        listed = self._list()
        self._ask([uuid for uuid in uuids if uuid in listed and
                   listed[uuid] != self._generation(uuid)])
        self._held = {uuid: held for uuid, held in self._held.items()
                      if uuid in listed}

    def learn(self, uuids: Iterable[str]) -> list[str]:
        """Ask for those of which nothing is known; which are known now.

        A new compute node is seen before it has told Placement what it has.
        """
        unknown = [uuid for uuid in uuids if not self.of(uuid)]
        if not unknown:
            return []
        listed = self._list()
        self._ask([uuid for uuid in unknown if uuid in listed])
        return [uuid for uuid in unknown if self.of(uuid)]

    def _list(self) -> dict[str, int]:
        return {row['uuid']: row['generation']
                for row in self._get(PROVIDERS)['resource_providers']}

    def _generation(self, uuid: str) -> int | None:
        held = self._held.get(uuid)
        return held and held[0]

    def _ask(self, uuids: Collection[str]) -> None:
        if not uuids:
            return
        with futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for uuid, answer in zip(
                    uuids, pool.map(self._ask_one, uuids), strict=True):
                if answer is not None:
                    self._held[uuid] = (answer['resource_provider_generation'],
                                        answer['inventories'])

    def _ask_one(self, uuid: str) -> Any:
        try:
            return self._get(f'{PROVIDERS}/{uuid}/inventories')
        except Exception as error:
            # whatever it is, the others are worth having without it, as
            # they are to Watcher
            LOG.warning('Placement does not tell the inventory of %(uuid)s: '
                        '%(error)s', {'uuid': uuid, 'error': error})
            return None
