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

"""What is no answer at all."""

import requests

from synchronizer import exception
from synchronizer.cloud import failures
from synchronizer.tests import base


class TranslatedTest(base.TestCase):

    def translated(self, kind, error):
        with self.assertRaises(kind) as raised:
            with failures.translated('nova GET', 0.0):
                raise error
        self.assertIs(error, raised.exception.__cause__)
        return str(raised.exception)

    def test_a_certificate_that_cannot_be_read(self):
        # as requests raises it for a CA file that is not there
        self.assertEqual(
            'nova GET: no CA bundle: /nope', self.translated(
                exception.Unreachable, OSError('no CA bundle: /nope')))

    def test_errors_of_requests_keep_their_meaning(self):
        # they are OSErrors as well
        self.assertEqual('nova GET: the body was cut', self.translated(
            exception.BrokenAnswer,
            requests.exceptions.ChunkedEncodingError('short')))

    def test_our_own_errors_pass(self):
        error = exception.NotFound('gone', status=404)
        with self.assertRaises(exception.NotFound) as raised:
            with failures.translated('nova GET', 0.0):
                raise error
        self.assertIs(error, raised.exception)


class ClocksTest(base.TestCase):

    def of(self, **headers):
        return failures.of_status(503, {
            name.replace('_', '-'): value
            for name, value in headers.items()}, b'', 'it', now=9e9)

    def test_a_date_is_reckoned_from_the_clock_of_the_service(self):
        self.assertEqual(30, self.of(
            Retry_After='Sun, 29 Nov 2026 08:00:30 GMT',
            Date='Sun, 29 Nov 2026 08:00:00 GMT').retry_after)

    def test_from_ours_if_it_tells_none(self):
        self.assertEqual(0, self.of(
            Retry_After='Sun, 29 Nov 2026 08:00:30 GMT').retry_after)

    def test_seconds_need_no_clock(self):
        self.assertEqual(7, self.of(
            Retry_After='7', Date='Sun, 29 Nov 2026 08:00:00 GMT'
        ).retry_after)
