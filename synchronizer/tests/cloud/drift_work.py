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

"""The lives of stacks of which nothing is touched but by Heat."""

import random
from typing import Any

from synchronizer.tests.cloud import drift_hands
from synchronizer.tests.cloud import drift_stacks


class Work:
    """One stack, and all that may be done to it, in any order."""

    CHANGES = ('name', 'flavor', 'metadata', 'tags', 'size', 'count')
    OTHERS = ('suspend', 'check', 'cancel', 'fail')

    def __init__(self, hands, name, seed):
        self.random = random.Random(seed)
        self.now: dict[str, Any] = {
            'name': 'first', 'flavor': 'f.nano', 'metadata': {'a': '1'},
            'tags': ['x'], 'size': 1, 'count': 1, 'members': 'fine'}
        self.stack = drift_hands.Stack(hands, name, self.resources(self.now))
        self.states: list[str] = []

    def resources(self, wanted):
        return {
            'server': drift_stacks.server(
                name=f'{wanted["name"]}-{{prefix}}', tags=wanted['tags'],
                flavor=wanted['flavor'], metadata=wanted['metadata']),
            'volume': drift_stacks.volume(
                size=wanted['size'], volume_type='fast'),
            'attached': drift_stacks.resource(
                'OS::Cinder::VolumeAttachment', volume_id=drift_stacks.the(
                    'volume'), instance_uuid=drift_stacks.the('server')),
            'many': drift_stacks.resource(
                'OS::Heat::ResourceGroup', count=wanted['count'],
                resource_def=drift_stacks.volume(
                    volume_type='fast',
                    name=f'{wanted["members"]}-{{prefix}}-%index%'))}

    def live(self):
        steps = [*self.CHANGES, *self.OTHERS]
        self.random.shuffle(steps)
        self.stack.create()
        self.stack.made()
        for step in steps:
            getattr(self, step, lambda step=step: self.change(step))()
        self.stack.delete()

    def update(self, wanted):
        self.stack.update('PUT', template={
            **self.stack.template(), 'resources': drift_hands.fill(
                self.resources(wanted), self.stack.hands.names)})

    def settles(self):
        self.states.append(self.stack.settles())

    def change(self, what):
        self.now[what] = {
            'name': f'n{self.random.randrange(100)}',
            'flavor': self.random.choice(['f.tiny', 'f.small']),
            'metadata': {self.random.choice('ab'): self.random.choice('12')},
            'tags': self.random.sample('xyz', 2),
            'size': self.now['size'] + 1,
            'count': self.random.choice([0, 2, 3])}[what]
        self.update(self.now)
        self.settles()

    def suspend(self):
        for action in ('suspend', 'resume'):
            self.stack.act(action)
            self.settles()

    def check(self):
        self.stack.act('check')
        self.settles()

    def cancel(self):
        """What came of it, the next update puts right."""
        self.update({**self.now, 'flavor': 'f.medium', 'name': 'cancelled'})
        self.stack.act('cancel_update')
        self.settles()
        self.change('metadata')

    def fail(self):
        """Heat tries to make a thing for more than a minute."""
        self.update({**self.now, 'members': 'lab-fail',
                     'count': self.now['count'] + 1})
        self.settles()
        self.change('tags')
