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

"""Tries, windows, tokens, and what an answer must be to be one."""

import email.utils
import logging
import threading

import fixtures
from keystoneauth1 import access
from keystoneauth1.access import service_catalog
from oslo_log import log as oslo_log
import requests

from synchronizer import exception
from synchronizer.cloud import api
from synchronizer.cloud import patience
from synchronizer.model import reading
from synchronizer.tests.unit.cloud import fakes

HTML = '<html>nginx</html>'


class TestAnswer(fakes.ApiTestCase):

    def test_body_window_and_clocks(self):
        date = email.utils.formatdate(1799999990, usegmt=True)
        self.play({'text': '{"things": [{"id": 1}]}',
                   'headers': {'Date': date}})

        answer = self.api.get('/things', limit=5, marker=None)

        self.assertEqual([{'id': 1}], answer.records('things'))
        self.assertEqual(reading.Window(1000.0, 1001.0), answer.window)
        self.assertEqual('2027-01-15T08:16:40.000000Z', answer.sampled_at)
        self.assertEqual(1799999990.0, answer.server_time)
        self.assertEqual('limit=5', self.sent()[0].query)

    def test_a_server_need_not_tell_the_time(self):
        for headers in ({}, {'Date': 'yesterday'}):
            self.play({'headers': headers})
            began = self.clock.wall()
            self.assertEqual(began, self.api.get('/things').server_time)

    def test_microversion_is_asked_for(self):
        self.play({'headers': {'OpenStack-API-Version': 'compute 2.96'}})
        self.api.get('/things', '2.96')
        self.assertEqual('compute 2.96', self.sent()[0].headers[
            'OpenStack-API-Version'])

    def test_an_answer_in_another_microversion_is_broken(self):
        self.play({'headers': {'OpenStack-API-Version': 'compute 2.1'}})
        error = self.assertRaises(
            exception.BrokenAnswer, self.api.get, '/things', '2.96')
        self.assertIn('asked for microversion 2.96, got compute 2.1',
                      str(error))
        self.assertEqual([], self.clock.waited)

    def test_body_without_the_key(self):
        self.play({'text': '{"other": []}'})
        answer = self.api.get('/things')
        self.assertRaises(exception.BrokenAnswer, answer.records, 'things')
        self.assertRaises(exception.BrokenAnswer, answer.record, 'thing')

    def test_key_of_another_kind(self):
        for text in ('{"things": {}}', '{"things": [1]}', '[]', '"x"'):
            self.play({'text': text})
            answer = self.api.get('/things')
            self.assertRaises(
                exception.BrokenAnswer, answer.records, 'things')

    def test_next_link(self):
        self.play({'text': '{"things": [], "things_links": '
                           '[{"rel": "next", "href": "x"}]}'},
                  {'text': '{"things": [], "things_links": null}'})
        self.assertTrue(self.api.get('/things').has_next('things'))
        self.assertFalse(self.api.get('/things').has_next('things'))

    def test_page_of_a_composite_spans_all_its_answers(self):
        self.play({}, {})
        first, second = self.api.get('/things'), self.api.get('/things')
        page = second.page([], first)
        self.assertEqual(reading.Window(1000.0, 1002.0), page.window)
        self.assertEqual(first.sampled_at, page.sampled_at)


