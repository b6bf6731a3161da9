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

"""One service over HTTP: raw JSON, retries, windows, errors of our own.

The request goes through the HTTP adapter of the service's own client, which
knows the endpoint, and through the one session, which knows the token. What
the clients make of answers (objects, errors, their own paging) is not used:
a record must be kept as the service gave it.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import random
import threading
import time
from typing import Any
from typing import TypeVar

from keystoneauth1 import adapter
from oslo_log import log
import requests

from synchronizer import exception
from synchronizer.cloud import answer as answer_module
from synchronizer.cloud import failures
from synchronizer.cloud import patience as patience_module
from synchronizer.cloud import versions
from synchronizer.model import reading

LOG = log.getLogger(__name__)
T = TypeVar('T')

OnRequest = Callable[[str, int | None, float], None]
"""(service, HTTP status or None, seconds): for the metrics."""

Turn = Callable[[threading.Event], float]
"""Waits until a request may begin, or the event is set; how long it did."""

_AT_ONCE: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
"""keystoneauth's own limit, which nobody sets, waits after a clock was put
back until it has caught up: an hour, if it was an hour."""

_TRUSTED = 1.0
"""Seconds for which a token is not asked whether it is about to end: it is
renewed minutes before, and reading when that is takes longer than a header."""

_CHUNK = 1 << 16
_LONGEST_ANSWER = 600.0
_VERSION_HEADER = 'OpenStack-API-Version'


def _ignore(service: str, status: int | None, seconds: float) -> None:
    """Nobody counts."""


def _at_once(stop: threading.Event) -> float:
    """Requests have no limit."""
    return 0.0


class Api:
    """Asks one service. Safe for several threads."""

    def __init__(self, service: str, http: adapter.Adapter, *,
                 patience: patience_module.Patience | None = None,
                 stop: threading.Event | None = None,
                 on_request: OnRequest = _ignore, turn: Turn = _at_once,
                 monotonic: Callable[[], float] = time.monotonic,
                 wall: Callable[[], float] = time.time,
                 rng: Callable[[float, float], float] = random.uniform
                 ) -> None:
        """`stop`, once set, ends every wait at once. `turn`: what each
        request waits for before it is sent."""
        self.service = service
        self._http = http
        self._patience = patience or patience_module.Patience()
        self._stop = threading.Event() if stop is None else stop
        self._on_request, self._turn = on_request, turn
        self._waited = threading.local()
        self._endpoint: tuple[dict[str, str] | None, str | None] | None = None
        self._token: tuple[Any, float, dict[str, str]] | None = None
        self._monotonic, self._wall, self._rng = monotonic, wall, rng
        self._versions = versions.Versions(
            service, http, monotonic, self._await_turn)

    def get(self, path: str, microversion: str | None = None,
            **query: Any) -> answer_module.Answer:
        """The JSON below the endpoint; raises a CloudError, which is final.
        """
        return self._patiently(
            lambda: self._attempt(path, microversion, query))

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """PATCH the path below the endpoint; raises a CloudError, which is
        final. It may be carried out twice: only for what may."""
        def attempt() -> None:
            what = f'{self.service} PATCH {path}'
            with failures.translated(what, self._wall()):
                response, told, _, _ = self._send(
                    'PATCH', path, None, {}, json=body)
                if response.status_code not in (200, 202, 204):
                    raise failures.of_status(
                        response.status_code, response.headers, told, what,
                        self._wall())
        self._patiently(attempt)

    def agree(self, declared: str, least: str | None = None) -> str:
        """The microversion to speak: the declared one, or what the service
        offers if that is less. Raises Unsupported below the least."""
        def attempt() -> str:
            with failures.translated(f'{self.service}: versions',
                                     self._wall()):
                return self._versions.agree(declared, least)
        return self._patiently(attempt)

    def project_id(self) -> str | None:
        """The project as which we ask."""
        with failures.translated(f'{self.service}: project', self._wall()):
            return self._http.get_project_id()

    def forget(self) -> None:
        """Ask anew for token, catalogue and versions, next time."""
        self._versions.forget()
        self._endpoint = None
        self._http.session.invalidate(self._http.auth)

    def _patiently(self, attempt: Callable[[], T]) -> T:
        began, count = self._busy(), 0
        while True:
            try:
                return attempt()
            except exception.CloudError as error:
                count += 1
                pause = self._patience.pause(count, error, self._rng)
                if pause is None or self._gives_up(began, pause):
                    self._note_failure(error)
                    raise
                LOG.info('%(service)s: try %(count)d failed, next in '
                         '%(pause).1f s: %(error)s',
                         {'service': self.service, 'count': count,
                          'pause': pause, 'error': error})

    def _gives_up(self, began: float, pause: float) -> bool:
        late = self._busy() + pause - began > self._patience.total
        return late or self._stop.wait(pause)

    def _busy(self) -> float:
        """A clock that stands while this thread waits for its turn: that
        says nothing of the service."""
        return self._monotonic() - getattr(self._waited, 'seconds', 0.0)

    def _await_turn(self) -> None:
        waited = self._turn(self._stop)
        self._waited.seconds = getattr(
            self._waited, 'seconds', 0.0) + waited
        if waited and self._stop.is_set():
            raise exception.Unreachable(f'{self.service}: stopping')

    def _note_failure(self, error: exception.CloudError) -> None:
        """The service may have moved: the catalogue would know."""
        status = getattr(error, 'status', None) or 0
        if isinstance(error, exception.Unreachable) or status >= 500 or (
                status == 404 and isinstance(error, exception.BrokenAnswer)):
            self.forget()

    def _attempt(self, path: str, microversion: str | None,
                 query: dict[str, Any]) -> answer_module.Answer:
        what = f'{self.service} GET {path}'
        with failures.translated(what, self._wall()):
            response, body, window, sent = self._send(
                'GET', path, microversion, query)
        stamp = answer_module.stamp(sent)
        if response.status_code != 200:
            error = failures.of_status(
                response.status_code, response.headers, body, what,
                self._wall())
            # "It is not there" is a reading too, and has its window.
            error.window, error.sampled_at = window, stamp
            raise error
        _check_version(response, microversion, what)
        # Not every web server tells the time (uwsgi does not); the clocks of
        # a cloud are kept alike, so ours will do.
        told = failures.moment_of(response.headers.get('Date'))
        return answer_module.Answer(
            what, answer_module.parsed(body, what), window, stamp,
            sent if told is None else told)

    def _send(self, method: str, path: str, microversion: str | None,
              query: dict[str, Any], **given: Any
              ) -> tuple[requests.Response, bytes, reading.Window, float]:
        found = self._send_once(method, path, microversion, query, given)
        if found[0].status_code == 401 and self._http.session.invalidate(
                self._http.auth):
            # The token ended before its time. keystoneauth could do
            # this too, but would widen the window by the new login.
            return self._send_once(method, path, microversion, query, given)
        return found

    def _send_once(self, method: str, path: str, microversion: str | None,
                   query: dict[str, Any], given: dict[str, Any]
                   ) -> tuple[requests.Response, bytes, reading.Window,
                              float]:
        # neither the wait for our turn nor a login that is due must widen
        # the window
        self._await_turn()
        token = self._token_headers()
        endpoint = self._endpoint_with(token)
        start, sent = self._monotonic(), self._wall()
        with self._counted(method, path, query, start) as seen:
            # The bare method of keystoneauth: those of the clients parse
            # and log bodies, which may hold secrets. It would look at the
            # token once more, and reads when that ends each time.
            response = adapter.Adapter.request(
                self._http, path, method, params=query, stream=True,
                microversion=microversion, headers=token or {},
                authenticated=token is None, allow_reauth=False,
                raise_exc=False, log=False, connect_retries=0,
                status_code_retries=0, endpoint_override=endpoint,
                rate_semaphore=_AT_ONCE, **given)
            seen['response'] = response
            with contextlib.closing(response):
                body = self._body(response, start)
            seen['bytes'] = len(body)
        window = reading.Window(start, self._monotonic())
        return response, body, window, sent

    def _token_headers(self) -> dict[str, str] | None:
        """Those of the token that the session has, also after another one
        who uses it gave one up."""
        session, now = self._http.session, self._monotonic()
        held = getattr(self._http.auth or session.auth, 'auth_ref', None)
        known = self._token
        if known and held is known[0] and now < known[1]:
            return known[2]
        headers = session.get_auth_headers(self._http.auth)
        held = getattr(self._http.auth or session.auth, 'auth_ref', None)
        # another thread may have renewed it between the two
        if held and headers and held.auth_token in headers.values():
            self._token = held, now + _TRUSTED, headers
        return headers

    def _endpoint_with(self, token: dict[str, str] | None) -> str | None:
        """What the catalogue that came with the token says. keystoneauth
        copies all of a catalogue for each request that looks into it."""
        known = self._endpoint
        if known is None or known[0] != token:
            url = self._http.endpoint_override or _literal(
                self._http.get_endpoint())
            known = self._endpoint = token, url
        return known[1]

    def _body(self, response: requests.Response, start: float) -> bytes:
        """All of it, unless it drips for ever or we are to stop."""
        chunks = []
        for chunk in response.iter_content(_CHUNK):
            chunks.append(chunk)
            if self._monotonic() - start > _LONGEST_ANSWER:
                raise exception.Unreachable(
                    f'{self.service}: an answer took longer than '
                    f'{_LONGEST_ANSWER:.0f} s')
            if self._stop.is_set():
                raise exception.Unreachable(f'{self.service}: stopping')
        return b''.join(chunks)

    @contextlib.contextmanager
    def _counted(self, method: str, path: str, query: dict[str, Any],
                 start: float) -> Iterator[dict[str, Any]]:
        """One line in the log and one in the metrics, come what may."""
        seen: dict[str, Any] = {}
        try:
            yield seen
        finally:
            response = seen.get('response')
            status = None if response is None else response.status_code
            seconds = self._monotonic() - start
            self._on_request(self.service, status, seconds)
            LOG.debug(
                '%(service)s %(method)s %(path)s %(query)s: %(status)s, '
                '%(bytes)s bytes, %(seconds).3f s, %(id)s', {
                    'service': self.service, 'method': method, 'path': path,
                    'query': query,
                    'status': status, 'bytes': seen.get('bytes'),
                    'seconds': seconds, 'id': _request_id(response)})


def _check_version(response: requests.Response, asked: str | None,
                   what: str) -> None:
    """A proxy that drops the header would get us another shape."""
    told = response.headers.get(_VERSION_HEADER)
    if asked and told and told.split()[-1] != asked:
        raise exception.BrokenAnswer(
            f'{what}: asked for microversion {asked}, got {told}',
            status=response.status_code)


def _literal(url: str | None) -> str | None:
    """As an override that nothing is put into."""
    return url and url.replace('%', '%%')


def _request_id(response: requests.Response | None) -> str | None:
    headers = {} if response is None else response.headers
    return headers.get('x-openstack-request-id') or headers.get(
        'x-compute-request-id')
