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

"""The web server: connections, routes, tokens, faults, and a clean end."""

import collections
import email.utils
import http.server
import socket
import threading
from typing import Any
import urllib.parse
import uuid

from synchronizer.sandbox import cinder
from synchronizer.sandbox import control
from synchronizer.sandbox import faults
from synchronizer.sandbox import heat
from synchronizer.sandbox import identity
from synchronizer.sandbox import life
from synchronizer.sandbox import nova
from synchronizer.sandbox import voice
from synchronizer.sandbox import wire
from synchronizer.sandbox.wire import Answer
from synchronizer.sandbox.wire import HttpError
from synchronizer.sandbox.wire import Request

CONTROL = '/_sandbox'


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = 'HTTP/1.1'
    server_version = 'Apache/2.4'
    disable_nagle_algorithm = True
    # Head and body leave in one packet.
    wbufsize = -1
    server: '_Listener'

    def handle_request(self) -> None:
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length)
        self.server.app.serve(self, body)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = handle_request

    def log_message(self, *args: Any) -> None:
        """The counter of the server is log enough."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return email.utils.formatdate(self.server.app.cloud.now(),
                                      usegmt=True)

    def reply(self, reply: Answer, part: float = 1.0) -> None:
        """Send an answer, or the beginning of it."""
        self.send_response(reply.status)
        headers = {'Content-Type': 'application/json',
                   'x-openstack-request-id': f'req-{uuid.uuid4()}',
                   **reply.headers, 'Content-Length': str(len(reply.body))}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[:int(len(reply.body) * part)])
        if part < 1.0:
            self.close_connection = True


class _Listener(http.server.ThreadingHTTPServer):
    """Accepts connections and can close them all."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, app: 'SandboxServer') -> None:
        self.app = app
        self.open: set[socket.socket] = set()
        self.guard = threading.Lock()
        super().__init__(('127.0.0.1', port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.guard:
            self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.guard:
            self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""

    def close_all(self) -> None:
        """Hang up on everybody."""
        with self.guard:
            for one in self.open:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the client was faster


class SandboxServer:
    """All endpoints of one cloud on one port of the loopback.

    `requests` counts by "METHOD path-template"; `faults`, `life` and
    `identity` are there to be played with. A `voice` starts and stops with
    the server, which then starts once only.
    """

    def __init__(self, cloud: Any, port: int = 0, seed: int | None = None,
                 voice: voice.Voice | None = None) -> None:
        self.cloud = cloud
        self.port = port
        self.voice = voice
        self.requests: collections.Counter[str] = collections.Counter()
        self.faults = faults.Faults(cloud.seed if seed is None else seed)
        self.life = life.Life(cloud, seed)
        self.identity = identity.Identity(cloud)
        self._counting = threading.Lock()
        self._routes = [
            (method, wire.template_regex(service.prefix + path),
             f'{method} {service.prefix}{path}', service, handler)
            for service in (self.identity, nova.Nova(cloud),
                            cinder.Cinder(cloud), heat.Heat(cloud),
                            control.Control(self))
            for method, path, handler in service.routes()]
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The root of all endpoints."""
        return f'http://127.0.0.1:{self.port}'

    @property
    def auth_url(self) -> str:
        """What OS_AUTH_URL should be."""
        return f'{self.url}/identity/v3'

    def start(self) -> None:
        """Listen; the port is known afterwards."""
        self.faults.reopen()
        self._listener = _Listener(self.port, self)
        self.port = self._listener.server_address[1]
        self.cloud.url = self.url
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(0.02,),
            daemon=True, name='sandbox-http')
        self._thread.start()
        if self.voice is not None:
            self.voice.start()

    def stop(self) -> None:
        """End life, let go of what hangs, close every connection."""
        self.life.stop()
        if self.voice is not None:
            self.voice.stop()
        self.faults.close()
        if self._listener is None:
            return
        self._listener.shutdown()
        self._listener.close_all()
        self._listener.server_close()
        self._thread.join()
        self._listener = None

    def __enter__(self) -> 'SandboxServer':
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def serve(self, handler: Any, body: bytes) -> None:
        """Answer one request, or fail it as a rule has it."""
        path, _, query = handler.path.partition('?')
        path = urllib.parse.unquote(path)
        request = Request(handler.command, path, urllib.parse.parse_qsl(
            query, keep_blank_values=True), handler.headers, body, self)
        route = self._find(request)
        rule = None
        if not path.startswith(CONTROL):
            rule = self.faults.match(handler.command, handler.path)
        if rule is None:
            handler.reply(self._answer(request, route))
        else:
            self._fail(handler, request, route, rule)

    def _fail(self, handler: Any, request: Request, route: Any,
              rule: faults.Rule) -> None:
        kind, args = rule.kind, rule.args
        if kind == 'drop':
            handler.close_connection = True
            return
        if kind == 'call':
            args['fn'](handler.path)
        if kind == 'hang' and args['when'] == 'before':
            self.faults.hang(args['seconds'])
        reply = faults.instead(rule) or self._answer(request, route)
        if kind == 'hang' and args['when'] == 'after':
            self.faults.hang(args['seconds'])
        if kind in faults.LISTS:
            reply = faults.relisted(kind, reply)
        handler.reply(reply, args['part'] if kind == 'cut' else 1.0)

    def _find(self, request: Request) -> Any:
        for method, regex, template, service, handler in self._routes:
            match = regex.fullmatch(request.path)
            if match and method == request.method:
                self._count(template)
                return service, handler, match.groupdict()
        self._count(f'{request.method} ?')
        return None

    def _count(self, template: str) -> None:
        with self._counting:
            self.requests[template] += 1

    def _answer(self, request: Request, route: Any) -> Answer:
        if route is None:
            return wire.answer({'error': {
                'code': 404, 'title': 'Not Found',
                'message': 'The resource could not be found.'}}, 404)
        service, handler, names = route
        headers: dict[str, str] = {}
        try:
            self._authenticate(request, service)
            headers = service.prepare(request)
            reply = handler(request, **names)
        except HttpError as error:
            reply = service.error(error)
            headers = {**headers, **error.headers}
        except Exception as exc:  # a real service has its 500 as well
            reply = service.error(HttpError(500, f'Sandbox: {exc!r}'))
        if not isinstance(reply, Answer):
            reply = wire.answer(reply)
        reply.headers = {**headers, **reply.headers}
        return reply

    def _authenticate(self, request: Request, service: wire.Service) -> None:
        path = request.path.removeprefix(service.prefix)
        issuing = (service is self.identity
                   and request.method == 'POST')
        request.token = self.identity.token(
            request.headers.get('X-Auth-Token'))
        if issuing or path in service.open_paths or (
                service.prefix == CONTROL):
            return
        token = request.token
        if token is None or not (token.project or service is self.identity):
            raise HttpError(
                401, 'The request you have made requires authentication.',
                headers={'WWW-Authenticate':
                         f'Keystone uri="{self.url}/identity"'})