class TestTurns(fakes.ApiTestCase):
    """What requests wait for, where a service has a budget."""

    def setUp(self):
        super().setUp()
        self.turns = []
        self.api = self.make_api(turn=self.turn)

    def turn(self, stop):
        self.turns.append(self.clock.now)
        self.clock.now += 100.0
        return 100.0

    def test_a_request_waits_before_its_window(self):
        self.play({})
        answer = self.api.get('/things')
        self.assertEqual([1000.0], self.turns)
        self.assertEqual(reading.Window(1100.0, 1101.0), answer.window)
        self.assertEqual('2027-01-15T08:18:20.000000Z', answer.sampled_at)

    def test_every_try_waits(self):
        self.play({'status_code': 503}, {'exc': requests.ConnectTimeout}, {})
        self.api.get('/things')
        self.assertEqual(3, len(self.turns))

    def test_a_request_that_is_sent_again_after_a_login_waits_twice(self):
        self.play({'status_code': 401}, {})
        self.api.get('/things')
        self.assertEqual((2, 2), (len(self.turns), len(self.logins())))

    def test_the_question_for_versions_waits_and_what_is_known_does_not(self):
        for _ in range(3):
            self.api.agree('2.1')
        self.assertEqual(1, len(self.turns))

    def test_waiting_wears_no_patience_out(self):
        self.api = self.make_api(
            turn=self.turn, patience=patience.Patience(total=10))
        self.play({'status_code': 503})
        self.assertRaises(exception.Throttled, self.api.get, '/things')
        self.assertEqual(4, len(self.turns))

    def test_a_stop_while_it_waits_sends_nothing(self):
        stop = threading.Event()

        def turn(event):
            self.assertIs(stop, event)
            stop.set()
            return 1.0
        self.api = self.make_api(turn=turn, stop=stop)
        self.play({})
        error = self.assertRaises(
            exception.Unreachable, self.api.get, '/things')
        self.assertIn('stopping', str(error))
        self.assertEqual([], self.sent())


class TestRetries(fakes.ApiTestCase):

    def test_window_is_that_of_the_last_attempt(self):
        self.play({'status_code': 503}, {'exc': requests.ConnectTimeout}, {})
        answer = self.api.get('/things')
        # 1 s for the 503, then pauses of 0.5 and 1 s
        self.assertEqual([0.5, 1.0], self.clock.waited)
        self.assertEqual(reading.Window(1002.5, 1003.5), answer.window)
        self.assertEqual('2027-01-15T08:16:42.500000Z', answer.sampled_at)

    def test_gives_up_after_so_many_tries(self):
        self.play({'exc': requests.ConnectionError('no route')})
        error = self.assertRaises(
            exception.Unreachable, self.api.get, '/things')
        self.assertIn('no route', str(error))
        self.assertEqual(4, len(self.sent()))
        self.assertEqual([0.5, 1.0, 2.0], self.clock.waited)

    def test_each_kind_that_may_pass(self):
        for trouble in ({'exc': requests.ReadTimeout},
                        {'exc': requests.exceptions.SSLError},
                        {'exc': requests.exceptions.ChunkedEncodingError},
                        {'status_code': 429}, {'status_code': 502},
                        {'status_code': 503}, {'status_code': 504},
                        {'status_code': 500}, {'text': '{"things": ['},
                        {'text': HTML}, {'text': ''},
                        {'text': '{"things": [{"x": NaN}]}'}):
            self.play(trouble, {})
            self.assertEqual([], self.api.get('/things').records('things'))

    def test_each_kind_that_does_not(self):
        for status, kind in ((400, exception.BrokenAnswer),
                             (403, exception.Refused),
                             (404, exception.NotFound),
                             (406, exception.Unsupported),
                             (409, exception.BrokenAnswer),
                             (501, exception.BrokenAnswer)):
            self.counted.clear()
            self.play({'status_code': status, 'text': '{}'}, {})
            error = self.assertRaises(kind, self.api.get, '/things')
            self.assertIs(kind, type(error))
            self.assertEqual(status, error.status)
            self.assertEqual(1, len(self.counted))

    def test_what_it_is_in_the_end(self):
        for trouble, kind in (
                ({'status_code': 429}, exception.Throttled),
                ({'status_code': 503}, exception.Throttled),
                ({'status_code': 502}, exception.BrokenAnswer),
                ({'status_code': 500}, exception.BrokenAnswer),
                ({'text': HTML}, exception.BrokenAnswer),
                ({'exc': requests.exceptions.ChunkedEncodingError},
                 exception.BrokenAnswer),
                ({'exc': requests.ReadTimeout}, exception.Unreachable)):
            self.play(trouble)
            error = self.assertRaises(kind, self.api.get, '/things')
            self.assertIs(kind, type(error))

    def test_a_plain_500_is_tried_twice_more(self):
        self.play({'status_code': 500})
        self.assertRaises(
            exception.BrokenAnswer, self.api.get, '/things')
        self.assertEqual(3, len(self.sent()))

    def test_retry_after_in_seconds(self):
        self.play({'status_code': 429, 'headers': {'Retry-After': '7'}}, {})
        self.api.get('/things')
        self.assertEqual([7.0], self.clock.waited)

    def test_retry_after_as_a_date(self):
        date = email.utils.formatdate(self.clock.wall() + 12, usegmt=True)
        self.play({'status_code': 503, 'headers': {'Retry-After': date}}, {})
        self.api.get('/things')
        # the answer itself took a second of it
        self.assertEqual([11.0], self.clock.waited)

    def test_retry_after_is_capped_but_told_whole(self):
        self.play({'status_code': 503, 'headers': {'Retry-After': '3600'}})
        error = self.assertRaises(
            exception.Throttled, self.api.get, '/things')
        self.assertEqual([30.0] * 3, self.clock.waited)
        self.assertEqual(3600.0, error.retry_after)

    def test_total_time_is_bounded(self):
        self.api = self.make_api(patience=patience.Patience(
            tries=100, total=20))
        self.play({'status_code': 503, 'headers': {'Retry-After': '6'}})
        self.assertRaises(exception.Throttled, self.api.get, '/things')
        # 1 + 6 + 1 + 6 + 1, and another 6 would be too much
        self.assertEqual([6.0, 6.0], self.clock.waited)

    def test_stop_ends_the_waiting(self):
        self.clock.stops = True
        self.play({'status_code': 503, 'headers': {'Retry-After': '25'}})
        self.assertRaises(exception.Throttled, self.api.get, '/things')
        self.assertEqual(1, len(self.sent()))

    def test_stop_ends_a_body(self):
        stop = threading.Event()
        stop.set()
        self.api = self.make_api(stop=stop)
        self.play({})
        self.assertRaises(exception.Unreachable, self.api.get, '/things')
        self.assertEqual(1, len(self.sent()))

    def test_an_answer_that_drips_for_ever(self):
        self.play({}, seconds=601)
        self.assertRaises(exception.Unreachable, self.api.get, '/things')


