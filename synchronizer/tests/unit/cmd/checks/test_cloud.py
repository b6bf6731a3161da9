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

"""The login, and the clocks."""

from unittest import mock

from synchronizer import exception
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import cloud
from synchronizer.tests.unit.cmd.checks import fakes


class LoginTest(fakes.ChecksTestCase):

    def check(self, subject, error=None):
        with mock.patch.object(subject.clocks, 'login', side_effect=error):
            return cloud.login(subject)

    def test_it_works(self):
        subject = self.subject()
        self.assert_row(base.SUCCESS, self.check(subject))
        subject.require_login()

    def test_a_wrong_password(self):
        subject = self.subject()
        result = self.check(subject, exception.Refused(
            'login: on the way: 401, no'))
        self.assert_row(base.FAILURE, result, 'lets nobody in (401, no)',
                        'password', '[service_credentials]')
        self.assertRaises(base.NotLookedAt, subject.require_login)

    def test_nobody_answers(self):
        self.assert_row(
            base.FAILURE, self.check(
                self.subject(), exception.Unreachable('login: gone')),
            'does not answer (gone)', 'auth_url')

    def test_the_configuration_has_to_be_right_first(self):
        self.assertRaises(base.NotLookedAt, self.check,
                          self.subject('plugins ='))


class ClockTest(fakes.ChecksTestCase):

    def check(self, **skews):
        subject = self.subject()
        subject.require_login = lambda: None
        with mock.patch.object(subject.clocks, 'skews', return_value=skews):
            return cloud.clock(subject)

    def test_nobody_tells(self):
        self.assert_row(base.SUCCESS, self.check(), 'no service tells')

    def test_they_agree(self):
        self.assert_row(base.SUCCESS, self.check(nova=2.0, heat=-2.0),
                        'nova, heat')

    def test_one_is_ahead(self):
        self.assert_row(base.WARNING, self.check(nova=2.6, heat=0.0),
                        'nova is 3 s or more ahead of ours', 'NTP',
                        without=['heat'])

    def test_one_is_far_behind(self):
        self.assert_row(base.FAILURE, self.check(nova=-31.0, heat=3.0),
                        'nova is 31 s or more behind ours', 'heat')
