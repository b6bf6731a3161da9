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

"""What a server is compared by, but for its networks."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins.nova import instance
from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality.kinds import lookup

FLAVOR_SHOWN = match.shown('flavor')
ZONE, PINNED = 'OS-EXT-AZ:availability_zone', 'pinned_availability_zone'

AT_WORK = frozenset((
    'BUILD', 'HARD_REBOOT', 'MIGRATING', 'PASSWORD', 'REBOOT', 'REBUILD',
    'RESIZE', 'REVERT_RESIZE', 'VERIFY_RESIZE'))
"""Nova is busy with it, or waits for a word; it is not settled."""

MAPPINGS = ('block_device_mapping', 'block_device_mapping_v2')


def find(subject: table.Subject, around: table.Around
         ) -> entity_module.Entity | None:
    """A server that only waits for its end is not there: no listing shows
    it."""
    found = around.held('nova.instance', subject.physical_id)
    return None if found is not None and (
        found.state == 'SOFT_DELETED') else found


def status(desired: Any, actual: entity_module.Entity,
           subject: table.Subject, around: table.Around
           ) -> table.Difference | None:
    """What Heat did last says what it should be."""
    found = str(actual.state).partition('(')[0].strip()
    wanted = _wanted(subject.action)
    if found in wanted or found in AT_WORK:
        return None
    if found == 'UNKNOWN':
        raise table.Unknowable('Nova does not know the state of the server')
    return table.Difference(wanted[0], found)


def _wanted(action: str) -> tuple[str, ...]:
    if action == 'SUSPEND':
        return ('SUSPENDED',)
    if action in ('CHECK', 'SNAPSHOT'):
        # they leave it as it was, and do not tell how that is
        return ('ACTIVE', 'SUSPENDED')
    return ('ACTIVE',)


def _flavor_id(actual: entity_module.Entity, around: table.Around
               ) -> str | None:
    """Since 2.47 a server has its flavor's name, and no id."""
    shown = FLAVOR_SHOWN(actual)
    return shown.get('id') if 'original_name' not in shown else None


def _flavor_name(actual: entity_module.Entity, around: table.Around
                 ) -> str | None:
    shown = FLAVOR_SHOWN(actual)
    if 'original_name' in shown:
        return shown['original_name']
    return _flavor_called(shown['id'], around)


def _flavor_called(id_: str, around: table.Around) -> str | None:
    found = around.held('nova.flavor', id_)
    return found and found.name


def _is_flavor(word: str, around: table.Around) -> bool:
    return any(one.get('name') == word for one in lookup.records(
        around, 'compute', '/flavors', 'flavors', is_public='None'))


FLAVOR = match.reference(match.Naming(
    _flavor_id, _flavor_name, _flavor_called, _is_flavor))

def _image_id(actual: entity_module.Entity) -> str:
    shown = actual.attributes.get('image')
    return str(shown.get('id') or '') if isinstance(shown, Mapping) else ''


def image(desired: Any, actual: entity_module.Entity,
          subject: table.Subject, around: table.Around
          ) -> table.Difference | None:
    """A name meant the image that had it when Heat looked: later ones prove
    nothing, nor does one that was renamed."""
    if desired is None:
        return None
    word, id_ = str(desired), _image_id(actual)
    if not id_:
        raise table.NotComparable('the server was booted from a volume')
    if word == id_:
        return None
    if lookup.image(around, word) is None:
        shown = lookup.image(around, id_)
        if shown is not None and shown.get('name') == word:
            return None
        if not any(_was_there(one, subject)
                   for one in lookup.images(around, name=word)):
            raise table.NotComparable(
                f'no image of that time is called {word}, or has that id')
    return table.Difference(desired, id_)


def _was_there(record: lookup.Record, subject: table.Subject) -> bool:
    shown = subject.resource.attributes
    when = shown.get('updated_time') or shown.get('creation_time') or ''
    return str(record.get('created_at')) <= when


def zone(desired: Any, actual: entity_module.Entity, subject: table.Subject,
         around: table.Around) -> table.Difference | None:
    """The zone that was asked for, or the one where it runs: the default
    zone may be asked for, and any be given."""
    if not desired:
        return None
    word = str(desired).partition(':')[0]
    found = actual.attributes.get(ZONE)
    if word in (found, actual.attributes.get(PINNED)):
        return None
    if PINNED not in actual.attributes:
        raise table.NotComparable(
            'this Nova does not tell which zone was asked for')
    return table.Difference(
        desired, actual.attributes[PINNED] or found)


def volumes(desired: Any, actual: entity_module.Entity,
            subject: table.Subject, around: table.Around
            ) -> table.Difference | None:
    """The volumes that are named are attached. Those that Nova made from
    images and snapshots have names that nobody knows."""
    wanted = list(_named_volumes(desired))
    shown = match.shown(instance.VOLUMES)(actual)
    if wanted and not match.pairs(wanted, list(shown), _is_volume):
        return table.Difference(wanted, shown)
    return None


def _named_volumes(desired: Any) -> Iterable[dict[str, Any]]:
    for mapping in desired or ():
        if mapping.get('volume_id'):
            yield {name: mapping[name]
                   for name in ('volume_id', 'delete_on_termination')
                   if mapping.get(name) is not None}


def _is_volume(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    if wanted['volume_id'] != shown.get('id'):
        return False
    keeps = shown.get('delete_on_termination')
    return keeps is None or 'delete_on_termination' not in wanted or (
        match.boolean(wanted['delete_on_termination'], keeps))
