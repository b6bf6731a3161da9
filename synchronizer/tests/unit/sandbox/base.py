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

"""A sandbox on the loopback, and a client that knows its doors."""

from typing import Any

import requests

from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.sandbox import Voice
from synchronizer.sandbox.voice import Message
from synchronizer.tests import base

NOVA = '/compute/v2.1'


class Clock:
    """Time that only moves when told to."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float = 1.0) -> None:
        self.now += seconds


class SandboxCase(base.TestCase):
    """Has `cloud`, `server`, `clock`, and sends requests."""

    sizes: dict[str, int] = {'hosts': 4, 'servers': 7, 'volumes': 6,
                             'stacks': 4}

    def setUp(self) -> None:
        super().setUp()
        self.clock = Clock()
        self.cloud = SandboxCloud(now=self.clock, **self.sizes)
        self.server = SandboxServer(self.cloud)
        self.server.start()
        self.addCleanup(self.server.stop)
        self.http = requests.Session()
        self.addCleanup(self.http.close)
        self.admin = self.token('admin', 'admin')

    def token(self, user: str, project: str | None,
              password: str = 'sandbox') -> str | None:
        """A token, or None where Keystone says 401."""
        domain = {'id': 'default'}
        auth: dict[str, Any] = {'identity': {
            'methods': ['password'], 'password': {'user': {
                'name': user, 'domain': domain, 'password': password}}}}
        if project:
            auth['scope'] = {'project': {'name': project, 'domain': domain}}
        reply = self.http.post(f'{self.server.auth_url}/auth/tokens',
                               json={'auth': auth})
        self.assertIn(reply.status_code, (201, 401))
        return reply.headers.get('X-Subject-Token')

    def get(self, path: str, version: str | None = None,
            token: str | None = None, **options: Any) -> requests.Response:
        """A GET with a token of the admin, unless another is given."""
        headers = {'X-Auth-Token': token or self.admin}
        if version:
            headers['OpenStack-API-Version'] = version
        return self.http.get(self.server.url + path, headers=headers,
                             timeout=10, **options)

    def nova(self, path: str, version: str = '2.96', **options: Any) -> Any:
        """The body of an answer of Nova's."""
        return self.get(NOVA + path, f'compute {version}', **options).json()

    def cinder(self, path: str, version: str = '3.70', project: str = 'admin',
               **options: Any) -> Any:
        """The body of an answer of Cinder's."""
        key = self.cloud.projects[project]
        return self.get(f'/volume/v3/{key}{path}', f'volume {version}',
                        **options).json()

    def heat(self, path: str, project: str = 'admin', **options: Any) -> Any:
        """The body of an answer of Heat's."""
        key = self.cloud.projects[project]
        return self.get(f'/heat/v1/{key}{path}', **options).json()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Pull a string; the body of the answer."""
        reply = self.http.request(
            method, f'{self.server.url}/_sandbox{path}', json=body)
        self.assertEqual(200, reply.status_code, reply.text)
        return reply.json()

    def ids(self, kind: str, **wanted: Any) -> list[str]:
        """The ids of live rows, oldest first."""
        return [row['id'] for row in self.cloud.live(kind)
                if all(row[key] == value for key, value in wanted.items())]


class Recorder:
    """A speaker that keeps what it should say."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.closed = False

    def send(self, message: Message) -> None:
        self.said.append(message)

    def close(self) -> None:
        self.closed = True


class VoiceCase(base.TestCase):
    """Has `cloud`, `clock`, and a `voice` whose words are kept."""

    def setUp(self) -> None:
        super().setUp()
        self.clock = Clock()
        self.cloud = SandboxCloud(now=self.clock, hosts=3, servers=2,
                                  volumes=1, stacks=0, cells=1)
        self.server, self.other = (row['id'] for row in self.cloud.rows(
            'nova.instance'))
        self.volume = self.cloud.rows('cinder.volume')[0]['id']
        self.recorder = Recorder()
        self.voice = self.speak()

    def speak(self, **options: Any) -> Voice:
        """A voice that is stopped at the end."""
        voice = Voice(self.cloud, self.recorder, **options)
        voice.start()
        self.addCleanup(voice.stop)
        return voice

    def heard(self) -> list[Message]:
        """What was said since the last time."""
        self.assertTrue(self.voice.wait_idle())
        said, self.recorder.said = self.recorder.said, []
        return said

    def events(self, topic: str | None = None) -> list[str]:
        """The types of what was said since the last time."""
        return [one.body['event_type'] for one in self.heard()
                if topic in (None, one.topic)]


def ids(records: list[dict[str, Any]]) -> list[str]:
    """The ids of records, in their order."""
    return [record['id'] for record in records]
