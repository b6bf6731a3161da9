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

"""Whether a snapshot says what an API says, while others work on the cloud.

What the API lists just before the snapshot is asked for, and lists the same
just after, cannot have been otherwise meanwhile.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from synchronizer.model import entity as entity_module

Records = Mapping[str, Mapping[str, Any]]
PAGE = 500


def listed(ask: Callable[..., Sequence[Mapping[str, Any]]]
           ) -> dict[str, Mapping[str, Any]]:
    """All records by id, page by page."""
    found: dict[str, Mapping[str, Any]] = {}
    params: dict[str, Any] = {'limit': PAGE}
    while True:
        page = {record['id']: record for record in ask(**params)}
        if page.keys() <= found.keys():
            return found
        found |= page
        params['marker'] = list(page)[-1]


def differences(before: Records, after: Records,
                held: Mapping[str, entity_module.Entity],
                fields: Sequence[str]) -> list[str]:
    """Where what is held contradicts both listings."""
    steady = {id_: record for id_, record in before.items()
              if after.get(id_) == record}
    return [*(f'{id_} is missing' for id_ in steady.keys() - held.keys()),
            *(f'{id_} is not there any more'
              for id_ in held.keys() - before.keys() - after.keys()),
            *(text for id_ in steady.keys() & held.keys()
              for text in _unlike(steady[id_], held[id_], fields))]


def _unlike(record: Mapping[str, Any], entity: entity_module.Entity,
            fields: Sequence[str]) -> Iterator[str]:
    for field in fields:
        said, held = record[field], entity.attributes.get(field)
        if said != held:
            yield f'{entity.id}: {field} is {said!r}, not {held!r}'
