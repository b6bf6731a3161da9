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

"""What clocks say, to the second, between two times of ours."""

import datetime
import email.utils
from unittest import mock

from hypothesis import given
from hypothesis import strategies
from keystoneauth1 import exceptions as ksa

from synchronizer import exception
from synchronizer.cloud import clocks
from synchronizer.tests import base

MOMENT = 1_800_000_000.0


class ClocksTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = MOMENT
        self.clocks = clocks.Clocks(lambda: self.now)

    def session(self):
        made = mock.Mock()
        made.session.hooks = {'response': []}
        self.clocks.watch(made)
        return made

    def answer(self, session, date, seconds=0.5):
        response = mock.Mock(
            headers={'Date': date} if date else {},
            elapsed=datetime.timedelta(seconds=seconds))
        response.request.url = 'http://h:80/v2/servers?limit=1'
        (hook,) = session.session.hooks['response']
        hook(response, timeout=3)

    def http(self, moment):
        return email.utils.formatdate(moment, usegmt=True)

    def test_an_answer_in_time(self):
        self.answer(self.session(), self.http(MOMENT - 1))
        self.assertEqual({'h:80': 0.0}, self.clocks.skews())

    def test_ahead_and_behind(self):
        for told, expected in ((MOMENT + 40, 40.0),
                               (MOMENT - 40, -38.5)):
            self.clocks = clocks.Clocks(lambda: self.now)
            self.answer(self.session(), self.http(told))
            self.assertEqual({'h:80': expected}, self.clocks.skews())

    def test_no_date_is_no_clock(self):
        session = self.session()
        for date in (None, 'yesterday'):
            self.answer(session, date)
        self.assertEqual({}, self.clocks.skews())

    def test_a_token_tells(self):
        session = mock.Mock()
        session.auth.get_access.return_value.issued = (
            datetime.datetime.fromtimestamp(MOMENT + 10, datetime.UTC))
        self.clocks.login(session)
        self.assertEqual({'keystone': 10.0}, self.clocks.skews())

    def test_a_login_that_fails(self):
        session = mock.Mock()
        session.auth.get_access.side_effect = ksa.Unauthorized('no')
        self.assertRaises(exception.Refused, self.clocks.login, session)
        self.assertEqual({}, self.clocks.skews())

    def test_a_way_without_keystone(self):
        session = mock.Mock(auth=object())
        self.clocks.login(session)
        session.get_auth_headers.assert_called_once_with()

    @given(strategies.floats(-100, 100), strategies.lists(strategies.tuples(
        strategies.floats(0, 1000), strategies.floats(0, 5),
        strategies.floats(0, 1)), min_size=1))
    def test_no_skew_is_told_that_there_is_not(self, offset, looks):
        found = clocks.Clocks()
        for begin, lasts, when in looks:
            told = float(int(MOMENT + begin + when * lasts + offset))
            found.note('h', told, MOMENT + begin, MOMENT + begin + lasts)
        skew = found.skews()['h']
        self.assertLessEqual(abs(skew), abs(offset) + 1e-6)
        self.assertGreaterEqual(skew * offset, -1e-6)