class TestNotFound(fakes.ApiTestCase):

    def test_has_a_window_since_it_is_a_reading(self):
        self.play({'status_code': 503}, {
            'status_code': 404,
            'text': '{"itemNotFound": {"code": 404, "message": "gone"}}'})
        error = self.assertRaises(
            exception.NotFound, self.api.get, '/things')
        self.assertEqual('nova GET /things: 404, gone', str(error))
        self.assertEqual(reading.Window(1001.5, 1002.5), error.window)
        self.assertEqual('2027-01-15T08:16:41.500000Z', error.sampled_at)

    def test_not_in_the_words_of_the_service_proves_nothing(self):
        for text in (HTML, '', '[]', 'null'):
            self.play({'status_code': 404, 'text': text})
            error = self.assertRaises(
                exception.BrokenAnswer, self.api.get, '/things')
            self.assertEqual(404, error.status)

    def test_of_keystone_is_not_one_of_the_service(self):
        self.http.post(f'{fakes.AUTH}/auth/tokens', status_code=404,
                       json={'error': {'message': 'no'}})
        self.play({})
        error = self.assertRaises(
            exception.BrokenAnswer, self.api.get, '/things')
        self.assertEqual(404, error.status)


class TestTokens(fakes.ApiTestCase):

    def test_one_login_for_many_requests(self):
        self.play({}, {}, {})
        for _ in range(3):
            self.api.get('/things')
        self.assertEqual(1, len(self.logins()))

    def test_a_token_that_ended_is_renewed_once(self):
        self.play({}, {'status_code': 401}, {})
        self.http.post(f'{fakes.AUTH}/auth/tokens', [
            {'json': fakes.token(), 'headers': {'X-Subject-Token': name}}
            for name in ('first', 'second')])
        self.api.get('/things')
        answer = self.api.get('/things')
        self.assertEqual(
            ['first', 'first', 'second'],
            [sent.headers['X-Auth-Token'] for sent in self.sent()])
        # the window is that of the request that was answered
        self.assertEqual(reading.Window(1002.0, 1003.0), answer.window)
        self.assertEqual([], self.clock.waited)

    def test_when_it_ends_is_read_once_in_a_while(self):
        read = self.useFixture(fixtures.MockPatchObject(
            access.AccessInfoV3, 'will_expire_soon', autospec=True,
            return_value=False)).mock
        counts = []
        for seconds in (0.25,) * 4 + (10,) * 2:
            self.play({}, seconds=seconds)
            self.api.get('/things')
            counts.append(read.call_count)
        first = counts[0]
        self.assertEqual([0, 0, 0, 0, 1, 2],
                         [count - first for count in counts])

    def test_one_that_is_about_to_end_is_renewed(self):
        self.play({}, {}, {})
        self.api.get('/things')
        self.useFixture(fixtures.MockPatchObject(
            access.AccessInfoV3, 'will_expire_soon', return_value=True))
        self.api.get('/things')
        self.assertEqual(2, len(self.logins()))

    def test_one_that_somebody_gave_up_is_not_sent_again(self):
        self.http.post(f'{fakes.AUTH}/auth/tokens', [
            {'json': fakes.token(), 'headers': {'X-Subject-Token': name}}
            for name in ('first', 'second')])
        self.play({}, {}, seconds=0)
        self.api.get('/things')
        self.session.invalidate()
        self.api.get('/things')
        self.assertEqual(['first', 'second'], [
            sent.headers['X-Auth-Token'] for sent in self.sent()])

    def test_refused_when_the_new_token_is_no_better(self):
        self.play({'status_code': 401})
        self.assertRaises(exception.Refused, self.api.get, '/things')
        self.assertEqual(2, len(self.sent()))

    def test_wrong_password_is_refused(self):
        self.http.post(f'{fakes.AUTH}/auth/tokens', status_code=401,
                       json={'error': {'message': 'who are you?'}})
        error = self.assertRaises(
            exception.Refused, self.api.get, '/things')
        self.assertIn('who are you?', str(error))
        self.assertEqual(1, len(self.logins()))

    def test_keystone_that_is_down_is_unreachable(self):
        self.http.post(f'{fakes.AUTH}/auth/tokens',
                       exc=requests.ConnectionError)
        self.assertRaises(exception.Unreachable, self.api.get, '/things')
        self.assertEqual(4, len(self.logins()))

    def test_keystone_that_is_busy_is_waited_for(self):
        self.http.post(f'{fakes.AUTH}/auth/tokens', [
            {'status_code': 503, 'headers': {'Retry-After': '3'}},
            {'text': HTML, 'status_code': 201},
            {'json': fakes.token(), 'headers': {'X-Subject-Token': 'a'}}])
        self.play({})
        answer = self.api.get('/things')
        self.assertEqual([3.0, 1.0], self.clock.waited)
        self.assertEqual(reading.Window(1004.0, 1005.0), answer.window)

    def test_catalogue_without_the_service(self):
        self.http.post(f'{fakes.AUTH}/auth/tokens',
                       json=fakes.token(region='elsewhere'),
                       headers={'X-Subject-Token': 'a'})
        self.api = self.make_api()
        self.api._http.region_name = 'RegionOne'
        self.assertRaises(exception.Unreachable, self.api.get, '/things')
        self.assertEqual([], self.clock.waited)

    def test_a_service_that_moved_is_found(self):
        moved = fakes.token(url='http://moved/v2.1')
        self.play({'exc': requests.ConnectionError})
        self.play({}, url='http://moved/v2.1/things')
        self.assertRaises(exception.Unreachable, self.api.get, '/things')
        self.http.post(f'{fakes.AUTH}/auth/tokens', json=moved,
                       headers={'X-Subject-Token': 'b'})
        self.assertEqual([], self.api.get('/things').records('things'))


