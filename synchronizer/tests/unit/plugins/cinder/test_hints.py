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

"""Cinder's hint table, with payloads as a real Cinder sends them."""

from synchronizer.plugins import cinder
from synchronizer.plugins import hints
from synchronizer.plugins.hints import Hint
from synchronizer.tests import base

VOLUME = '5388cc2a-c77d-4211-b0fd-ccfde86892de'
SNAPSHOT = '788fa574-5832-4d6d-9432-7b28028d1d8a'
BACKUP = '1f1e2d3c-7e6a-4d43-9b0e-3f1de1a41c55'
TOLD = 1795171069.0
WRITTEN = TOLD - hints.SLACK

OF_VOLUME = {'volume_id': VOLUME, 'snapshot_id': None, 'host': 'lab@fast'}
OF_SNAPSHOT = {'volume_id': VOLUME, 'snapshot_id': SNAPSHOT}
OF_BACKUP = {'volume_id': VOLUME, 'backup_id': BACKUP, 'snapshot_id': None}


def read(event, payload):
    return hints.read(cinder.CinderPlugin.hints, event, payload, TOLD)


class TestHints(base.TestCase):

    def test_volumes(self):
        for event in ('create.start', 'delete.start', 'attach.start',
                      'attach.end', 'detach.start', 'detach.end', 'retype',
                      'update.end', 'reset_status.end', 'exists',
                      'transfer.create.end', 'transfer.accept.end',
                      'transfer.delete.end', 'revert.end',
                      'resize.start', 'manage_existing.end'):
            self.assertEqual([Hint('cinder.volume', VOLUME)],
                             read(f'volume.{event}', OF_VOLUME), event)

    def test_what_was_written_just_before(self):
        for event in ('create.end', 'resize.end'):
            self.assertEqual(
                [Hint('cinder.volume', VOLUME, written=WRITTEN)],
                read(f'volume.{event}', OF_VOLUME))
        self.assertEqual(
            [Hint('cinder.snapshot', SNAPSHOT, written=WRITTEN)],
            read('snapshot.create.end', OF_SNAPSHOT))

    def test_deletions(self):
        for kind, id_, payload in (
                ('volume', VOLUME, OF_VOLUME),
                ('snapshot', SNAPSHOT, OF_SNAPSHOT),
                ('backup', BACKUP, OF_BACKUP)):
            self.assertEqual([Hint(f'cinder.{kind}', id_, gone=True)],
                             read(f'{kind}.delete.end', payload))

    def test_usage_is_no_change(self):
        self.assertEqual([], read('volume.usage', OF_VOLUME))

    def test_snapshots_and_where_their_volume_moves_too(self):
        alone = [Hint('cinder.snapshot', SNAPSHOT)]
        for event in ('create.start', 'update.end', 'reset_status.end'):
            self.assertEqual(alone, read(f'snapshot.{event}', OF_SNAPSHOT))
        self.assertEqual([*alone, Hint('cinder.volume', VOLUME)],
                         read('snapshot.revert.end', OF_SNAPSHOT))

    def test_backups_and_where_their_volume_moves_too(self):
        alone = [Hint('cinder.backup', BACKUP)]
        for event in ('delete.start', 'reset_status.end'):
            self.assertEqual(alone, read(f'backup.{event}', OF_BACKUP))
        for event in ('create.start', 'create.end', 'restore.end'):
            self.assertEqual([*alone, Hint('cinder.volume', VOLUME)],
                             read(f'backup.{event}', OF_BACKUP))

    def test_no_place_was_found(self):
        self.assertEqual([Hint('cinder.volume', VOLUME)], read(
            'scheduler.create_volume', {**OF_VOLUME, 'request_spec': {}}))
        self.assertEqual([Hint('cinder.snapshot', SNAPSHOT)], read(
            'scheduler.create_snapshot', {'snapshot_id': SNAPSHOT}))

    def test_types(self):
        for event in ('volume_type.create', 'volume_type_extra_specs.update',
                      'qos_specs.disassociate_all'):
            self.assertEqual([Hint('cinder.volume_type', None)],
                             read(event, {'volume_types': None}))
        self.assertEqual('t', read('volume_type.update', {
            'volume_types': {'id': 't'}})[0].about)

    def test_without_an_id(self):
        for event in ('volume.create.end', 'snapshot.create.end',
                      'backup.create.end'):
            self.assertRaises(ValueError, read, event, {'volume_id': None})

    def test_only_types_that_there_are(self):
        told = {look.type for found in cinder.CinderPlugin.hints.values()
                for look in found}
        self.assertLess(told, {kind.name
                               for kind in cinder.CinderPlugin.types})

    def test_where_it_is_told(self):
        self.assertEqual('openstack', cinder.CinderPlugin.exchange)
        self.assertEqual(('notifications',), cinder.CinderPlugin.topics)
