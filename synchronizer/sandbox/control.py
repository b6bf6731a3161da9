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

"""The strings of the puppet, over HTTP: faults, life, voice, truth, verbs.

For tests in another process; the endpoints below /_sandbox want no token.
"""

from typing import Any

from synchronizer.sandbox import wire
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.state import SandboxError
from synchronizer.sandbox.truth import Truth
from synchronizer.sandbox.truth import TYPES
from synchronizer.sandbox.wire import HttpError
from synchronizer.sandbox.wire import Request


class Control(wire.Service):
    """Everything a test wants to do to the cloud."""

    prefix = '/_sandbox'

    def __init__(self, server: Any) -> None:
        self.server = server
        self.cloud = server.cloud

    def routes(self) -> list[tuple[str, str, wire.Handler]]:
        return [('GET', '/faults', self.faults),
                ('POST', '/faults', self.add_fault),
                ('DELETE', '/faults', self.clear_faults),
                ('DELETE', '/faults/{rule}', self.remove_fault),
                ('POST', '/cells/{cell}', self.cell),
                ('POST', '/life', self.life),
                ('POST', '/step', self.step),
                ('GET', '/truth', self.truth),
                ('POST', '/do', self.do),
                ('POST', '/expire', self.expire),
                ('GET', '/requests', self.requests),
                ('GET', '/voice', self.voice),
                ('POST', '/voice', self.set_voice),
                ('POST', '/say', self.say)]

    def faults(self, request: Request) -> Row:
        """The rules in force."""
        return {'faults': self.server.faults.rules()}

    def add_fault(self, request: Request) -> Row:
        """{"kind": "error", "path": "/servers", "times": 2, …}."""
        args = self._object(request)
        if args.get('kind') == 'call':
            raise HttpError(400, 'a call is for the same process only')
        try:
            return {'id': self.server.faults.add(**args)}
        except Exception as exc:  # a wrong rule is the caller's mistake
            raise HttpError(400, f'{exc}') from exc

    def clear_faults(self, request: Request) -> Row:
        """No rule any more, and nothing hangs."""
        self.server.faults.clear()
        return {}

    def remove_fault(self, request: Request, rule: str) -> Row:
        """One rule less."""
        if rule.isdigit():
            self.server.faults.remove(int(rule))
        return {}

    def cell(self, request: Request, cell: str) -> Row:
        """{"down": true}."""
        try:
            if self._object(request).get('down'):
                self.cloud.cell_down(cell)
            else:
                self.cloud.cell_up(cell)
        except SandboxError as exc:
            raise HttpError(404, str(exc)) from exc
        return {'down': sorted(self.cloud.down_cells)}

    def life(self, request: Request) -> Row:
        """{"rate": 2}; a rate of 0 stops it."""
        rate = self._object(request).get('rate')
        if not isinstance(rate, (int, float)) or rate < 0:
            raise HttpError(400, 'rate must be a number from 0 up')
        if rate:
            self.server.life.start(rate)
        else:
            self.server.life.stop()
        return {'rate': rate, 'steps': self.server.life.steps}

    def step(self, request: Request) -> Row:
        """{"n": 10}; tells what was done."""
        count = self._object(request).get('n', 1)
        if not isinstance(count, int) or count < 0:
            raise HttpError(400, 'n must be a number from 0 up')
        return {'done': self.server.life.run(count)}

    def truth(self, request: Request) -> Row:
        """?types=nova.instance,…&nova=2.96&cinder=3.70."""
        asked = request.arg('types')
        types = tuple(asked.split(',')) if asked else TYPES
        unknown = set(types) - set(TYPES)
        if unknown:
            raise HttpError(404, f'no type {min(unknown)}')
        return Truth(self.cloud, request.arg('nova'),
                     request.arg('cinder')).everything(types)

    def do(self, request: Request) -> Row:
        """{"verb": "delete_server", "args": {"server": "…"}}."""
        body = self._object(request)
        try:
            result = self.cloud.call(str(body.get('verb')),
                                     **body.get('args', {}))
        except (SandboxError, TypeError) as exc:
            raise HttpError(400, str(exc)) from exc
        return {'result': sorted(result) if isinstance(result, set)
                else result}

    def expire(self, request: Request) -> Row:
        """No token issued so far is good any more."""
        self.server.identity.expire_tokens()
        return {}

    def requests(self, request: Request) -> Row:
        """How often each route was asked for."""
        return {'requests': dict(self.server.requests)}

    def voice(self, request: Request) -> Row:
        """What befalls notifications, and how many there were."""
        voice = self._voice()
        return {'mishaps': voice.mishaps.shown(), 'counts': voice.counts}

    def set_voice(self, request: Request) -> Row:
        """{"silent": true, "lost": 0.1, "doubled": 0.1, "delay": 2, …}."""
        voice = self._voice()
        try:
            voice.set_mishaps(**self._object(request))
        except ValueError as exc:
            raise HttpError(400, str(exc)) from exc
        return self.voice(request)

    def say(self, request: Request) -> Row:
        """{"service": "nova", "event_type": "…", "payload": {}, …}."""
        voice = self._voice()
        try:
            voice.say(**self._object(request))
        except (TypeError, ValueError) as exc:
            raise HttpError(400, str(exc)) from exc
        return {}

    def _voice(self) -> Any:
        if self.server.voice is None:
            raise HttpError(404, 'this cloud has no voice')
        return self.server.voice

    @staticmethod
    def _object(request: Request) -> Row:
        body = request.json()
        if not isinstance(body, dict):
            raise HttpError(400, 'The body must be a JSON object')
        return body
