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

"""The little of Heat's API that the tests use; tempest has no client of it.
"""

import json
from typing import Any
from urllib import parse

from tempest.lib.common import rest_client

GONE = 'DELETE_COMPLETE'


class StacksClient(rest_client.RestClient):
    """Stacks. One is named by ``name/id``: Heat wants both."""

    def create_stack(self, name: str, template: dict[str, Any],
                     parameters: dict[str, Any]) -> rest_client.ResponseBody:
        """Begin to make one."""
        resp, body = self.post('stacks', json.dumps({
            'stack_name': name, 'template': template,
            'parameters': parameters}))
        return self._answer(201, resp, body)

    def update_stack(self, stack: str, template: dict[str, Any],
                     parameters: dict[str, Any]) -> None:
        """Begin to make it what a template says."""
        resp, _ = self.put(f'stacks/{stack}', json.dumps({
            'template': template, 'parameters': parameters}))
        self.expected_success(202, resp.status)

    def delete_stack(self, stack: str) -> None:
        """Begin to delete it."""
        resp, _ = self.delete(f'stacks/{stack}')
        self.expected_success(204, resp.status)

    def show_stack(self, stack: str) -> rest_client.ResponseBody:
        """One stack; NotFound is raised where there is none."""
        return self._get(f'stacks/{stack}')

    def list_stacks(self, **params: Any) -> rest_client.ResponseBody:
        """Those that the user may see."""
        return self._get(f'stacks?{parse.urlencode(params)}')

    def show_resource(self, stack: str, name: str
                      ) -> rest_client.ResponseBody:
        """One resource of a stack."""
        return self._get(f'stacks/{stack}/resources/{name}')

    def is_resource_deleted(self, id: str) -> bool:
        """Whether a stack is gone; Heat goes on showing it for a while."""
        try:
            return self.show_stack(id)['stack']['stack_status'] == GONE
        except rest_client.exceptions.NotFound:
            return True

    @property
    def resource_type(self) -> str:
        """What tempest calls it when it waits for one."""
        return 'stack'

    def _get(self, path: str) -> rest_client.ResponseBody:
        resp, body = self.get(path)
        return self._answer(200, resp, body)

    def _answer(self, expected: int, resp: Any, body: bytes
                ) -> rest_client.ResponseBody:
        self.expected_success(expected, resp.status)
        return rest_client.ResponseBody(resp, json.loads(body))
