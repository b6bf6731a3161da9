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

"""The types of Cinder."""

from collections.abc import Mapping
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins.nova import instance
from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality.kinds import lookup
from synchronizer.plugins.reality.kinds import nova

STORAGE = 'block-storage'
VOLUME, TYPES = 'cinder.volume', '/types'
BOOTABLE, IMAGE_METADATA = 'attributes.bootable', 'volume_image_metadata'

SOURCES = ('image', 'imageRef', 'snapshot_id', 'source_volid', 'backup_id')

MOVING = frozenset(('attaching', 'detaching', 'reserved'))
"""States of a volume in which attachments may not be shown."""


def _type_called(id_: str, around: table.Around) -> str | None:
    found = around.held('cinder.volume_type', id_)
    return found and found.name


def _is_type(word: str, around: table.Around) -> bool:
    return any(one.get('name') == word for one in lookup.records(
        around, STORAGE, TYPES, 'volume_types', is_public='None'))


VOLUME_TYPE = match.reference(match.Naming(
    lambda actual, around: actual.attributes.get('volume_type_id'),
    lambda actual, around: match.shown('volume_type')(actual),
    _type_called, _is_type))


def _image(desired: Any, actual: entity_module.Entity,
           subject: table.Subject, around: table.Around
           ) -> table.Difference | None:
    """A volume keeps the id and the name of the image that was written to
    it, as they were then."""
    shown = actual.attributes.get(IMAGE_METADATA)
    if not desired:
        return None
    if not isinstance(shown, Mapping) or 'image_id' not in shown:
        raise table.NotComparable(
            'the volume does not tell which image it was made from')
    if desired in (shown['image_id'], shown.get('image_name')):
        return None
    return table.Difference(desired, shown['image_id'])


def _bootable(desired: Any, actual: entity_module.Entity,
              subject: table.Subject, around: table.Around
              ) -> table.Difference | None:
    """Made from an image it is; made from nothing it is not; what became
    of other sources nobody tells."""
    given = [name for name in SOURCES if subject.desired.get(name)]
    wanted = bool(given)
    if set(given) - {'image', 'imageRef'}:
        raise table.NotComparable('it goes by what the volume was made from')
    found = match.shown('bootable')(actual)
    return None if match.boolean(wanted, found) else table.Difference(
        wanted, match.truth(found))


def _untold(desired: Any, actual: Any, subject: table.Subject,
            around: table.Around) -> table.Difference | None:
    """Where a volume came from is fixed; `bootable` goes by it."""
    if desired:
        raise table.NotComparable(nova.ONCE)
    return None


# Marked unhealthy a volume is replaced by an empty one: what was written to
# it weighs more than its name.
VOLUMES = table.Kind(lookup.by_stream(VOLUME), lookup.lasting(
    lookup.plain('size', match.number),
    lookup.named(),
    lookup.plain('description'),
    lookup.plain('metadata', match.subset),
    table.Property('volume_type', VOLUME_TYPE, (
        'attributes.volume_type', 'attributes.volume_type_id')),
    table.Property('read_only', match.compared(
        match.shown_or(False, 'metadata', 'readonly'), match.boolean),
        ('attributes.metadata',)),
    table.Property('bootable', _bootable, (BOOTABLE,), always=True),
    *(table.Property(name, _image, (f'attributes.{IMAGE_METADATA}',))
      for name in ('image', 'imageRef')),
    lookup.plain('availability_zone'),
    lookup.plain('multiattach', match.boolean),
    *(lookup.plain(name, match.text) for name in (
        'snapshot_id', 'source_volid')),
    table.Property('backup_id', _untold),
), {'scheduler_hints': nova.ONCE})

AWS_VOLUME = table.Kind(lookup.by_stream(VOLUME), lookup.lasting(
    lookup.plain('Size', match.number, 'size'),
    lookup.plain('AvailabilityZone', match.text, 'availability_zone'),
    lookup.plain('SnapshotId', match.text, 'snapshot_id')))


