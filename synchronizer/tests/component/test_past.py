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

"""A random history, and the cloud at any time of it over the bus."""

import os
import random
import tempfile

from synchronizer import exception
from synchronizer.bus import transport
from synchronizer.client import rpc
from synchronizer.collector import writer
from synchronizer.model import entity as entity_module
from synchronizer.model.reading import ABSENT
from synchronizer.model.reading import Reading
from synchronizer.model.reading import Window
from synchronizer.northbound import endpoint
from synchronizer.store import base as store_base
from synchronizer.store import codec
from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests import base
from synchronizer.tests import store_suite

TYPES = 'a.one', 'b.two'
IDS = [f'{number:02}' for number in range(12)]
SHAPE = '1'


class PastTest(base.TestCase):

    timeout = 180

    def setUp(self):
        super().setUp()
        self.clock = store_suite.Clock()
        self.random = random.Random(5)
        path = os.path.join(tempfile.mkdtemp(), 'x')
        self.store = sql.SqlStore(engine.Options(f'sqlite:///{path}'),
                                  self.clock)
        self.addCleanup(self.store.close)
        self.store.ensure([store_base.StreamSpec(type_, 'x', 1)
                           for type_ in TYPES])
        self.writers = {type_: self.open(type_) for type_ in TYPES}
        self.tick, self.cloud, self.truth = 0, {}, []
        transport.forget_embedded()
        self.addCleanup(transport.forget_embedded)
        self.serve()

    def serve(self):
        bus = transport.private(transport.EMBEDDED)
        self.addCleanup(bus.cleanup)
        server = transport.request_server(bus, 'host', endpoint.Endpoint(
            self.store, TYPES, '1', 'host', page_bytes=8000,
            wall=lambda: self.clock.now.timestamp(),
            ready=transport.takes_ready(bus)))
        server.start()
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)
        self.client = rpc.SynchronizerClient(bus, timeout=30)

    def open(self, type_):
        new = writer.StreamWriter(self.store, type_, 'host', ('tags',))
        new.open()
        return new

    def reading(self, type_, id_):
        """Something happens to it, or to nothing of it."""
        self.tick += 10
        window = Window(self.tick, self.tick + 1)
        if self.random.random() < 0.25:
            self.cloud.pop((type_, id_), None)
            return Reading(id_, ABSENT, window)
        attributes = {name: self.random.choice([None, 0, 'x' * 200])
                      for name in 'xyz' if self.random.random() < 0.7}
        entity = entity_module.Entity(
            type_, id_, state=self.random.choice([None, 'ON']),
            relations=(entity_module.Relation('on', 'h', '1'),)[
                :self.random.randrange(2)],
            attributes={**attributes, 'tags': self.random.sample('ab', 2)},
            sampled_at=f'{self.tick}')
        digest = entity_module.digest(entity, ('tags',), SHAPE)
        self.cloud[type_, id_] = digest
        return Reading(id_, digest, window, entity)

    def live(self, steps):
        """Let things happen, and note what there was when."""
        for _ in range(steps):
            type_ = self.random.choice(TYPES)
            if self.random.random() < 0.1:
                self.writers[type_] = self.open(type_)
            self.clock.forward(seconds=self.random.randrange(1, 100))
            self.writers[type_].take(
                [self.reading(type_, id_) for id_ in self.random.sample(
                    IDS, self.random.randrange(4))], SHAPE, 'hint')
            self.truth.append((self.clock.now, dict(self.cloud)))

    def seen_whole(self):
        for stream in self.writers.values():
            self.store.report(stream.claim, 'live', None,
                              codec.stamp(self.clock.now))
        self.truth = [(self.clock.now, dict(self.cloud))]

    def at(self, moment, limit=3):
        pages = list(self.client.get_at(moment.isoformat(), limit=limit))
        self.assertEqual(1, len({str(page.positions) for page in pages}))
        found = [entity for page in pages for entity in page.entities]
        self.assertEqual(sorted((e.type, e.id) for e in found),
                         [(e.type, e.id) for e in found])
        return {(e.type, e.id): entity_module.digest(e, ('tags',), SHAPE)
                for e in found}

    def test_any_time_is_as_it_was(self):
        self.live(20)
        self.seen_whole()
        self.live(60)
        last = self.clock.now
        for (since, was), (until, _) in zip(
                self.truth, [*self.truth[1:], (last, None)], strict=True):
            moment = since + (until - since) * self.random.random()
            self.assertEqual(was, self.at(moment))
            type_, id_ = self.random.choice(TYPES), self.random.choice(IDS)
            one = self.client.get_entity_at(moment.isoformat(), type_, id_)
            self.assertEqual(
                was.get((type_, id_)),
                one and entity_module.digest(one, ('tags',), SHAPE))

    def test_beyond(self):
        self.live(10)
        self.seen_whole()
        begin = self.clock.now
        self.assertEqual(self.cloud, self.at(begin))
        self.live(30)
        self.assertEqual(self.truth[0][1], self.at(begin))
        row = self.store.streams([TYPES[0]])[TYPES[0]]
        self.store.trim(TYPES[0], '', row.revision - row.revision // 2)
        error = self.assertRaises(exception.BeyondJournal, self.at, begin)
        self.assertIn(f'{TYPES[0]} can be shown as it was since '
                      f'{error.since}', str(error))
        since = max(when for when, _ in self.truth
                    if codec.stamp(when) <= error.since)
        self.assertEqual(dict(self.truth)[since], self.at(since))
