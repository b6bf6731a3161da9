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

"""What fits on a page, and whether another one follows."""

from collections.abc import Callable
import json

from synchronizer.bus import wire
from synchronizer.model import entity as entity_module
from synchronizer.northbound import marker as marker_module

_LONGEST_ID = 1024

Key = tuple[str, str]
"""Type and id of an entity, in whose order pages are."""

Look = Callable[[Key | None, int], list[entity_module.Entity]]
"""Entities after a key, at most so many, and no more than fit."""


def key_of(entity: entity_module.Entity) -> Key:
    """Where a page that ends with this entity ends."""
    return entity.type, entity.id


def take(look: Look, after: Key | None, limit: int
         ) -> tuple[list[entity_module.Entity], bool]:
    """At most `limit` entities, and whether there are more."""
    found = look(after, limit + 1)
    if len(found) > limit or not found:
        return found[:limit], bool(found)
    # cut by its bytes, or the end: only another look can tell
    return found, bool(look(key_of(found[-1]), 1))


def room(most: int, answer: wire.Json, marker: marker_module.Marker) -> int:
    """Bytes left to the entities of an answer that ends in such a marker.

    The answer is what is known of it before.
    """
    longest = marker_module.seal(marker, b'')
    used = len(json.dumps({**answer, 'marker': longest, 'entities': []}))
    return max(1, most - used)


LAST = ('', 'x' * _LONGEST_ID)
"""No key takes more room in a marker."""
