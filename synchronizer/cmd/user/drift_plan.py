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

"""synchronizer drift --dry-run: what acting on drift would do."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from synchronizer.cmd.user import connection
from synchronizer.model import entity as entity_module
from synchronizer.plugins import reality
from synchronizer.plugins.reality import act

Entity = entity_module.Entity


def made(service: connection.Connection, drifts: Sequence[Entity],
         states: Mapping[str, str], per_hour: int | None
         ) -> Iterator[tuple[Entity, act.Decision]]:
    """Each with its decision, the oldest first, as if nothing had been
    done in the last hour."""
    held = {
        'heat.resource': _held(service, 'heat.resource', {
            drift.id for drift in drifts}),
        'heat.stack': _held(service, 'heat.stack', {
            act.stack_of(drift) for drift in drifts})}
    return act.plan(
        drifts, lambda type_, id_: held[type_].get(id_), states,
        reality.repairable,
        None if per_hour is None else act.Limit(per_hour))


def _held(service: connection.Connection, type_: str, ids: set[str]
          ) -> Mapping[str, Entity | None]:
    return service.ask('get', type_, sorted(ids)) if ids else {}
