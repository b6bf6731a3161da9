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

"""What Heat is asked for, and what is made of its answers."""

import json
import types

from tempest.lib import exceptions

from synchronizer.tests import base
from synchronizer.tests.tempest.services import orchestration

TEMPLATE = {'resources': {'word': {'type': 'OS::Heat::RandomString'}}}


class Heat(orchestration.StacksClient):
    """A client that asks nobody."""

    def __init__(self, status, body=None):
        super().__init__(None, 'orchestration', 'RegionOne')
        self.asked = []
        self._answer_of_heat = (
            types.SimpleNamespace(status=status), json.dumps(body or {}))

    def request(self, method, url, extra_headers=False, headers=None,
                body=None, chunked=False):
        self.asked.append((method, url, body and json.loads(body)))
        status, text = self._answer_of_heat
        if status.status == 404:
            raise exceptions.NotFound()
        return status, text


class StacksClientTest(base.TestCase):

    def test_one_is_made(self):
        heat = Heat(201, {'stack': {'id': 'i'}})
        answer = heat.create_stack('n', TEMPLATE, {'name': 'mine'})
        self.assertEqual({'id': 'i'}, answer['stack'])
        self.assertEqual([('POST', 'stacks', {
            'stack_name': 'n', 'template': TEMPLATE,
            'parameters': {'name': 'mine'}})], heat.asked)

    def test_it_is_updated(self):
        heat = Heat(202)
        heat.update_stack('n/i', TEMPLATE, {})
        self.assertEqual([('PUT', 'stacks/n/i', {
            'template': TEMPLATE, 'parameters': {}})], heat.asked)

    def test_it_is_deleted(self):
        heat = Heat(204)
        heat.delete_stack('n/i')
        self.assertEqual([('DELETE', 'stacks/n/i', None)], heat.asked)

    def test_an_answer_that_is_not_expected_is_an_error(self):
        self.assertRaises(exceptions.InvalidHttpSuccessCode,
                          Heat(200).delete_stack, 'n/i')

    def test_a_list(self):
        heat = Heat(200, {'stacks': []})
        self.assertEqual([], heat.list_stacks(
            show_nested=True, marker='a&b')['stacks'])
        self.assertEqual(
            'stacks?show_nested=True&marker=a%26b', heat.asked[0][1])

    def test_a_resource(self):
        heat = Heat(200, {'resource': {'physical_resource_id': 'v'}})
        self.assertEqual('v', heat.show_resource('n/i', 'disk')['resource'][
            'physical_resource_id'])
        self.assertEqual('stacks/n/i/resources/disk', heat.asked[0][1])

    def test_whether_it_is_deleted(self):
        def shown(status):
            return Heat(200, {'stack': {'stack_status': status}})
        self.assertFalse(
            shown('DELETE_IN_PROGRESS').is_resource_deleted('n/i'))
        self.assertTrue(shown('DELETE_COMPLETE').is_resource_deleted('n/i'))
        self.assertTrue(Heat(404).is_resource_deleted('n/i'))
