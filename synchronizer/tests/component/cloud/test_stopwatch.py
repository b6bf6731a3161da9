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

"""The benchmark of hints follows what collectors really do."""

import pathlib

import fixtures
import testtools

from benchmarks import stopwatch
from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests import pages
from synchronizer.tests.component.cloud import test_hint_floods as floods


@testtools.skipUnless(pages.DOCS.exists(), 'needs the source tree')
class StopwatchTest(floods.FloodCase):

    sizes = {'hosts': 1, 'servers': 2, 'volumes': 0, 'stacks': 0}

    def setUp(self):
        self.watch = stopwatch.Stopwatch(floods.INSTANCE)
        super().setUp()

    def made_store(self):
        # before anything of what it wraps is at work
        self.watch.__enter__()
        self.addCleanup(self.watch.close)
        place = self.useFixture(fixtures.TempDir()).path
        return sql.SqlStore(engine.Options(
            f'sqlite:///{pathlib.Path(place, "db")}'))

    def test_each_step_from_a_hint_to_the_callback(self):
        before = self.row()
        id_ = sorted(self.living())[0]
        self.truth.rename(id_, 'moved')
        self.tell([id_])
        self.until(lambda: self.row().revision > before.revision)
        self.settle()
        _, (change,) = self.store.changes_since(
            floods.INSTANCE, before.epoch, before.revision, 10, 2 ** 20)
        self.watch.told(change)
        look, = self.watch.looks
        self.assertEqual((1, 0), (self.watch.hints, self.watch.listed))
        self.assertGreaterEqual(look.settling, floods.SETTLE)
        for part in stopwatch.PARTS:
            self.assertGreater(getattr(look, part), 0, part)
        self.assertAlmostEqual(look.whole, sum(
            getattr(look, part) for part in stopwatch.PARTS))

    def test_what_no_hint_led_to_is_only_counted(self):
        _, changes = self.store.changes_since(
            floods.INSTANCE, self.row().epoch, 0, 10, 2 ** 20)
        for change in changes:
            self.watch.told(change)
        self.assertEqual((2, []), (self.watch.listed, self.watch.looks))
