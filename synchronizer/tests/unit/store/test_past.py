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

"""Whatever happened, each moment can be looked back at."""

import itertools
import os
import tempfile

import hypothesis
from hypothesis import strategies

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.store import base as store_base
from synchronizer.store import engine
from synchronizer.store import memory
from synchronizer.store import queries
from synchronizer.store import sql
from synchronizer.tests import base
from synchronizer.tests import store_suite

IDS = ['a', 'A', 'a ', '\xe4', '\x00']
VALUES = strategies.none() | strategies.integers(0, 3)
# what an id shall be: gone, a value, or a value that is only written
# otherwise than the one before
STEPS = strategies.tuples(
    strategies.sampled_from(['gone', 'value', 'rewrite']), VALUES,
    strategies.dictionaries(strategies.sampled_from('xyz'), VALUES))
COMMITS = strategies.lists(
    strategies.dictionaries(strategies.sampled_from(IDS), STEPS),
    min_size=1, max_size=8)


class History:
    """Writes to a store as a stream's writer does, and remembers."""

    def __init__(self, store, type_):
        self.store, self.type = store, type_
        store.ensure([store_base.StreamSpec(type_, 'x', 1)])
        self.claim = store.claim(type_, 'me')
        store.report(self.claim, 'live', None, store_suite.SAMPLED)
        self.truth = [{}]

    def commit(self, steps):
        known = {id_: held[0] for id_, held in self.store.entities(
            self.type, steps).items()}
        writes = [write for id_, step in steps.items()
                  for write in [self.write(id_, known.get(id_), *step)]
                  if write]
        self.claim, changes = self.store.commit(self.claim, writes)
        for change in changes:
            self.remember(change)

    def write(self, id_, known, what, value, attributes):
        kwargs = {'type_': self.type, 'state': f'{value}',
                  'attributes': attributes, 'sampled_at': f'at {value}'}
        if known is None:
            return None if what != 'value' else store_suite.created(
                id_, **kwargs)
        if what == 'gone':
            return store_base.Write(
                known, store_suite.STORED,
                store_suite.change_module.Change('deleted', known, 'sweep'))
        if what == 'rewrite':
            return store_suite.rewrite(
                id_, type_=self.type, state=known.state,
                attributes={**known.attributes, 'form': value})
        return store_suite.updated(id_, before=known, **kwargs)

    def remember(self, change):
        now = dict(self.truth[-1])
        if change.action == 'deleted':
            del now[change.id]
        else:
            now[change.id] = change.entity
        self.truth.append(now)

    def seen(self, revision, limit, max_bytes):
        """The ids and the fingerprints of then, page by page."""
        found, after = {}, None
        while page := self.store.entities_at(
                {self.type: revision}, after, limit, max_bytes):
            found |= {e.id: plain(e) for e in page}
            after = (self.type, page[-1].id)
        return found


def plain(entity):
    """An entity less what a rewrite in silence may change."""
    attributes = {key: value for key, value in entity.attributes.items()
                  if key != 'form'}
    return (entity.revision, entity.sampled_at, entity_module.digest(
        entity_module.Entity(
            entity.type, entity.id, state=entity.state,
            attributes=attributes)))


class PastTest(base.TestCase):

    timeout = 180

    def setUp(self):
        super().setUp()
        # so that a look often ends in the middle
        self.patch(queries, 'ROW_CHUNK', 2)
        self.names = itertools.count()
        self.clock = store_suite.Clock()
        path = os.path.join(tempfile.mkdtemp(), 'x')
        self.stores = [memory.MemoryStore(self.clock), sql.SqlStore(
            engine.Options(f'sqlite:///{path}'), self.clock)]
        self.addCleanup(self.stores[1].close)

    @hypothesis.given(COMMITS, strategies.integers(1, 6),
                      strategies.integers(0, 3000), strategies.integers(0, 9))
    @hypothesis.settings(deadline=None, max_examples=25)
    def test_every_revision_is_as_it_was(self, commits, limit, max_bytes,
                                         keep):
        for store in self.stores:
            history = History(store, f't.n{next(self.names)}')
            for steps in commits:
                history.commit(steps)
            self.look_back(history, limit, max_bytes)
            store.trim(history.type, '', keep)
            self.look_back(history, limit, max_bytes)

    def look_back(self, history, limit, max_bytes):
        row = history.store.streams([history.type])[history.type]
        for revision, truth in enumerate(history.truth):
            if revision < row.oldest_revision - 1:
                self.assertRaises(exception.BeyondJournal, history.seen,
                                  revision, limit, max_bytes)
                continue
            expected = {id_: plain(e) for id_, e in truth.items()}
            self.assertEqual(expected, history.seen(revision, limit,
                                                    max_bytes))
            for id_ in IDS:
                found = history.store.entity_at(history.type, id_, revision)
                self.assertEqual(expected.get(id_), found and plain(found))
