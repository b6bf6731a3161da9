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
"""What Cinder says of each verb, and of what it keeps silent."""

from synchronizer.tests.unit.sandbox import base


class CinderNoticesTest(base.VoiceCase):

    def told(self):
        """(event, id) of what Cinder said; all of it on the one topic."""
        messages = [one for one in self.heard() if one.service == 'cinder']
        self.assertEqual(set(), {
            (one.topic, one.body['priority']) for one in messages
        } - {('notifications', 'INFO')})
        return [(one.body['event_type'], next(
            one.body['payload'][name] for name in (
                'snapshot_id', 'backup_id', 'volume_id')
            if one.body['payload'].get(name))) for one in messages]

    def changes(self, event, verb, **args):
        self.cloud.call(verb, volume=self.volume, **args)
        self.assertEqual([(f'volume.{event}', self.volume)], self.told())

    def test_create(self):
        key = self.cloud.create_volume()
        self.assertEqual([('volume.create.end', key)], self.told())

    def test_create_in_two_steps(self):
        self.volume = self.cloud.create_volume(status='creating')
        self.assertEqual([('volume.create.start', self.volume)], self.told())
        self.changes('create.end', 'set_volume_status', status='available')

    def test_nobody_tells_of_a_failed_creation(self):
        key = self.cloud.create_volume(status='creating')
        self.told()
        self.cloud.set_volume_status(key, 'error')
        self.assertEqual([], self.told())

    def test_changes(self):
        self.changes('update.end', 'rename_volume', name='x')
        self.changes('resize.end', 'extend_volume')
        self.changes('attach.end', 'attach_volume', server=self.server)
        self.changes('detach.end', 'detach_volume')
        self.changes('reset_status.end', 'set_volume_status', status='error')
        self.changes('delete.start', 'set_volume_status', status='deleting')
        self.changes('delete.end', 'delete_volume')

    def test_retype(self):
        old = self.cloud.get('cinder.volume', self.volume)['type']
        new = 'slow' if old == 'fast' else 'fast'
        self.changes('retype', 'retype_volume', volume_type=new)
        self.assertEqual(
            f'sandbox-control@{new}#{new}',
            self.cloud.get('cinder.volume', self.volume)['pool'])

    def test_metadata_is_told_by_nobody(self):
        self.cloud.set_volume_metadata(self.volume, {'a': 'b'})
        self.assertEqual([], self.told())

    def test_services_are_told_by_nobody(self):
        service = next(iter(self.cloud.table('cinder.service')))
        self.cloud.cinder_service_down(service)
        self.cloud.cinder_service_up(service)
        self.assertEqual([], self.told())

    def test_snapshots_and_backups(self):
        for noun in ('snapshot', 'backup'):
            key = self.cloud.call(f'create_{noun}', volume=self.volume)
            self.assertEqual([(f'{noun}.create.end', key)], self.told())
            self.cloud.call(f'delete_{noun}', **{noun: key})
            self.assertEqual([(f'{noun}.delete.end', key)], self.told())

    def test_types(self):
        key = self.cloud.create_volume_type('gold')
        self.cloud.delete_volume_type(key)
        self.assertEqual(
            [('volume_type.create', key), ('volume_type.delete', key)],
            [(one.body['event_type'], one.body['payload']['volume_types'][
                'id']) for one in self.heard()])

    def test_the_payload(self):
        self.cloud.attach_volume(self.server, self.volume)
        payload = self.heard()[0].body['payload']
        row = self.cloud.get('cinder.volume', self.volume)
        self.assertEqual(
            ('in-use', row['project_id'], row['type_id'], row['pool'],
             [self.server]),
            (payload['status'], payload['tenant_id'],
             payload['volume_type'], payload['host'],
             [one['instance_uuid'] for one in payload['volume_attachment']]))
