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

"""Heat's hint table, with payloads as a real Heat sends them."""

from synchronizer.plugins import heat
from synchronizer.plugins import hints
from synchronizer.plugins.hints import Hint
from synchronizer.tests import base

STACK = '9ac61c13-4d54-4f28-b623-febda74087a3'
PARTS = [Hint('heat.resource', STACK, part=True),
         Hint('heat.event', STACK, part=True),
         Hint('heat.snapshot', STACK, part=True)]


def read(event, **more):
    payload = {'stack_identity': STACK, 'state': 'CREATE_COMPLETE',
               'create_at': '2026-11-20T10:34:42Z', 'updated_at': None}
    return hints.read(heat.HeatPlugin.hints, f'orchestration.{event}',
                      {**payload, **more}, 1795171069.0)


class TestHints(base.TestCase):

    def test_whatever_happens_to_a_stack(self):
        for action in ('create', 'update', 'check', 'suspend', 'resume',
                       'rollback', 'snapshot', 'restore', 'adopt'):
            for phase in ('start', 'end', 'error'):
                self.assertEqual([Hint('heat.stack', STACK), *PARTS],
                                 read(f'stack.{action}.{phase}'))

    def test_when_the_action_began(self):
        found = read('stack.update.end', updated_at='2026-11-20T10:37:49Z')
        self.assertEqual(
            [Hint('heat.stack', STACK, written=1795171069.0), *PARTS], found)

    def test_deleted(self):
        self.assertEqual([Hint('heat.stack', STACK, gone=True), *PARTS],
                         read('stack.delete.end'))
        for event in ('stack.delete.start', 'stack.delete.error'):
            self.assertEqual([Hint('heat.stack', STACK), *PARTS],
                             read(event))

    def test_what_is_about_no_stack(self):
        self.assertEqual([], read('autoscaling.end'))

    def test_without_an_id(self):
        self.assertRaises(ValueError, read, 'stack.create.end',
                          stack_identity=None)

    def test_where_it_is_told(self):
        self.assertEqual(('heat', ('notifications',)),
                         (heat.HeatPlugin.exchange, heat.HeatPlugin.topics))
