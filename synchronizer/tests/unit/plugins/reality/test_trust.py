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

"""Which streams are believed."""

import dataclasses

import testtools

from synchronizer.model import stream
from synchronizer.plugins.reality import trust

TYPE = 'nova.instance'
BEGAN = '2026-11-20T12:00:00.000000Z'
BEGAN_UNIX = 1795176000.0


class TrustTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.time, self.wall = 0.0, BEGAN_UNIX
        self.trust = trust.Trust(lambda: self.time, lambda: self.wall)
        self.row = stream.Stream(
            TYPE, 'nova', 'e', collected_at=BEGAN, interval=600,
            collected_state=stream.LIVE)

    def _heed(self, **fields):
        self.row = dataclasses.replace(self.row, **fields)
        return self.trust.heed({TYPE: self.row})

    def test_a_live_stream_is_believed(self):
        self.assertFalse(self._heed())
        self.assertTrue(self.trust.has(TYPE))
        self.assertFalse(self.trust.has('heat.stack'))
        self.assertIsNone(self.trust.doubt(TYPE))
        self.assertIsNone(self.trust.awaited())

    def test_one_that_failed_is_believed_for_a_while(self):
        for state in (stream.DEGRADED, stream.SUSPECT):
            self.assertFalse(self._heed(collected_state=state, error='403'))
            self.time += trust.GRACE - 0.1
            self.assertFalse(self._heed())
            self.assertIsNone(self.trust.doubt(TYPE))
            self.time += 0.1
            self.assertTrue(self._heed())
            self.assertFalse(self._heed())
            self.assertEqual(f'{TYPE} is {state}: 403',
                             self.trust.doubt(TYPE))
            self.assertTrue(self._heed(collected_state=stream.LIVE))
            self.assertIsNone(self.trust.doubt(TYPE))

    def test_one_that_recovers_in_time_never_was_doubted(self):
        self._heed(collected_state=stream.DEGRADED)
        self.time += trust.GRACE - 1
        self._heed(collected_state=stream.LIVE)
        self._heed(collected_state=stream.DEGRADED)
        self.time += 1
        self.assertFalse(self._heed())

    def test_one_that_is_held_is_doubted_at_once(self):
        self.assertTrue(self._heed(paused=True))
        self.assertEqual(f'{TYPE} is paused', self.trust.doubt(TYPE))

    def test_one_that_nobody_keeps_is_stale(self):
        self.wall += trust.OVERDUE * 600 + trust.PATIENCE
        self._heed()
        self.wall += 1
        self._heed()
        self.time += trust.GRACE
        self.assertTrue(self._heed())
        self.assertEqual(
            f'{TYPE} is stale: it was last seen whole at '
            '2026-11-20 12:00:00 UTC', self.trust.doubt(TYPE))

    def test_a_first_collection_is_waited_for_but_not_for_ever(self):
        self._heed(collected_at=None, collected_state=stream.STARTING)
        self.assertEqual(TYPE, self.trust.awaited())
        self.time += trust.PATIENCE
        self.assertTrue(self._heed())
        self.assertIsNone(self.trust.awaited())
        self.assertEqual(f'{TYPE} is starting', self.trust.doubt(TYPE))

    def test_its_end_is_told(self):
        self.assertFalse(self._heed(
            collected_at=None, collected_state=stream.STARTING))
        self.assertTrue(self._heed(
            collected_at=BEGAN, collected_state=stream.LIVE))
        self.assertFalse(self._heed())
