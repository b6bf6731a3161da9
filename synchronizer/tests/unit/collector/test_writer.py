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

"""Readings become committed changes, or leave no trace."""

from synchronizer import exception
from synchronizer.collector import writer
from synchronizer.model import entity as entity_module
from synchronizer.model.change import CREATED
from synchronizer.model.change import DELETED
from synchronizer.model.change import UPDATED
from synchronizer.model.initiator import Initiator
from synchronizer.model.reading import ABSENT
from synchronizer.model.reading import Reading
from synchronizer.model.reading import Window
from synchronizer.store import base as store_base
from synchronizer.store import memory
from synchronizer.tests import base

TYPE = 'test.thing'


class WriterTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.store = memory.MemoryStore()
        self.store.ensure([store_base.StreamSpec(TYPE, 'test', 600)])
        self.now = 0
        self.writer = self.open()

    def open(self, beside=lambda entity: ()):
        new = writer.StreamWriter(self.store, TYPE, 'host', ('tags',),
                                  beside)
        new.open()
        return new

    def seen(self, id_, shape='2.1', window=None, **attributes):
        self.now += 10
        entity = entity_module.Entity(TYPE, id_, attributes=attributes,
                                      sampled_at=f'at {self.now}')
        return Reading(id_, entity_module.digest(entity, ('tags',), shape),
                       window or Window(self.now, self.now + 1), entity)

    def gone(self, id_, window=None):
        self.now += 10
        return Reading(id_, ABSENT, window or Window(self.now, self.now + 1))

    def take(self, *readings, shape='2.1', to=None):
        return (to or self.writer).take(readings, shape, 'sweep')

    def told(self, *readings, **how):
        return [(change.revision, change.action, change.id, change.changed)
                for change in self.take(*readings, **how).changes]

    def stored(self, id_):
        return self.store.entities(TYPE, [id_])[id_]

    def head(self):
        return self.store.streams([TYPE])[TYPE].revision

    def test_a_life(self):
        self.assertEqual([(1, CREATED, 'a', ())],
                         self.told(self.seen('a', x=1)))
        self.assertEqual([], self.told(self.seen('a', x=1)))
        self.assertEqual([(2, UPDATED, 'a', ('attributes.x',))],
                         self.told(self.seen('a', x=2)))
        self.assertEqual([(3, DELETED, 'a', ())], self.told(self.gone('a')))
        self.assertEqual([(4, CREATED, 'a', ())],
                         self.told(self.seen('a', x=2)))

    def test_a_deletion_bears_the_last_that_was_known(self):
        self.take(self.seen('a', x=1))
        change, = self.take(self.gone('a')).changes
        self.assertEqual((2, 1, 'at 10', {'x': 1}), (
            change.revision, change.entity.revision,
            change.entity.sampled_at, change.entity.attributes))

    def test_one_page_is_one_commit_in_its_order(self):
        self.assertEqual(
            [(1, CREATED, 'c', ()), (2, CREATED, 'a', ()),
             (3, CREATED, 'b', ())],
            self.told(*map(self.seen, 'cab')))

    def test_an_id_that_comes_twice_is_judged_twice(self):
        self.assertEqual(
            [(1, CREATED, 'a', ()), (2, UPDATED, 'a', ('attributes.x',))],
            self.told(self.seen('a', x=1), self.seen('a', x=2)))

    def test_doubts_are_named_and_touch_nothing(self):
        self.take(self.seen('a', x=1, window=Window(10, 20)))
        taken = self.take(self.seen('a', x=2, window=Window(15, 25)),
                          self.seen('b'))
        self.assertEqual((('a',), ['b']), (
            taken.doubts, [change.id for change in taken.changes]))
        self.assertEqual({'x': 1}, self.stored('a')[0].attributes)

    def test_who_did_it_stands_in_his_changes_alone(self):
        who = Initiator('u', 'p', 'req-1')
        by = {'a': who, 'c': who}.get
        for readings in ([self.seen('a'), self.seen('b')],
                         [self.seen('a', x=1), self.seen('b', x=1)],
                         [self.gone('a'), self.gone('b')]):
            taken = self.writer.take(readings, '2.1', 'hint', by)
            self.assertEqual([who, None], [
                change.initiator for change in taken.changes])
        self.assertEqual([who] * 3, [
            change.initiator for change in self.store.history(TYPE, 'a', 9)])

    def test_and_behind_what_hangs_together_with_them(self):
        who = Initiator('u')
        self.writer = self.open(lambda entity: [
            ('t', entity.attributes['host'])])
        taken = self.writer.take(
            [self.seen('a', host='h1'), self.seen('b', host='h1'),
             self.seen('c', host='h2')], '2.1', 'hint', {'a': who}.get)
        self.assertEqual({('t', 'h1'): who, ('t', 'h2'): None}, taken.beside)

    def test_a_list_in_another_order_is_no_change(self):
        self.take(self.seen('a', tags=['x', 'y']))
        self.assertEqual([], self.told(self.seen('a', tags=['y', 'x'])))

    def test_after_a_restart_only_what_differs_is_told(self):
        self.take(self.seen('a', x=1), self.seen('b', x=1))
        other = self.open()
        self.assertEqual(
            [(3, UPDATED, 'b', ('attributes.x',))],
            self.told(self.seen('a', x=1), self.seen('b', x=2), to=other))

    def test_another_shape_is_rewritten_in_silence(self):
        self.take(self.seen('a', x=1))
        other = self.open()
        self.assertEqual([], self.told(
            self.seen('a', x=1, new=1, shape='2.2'), shape='2.2', to=other))
        entity, stored = self.stored('a')
        self.assertEqual((1, 'at 10', {'x': 1, 'new': 1}, '2.2'), (
            entity.revision, entity.sampled_at, entity.attributes,
            stored.shape))
        self.assertEqual([(2, UPDATED, 'a', ('attributes.new',))], self.told(
            self.seen('a', x=1, new=2, shape='2.2'), shape='2.2', to=other))

    def test_an_update_can_be_undone_whatever_the_shape(self):
        self.take(self.seen('a', x=1, old=1))
        first = self.stored('a')[0]
        self.take(self.seen('a', x=2, new=1, shape='2.2'), shape='2.2')
        second = self.stored('a')[0]
        self.take(self.seen('a', x=2, new=1, more=1, shape='2.3'),
                  shape='2.3')
        self.take(self.seen('a', x=3, new=1, more=1, shape='2.3'),
                  shape='2.3')
        self.assertEqual(first, self.store.entity_at(TYPE, 'a', 1))
        rewritten = self.store.entity_at(TYPE, 'a', 2)
        self.assertEqual({**second.attributes, 'more': 1},
                         rewritten.attributes)
        self.assertEqual((2, second.sampled_at), (
            rewritten.revision, rewritten.sampled_at))

    def test_a_change_that_came_with_another_shape_is_told(self):
        self.take(self.seen('a', x=1))
        self.assertEqual([(2, UPDATED, 'a', ('attributes.x',))], self.told(
            self.seen('a', x=2, new=1, shape='2.2'), shape='2.2',
            to=self.open()))

    def test_another_algorithm_announces_nothing(self):
        self.take(self.seen('a', x=1))
        other = self.open()
        reading = self.seen('a', x=1)
        self.assertEqual([], self.told(
            Reading('a', '2:other', reading.window, reading.entity),
            to=other))
        self.assertEqual('2:other', self.stored('a')[1].digest)
        self.assertEqual(1, self.head())

    def test_a_failed_commit_leaves_nothing_and_is_found_anew(self):
        self.take(self.seen('a', x=1))
        for readings in ([self.seen('a', x=2), self.seen('b')],
                         [self.gone('a'), self.seen('b')]):
            self.store.fail_next(
                exception.StoreUnavailable('no disk'), 'commit')
            self.assertRaises(exception.StoreUnavailable,
                              self.take, *readings)
            self.assertEqual(1, self.head())
            self.assertEqual(1, len(self.writer.baseline))
        self.assertEqual(
            [(2, DELETED, 'a', ()), (3, CREATED, 'b', ())],
            self.told(self.gone('a'), self.seen('b')))

    def test_a_commit_whose_answer_was_lost_is_neither_lost_nor_repeated(self):
        self.store.fail_next(exception.StoreUnavailable('gone'), 'commit',
                             after=True)
        self.assertRaises(exception.StoreUnavailable,
                          self.take, self.seen('a', x=1))
        self.assertRaises(exception.Fenced,
                          self.take, self.seen('a', x=1), self.seen('b'))
        self.assertTrue(self.writer.fenced)
        self.writer.open()
        self.assertFalse(self.writer.fenced)
        self.assertEqual([(2, CREATED, 'b', ())], self.told(
            self.seen('a', x=1), self.seen('b')))

    def test_an_old_owner_commits_nothing(self):
        other = self.open()
        self.assertRaises(exception.Fenced, self.take, self.seen('a'))
        self.assertEqual([(1, CREATED, 'a', ())],
                         self.told(self.seen('a'), to=other))

    def test_a_deletion_whose_answer_was_lost(self):
        self.take(self.seen('a'))
        self.store.fail_next(exception.StoreUnavailable('gone'), 'commit',
                             after=True)
        self.assertRaises(exception.StoreUnavailable,
                          self.take, self.gone('a'))
        self.assertRaises(exception.Fenced, self.take, self.gone('a'))
        self.assertTrue(self.writer.fenced)
        self.writer.open()
        self.assertEqual([], self.told(self.gone('a')))
        self.assertEqual(2, self.head())

    def test_an_old_owner_deletes_nothing_twice(self):
        self.take(self.seen('a'))
        other = self.open()
        self.take(self.gone('a'), to=other)
        self.assertRaises(exception.Fenced, self.take, self.gone('a'))
        self.assertTrue(self.writer.fenced)
