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


"""A budget of requests, seen from the service: how many came, and when."""

import bisect
import concurrent.futures
import functools
import threading
import time

import fixtures

from synchronizer.cloud import budget
from synchronizer.cloud import cloud as cloud_module
from synchronizer.cloud import session
from synchronizer.plugins import nova
from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests.component.cloud import base

RATE = 20
WINDOW, LATE = 2, 0.5
"""Seconds; and by how many of them a busy machine may deliver late."""


class BudgetCase(base.CloudCase):
    """Several processes, as far as the budget can tell: each has a store, a
    session and a budget of its own, over one database."""

    sizes = {**base.CloudCase.sizes, 'servers': 60}

    def setUp(self):
        super().setUp()
        self.came, self.paths, self.looks = [], [], []
        self.server.faults.add('call', '/compute/', fn=self.note)
        directory = self.useFixture(fixtures.TempDir()).path
        self.file = f'sqlite:///{directory}/store.sqlite'

    def note(self, path):
        self.came.append(time.monotonic())
        self.paths.append(path)

    def process(self, rate, page_size=1):
        store = sql.SqlStore(engine.Options(self.file))
        self.addCleanup(store.close)
        made = budget.Budget('nova', rate, functools.partial(
            store.reserve, 'nova', rate=rate))

        def turn(stop):
            if threading.current_thread().name == 'look':
                self.looks.append(len(self.paths))
            return made.wait(stop)
        way = session.build(self.auth())
        self.addCleanup(way.session.close)
        return nova.NovaPlugin(cloud_module.Cloud(
            way, stop=threading.Event(), turns=lambda service: turn),
            page_size=page_size)

    def most(self):
        """The most that came within a window that slides."""
        came = sorted(self.came)
        return max(bisect.bisect(came, start + WINDOW) - index
                   for index, start in enumerate(came))


class TestBudget(BudgetCase):

    def test_processes_and_threads_share_it(self):
        """Two processes, three threads each: about 180 requests."""
        kind = nova.Instance()
        plugins = [self.process(RATE) for _ in range(2)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            done = [pool.submit(self.some, plugin, kind)
                    for plugin in plugins for _ in range(3)]
            for one in done:
                one.result(120)
        self.assertTrue(len(self.came) > 150, len(self.came))
        # without a budget it would be all of them; a tenth is what a slot
        # may be used late
        self.assertTrue(
            self.most() <= 1.1 * RATE * (WINDOW + LATE) + 1, self.most())

    def some(self, plugin, kind):
        way = plugin.session(kind)
        for _ in range(30):
            way.get('/servers/detail', all_tenants=1, limit=1)

    def test_one_look_does_not_wait_for_a_whole_listing(self):
        """In the same process, and in another: turns come in between."""
        kind = nova.Instance()
        ours, theirs = self.process(RATE), self.process(RATE)
        some = min(self.living())
        self.get(kind, some, theirs)
        self.paths.clear()
        listing = self.listing(kind, ours)
        for plugin in (ours, theirs):
            looked = threading.Event()
            look = threading.Thread(
                target=lambda plugin=plugin, looked=looked: (
                    self.get(kind, some, plugin), looked.set()),
                name='look', daemon=True)
            look.start()
            # as long as the look has not been answered the listing goes on
            while not looked.is_set():
                next(listing)
            look.join(30)
            between = self.paths[self.looks[-1]:]
            own = next(number for number, path in enumerate(between)
                       if f'/servers/{some}' in path)
            self.assertTrue(own <= 10, between)
