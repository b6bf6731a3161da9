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

"""Seeds: the same cloud, the same life; and what the truth says of it."""

import threading

from synchronizer.sandbox import Life
from synchronizer.sandbox import life
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox.life import OPERATIONS
from synchronizer.sandbox.state import SandboxError
from synchronizer.tests import base
from synchronizer.tests.unit.sandbox.base import Clock


class LifeTest(base.TestCase):

    def cloud(self, seed=1):
        return SandboxCloud(seed=seed, hosts=4, servers=12, volumes=6,
                            stacks=4, now=Clock())

    def test_same_seed_same_cloud(self):
        self.assertEqual(self.cloud().tables, self.cloud().tables)
        self.assertNotEqual(self.cloud().tables, self.cloud(2).tables)

    def test_same_seed_same_life(self):
        one, other = self.cloud(), self.cloud()
        self.assertEqual(Life(one).run(300), Life(other).run(300))
        self.assertEqual(one.tables, other.tables)
        self.assertEqual(one.journal, other.journal)
        self.assertNotEqual(Life(self.cloud()).run(20),
                            Life(self.cloud(), seed=2).run(20))

    def test_everything_happens(self):
        done = {verb for verb, _ in Life(self.cloud()).run(2000)}
        self.assertEqual(set(), set(OPERATIONS) - done)

    def test_it_goes_on_for_ever_in_a_cloud_of_one_size(self):
        self.patch(life, 'ROOM', 5)
        cloud = self.cloud()
        kinds = ('cinder.volume', 'cinder.snapshot', 'heat.stack')
        first = {kind: len(cloud.live(kind)) for kind in kinds}
        done = {verb for verb, _ in Life(cloud).run(3000)}
        self.assertIn('snapshot_delete', done)
        for kind in kinds:
            # a volume that is attached, a stack with others inside it
            self.assertLess(len(cloud.live(kind)), first[kind] + 5 + 9, kind)

    def test_history_ends_in_the_truth(self):
        cloud = self.cloud()
        Life(cloud).run(500)
        last = {(kind, key): record
                for _, kind, key, record in cloud.history()}
        alive = {found: record for found, record in last.items()
                 if record is not None}
        self.assertEqual(
            {(kind, key): record
             for kind, records in cloud.truth().items()
             for key, record in records.items()}, alive)

    def test_no_row_is_changed_in_place(self):
        cloud = self.cloud()
        before = cloud.rows('nova.instance')
        copies = [dict(row) for row in before]
        Life(cloud).run(300)
        self.assertEqual(copies, before)

    def test_thread(self):
        cloud = self.cloud()
        alive, enough = Life(cloud, rate=1000), threading.Event()
        step = alive.step

        def counted():
            step()
            if alive.steps >= 5:
                enough.set()
        alive.step = counted
        alive.start()
        self.assertTrue(enough.wait(10))
        alive.pause()
        paused = alive.steps
        self.assertEqual(paused, alive.steps)
        alive.resume()
        alive.stop()
        stopped = alive.steps
        self.assertEqual(stopped, alive.steps)

    def test_wrong_verbs(self):
        cloud = self.cloud()
        for verb, args in (('fly', {}), ('_change', {}), ('boot', {'x': 1}),
                           ('delete_server', {'server': 'none'}),
                           ('boot', {'project': 'none'})):
            self.assertRaises(SandboxError, cloud.call, verb, **args)
