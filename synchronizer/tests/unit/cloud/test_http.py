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

"""Requests in short are those of `requests`, and so are their answers."""

import hypothesis
from hypothesis import strategies
import requests
import requests.adapters
import requests_mock
from requests_mock.contrib import fixture as requests_fixture
import urllib3

from synchronizer.cloud import http
from synchronizer.tests import base

TEXTS = strategies.text(strategies.sampled_from(
    'ab1/.%~_-:@ ?#&=+"ä\n\x00'), max_size=6)
VALUES = (TEXTS | strategies.integers() | strategies.booleans()
          | strategies.none() | strategies.lists(TEXTS, max_size=2)
          | strategies.floats(allow_nan=False))
ORIGINS = strategies.sampled_from((
    'http://cloud', 'https://cloud:8774', 'http://127.0.0.1:80',
    'http://[::1]:8774', 'HTTP://Cloud', 'http://user:word@cloud', 'cloud',
    'http://clöud'))
PATHS = strategies.lists(TEXTS, max_size=4).map(
    lambda steps: '/'.join(('', *steps)))
HEADERS = strategies.dictionaries(
    strategies.sampled_from(('X-Auth-Token', 'Accept', 'accept',
                             'User-Agent', 'OpenStack-API-Version')),
    strategies.none() | strategies.text('ab 1'))


class RequestTest(base.TestCase):

    @hypothesis.given(
        ORIGINS, PATHS, strategies.dictionaries(TEXTS, VALUES), HEADERS)
    @hypothesis.example('http://cloud', '/v2.1/servers/detail',
                        {'limit': 5, 'all_tenants': True, 'marker': None,
                         'changes-since': '2026-11-20T10:00:00Z'}, {})
    def test_as_requests_prepares_it(self, origin, path, params, headers):
        session = http.Http()
        try:
            wanted = requests.Session().prepare_request(requests.Request(
                'GET', origin + path, params=params, headers=headers))
        except requests.RequestException as error:
            # it is refused in both ways, in the same words
            refused = self.assertRaises(type(error), session.get,
                                        origin + path, params=params,
                                        headers=headers,
                                        allow_redirects=False)
            self.assertEqual(str(error), str(refused))
            return
        made = session.plain('GET', origin + path, params, headers)
        if made is None:
            return
        self.assertEqual(
            [wanted.method, wanted.url, wanted.path_url, wanted.body,
             list(wanted.headers.items()), wanted.hooks],
            [made.method, made.url, made.target, made.body,
             list(made.headers.items()), made.hooks])

    def test_what_collectors_ask_for_is_plain(self):
        for url, params in (
                ('https://cloud:8774/v2.1/servers/detail', {'limit': 1000}),
                ('http://10.0.0.1/volume/v3/6f70/volumes/detail',
                 {'updated_at': 'gte:2026-11-20T10:00:00Z'}),
                ('http://cloud/heat-api/v1/6f70/stacks/web-1/0d2b/resources',
                 {})):
            self.assertIsNotNone(
                http.Http().plain('GET', url, params, {'Accept': 'a/b'}))

    def test_a_header_of_two_lines_is_refused(self):
        self.assertRaises(
            requests.exceptions.InvalidHeader, http.Http().get,
            'http://cloud/x', headers={'X-Auth-Token': 'a\nb'},
            allow_redirects=False)

    def test_another_token_is_sent_at_once(self):
        session = http.Http()
        for token in ('one', 'other', 'one'):
            made = session.plain(
                'GET', 'http://cloud/x', None, {'X-Auth-Token': token})
            self.assertEqual(token, made.headers['x-auth-token'])


class AnswerTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = http.Http()
        self.adapter = self.session.get_adapter('http://cloud/')
        self.request = self.session.plain('GET', 'http://cloud/x', None, {})
        self.usual = self.session.prepare_request(
            requests.Request('GET', 'http://cloud/x'))

    def test_as_requests_makes_it(self):
        for headers in ({'Content-Type': 'application/json', 'X-A': 'b'},
                        {'Content-Type': 'text/html'}, {},
                        {'content-type': 'text/plain; charset=latin-1'}):
            made, wanted = (
                build(request, urllib3.HTTPResponse(
                    b'x', headers, 203, reason='Why'))
                for build, request in (
                    (self.adapter.build_response, self.request),
                    (requests.adapters.HTTPAdapter().build_response,
                     self.usual)))
            self.assertEqual(
                [wanted.status_code, wanted.headers, wanted.encoding,
                 wanted.reason, wanted.url, wanted.history, wanted.cookies],
                [made.status_code, made.headers, made.encoding, made.reason,
                 made.url, made.history, made.cookies])
            self.assertIs(self.request, made.request)
            self.assertIs(self.adapter, made.connection)

    def test_connections_are_those_of_all_requests(self):
        for verify, cert in ((True, None), (False, None),
                             (True, ('cert', 'key'))):
            pools = {
                id(self.adapter.get_connection_with_tls_context(
                    request, verify, cert=cert))
                for request in (self.request, self.request, self.usual)}
            self.assertEqual(1, len(pools))

    def test_not_those_of_another_way_to_trust(self):
        request = self.session.plain('GET', 'https://cloud/x', None, {})
        trusting, wary = (self.adapter.get_connection_with_tls_context(
            request, verify) for verify in (False, True))
        self.assertIsNot(trusting, wary)

    def test_a_proxy_is_told_the_whole_url(self):
        proxies = {'http': 'http://proxy:3128'}
        self.assertEqual('http://cloud/x', self.adapter.request_url(
            self.request, proxies))
        self.assertEqual('/x', self.adapter.request_url(self.request, {}))
        self.assertEqual('proxy', (
            self.adapter.get_connection_with_tls_context(
                self.request, True, proxies).host))


class SessionTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = http.Http()
        self.cloud = self.useFixture(requests_fixture.Fixture())

    def get(self, **given):
        return self.session.get(
            'http://cloud/x', allow_redirects=False, **given)

    def test_cookies_are_sent(self):
        self.cloud.get('http://cloud/x')
        self.get()
        self.assertNotIn('Cookie', self.cloud.last_request.headers)
        self.session.cookies.set('node', 'two')
        self.get()
        self.assertEqual(
            'node=two', self.cloud.last_request.headers['Cookie'])

    def test_an_answer_is_read_unless_it_is_to_be_streamed(self):
        for stream, read in ((None, True), (False, True), (True, False)):
            self.cloud.get('http://cloud/x', text='whole')
            found = self.get(stream=stream)
            self.assertEqual(read, found.raw.read() == b'')
            self.assertGreater(found.elapsed.total_seconds(), 0)

    def test_settings_reach_the_adapter(self):
        self.cloud.get('http://cloud/x')
        self.get(timeout=(1, 2), verify='bundle', cert='mine')
        sent = self.cloud.last_request
        self.assertEqual(((1, 2), 'bundle', 'mine'),
                         (sent.timeout, sent.verify, sent.cert))

    def test_redirects_are_followed_by_whoever_wants_them(self):
        self.cloud.get('http://cloud/x', status_code=302,
                       headers={'Location': 'http://cloud/y'})
        self.cloud.get('http://cloud/y', text='there')
        self.assertEqual(302, self.get().status_code)
        self.assertEqual('there', self.session.get('http://cloud/x').text)

    def test_what_is_not_plain_goes_the_usual_way(self):
        self.cloud.register_uri(requests_mock.ANY, requests_mock.ANY)
        for method, url, given in (
                ('POST', 'http://cloud/x', {'json': {'a': 1}}),
                ('GET', 'http://cloud/a b', {}),
                ('GET', 'http://cloud/x', {'auth': ('me', 'word')}),
                ('GET', 'http://cloud/x', {'params': {'a': ['b', 'c']}}),
                ('GET', 'http://cloud/x', {'params': [('a', 'b')]}),
                ('GET', 'http://cloud/x', {'params': 'a=b'})):
            self.session.request(
                method, url, allow_redirects=False, **given)
            wanted = requests.Request(method, url, **given).prepare()
            sent = self.cloud.last_request
            self.assertEqual([wanted.method, wanted.url, wanted.body], [
                sent.method, sent.url, sent.body])
            self.assertEqual(wanted.headers.get('Authorization'),
                             sent.headers.get('Authorization'))
