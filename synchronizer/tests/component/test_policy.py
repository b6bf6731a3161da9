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

"""Who asks, from the consumer's library to the rules."""

from oslo_context import context as oslo_context

from synchronizer import client
from synchronizer import exception
from synchronizer.northbound import policy
from synchronizer.tests import base
from synchronizer.tests.component import stream
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA


class Readers(policy.Everybody):
    """Only they may; and what they said of themselves."""

    def __init__(self):
        self.seen = []

    def demand(self, request, context, types=None):
        self.seen.append(context)
        if 'reader' not in context.get('roles', ()):
            raise exception.Forbidden(f'{request} is for readers')

    def choose(self, request, context, types):
        self.demand(request, context)
        return tuple(types)


class CallerTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.permit = Readers()
        self.service = self.useFixture(
            stream.Service(NOVA, HEAT, permit=self.permit))
        self.service.commit('created', NOVA, 'a')
        for type_ in (NOVA, HEAT):
            self.service.collected(type_)
        self.context = oslo_context.RequestContext(
            auth_token='secret', user_id='u', project_id='p',
            roles=['reader']).to_policy_values()

    def test_he_is_known_and_his_token_is_not_sent(self):
        ours = client.SynchronizerClient(
            self.service.transport, context={
                **self.context, 'auth_token': 'secret'})
        self.assertEqual('a', ours.get(NOVA, 'a')['a'].id)
        (seen,) = self.permit.seen
        self.assertEqual(('u', 'p', ['reader']), tuple(
            seen[key] for key in ('user_id', 'project_id', 'roles')))
        self.assertNotIn('secret', str(seen))
        # what a service said of patience is still there
        self.assertIn('timeout', seen)

    def test_a_stranger_is_told_so(self):
        ours = client.SynchronizerClient(self.service.transport)
        for call in (ours.describe, lambda: ours.get(NOVA, 'a'),
                     lambda: list(ours.get_all())):
            error = self.assertRaises(exception.Forbidden, call)
            self.assertIn('is for readers', str(error))
            self.assertIs(exception.Forbidden, type(error))

    def test_a_mirror_of_his(self):
        mirror = self.service.mirror([NOVA, HEAT], context=self.context)
        self.assertTrue(mirror.wait_synced(stream.PATIENCE))
        self.assertEqual('a', mirror.get(NOVA, 'a').id)
        self.assertEqual([], mirror.verify())

    def test_a_mirror_of_a_stranger_holds_nothing_and_says_why(self):
        mirror = self.service.mirror([NOVA, HEAT])
        self.assertFalse(mirror.wait_synced(1))
        self.assertIn('is for readers', self.log.output)
        self.assertIsNone(mirror.get(NOVA, 'a'))
