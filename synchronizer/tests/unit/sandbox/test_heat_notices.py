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
"""What Heat says of each verb, and of what it keeps silent."""

from synchronizer.tests.unit.sandbox import base


class HeatNoticesTest(base.VoiceCase):

    def setUp(self):
        super().setUp()
        self.stack = self.cloud.create_stack(servers=0, volumes=0)
        self.first = self.told()

    def told(self):
        """(event, id, priority) of what Heat said."""
        return [(one.body['event_type'].removeprefix('orchestration.stack.'),
                 one.body['payload']['stack_identity'],
                 one.body['priority'])
                for one in self.heard() if one.service == 'heat']

    def means(self, *events):
        self.assertEqual([(event, self.stack, 'INFO') for event in events],
                         self.told())

    def test_create(self):
        self.assertEqual([('create.start', self.stack, 'INFO'),
                          ('create.end', self.stack, 'INFO')], self.first)

    def test_actions(self):
        self.cloud.update_stack(self.stack, tags=['a'])
        self.means('update.start', 'update.end')
        self.cloud.check_stack(self.stack)
        self.means('check.start', 'check.end')
        self.cloud.snapshot_stack(self.stack)
        self.means('snapshot.start', 'snapshot.end')
        self.cloud.delete_stack(self.stack, settle=False)
        self.means('delete.start')
        self.cloud.finish_delete(self.stack)
        self.means('delete.end')

    def test_a_failure_is_an_error(self):
        self.cloud.update_stack(self.stack, settle=False)
        self.means('update.start')
        self.cloud.settle_stack(self.stack, 'FAILED')
        self.assertEqual([('update.error', self.stack, 'ERROR')],
                         self.told())

    def test_nested_stacks_speak_for_themselves(self):
        stack = self.cloud.create_stack(servers=0, volumes=0, nested=1)
        nested = self.cloud.nested_stacks(stack)[0]['id']
        self.assertEqual(
            [('create.start', stack), ('create.start', nested),
             ('create.end', nested), ('create.end', stack)],
            [(event, key) for event, key, _ in self.told()])

    def test_nobody_tells_of_a_mark(self):
        stack = self.cloud.create_stack()
        self.heard()
        self.cloud.mark_unhealthy(stack, 'server0')
        self.assertEqual([], self.heard())

    def test_the_payload(self):
        self.clock.tick(3)
        self.cloud.update_stack(self.stack, settle=False)
        message = self.heard()[-1]
        row = self.cloud.get('heat.stack', self.stack)
        payload = message.body['payload']
        self.assertEqual(
            (row['name'], row['project_id'], 'UPDATE_IN_PROGRESS',
             '2027-01-15T08:00:03Z', 'notifications'),
            (payload['stack_name'], payload['tenant_id'], payload['state'],
             payload['updated_at'], message.topic))
