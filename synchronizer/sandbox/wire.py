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

"""Requests, answers and what all services share: routes, pages, versions."""

from collections.abc import Callable
from collections.abc import Iterable
import dataclasses
import json
import re
import time
from typing import Any
import urllib.parse

from synchronizer.sandbox.state import Row

Version = tuple[int, int]
Handler = Callable[..., 'Answer | Row']


class HttpError(Exception):
    """An answer other than the one that was asked for."""

    def __init__(self, status: int, message: str, kind: str = '',
                 headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.headers = headers or {}


@dataclasses.dataclass(slots=True)
class Answer:
    """What goes back: a status, a body in bytes, more headers."""

    body: bytes = b''
    status: int = 200
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


def answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer with a JSON body."""
    return Answer(json.dumps(value).encode(), status, {
        name.replace('_', '-'): text for name, text in headers.items()})


@dataclasses.dataclass(slots=True)
class Request:
    """One request, with who sends it and in which microversion."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Any
    body: bytes
    app: Any
    token: Any = None
    version: Version = (0, 0)

    @property
    def cloud(self) -> Any:
        """The true cloud."""
        return self.app.cloud

    @property
    def is_admin(self) -> bool:
        """Whether the token has the role admin."""
        return 'admin' in self.token.roles

    def arg(self, name: str, default: str | None = None) -> str | None:
        """The last value of a query parameter."""
        return dict(self.query).get(name, default)

    def args(self, name: str) -> list[str]:
        """All values of a query parameter."""
        return [value for key, value in self.query if key == name]

    def flag(self, name: str) -> bool:
        """A query parameter that says yes."""
        return is_true(self.arg(name))

    def json(self) -> Any:
        """The body as JSON."""
        try:
            return json.loads(self.body or b'{}')
        except ValueError:
            raise HttpError(400, 'The body is not JSON') from None

    def count(self, name: str, least: int = 0) -> int | None:
        """A query parameter that is a number, 400 if it is not."""
        text = self.arg(name)
        if text is None:
            return None
        if not re.fullmatch(r'\d+', text) or int(text) < least:
            raise HttpError(400, f'Invalid input for query parameters '
                                 f'{name}. Value: {text}')
        return int(text)

    def next_link(self, marker: str) -> str:
        """The address of the page after this one."""
        query = [(key, value) for key, value in self.query
                 if key != 'marker'] + [('marker', marker)]
        return (f'{self.cloud.url}{self.path}?'
                f'{urllib.parse.urlencode(query)}')


def is_true(text: str | None) -> bool:
    """What OpenStack takes for a yes."""
    return (text or '').lower() in ('1', 't', 'true', 'on', 'y', 'yes')


def iso(moment: float | None) -> str | None:
    """Whole seconds and a Z, as Nova and Heat have it."""
    return moment and time.strftime('%Y-%m-%dT%H:%M:%SZ',
                                    time.gmtime(moment))


def iso_micro(moment: float | None) -> str | None:
    """Microseconds that are always 0, as the databases give them."""
    return moment and time.strftime('%Y-%m-%dT%H:%M:%S.000000',
                                    time.gmtime(moment))


def parse_version(text: str) -> Version:
    """`2.96` as a pair of numbers."""
    match = re.fullmatch(r'(\d+)\.(\d+)', text)
    if not match:
        raise HttpError(400, f'API Version String {text} is of invalid '
                             'format. Must be of format MajorNum.MinorNum.')
    return int(match[1]), int(match[2])


def microversion(asked: str | None, low: str, high: str) -> Version:
    """The version to answer in; 406 if it is out of reach."""
    if asked is None:
        return parse_version(low)
    if asked == 'latest':
        return parse_version(high)
    version = parse_version(asked)
    if not parse_version(low) <= version <= parse_version(high):
        raise HttpError(406, f'Version {asked} is not supported by the API. '
                             f'Minimum is {low} and maximum is {high}.')
    return version


def header_version(headers: Any, service: str) -> str | None:
    """What OpenStack-API-Version says for one service."""
    for part in (headers.get('OpenStack-API-Version') or '').split(','):
        name, _, version = part.strip().partition(' ')
        if name == service:
            return version.strip()
    return None


def after(rows: Iterable[Row], marker: Row,
          key: Callable[[Row], Any], reverse: bool = False) -> list[Row]:
    """The rows that come after the marker, which need not be among them."""
    border = key(marker)
    if reverse:
        return [row for row in rows if key(row) < border]
    return [row for row in rows if key(row) > border]


def listing(request: Request, name: str, parts: list[bytes],
            last: str | None = None, links: str | None = None,
            **more: Any) -> Answer:
    """A list of rendered records; with `last` there is another page."""
    body = b'{"%s": [%s]' % (name.encode(), b', '.join(parts))
    if last is not None:
        more = {links or f'{name}_links': [
            {'rel': 'next', 'href': request.next_link(last)}], **more}
    for key, value in more.items():
        body += b', "%s": %s' % (key.encode(), json.dumps(value).encode())
    return Answer(body + b'}')


class Shown:
    """Rendered records, kept until their row is another one."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, Any], tuple[Row, bytes]] = {}

    def part(self, row: Row, variant: Any,
             render: Callable[[Row], Row]) -> bytes:
        """The JSON of one row in one variant."""
        key = row['id'], variant
        kept = self._parts.get(key)
        if kept is None or kept[0] is not row:
            if len(self._parts) > 200000:
                self._parts.clear()
            kept = self._parts[key] = row, json.dumps(render(row)).encode()
        return kept[1]


class Service:
    """One endpoint: its prefix, its routes, its way to say no."""

    prefix = ''
    open_paths: tuple[str, ...] = ()

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Method, path template below the prefix, and who answers."""
        raise NotImplementedError

    def prepare(self, request: Request) -> dict[str, str]:
        """Settle the microversion; gives headers for every answer."""
        return {}

    def error(self, error: HttpError) -> Answer:
        """The body this service gives to an error."""
        return answer({'error': {
            'code': error.status, 'message': error.message,
            'title': error.kind}}, error.status)


FAULTS = {400: 'badRequest', 401: 'unauthorized', 403: 'forbidden',
          404: 'itemNotFound', 405: 'badMethod', 409: 'conflictingRequest',
          413: 'overLimit', 429: 'overLimit'}


def fault(error: HttpError) -> Answer:
    """An error as Nova and Cinder put it."""
    name = FAULTS.get(error.status, 'computeFault')
    return answer({name: {'code': error.status, 'message': error.message}},
                  error.status)


def template_regex(template: str) -> re.Pattern[str]:
    """The paths that a template such as `/servers/{id}` stands for."""
    pattern = re.sub(r'\\\{(\w+)\\\}', r'(?P<\1>[^/]+)', re.escape(template))
    return re.compile(pattern + '/?')
