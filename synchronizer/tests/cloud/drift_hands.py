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

"""Hands that change a cloud, and stacks that they make."""

import threading
import time
from typing import Any

import openstack

PATIENCE = 120
VERSIONS = {'compute': '2.96', 'block_storage': '3.70'}


def until(condition, what, timeout=PATIENCE, pause=0.2):
    """Wait until it is true, and return what it was."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError(
        f'not within {timeout} s: {what() if callable(what) else what}')


def fill(value: Any, names: dict[str, str]) -> Any:
    """`{name}` in all strings of it, with what stands for the name."""
    if isinstance(value, str):
        for name, filling in names.items():
            value = value.replace(f'{{{name}}}', filling)
        return value
    if isinstance(value, dict):
        return {fill(key, names): fill(one, names)
                for key, one in value.items()}
    if isinstance(value, list):
        return [fill(one, names) for one in value]
    return value


class Hands:
    """One account. `{name}` in what it asks for is what `names` has for
    it."""

    def __init__(self, names: dict[str, str], **connection: Any) -> None:
        self.raw = openstack.connect(**connection)
        self.names = names

    def answer(self, service: str, method: str, path: str,
               body: Any = None) -> Any:
        more = {} if body is None else {'json': fill(body, self.names)}
        if service in VERSIONS:
            more['microversion'] = VERSIONS[service]
        return getattr(self.raw, service).request(
            fill(path, self.names), method, raise_exc=False, **more)

    def ask(self, service: str, method: str, path: str, body: Any = None
            ) -> Any:
        answer = self.answer(service, method, path, body)
        if answer.status_code >= 400:
            raise AssertionError(
                f'{method} {path}: {answer.status_code} {answer.text}')
        return answer.json() if answer.text.startswith('{') else {}

    def server_is(self, resource: str, status: str) -> None:
        """Wait until it is, and nobody works on it."""
        def shown():
            server = self.ask('compute', 'GET', f'/servers/{{{resource}}}')[
                'server']
            return (server['status'], server['OS-EXT-STS:task_state']) == (
                status, None)
        until(shown, f'{resource} is {status}')


class Stack:
    """A stack, made of resources whose strings are filled by the hands."""

    def __init__(self, hands: Hands, name: str, resources: dict[str, Any],
                 **more: Any) -> None:
        self.hands, self.name = hands, name
        self.path, self._more = '', more
        hands.names.setdefault('prefix', name)
        self.resources = fill(resources, hands.names)

    def create(self) -> None:
        made = self.hands.ask('orchestration', 'POST', '/stacks', {
            'stack_name': self.name, 'disable_rollback': True,
            'template': self.template(), **self._more})['stack']
        self.id = made['id']
        self.path = f'/stacks/{self.name}/{self.id}'

    def template(self) -> dict[str, Any]:
        return {'heat_template_version': '2018-08-31',
                'resources': self.resources}

    def update(self, method: str = 'PATCH', **more: Any) -> None:
        self.hands.ask('orchestration', method, self.path, more)

    def act(self, action: str) -> None:
        self.hands.ask('orchestration', 'POST', f'{self.path}/actions',
                       {action: None})

    def settles(self) -> str:
        """Wait until nobody works on it; its state."""
        def state():
            found = self.hands.ask('orchestration', 'GET', self.path)[
                'stack']['stack_status']
            return not found.endswith('IN_PROGRESS') and found
        return until(state, f'{self.name} settles', pause=0.5)

    def shown(self) -> dict[str, dict[str, Any]]:
        """Its resources, and those of the stacks in it."""
        return {one['resource_name']: one for one in self.hands.ask(
            'orchestration', 'GET', f'{self.path}/resources?nested_depth=2')[
                'resources']}

    def made(self) -> None:
        """Wait until it is there; its parts are names from now on."""
        state = self.settles()
        if not state.endswith('_COMPLETE'):
            raise AssertionError(f'{self.name}: {state} {self.shown()}')
        self.hands.names.update({
            name: one['physical_resource_id']
            for name, one in self.shown().items()})

    def delete(self) -> None:
        """If it is there, and wait until it is not."""
        def gone():
            answer = self.hands.answer('orchestration', 'GET', self.path)
            return answer.status_code == 404 or answer.json()['stack'][
                'stack_status'] == 'DELETE_COMPLETE'
        if self.path:
            self.hands.answer('orchestration', 'DELETE', self.path)
            until(gone, f'{self.name} is deleted', pause=0.5)


def in_parallel(*works: Any) -> None:
    """All of them at once; what went wrong in any is told."""
    wrong: list[BaseException] = []

    def run(work):
        try:
            work()
        except BaseException as error:
            wrong.append(error)
    threads = [threading.Thread(target=run, args=(work,), daemon=True)
               for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise AssertionError('\n'.join(map(str, wrong))) from wrong[0]
