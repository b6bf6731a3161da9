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

import dataclasses

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.northbound import marker
from synchronizer.tests import base

SECRET = b's' * 32
MARKER = marker.Marker(
    {'nova.instance': wire.Head('e', 7, None, 'live'),
     'heat.stack': wire.Head('f', 0, '2026-11-20T10:00:00Z', 'paused')},
    ('nova.instance', 'straße/€'))


class MarkerTest(base.TestCase):

    def test_there_and_back(self):
        text = marker.seal(MARKER, SECRET)
        self.assertEqual(MARKER, marker.unseal(text, SECRET))
        self.assertEqual(['nova.instance', 'heat.stack'],
                         list(marker.unseal(text, SECRET).heads))

    def test_of_a_time(self):
        past = dataclasses.replace(MARKER, time='2026-11-20T10:00:00Z')
        text = marker.seal(past, SECRET)
        self.assertEqual(past, marker.unseal(text, SECRET))
        self.assertNotEqual(text, marker.seal(MARKER, SECRET))

    def assert_refused(self, text, secret=SECRET):
        self.assertRaises(exception.InvalidMarker, marker.unseal, text,
                          secret)

    def test_every_letter_counts(self):
        text = marker.seal(MARKER, SECRET)
        for place, letter in enumerate(text):
            other = 'A' if letter != 'A' else 'B'
            self.assert_refused(text[:place] + other + text[place + 1:])

    def test_cut_anywhere(self):
        text = marker.seal(MARKER, SECRET)
        for place in range(len(text)):
            self.assert_refused(text[:place])
        self.assert_refused(text + 'A')
        self.assert_refused(text + '\n')

    def test_of_another_store(self):
        self.assert_refused(marker.seal(MARKER, b'another'))

    def test_what_is_no_marker_at_all(self):
        for value in ('', 'é', '=', 0, 1.5, True, [], {}, b'AAAA'):
            self.assert_refused(value)
