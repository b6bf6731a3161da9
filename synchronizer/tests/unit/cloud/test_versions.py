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

"""Agreeing on a microversion, and noticing that it does not hold."""

import requests

from synchronizer import exception
from synchronizer.cloud import session
from synchronizer.tests.unit.cloud import fakes


class TestAgree(fakes.ApiTestCase):

    def asked(self):
        return len([request for request in self.http.request_history
                    if request.path.rstrip('/') == '/v2.1'])

    def test_the_lower_of_both(self):
        self.assertEqual('2.96', self.api.agree('2.96', '2.53'))
        self.assertEqual('2.104', self.api.agree('2.110', '2.53'))
        self.assertEqual('2.104', self.api.agree('3.1'))

    def test_numbers_are_no_decimals(self):
        self.offer('2.1', '2.9')
        self.assertEqual('2.9', self.api.agree('2.10'))

    def test_too_old(self):
        self.offer('2.1', '2.42')
        error = self.assertRaises(
            exception.Unsupported, self.api.agree, '2.104', '2.53')
        self.assertEqual('nova offers microversions 2.1 to 2.42; '
                         'we need 2.53 to 2.104', str(error))

    def test_too_new(self):
        self.offer('2.110', '2.120')
        self.assertRaises(
            exception.Unsupported, self.api.agree, '2.104', '2.53')

    def test_asked_once_in_a_while(self):
        self.api.agree('2.96')
        before = self.asked()
        self.api.agree('2.104')
        self.assertEqual(before, self.asked())
        self.offer('2.1', '2.90')
        self.clock.now += 301
        self.assertEqual('2.90', self.api.agree('2.104'))

    def test_a_failure_has_it_asked_again(self):
        self.api.agree('2.96')
        self.offer('2.1', '2.90')
        self.play({'exc': requests.ConnectionError})
        self.assertRaises(exception.Unreachable, self.api.get, '/things')
        self.assertEqual('2.90', self.api.agree('2.104'))

    def test_discovery_that_fails_is_no_old_service(self):
        self.http.get(f'{fakes.NOVA}/', exc=requests.ConnectionError)
        self.http.get(fakes.NOVA, exc=requests.ConnectionError)
        self.http.get('http://nova/', exc=requests.ConnectionError)
        self.assertRaises(exception.Unreachable, self.api.agree, '2.96')
        self.assertEqual(3, len(self.clock.waited))

    def test_service_without_microversions(self):
        self.offer('', '')
        self.assertRaises(exception.Unsupported, self.api.agree, '2.96')


class TestTypeSession(fakes.ApiTestCase):

    def setUp(self):
        super().setUp()
        self.way = session.TypeSession(self.api, 100, '2.104', '2.53')

    def test_speaks_what_was_agreed(self):
        self.play({})
        self.assertEqual('2.104', self.way.microversion)
        self.assertEqual(100, self.way.page_size)
        self.way.get('/things', limit=100)
        self.assertEqual('2.104', self.sent()[0].headers[
            'X-OpenStack-Nova-API-Version'])

    def test_without_a_declared_one_none_is_sent(self):
        self.play({})
        way = session.TypeSession(self.api, 100)
        way.get('/things')
        self.assertIsNone(way.microversion)
        self.assertNotIn('OpenStack-API-Version', self.sent()[0].headers)

    def test_the_first_request_is_tried_in_another(self):
        self.offer('2.1', '2.90')
        self.play({'status_code': 406}, {})
        self.way.get('/things')
        self.assertEqual('2.90', self.way.microversion)

    def test_a_listing_is_not_continued_in_another(self):
        self.play({}, {'status_code': 406}, {})
        self.way.get('/things')
        self.offer('2.1', '2.90')
        error = self.assertRaises(
            exception.Unsupported, self.way.get, '/things')
        self.assertEqual('nova does not speak 2.104 any more; '
                         'from now on it is 2.90', str(error))
        self.way.get('/things')
        self.assertEqual('2.90', self.sent()[-1].headers[
            'X-OpenStack-Nova-API-Version'])

    def test_406_without_end(self):
        self.play({'status_code': 406})
        self.assertRaises(exception.Unsupported, self.way.get, '/things')
        self.assertEqual(1, len(self.sent()))
