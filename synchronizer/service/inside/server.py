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

"""Answers Prometheus, and whoever asks for the health, over HTTP."""

from collections.abc import Callable
from http import HTTPStatus
from http import server
import json
import socket
import socketserver
import threading
from typing import Any

from oslo_log import log as logging
import prometheus_client.exposition

from synchronizer import exception
from synchronizer import version
from synchronizer.service.inside import census as census_module
from synchronizer.service.inside import exposition
from synchronizer.service.inside import health as health_module

LOG = logging.getLogger(__name__)

Answer = tuple[HTTPStatus, str, bytes]
"""Status, content type, body."""

TEXT, JSON = 'text/plain; charset=utf-8', 'application/json'


class Pages:
    """What is at which path."""

    def __init__(self, take: Callable[..., census_module.Census], host: str
                 ) -> None:
        """`take`: see `census.Taker.take`."""
        self._take, self._host = take, host
        self._pages: dict[str, Callable[[str], Answer]] = {
            '/': self._index, '/metrics': self._metrics,
            '/healthz': self._health,
            '/healthz/live': lambda accept: _reasons(
                'live', self._judge(streams=False).not_live()),
            '/healthz/ready': lambda accept: _reasons(
                'ready', self._judge().not_ready())}

    def answer(self, path: str, accept: str) -> Answer:
        """The page at a path, in a form that the caller accepts."""
        page = self._pages.get(path.partition('?')[0].rstrip('/') or '/')
        if page is None:
            return HTTPStatus.NOT_FOUND, TEXT, b'There is no such page.\n'
        return page(accept)

    def _judge(self, streams: bool = True) -> health_module.Health:
        return health_module.Health(self._take(streams), self._host)

    def _index(self, accept: str) -> Answer:
        return HTTPStatus.OK, TEXT, '\n'.join(
            [*sorted(self._pages), '']).encode()

    def _metrics(self, accept: str) -> Answer:
        encode, type_ = prometheus_client.exposition.choose_encoder(accept)
        return HTTPStatus.OK, type_, encode(
            exposition.Exposition(self._take()))

    def _health(self, accept: str) -> Answer:
        found = self._judge().to_dict()
        return (_status(found['status'] == health_module.OK), JSON,
                json.dumps(found, indent=1).encode() + b'\n')


def _status(good: bool) -> HTTPStatus:
    return HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE


def _reasons(word: str, reasons: list[str]) -> Answer:
    lines = [f'not {word}:', *reasons] if reasons else [word]
    return _status(not reasons), TEXT, '\n'.join([*lines, '']).encode()


class _Handler(server.BaseHTTPRequestHandler):
    """One connection, one request."""

    timeout = 10
    server_version = 'synchronizer'
    sys_version = ''

    def version_string(self) -> str:
        """What stands in the header Server."""
        return f'synchronizer/{version.version_string()}'

    def do_GET(self) -> None:
        """Answer."""
        self._send(self._answer())

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self._send(self._answer(), body=False)

    def _answer(self) -> Answer:
        try:
            return self.server.pages.answer(
                self.path, self.headers.get('Accept', ''))
        except Exception:
            LOG.exception('%(path)s cannot be answered', {'path': self.path})
        return (HTTPStatus.INTERNAL_SERVER_ERROR, TEXT,
                b'The log says what went wrong.\n')

    def _send(self, answer: Answer, body: bool = True) -> None:
        status, type_, text = answer
        self.send_response(status)
        self.send_header('Content-Type', type_)
        self.send_header('Content-Length', str(len(text)))
        self.send_header('Cache-Control', 'no-store')
        self.end_headers()
        if body:
            self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """To our log, and only if somebody wants to know."""
        LOG.debug('%(who)s: %(what)s', {
            'who': self.address_string(), 'what': format % args})


class Server(socketserver.ThreadingTCPServer):
    """Listens from the moment it is made."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], pages: Pages) -> None:
        """BusError if nobody can be listened to there."""
        self.pages = pages
        try:
            (self.address_family, _, _, _, place), *_ = socket.getaddrinfo(
                *address, type=socket.SOCK_STREAM)
            super().__init__(place, _Handler)
        except OSError as error:
            raise exception.BusError(
                f'[metrics] listen: {address[0]} port {address[1]}: '
                f'{error.strerror or error}') from error

    def start(self) -> None:
        """Answer, in a thread of its own."""
        threading.Thread(target=self.serve_forever, name='metrics',
                         daemon=True).start()

    def stop(self) -> None:
        """End."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever goes away in the middle is no error of ours."""
        LOG.debug('%(who)s went away', {'who': client_address})
