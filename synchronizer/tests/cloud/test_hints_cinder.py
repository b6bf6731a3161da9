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

"""Every notification of Cinder that counts leads to the right change.

A volume whose name has ``lab-fail`` in it must fail for the last test.
"""

from synchronizer.tests.cloud import listening
from synchronizer.tests.cloud.listening import has

VOLUME, SNAPSHOT = 'cinder.volume', 'cinder.snapshot'


class TestVolume(listening.HintCase):

    names = ('cinder',)

    def shown_after(self, id_, event, method, path, body, **wanted):
        since, self.since = len(self.world.heard), len(self.world.told)
        answer = self.block(method, path, body)
        self.await_heard(event, id_, since)
        self.await_shown(VOLUME, id_, has(**wanted), event)
        return answer

    def test_a_life(self):
        id_ = self.make_volume('life')
        self.await_heard('volume.create.end', id_)
        path = f'/volumes/{id_}'
        renamed = f'{self.prefix}-renamed'
        self.shown_after(id_, 'volume.update.end', 'PUT', path, {
            'volume': {'name': renamed}}, name=renamed)
        self.shown_after(id_, 'volume.resize.end', 'POST', f'{path}/action', {
            'os-extend': {'new_size': 2}}, state='available', size=2)
        self.shown_after(id_, 'volume.retype', 'POST', f'{path}/action', {
            'os-retype': {'new_type': 'slow',
                          'migration_policy': 'on-demand'}},
            state='available', volume_type='slow')
        self.since = len(self.world.told)
        self.block('DELETE', path)
        self.await_gone(VOLUME, id_)
        self.await_heard('volume.delete.end', id_)
        self.assertIsNone(self.world.graph.entity(VOLUME, id_))

    def test_it_is_handed_over(self):
        id_ = self.make_volume('transfer')
        transfer = self.shown_after(
            id_, 'volume.transfer.create.end', 'POST', '/volume-transfers',
            {'transfer': {'volume_id': id_}}, state='awaiting-transfer')
        self.shown_after(
            id_, 'volume.transfer.delete.end', 'DELETE',
            f'/volume-transfers/{transfer["transfer"]["id"]}', None,
            state='available')

    def test_a_snapshot(self):
        volume = self.make_volume('snapped')
        id_ = self.block('POST', '/snapshots', {'snapshot': {
            'volume_id': volume, 'name': f'{self.prefix}-snapshot'}})[
                'snapshot']['id']
        self.addCleanup(self.drop, f'/snapshots/{id_}', 'block_storage')
        self.await_shown(SNAPSHOT, id_, has(state='available'))
        self.await_heard('snapshot.create.end', id_)
        renamed = f'{self.prefix}-renamed'
        self.block('PUT', f'/snapshots/{id_}', {
            'snapshot': {'name': renamed}})
        self.await_shown(SNAPSHOT, id_, has(name=renamed))
        self.block('DELETE', f'/snapshots/{id_}')
        self.await_gone(SNAPSHOT, id_)

    def test_it_fails(self):
        self.make_volume('lab-fail', state='error')
