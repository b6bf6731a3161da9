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

"""Times as people write them."""

import argparse
import datetime
from unittest import mock

from hypothesis import given
from hypothesis import strategies

from synchronizer.bus import wire
from synchronizer.cmd.user import moments
from synchronizer.tests import base

NOW = 1_800_000_000.0


class MomentTest(base.TestCase):

    def test_how_long_ago(self):
        with mock.patch('time.time', return_value=NOW):
            for text, seconds in (('-90s', 90), ('-5m', 300), ('-2h', 7200),
                                  ('-1.5d', 129600)):
                self.assertEqual(NOW - seconds,
                                 wire.seconds(moments.moment(text)))

    def test_iso(self):
        for text in ('2026-11-20T10:00:00Z', '2026-11-20 10:00',
                     '2026-11-20T12:00:00+02:00'):
            self.assertEqual('2026-11-20T10:00:00.000000Z',
                             moments.moment(text))

    @given(strategies.datetimes(
        datetime.datetime(1970, 1, 3), datetime.datetime(9999, 12, 29),
        timezones=strategies.timezones()))
    def test_every_time_comes_out_as_it_is(self, when):
        told = moments.moment(when.isoformat())
        self.assertAlmostEqual(when.timestamp(), wire.seconds(told), 3)

    def test_no_time(self):
        for text in ('', 'soon', '1969-12-31', '-2', '-2x', '2026-13-01',
                     '-99999999999d'):
            error = self.assertRaises(argparse.ArgumentTypeError,
                                      moments.moment, text)
            self.assertIn('ISO 8601', str(error))

    def test_no_option(self):
        self.assertEqual(['--at=-2h', 'x', '--to=-5m', '-v', '-2h'],
                         moments.joined(['--at', '-2h', 'x', '--to', '-5m',
                                         '-v', '-2h']))