class TestWhatIsTold(fakes.ApiTestCase):

    def test_each_attempt_is_counted(self):
        self.play({'exc': requests.ReadTimeout}, {'status_code': 503}, {})
        self.api.get('/things')
        self.assertEqual([('nova', None, 0.0), ('nova', 503, 1.0),
                          ('nova', 200, 1.0)], self.counted)

    def test_one_line_and_no_secrets(self):
        log = self.useFixture(fixtures.FakeLogger(level=logging.DEBUG))
        oslo_log.getLogger(api.__name__).logger.setLevel(logging.DEBUG)
        self.addCleanup(oslo_log.getLogger(
            api.__name__).logger.setLevel, logging.NOTSET)
        self.play({'text': '{"user_data": "c2VjcmV0"}',
                   'headers': {'x-openstack-request-id': 'req-7'}})
        self.api.get('/things', marker='m')
        self.assertIn("nova GET /things {'marker': 'm'}: 200, 25 bytes, "
                      '1.000 s, req-7', log.output)
        for secret in ('c2VjcmV0', 'secret', 'first'):
            self.assertNotIn(secret, log.output)


class TestEndpoint(fakes.ApiTestCase):
    """Looked up once for each token."""

    def setUp(self):
        super().setUp()
        catalogue = service_catalog.ServiceCatalogV3
        self.looked = self.useFixture(fixtures.MockPatchObject(
            catalogue, 'get_endpoints_data', autospec=True,
            side_effect=catalogue.get_endpoints_data)).mock

    def test_once_for_many_requests(self):
        self.play({}, {}, {})
        for _ in range(3):
            self.api.get('/things')
        self.assertEqual(1, self.looked.call_count)

    def test_another_token_brings_another_catalogue(self):
        self.play({})
        self.api.get('/things')
        self.http.post(f'{fakes.AUTH}/auth/tokens',
                       json=fakes.token(url='http://moved/v2.1'),
                       headers={'X-Subject-Token': 'second'})
        self.session.invalidate()
        self.play({'text': '{"things": [{"id": 1}]}'},
                  url='http://moved/v2.1/things')

        answer = self.api.get('/things')

        self.assertEqual([{'id': 1}], answer.records('things'))

    def test_what_looks_like_a_pattern_is_none(self):
        self.http.post(f'{fakes.AUTH}/auth/tokens',
                       json=fakes.token(url='http://nova/100%s'),
                       headers={'X-Subject-Token': 'first'})
        self.play({'text': '{"things": [{"id": 1}]}'},
                  url='http://nova/100%25s/things')
        self.assertEqual([{'id': 1}],
                         self.api.get('/things').records('things'))

    def test_a_patch_goes_there_too(self):
        self.http.patch(f'{fakes.NOVA}/things', status_code=204)
        self.api.patch('/things', {})
        self.assertEqual('PATCH', self.http.last_request.method)


