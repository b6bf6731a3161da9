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

"""Who it was, as Nova, Cinder and Heat really tell it."""

from synchronizer.collector import context
from synchronizer.model.initiator import Initiator
from synchronizer.tests import base

TOKEN = 'gAAAAABtoken-of-a-caller'
DEMO = Initiator('demo-id', 'project-id', 'req-1')


def told(**more):
    return {'auth_token': TOKEN, 'is_admin': False, 'roles': ['member'],
            'user_identity': f'demo-id {TOKEN}', 'project_name': 'demo',
            **more}


NOVA = told(user='demo-id', user_id='demo-id', user_name='demo',
            project='project-id', project_id='project-id',
            request_id='req-1', service_catalog=[{'token': TOKEN}])
CINDER = {key: value for key, value in NOVA.items() if key != 'user_name'}
HEAT = told(user='demo-id', username=None, password=TOKEN,
            project='project-id', project_id='project-id',
            trust_id='trust', trustor_user_id=None, request_id='req-1')
OLD_HEAT = told(user='demo', username='demo', user_id='demo-id',
                tenant='demo', tenant_id='project-id', request_id='req-1')
OLD = told(user='demo-id', tenant='project-id', request_id='req-1')


def versioned(**data):
    return {'nova_object.name': 'InstanceActionPayload',
            'nova_object.data': {'uuid': 'i', 'user_id': 'owner',
                                 'tenant_id': 'owners', **data}}


class ContextTest(base.TestCase):

    def test_of_every_service(self):
        for one in (NOVA, CINDER, HEAT, OLD_HEAT, OLD):
            self.assertEqual(DEMO, context.initiator(one, {'id': 'x'}))

    def test_nova_tells_it_in_its_payload_too(self):
        payload = versioned(action_initiator_user='admin-id',
                            action_initiator_project='admins',
                            request_id='req-2')
        for one in (NOVA, {}, None):
            self.assertEqual(Initiator('admin-id', 'admins', 'req-2'),
                             context.initiator(one, payload))

    def test_a_payload_that_does_not_tell_leaves_it_to_the_context(self):
        for payload in (versioned(), versioned(action_initiator_user=None),
                        versioned(action_initiator_user=5),
                        versioned(request_id='req-3'),
                        {'nova_object.data': []}, [], 'x', None):
            self.assertEqual(DEMO, context.initiator(NOVA, payload))

    def test_whose_thing_it_is_says_nothing(self):
        self.assertIsNone(context.initiator({}, versioned()))
        self.assertIsNone(context.initiator(
            {}, {'user_id': 'owner', 'tenant_id': 'owners'}))

    def test_what_a_service_does_by_itself_is_nobodys(self):
        periodic = told(user=None, user_id=None, project_id=None,
                        request_id='req-4', is_admin=True)
        self.assertIsNone(context.initiator(periodic, versioned(
            action_initiator_user=None, action_initiator_project=None)))
        self.assertIsNone(context.initiator(
            told(user='', project_id='p', request_id='r'), {}))

    def test_whatever_is_sent_as_a_context(self):
        for one in (None, [], 'x', 5, {'user_id': {'token': TOKEN}},
                    {'user_id': [TOKEN]}, {5: 5}):
            self.assertIsNone(context.initiator(one, {}))

    def test_what_is_missing_is_null(self):
        self.assertEqual(Initiator('u', None, None), context.initiator(
            {'user_id': 'u', 'project_id': 7}, {}))
