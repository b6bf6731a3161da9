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

"""What Heat tells of a stack leads to it, and to all that lies in it."""

from synchronizer.tests.cloud import listening
from synchronizer.tests.cloud.listening import has

STACK, RESOURCE = 'heat.stack', 'heat.resource'
WAIT = {'create': 2, 'update': 2}


def template(value, **more):
    return {'heat_template_version': '2021-04-16', 'resources': {'one': {
        'type': 'OS::Heat::TestResource', 'properties': {
            'value': value, 'action_wait_secs': WAIT, **more}}}}


class TestStack(listening.HintCase):

    names = ('heat',)

    def heat(self, method, path, body=None):
        return self.request(method, path, body, 'orchestration')

    def make_stack(self, name, **more):
        self.name = f'{self.prefix}-{name}'
        self.stack = self.heat('POST', '/stacks', {
            'stack_name': self.name, 'timeout_mins': 5,
            'template': template('a', **more)})['stack']['id']
        self.path = f'/stacks/{self.name}/{self.stack}'
        self.addCleanup(self.raw.orchestration.delete, self.path,
                        raise_exc=False)

    def settles(self, state):
        """The stack and its resource, in that state."""
        self.await_shown(STACK, self.stack, has(state=state))
        self.await_shown(
            RESOURCE, f'{self.stack}/one', has(state=state), state)
        self.since = len(self.world.told)

    def test_a_life(self):
        self.make_stack('life')
        self.settles('CREATE_COMPLETE')
        self.heat('PUT', self.path, {'template': template('b')})
        self.settles('UPDATE_COMPLETE')
        for action in ('suspend', 'resume', 'check'):
            self.heat('POST', f'{self.path}/actions', {action: None})
            self.settles(f'{action.upper()}_COMPLETE')
        self.heat('DELETE', self.path)
        self.await_gone(STACK, self.stack)
        self.await_gone(RESOURCE, f'{self.stack}/one')
        self.assertIn('orchestration.stack.delete.end',
                      self.world.events(self.stack))

    def test_it_fails(self):
        self.make_stack('fails', fail=True)
        self.settles('CREATE_FAILED')
        self.assertIn('orchestration.stack.create.error',
                      self.world.events(self.stack))
