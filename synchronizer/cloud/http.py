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

"""HTTP as `requests` speaks it, for very many requests that are alike.

Of a small answer most of what a client costs is what `requests` does around
it: it looks at every header, cookie, hook and variable of the environment
anew. What is asked here by the thousand is plain: a GET, of a URL in which
nothing is to be quoted, with headers that were looked at before. Such a
request is prepared in short; whatever else is asked for goes the way of
`requests`. What is sent, and what is made of the answer, is the same.
"""

import functools
import re
from typing import Any
import urllib.parse

from keystoneauth1 import session as ksa_session
import requests

CONNECTIONS = 64
"""How many to one service are kept open at most: as many as a plugin may
ask it at once. Beyond the ten of requests each would be closed after one
answer."""

_PLAIN = re.compile(
    r'(https?://[a-z0-9.-]+(?::[0-9]+)?)((?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)'
    r'+)', re.ASCII)
"""Origin and path of a URL that is the same however it is prepared."""

_SIMPLE = frozenset((str, int, bool, type(None)))

_HEEDED = frozenset(
    ('timeout', 'allow_redirects', 'stream', 'verify', 'cert'))
"""What a plain request may be sent with."""

_NO_COOKIES = requests.cookies.RequestsCookieJar()

_Settings = dict[str, Any]
_Pairs = tuple[tuple[str, str], ...]


def _as_it_is(request: requests.PreparedRequest
              ) -> requests.PreparedRequest:
    """Adds nothing."""
    return request


class PlainRequest(requests.PreparedRequest):
    """A request that was prepared in short."""

    def __init__(self, origin: str, target: str,
                 headers: requests.structures.CaseInsensitiveDict[str]
                 ) -> None:
        """`target`: what of the URL goes to the service itself."""
        super().__init__()
        self.method = 'GET'
        self.origin, self.target = origin, target
        self.url, self.headers = origin + target, headers
        self._cookies = _NO_COOKIES


class Adapter(ksa_session.TCPKeepAliveAdapter):
    """Knows the way to a service from one request to the next."""

    def __init__(self) -> None:
        self._ways: dict[tuple[Any, ...], tuple[_Settings, _Settings]] = {}
        super().__init__(pool_connections=CONNECTIONS,
                         pool_maxsize=CONNECTIONS)

    def build_connection_pool_key_attributes(
            self, request: requests.PreparedRequest, verify: Any,
            cert: Any = None) -> tuple[_Settings, _Settings]:
        """See requests."""
        find = super().build_connection_pool_key_attributes
        if not isinstance(request, PlainRequest):
            return find(request, verify, cert)
        key = request.origin, verify, cert
        if key not in self._ways:
            self._ways[key] = find(request, verify, cert)
        host, tls = self._ways[key]
        return {**host}, {**tls}

    def request_url(self, request: requests.PreparedRequest,
                    proxies: Any) -> str:
        """See requests."""
        if proxies or not isinstance(request, PlainRequest):
            return super().request_url(request, proxies)
        return request.target

    def build_response(self, req: requests.PreparedRequest, resp: Any
                       ) -> requests.Response:
        """See requests: the same where no cookie comes."""
        if not isinstance(req, PlainRequest) or 'Set-Cookie' in resp.headers:
            return super().build_response(req, resp)
        response = requests.Response()
        response.status_code, response.reason = resp.status, resp.reason
        response.headers = requests.structures.CaseInsensitiveDict(
            resp.headers)
        response.encoding = requests.utils.get_encoding_from_headers(
            response.headers)
        response.raw, response.url = resp, req.url or ''
        response.request, response.connection = req, self
        return response


class Http(requests.Session):
    """Searches the environment for the proxy of a service, and for what
    certificates to trust, once: it has dozens of variables, and is searched
    several times for each request otherwise."""

    def __init__(self) -> None:
        super().__init__()
        # a token is sent in any case; else a .netrc is looked for each time
        self.auth = _as_it_is
        self._found: dict[tuple[Any, ...], _Settings] = {}
        # a token is among them, and there is another one each hour
        self._with = functools.lru_cache(maxsize=CONNECTIONS)(
            self._prepared_with)
        for scheme in list(self.adapters):
            self.mount(scheme, Adapter())

    def request(self, method: str, url: str, params: Any = None,
                data: Any = None, headers: Any = None, *args: Any,
                **others: Any) -> requests.Response:
        """See requests."""
        request = None
        if not (data or args or self.cookies) and others.keys() <= _HEEDED:
            request = self.plain(method, url, params, headers)
        if request is None:
            return super().request(method, url, params, data, headers, *args,
                                   **others)
        return self._send_plain(request, **others)

    def plain(self, method: str, url: str, params: Any, headers: Any
              ) -> PlainRequest | None:
        """The request, if it can be prepared in short."""
        found = _PLAIN.fullmatch(url) if method == 'GET' else None
        if found is None:
            return None
        origin, target = found.groups()
        if params:
            if not isinstance(params, dict) or not all(
                    type(value) in _SIMPLE for value in params.values()):
                return None
            query = urllib.parse.urlencode(
                [pair for pair in params.items() if pair[1] is not None])
            target = f'{target}?{query}' if query else target
        return PlainRequest(origin, target, self._with(
            tuple((headers or {}).items())))

    def _prepared_with(self, headers: _Pairs
                       ) -> requests.structures.CaseInsensitiveDict[str]:
        """These and those of the session, as `requests` prepares them."""
        return self.prepare_request(requests.Request(
            'GET', 'http://localhost/', headers=dict(headers))).headers

    def _send_plain(self, request: PlainRequest, stream: bool | None = None,
                    verify: Any = None, cert: Any = None, **others: Any
                    ) -> requests.Response:
        return self.send(request, **others, **self.merge_environment_settings(
            request.origin, {}, stream, verify, cert))

    def merge_environment_settings(
            self, url: str, proxies: Any, stream: Any, verify: Any, cert: Any
            ) -> _Settings:
        """See requests. Nobody changes our proxies."""
        service = urllib.parse.urlsplit(url)[:2]
        key = (service, tuple(sorted((proxies or {}).items())), stream,
               verify, cert)
        if key not in self._found:
            self._found[key] = super().merge_environment_settings(
                url, proxies, stream, verify, cert)
        return self._found[key]