def _attachment(volume_name: str, server_name: str) -> lookup.Find:
    """A volume that is attached elsewhere is, unless it may be attached
    more than once, at the wrong place; one that is not attached is not."""
    def find(subject: table.Subject, around: table.Around) -> Any | None:
        volume_id = str(subject.desired.get(volume_name)
                        or subject.physical_id)
        server = subject.desired.get(server_name)
        volume = around.held(VOLUME, volume_id)
        if volume is None:
            return None
        shown = list(match.shown('attachments')(volume))
        here = [one for one in shown if one.get('server_id') == server]
        if here or (shown and not volume.attributes.get('multiattach')):
            return (here or shown)[0]
        if volume.state in MOVING and _nova_shows(
                around, str(server), volume_id):
            return {'server_id': server, 'volume_id': volume_id}
        return None
    return find


def _nova_shows(around: table.Around, server: str, volume: str) -> bool:
    """Of a server that was shelved Cinder keeps but a reservation."""
    found = around.held('nova.instance', server)
    return found is not None and any(
        one.get('id') == volume
        for one in found.attributes.get(instance.VOLUMES) or ())


DEVICE = 'the hypervisor chooses the device'


def _attachments(server: str, volume: str, device: str) -> table.Kind:
    shows = ('attributes.attachments', 'relations')
    return table.Kind(_attachment(volume, server), (
        lookup.plain(server, match.text, 'server_id', fields=shows),
        lookup.plain(volume, match.text, 'volume_id', fields=shows),
    ), {device: DEVICE}, remade=False)


TYPE_ACCESS = '/types/{}/os-volume-type-access'


def _projects(desired: Any, actual: entity_module.Entity,
              subject: table.Subject, around: table.Around
              ) -> table.Difference | None:
    """Cinder shows them of private types only."""
    if not desired or match.truth(
            actual.attributes.get('is_public')) is not False:
        return None
    found = {one['project_id'] for one in lookup.records(
        around, STORAGE, TYPE_ACCESS.format(lookup.quoted(actual.id)),
        'volume_type_access')}
    return None if nova.project_ids(desired, around) == found else (
        table.Difference(desired, sorted(found)))


TYPE = table.Kind(lookup.by_stream('cinder.volume_type'), lookup.lasting(
    lookup.named(),
    lookup.plain('description'),
    lookup.plain('is_public', match.boolean),
    lookup.plain('metadata', match.subset, 'extra_specs'),
    table.Property('projects', _projects)))


def _encryption(subject: table.Subject, around: table.Around) -> Any | None:
    """What is not encrypted has an empty record."""
    id_ = subject.physical_id
    if around.held('cinder.volume_type', id_) is None:
        return None
    shown = around.ask(STORAGE, f'{TYPES}/{lookup.quoted(id_)}/encryption')
    return shown or None


ENCRYPTED_TYPE = table.Kind(_encryption, tuple(
    lookup.plain(name, agree) for name, agree in (
        ('provider', match.text), ('cipher', match.text),
        ('key_size', match.number), ('control_location', match.text))),
    {'volume_type': 'it is what the encryption is found by'}, remade=False)

QOS = table.Kind(lookup.by_path(
    STORAGE, '/qos-specs', 'qos_specs'), lookup.lasting(
    lookup.plain('name'),
    lookup.plain('specs', match.subset)))

KINDS = {
    'AWS::EC2::Volume': AWS_VOLUME,
    'AWS::EC2::VolumeAttachment': _attachments(
        'InstanceId', 'VolumeId', 'Device'),
    'OS::Cinder::EncryptedVolumeType': ENCRYPTED_TYPE,
    'OS::Cinder::QoSSpecs': QOS,
    'OS::Cinder::Volume': VOLUMES,
    'OS::Cinder::VolumeAttachment': _attachments(
        'instance_uuid', 'volume_id', 'mountpoint'),
    'OS::Cinder::VolumeType': TYPE}
