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

"""Cinder's hint table: which of its notifications says to look at what.

Nothing is told of services and pools, nor of metadata.
"""

from synchronizer.plugins import hints
from synchronizer.plugins.hints import Look

VOLUME = (Look('cinder.volume', 'volume_id'),)
VOLUME_SAVED = (Look('cinder.volume', 'volume_id', shows=hints.WRITTEN),)
VOLUME_GONE = (Look('cinder.volume', 'volume_id', shows=hints.GONE),)
SNAPSHOT = (Look('cinder.snapshot', 'snapshot_id'),)
SNAPSHOT_SAVED = (
    Look('cinder.snapshot', 'snapshot_id', shows=hints.WRITTEN),)
SNAPSHOT_GONE = (Look('cinder.snapshot', 'snapshot_id', shows=hints.GONE),)
BACKUP = (Look('cinder.backup', 'backup_id'),)
BACKUP_GONE = (Look('cinder.backup', 'backup_id', shows=hints.GONE),)
# the states of volumes move with these, and no volume event says so
REVERT = (*SNAPSHOT, *VOLUME)
BACKUP_MOVES = (*BACKUP, *VOLUME)
# few enough to list them all; not every event has the id
TYPES = (Look('cinder.volume_type', about='volume_types/id'),)

HINTS: hints.Table = {
    'volume.create.end': VOLUME_SAVED,
    'volume.resize.end': VOLUME_SAVED,
    'volume.delete.end': VOLUME_GONE,
    # how much is read and written
    'volume.usage': (),
    # attach, detach, retype, transfer, revert, reset_status, exists, ...
    'volume.*': VOLUME,

    'snapshot.create.end': SNAPSHOT_SAVED,
    'snapshot.delete.end': SNAPSHOT_GONE,
    'snapshot.revert.*': REVERT,
    'snapshot.*': SNAPSHOT,

    'backup.create.*': BACKUP_MOVES,
    'backup.restore.*': BACKUP_MOVES,
    'backup.delete.end': BACKUP_GONE,
    'backup.*': BACKUP,

    # no place was found for it: all of these are errors
    'scheduler.create_volume': VOLUME,
    'scheduler.extend_volume': VOLUME,
    'scheduler.manage_existing': VOLUME,
    'scheduler.migrate_volume_to_host': VOLUME,
    'scheduler.retype': VOLUME,
    'scheduler.create_snapshot': SNAPSHOT,
    'scheduler.manage_existing_snapshot': SNAPSHOT,

    'volume_type.*': TYPES,
    'volume_type_extra_specs.*': TYPES,
    'qos_specs.associate': TYPES,
    'qos_specs.disassociate': TYPES,
    'qos_specs.disassociate_all': TYPES,
    'qos_specs.delete': TYPES,
}
