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

"""What floods of hints cost a cloud: requests are counted, not seconds."""

import threading
import time

from synchronizer.collector import listener
from synchronizer.collector import runner
from synchronizer.collector import settings
from synchronizer.store import base as store_base
from synchronizer.store import memory
from synchronizer.tests.component.cloud import base

INSTANCE = 'nova.instance'
PATIENCE = 60
SETTLE = 0.5
"""Long enough to tell all of a flood in, also where there is much to do."""


class FloodCase(base.CloudCase):
    """A collector of servers that hears what a test tells it."""

    sizes = {'hosts': 10, 'servers': 1200, 'volumes': 0, 'stacks': 0}

    def setUp(self):
        super().setUp()
        self.plugin.page_size = 1000
        self.store = self.made_store()
        self.addCleanup(self.store.close)
        self.store.ensure([store_base.StreamSpec(INSTANCE, 'nova', 600)])
        kinds = [self.plugin.kind(kind) for kind in self.plugin.types
                 if kind.name == INSTANCE]
        self.runner = runner.Runner(
            self.plugin, kinds, self.store, 'me', lambda type_: None,
            settings.Settings(delta_interval=0, retry_first=0.01,
                              hint_settle=SETTLE))
        self.addCleanup(self.runner.stop, 10)
        self.ear = listener.Listener(
            'nova', self.plugin.hints, self.runner.hint)
        self.runner.start()
        self.until(lambda: self.row().collected_at)
        self.settle()
        self.counted.clear()

    def made_store(self):
        return memory.MemoryStore()

    def row(self):
        return self.store.streams([INSTANCE])[INSTANCE]

    def until(self, true):
        end = time.monotonic() + PATIENCE
        pause = threading.Event()
        while not true():
            self.assertLess(time.monotonic(), end, 'it never came true')
            pause.wait(0.01)

    def settle(self):
        """Until nothing waits to be asked for, nor to be swept."""
        poller = self.runner.pollers[INSTANCE]
        self.until(lambda: not len(self.runner._queue) and (
            poller._under_way is None) and (
            poller._schedule.next()[0] > time.monotonic() + 100))

    def tell(self, ids, event='instance.update', number=''):
        for id_ in ids:
            self.ear.info({}, 'nova', event, {'nova_object.data': {
                'uuid': id_}}, {'message_id': f'{event}{id_}{number}'})


class FloodTest(FloodCase):

    def test_many_that_moved_cost_a_few_listings(self):
        ids = sorted(self.living())[:1000]
        for number, id_ in enumerate(ids):
            self.truth.rename(id_, f'moved-{number}')
        self.tell(ids)
        self.settle()
        self.assertEqual({}, {
            id_: name for id_, name in self.held().items()
            if name != self.truth.get(INSTANCE, id_)['name']})
        self.assertLess(len(self.counted), 20, self.counted)

    def test_many_that_are_gone_cost_a_few_listings_as_well(self):
        ids = sorted(self.living())[:1000]
        for id_ in ids:
            self.truth.delete_server(id_)
        self.tell(ids, 'instance.delete.end')
        self.settle()
        self.assertEqual(200, self.row().entities)
        self.assertLess(len(self.counted), 60, len(self.counted))

    def test_a_burst_on_one_costs_one_or_two(self):
        id_ = sorted(self.living())[0]
        self.truth.rename(id_, 'moved')
        for number in range(1000):
            self.tell([id_], number=number)
        self.settle()
        self.assertEqual('moved', self.held()[id_])
        self.assertIn(len(self.counted), (1, 2))

    def test_ten_thousand_forged_ones_cost_a_listing(self):
        before = self.held()
        self.tell([f'00000000-0000-0000-0000-{number:012}'
                   for number in range(10000)], 'instance.delete.end')
        self.settle()
        self.assertEqual(before, self.held())
        self.assertLess(len(self.counted), 30, len(self.counted))

    def test_more_than_may_wait_cost_a_listing(self):
        ids = sorted(self.living())
        for id_ in ids:
            self.truth.tag(id_, 'seen')
        self.tell([f'00000000-0000-0000-0000-{number:012}'
                   for number in range(15000)])
        self.tell(ids)
        self.settle()
        entities = self.entities()
        self.assertEqual({('seen',)}, {
            tuple(entities[id_].attributes['tags']) for id_ in ids})
        self.assertLess(len(self.counted), 60, len(self.counted))

    def held(self):
        return {id_: entity.name for id_, entity in self.entities().items()}

    def entities(self):
        return {id_: entity for id_, (entity, _) in self.store.entities(
            INSTANCE, sorted(self.living())).items()}