class TestClockPutBack(fakes.ApiTestCase):

    def test_no_request_waits_until_it_has_caught_up(self):
        # keystoneauth compares the time with that when its adapter was made
        time = self.useFixture(fixtures.MockPatch(
            'keystoneauth1._fair_semaphore.time')).mock
        time.time.return_value = 0
        self.play({'text': '{"things": [{"id": 1}]}'})
        self.assertEqual([{'id': 1}],
                         self.api.get('/things').records('things'))
        time.sleep.assert_not_called()
        self.http.patch(f'{fakes.NOVA}/things', status_code=204)
        self.api.patch('/things', {})
        time.sleep.assert_not_called()


class TestEnvironment(fakes.ApiTestCase):
    """Proxies are those of the environment, which is searched once."""

    def proxy_of(self, url):
        return self.session.session.merge_environment_settings(
            url, {}, True, True, None)['proxies'].get('http')

    def test_proxies_of_the_environment_count(self):
        self.useFixture(fixtures.EnvironmentVariable(
            'http_proxy', 'http://proxy:3128'))
        self.useFixture(fixtures.EnvironmentVariable('no_proxy', 'near'))
        for _ in range(2):
            self.assertEqual('http://proxy:3128',
                             self.proxy_of('http://far/things?limit=1'))
            self.assertIsNone(self.proxy_of('http://near/things'))

    def test_searched_once_for_each_service(self):
        searched = self.useFixture(fixtures.MockPatch(
            'requests.sessions.get_environ_proxies', return_value={})).mock
        for path in ('a', 'b', 'c'):
            self.proxy_of(f'http://nova/{path}')
            self.proxy_of(f'http://nova:8774/{path}')
        self.assertEqual(2, searched.call_count)

    def test_no_netrc_is_looked_for(self):
        sought = self.useFixture(fixtures.MockPatch(
            'requests.sessions.get_netrc_auth',
            return_value=('somebody', 'else'))).mock
        self.play({})
        self.api.get('/things')
        sought.assert_not_called()
        self.assertNotIn('Authorization', self.sent()[0].headers)
