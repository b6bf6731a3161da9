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

"""The contract of a store as tests, to be run over every driver.

Mix it in before a test case that has `new_store(clock)`.
"""

import concurrent.futures
import datetime
import itertools
import json
import threading

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model.initiator import Initiator
from synchronizer.store import base as store_base

TYPE, OTHER = 'nova.instance', 'cinder.volume'
NOON = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
SAMPLED = '2026-11-20T11:59:59.000000Z'
PLENTY = 4 << 20
WHO = Initiator('user', 'project', 'req-1')
STORED = store_base.Stored('1:d', 's')
REWRITTEN = store_base.Stored('2:d', 't')

# the order of code points is the order of UTF-8, and nobody's collation
ORDERED = ['', ' ', 'A', 'A ', 'A  ', 'A\x1f', 'A!', 'B', 'Z', 'a', 'a ',
           'a-', 'a/b', 'aa', 'b', 'ss', '\xc4', '\xdf', '\xe4', 'e\u0301',
           '\xe9', '\u4e2d', '\uffee', '\U0001f600', '\U0001f601']
ORDERED.sort(key=lambda id_: id_.encode())
# what no database takes as it is
ODD = sorted(['x\x00', 'x\x00y', 'x', 'x\x01', 'x\x01\x02', 'x\x02',
              'x\ud7ff', 'x\ud800', 'x\udfff', 'x\ue000', "x'", 'x"',
              'x\\', 'x%s', 'x%', 'x:y', 'x\n', 'x\t'])


class Clock:
    """Stands still until it is told to move."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def forward(self, **delta):
        self.now += datetime.timedelta(**delta)


def entity(id_='a', type_=TYPE, **fields):
    fields = {'name': 'web-1', 'project_id': 'p', 'user_id': 'u',
              'state': 'ACTIVE', 'sampled_at': SAMPLED,
              'relations': (entity_module.Relation(
                  'runs-on', 'nova.host', 'cmp-17'),),
              'attributes': {'id': id_, 'n': 1, 'deep': {'list': [1, None]}},
              **fields}
    return entity_module.Entity(type_, id_, **fields)


def write(action, id_='a', type_=TYPE, changed=(), cause='sweep',
          stored=STORED, before=None, initiator=None, **fields):
    given = entity(id_, type_, **fields)
    return store_base.Write(given, stored, change_module.Change(
        action, given, cause, changed, initiator=initiator), before)


def created(id_='a', **fields):
    return write('created', id_, **fields)


def updated(id_='a', changed=('state',), **fields):
    return write('updated', id_, changed=changed, **fields)


def deleted(id_='a', **fields):
    return write('deleted', id_, **fields)


def rewrite(id_='a', stored=REWRITTEN, **fields):
    return store_base.Write(entity(id_, **fields), stored)


class StoreSuite:
    """Every sentence of the contract."""

    def setUp(self):
        super().setUp()
        self.clock = Clock()
        self.store = self.new_store(self.clock)
        self.store.ensure([store_base.StreamSpec(TYPE, 'nova', 600),
                           store_base.StreamSpec(OTHER, 'cinder', 60.5)])

    # helpers

    def row(self, type_=TYPE):
        return self.store.streams([type_])[type_]

    def commit(self, *writes, type_=TYPE):
        claim = self.store.claim(type_, 'me')
        return self.store.commit(claim, writes)

    def ids(self, *arguments):
        return [(found.type, found.id)
                for found in self.store.page(*arguments)]

    def journal(self, type_=TYPE, since=0, limit=10000):
        return self.store.changes_since(
            type_, self.row(type_).epoch, since, limit, 1 << 30)[1]

    # streams

    def test_a_new_stream(self):
        row = self.row()
        self.assertEqual(
            ('nova', 0, 0, None, None, 'starting', None, False, 600.0, 0, 1,
             0, 0),
            (row.plugin, row.revision, row.term, row.owner, row.collected_at,
             row.state, row.error, row.paused, row.interval, row.entities,
             row.oldest_revision, row.sweeps_requested, row.sweeps_served))
        self.assertNotEqual('', row.epoch)
        self.assertNotEqual(row.epoch, self.row(OTHER).epoch)
        self.assertEqual(60.5, self.row(OTHER).interval)

    def test_ensure_keeps_what_is(self):
        self.commit(created())
        before = self.row()
        self.store.ensure([store_base.StreamSpec(TYPE, 'nova2', 30),
                           store_base.StreamSpec('nova.host', 'nova', 5)])
        after = self.row()
        self.assertEqual(('nova2', 30.0), (after.plugin, after.interval))
        self.assertEqual(
            (before.epoch, before.revision, before.term, before.entities),
            (after.epoch, after.revision, after.term, after.entities))
        self.assertEqual([OTHER, 'nova.host', TYPE],
                         list(self.store.streams()))

    def test_streams_leaves_out_what_is_unknown(self):
        self.assertEqual([TYPE], list(self.store.streams([TYPE, 'x.y'])))
        for odd in (TYPE + ' ', TYPE.upper(), TYPE[:-1], ''):
            self.assertEqual({}, self.store.streams([odd]))
        self.assertEqual({}, self.store.streams([]))

    def test_the_secret_stays(self):
        secret = self.store.secret()
        self.assertEqual((bytes, 32), (type(secret), len(secret)))
        self.assertEqual(secret, self.store.secret())

    # claims and terms

    def test_a_claim_raises_the_term(self):
        first = self.store.claim(TYPE, 'one')
        second = self.store.claim(TYPE, 'two')
        row = self.row()
        self.assertEqual(store_base.Claim(TYPE, 'one', row.epoch, 1, 0),
                         first)
        self.assertEqual(store_base.Claim(TYPE, 'two', row.epoch, 2, 0),
                         second)
        self.assertEqual(('two', 2), (row.owner, row.term))
        self.assertEqual(0, self.row(OTHER).term)

    def test_a_claim_of_an_unknown_stream(self):
        self.assertRaises(exception.UnknownType, self.store.claim, 'x.y',
                          'me')

    def test_concurrent_claims_get_different_terms(self):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            claims = list(pool.map(
                lambda number: self.store.claim(TYPE, f'o{number}'),
                range(18)))
        self.assertEqual(list(range(1, 19)), sorted(c.term for c in claims))
        last = max(claims, key=lambda claim: claim.term)
        self.assertEqual((last.owner, 18),
                         (self.row().owner, self.row().term))

    def test_an_old_term_is_fenced(self):
        old = self.store.claim(TYPE, 'one')
        new, _ = self.store.commit(self.store.claim(TYPE, 'two'),
                                   [created('b')])
        before = self.row()
        for action in (
                lambda: self.store.commit(old, [created()]),
                lambda: self.store.commit(old, [rewrite('b', name='x')]),
                lambda: self.store.commit(old, []),
                lambda: self.store.report(old, 'live', None, SAMPLED, 3)):
            self.assertRaises(exception.Fenced, action)
        self.assertEqual(before, self.row())
        self.assertEqual(['b'], [c.id for c in self.journal()])
        self.assertEqual('web-1', self.store.entities(
            TYPE, ['b'])['b'][0].name)
        self.store.commit(new, [created()])

    def test_two_writers_one_is_fenced(self):
        """Both commit as fast as they can; the revisions stay dense."""
        claims = {'one': self.store.claim(TYPE, 'one')}
        took_over = threading.Event()

        def first():
            claim, done = claims['one'], []
            while True:
                try:
                    claim, changes = self.store.commit(
                        claim, [created(f'1-{claim.revision}')])
                except exception.Fenced:
                    return done
                done += changes
                if len(done) == 5:
                    took_over.set()

        def second():
            took_over.wait(30)
            claim, done = self.store.claim(TYPE, 'two'), []
            for number in range(5):
                claim, changes = self.store.commit(
                    claim, [created(f'2-{number}')])
                done += changes
            return done

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(first), pool.submit(second)]
            told = [change for run in runs for change in run.result(60)]
        self.assertEqual(told, self.journal())
        self.assertEqual(len(told), self.row().entities)

    def test_claims_of_no_stream_are_fenced(self):
        claim = store_base.Claim('x.y', 'me', 'e', 1, 0)
        self.assertRaises(exception.Fenced, self.store.commit, claim,
                          [created(type_='x.y')])
        self.assertRaises(exception.Fenced, self.store.report, claim,
                          'live', None)

    def test_report(self):
        claim = self.store.claim(TYPE, 'me')
        self.store.report(claim, 'live', None, SAMPLED, 4)
        row = self.row()
        self.assertEqual(
            ('live', None, SAMPLED, 4),
            (row.state, row.error, row.collected_at, row.sweeps_served))
        self.store.report(claim, 'degraded', 'n\xf6 \U0001f600\x00\ud800')
        row = self.row()
        self.assertEqual(
            ('degraded', 'n\xf6 \U0001f600\x00\ud800', SAMPLED, 4),
            (row.state, row.error, row.collected_at, row.sweeps_served))
        self.store.report(claim, 'live', None, sweeps_served=0)
        self.assertEqual((None, 0), (self.row().error,
                                     self.row().sweeps_served))
        self.assertEqual(0, self.row().revision)
        # the same once more is no reason to be fenced
        self.store.report(claim, 'live', None, sweeps_served=0)

    def test_a_report_needs_no_newest_claim(self):
        claim = self.store.claim(TYPE, 'me')
        self.store.commit(claim, [created()])
        self.store.report(claim, 'live', None)
        self.assertEqual('live', self.row().state)

    # budgets of requests

    def test_slots_follow_each_other(self):
        """Whatever clock the store goes by: an hour is a long time."""
        rate = 1 / 3600
        self.assertEqual(0, self.store.reserve('nova', 1, rate))
        second = self.store.reserve('nova', 3, rate)
        third = self.store.reserve('nova', 1, rate)
        self.assertTrue(3000 < second <= 3600, second)
        self.assertTrue(4 * 3600 - 600 < third <= 4 * 3600, third)
        # each service has its own
        self.assertEqual(0, self.store.reserve('cinder', 1, rate))

    def test_a_budget_that_was_not_used_is_not_saved_up(self):
        for _ in range(5):
            self.store.reserve('nova', 1, 1e6)
        self.assertLess(self.store.reserve('nova', 1, 1 / 3600), 600)
        self.assertGreater(self.store.reserve('nova', 1, 1 / 3600), 3000)

    def test_a_budget_far_ahead_begins_anew(self):
        """The clock was set back."""
        self.store.reserve('nova', 10 ** 6, 1)
        self.assertEqual(0, self.store.reserve('nova', 1, 1))

    def test_no_slot_is_given_out_twice(self):
        rate = 1 / 3600
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            waits = sorted(pool.map(
                lambda _: self.store.reserve('nova', 1, rate), range(24)))
        self.assertEqual(
            list(range(24)), [round(wait / 3600) for wait in waits])

    # commits

    def test_revisions_are_dense_and_in_the_order_given(self):
        claim = self.store.claim(TYPE, 'me')
        claim, changes = self.store.commit(
            claim, [created('c'), created('a'), created('b')])
        self.assertEqual([(1, 'c'), (2, 'a'), (3, 'b')],
                         [(c.revision, c.id) for c in changes])
        self.assertEqual((3, 3, 1), (
            claim.revision, self.row().revision, self.row().oldest_revision))
        claim, changes = self.store.commit(
            claim, [deleted('a'), updated('c')])
        self.assertEqual([(4, 'a'), (5, 'c')],
                         [(c.revision, c.id) for c in changes])
        self.assertEqual(5, claim.revision)
        self.assertEqual([1, 2, 3, 4, 5],
                         [c.revision for c in self.journal()])
        self.assertEqual(0, self.row(OTHER).revision)

    def test_what_a_commit_returns_is_what_is_stored(self):
        attributes = {'z': 1.5, 'a': [True, None, 'n\xf6\x00\ud800'], '': {}}
        first = created(attributes=attributes, name=None, cause='startup')
        _, changes = self.commit(first)
        expected = change_module.Change(
            'created', first.entity.stamped(1), 'startup', (),
            self.row().epoch, 1, '2026-11-20T12:00:00.000000Z')
        self.assertEqual((expected,), changes)
        self.assertEqual([expected], self.journal())
        self.assertEqual(
            {'a': (first.entity.stamped(1), first.stored)},
            self.store.entities(TYPE, ['a']))
        self.assertEqual([first.entity.stamped(1)],
                         self.store.page([TYPE], None, 10, PLENTY))

    def test_an_update(self):
        self.commit(created())
        self.clock.forward(microseconds=1)
        _, changes = self.commit(updated(
            state='OFF', sampled_at='later', cause='hint',
            stored=store_base.Stored('1:e', 's2'),
            changed=('state', 'attributes.OS-EXT:x.y')))
        change, = changes
        self.assertEqual(('updated', 2, 'hint', '2026-11-20T12:00:00.000001Z',
                          ('state', 'attributes.OS-EXT:x.y')),
                         (change.action, change.revision, change.cause,
                          change.committed_at, change.changed))
        self.assertEqual(change, self.journal()[-1])
        found, stored = self.store.entities(TYPE, ['a'])['a']
        self.assertEqual(('OFF', 2, 'later'),
                         (found.state, found.revision, found.sampled_at))
        self.assertEqual(store_base.Stored('1:e', 's2'), stored)

    def test_who_did_it(self):
        self.commit(created(initiator=WHO), created('b'))
        _, changes = self.commit(
            updated(initiator=Initiator(request_id='n\xf6 \U0001f600')),
            deleted('b', initiator=WHO))
        self.assertEqual(
            [WHO, None, Initiator(request_id='n\xf6 \U0001f600'), WHO],
            [change.initiator for change in self.journal()])
        self.assertEqual(list(changes), self.journal()[2:])
        self.assertEqual([WHO, None], [
            change.initiator for change in self.store.history(TYPE, 'b', 9)])
        self.assertEqual(1, self.store.entity_at(TYPE, 'b', 2).attributes['n'])

    def test_what_another_did_is_another_commit(self):
        claim = self.store.claim(TYPE, 'me')
        first = self.store.commit(claim, [created(initiator=WHO)])
        self.assertEqual(
            first, self.store.commit(claim, [created(initiator=WHO)]))
        self.assertRaises(exception.Fenced, self.store.commit, claim,
                          [created()])

    def test_a_deleted_entity_stays_as_it_was_known(self):
        self.commit(created())
        last = self.store.entities(TYPE, ['a'])['a'][0]
        _, changes = self.commit(store_base.Write(
            last, store_base.Stored('1:d', 's'),
            change_module.Change('deleted', last, 'sweep')))
        self.assertEqual((2, last, 1), (changes[0].revision,
                                        changes[0].entity,
                                        changes[0].entity.revision))
        self.assertEqual(last, self.journal()[-1].entity)
        self.assertEqual({}, self.store.entities(TYPE, ['a']))
        self.assertEqual([], self.store.page([TYPE], None, 10, PLENTY))
        self.assertEqual(0, self.row().entities)

    def test_a_silent_rewrite_spends_no_revision(self):
        claim, _ = self.commit(created())
        claim, changes = self.store.commit(claim, [rewrite(
            name='new', sampled_at='later', relations=())])
        self.assertEqual((1, ()), (claim.revision, changes))
        found, stored = self.store.entities(TYPE, ['a'])['a']
        self.assertEqual(('new', (), 1, SAMPLED), (
            found.name, found.relations, found.revision, found.sampled_at))
        self.assertEqual(store_base.Stored('2:d', 't'), stored)
        self.assertEqual([('a', stored.digest)], list(self.store.load(TYPE)))
        self.assertEqual(1, len(self.journal()))
        self.assertEqual((1, 1), (self.row().revision, self.row().entities))

    def test_rewrites_among_changes(self):
        claim, _ = self.commit(created('a'), created('b'), created('gone'))
        claim, changes = self.store.commit(claim, [
            rewrite('a', name='A'), updated('b', name='B1'),
            rewrite('b', name='B2', sampled_at='later'),
            deleted('gone'), rewrite('gone'), rewrite('never'),
            rewrite('a', name='A2'), created('c')])
        self.assertEqual([(4, 'b'), (5, 'gone'), (6, 'c')],
                         [(c.revision, c.id) for c in changes])
        self.assertEqual(
            [('a', 'A2', 1, SAMPLED), ('b', 'B2', 4, SAMPLED),
             ('c', 'web-1', 6, SAMPLED)],
            [(e.id, e.name, e.revision, e.sampled_at)
             for e in self.store.page([TYPE], None, 10, PLENTY)])
        self.assertEqual(3, self.row().entities)

    def test_what_comes_to_be_and_lived_is_there_once(self):
        self.commit(created('a'), created('b'), created('c'))
        self.commit(created('a', state='NEW'), created('d'))
        self.commit(created('b', state='NEW'), updated('b', state='ON'))
        self.commit(created('c'), deleted('c'))
        self.assertEqual(
            [('a', 'NEW', 4), ('b', 'ON', 7), ('d', 'ACTIVE', 5)],
            [(e.id, e.state, e.revision)
             for e in self.store.page([TYPE], None, 10, PLENTY)])
        self.assertEqual((9, 3), (self.row().revision, self.row().entities))

    def test_one_id_several_times_in_a_commit(self):
        self.commit(created('a'), updated('a', state='OFF'), deleted('a'),
                    created('a', state='NEW'), created('b'), deleted('b'))
        self.assertEqual(
            ['created', 'updated', 'deleted', 'created', 'created',
             'deleted'], [c.action for c in self.journal()])
        self.assertEqual(
            [('a', 'NEW', 4)],
            [(e.id, e.state, e.revision)
             for e in self.store.page([TYPE], None, 10, PLENTY)])
        self.assertEqual(1, self.row().entities)

    def test_an_empty_commit_checks_the_term_only(self):
        claim = self.store.claim(TYPE, 'me')
        self.assertEqual((claim, ()), self.store.commit(claim, []))

    def test_a_write_of_another_type_is_refused(self):
        claim = self.store.claim(TYPE, 'me')
        self.assertRaises(ValueError, self.store.commit, claim,
                          [created(), created('b', type_=OTHER)])
        self.assertEqual(0, self.row().revision)

    def test_a_commit_made_again_is_not_made_twice(self):
        claim = self.store.claim(TYPE, 'me')
        writes = [created('a'), created('b')]
        first = self.store.commit(claim, writes)
        self.clock.forward(seconds=9)
        # equal but other objects, as another try would build them
        again = self.store.commit(claim, [created('a'), created('b')])
        self.assertEqual(first, again)
        self.assertEqual((2, 2), (self.row().revision, self.row().entities))
        self.assertEqual(list(first[1]), self.journal())

    def test_other_writes_on_a_used_claim_are_fenced(self):
        claim = self.store.claim(TYPE, 'me')
        newer, _ = self.store.commit(claim, [created('a')])
        for writes in ([created('b')], [created('a', state='OFF')],
                       [created('a', cause='hint')],
                       [created('a', stored=store_base.Stored('x', 's'))],
                       [created('a'), created('b')], []):
            self.assertRaises(exception.Fenced, self.store.commit, claim,
                              writes)
        self.assertEqual(1, self.row().revision)
        self.store.commit(newer, [created('b')])
        self.assertRaises(exception.Fenced, self.store.commit, claim,
                          [created('a')])

    def test_a_claim_from_the_future_is_fenced(self):
        claim = self.store.claim(TYPE, 'me')
        ahead = store_base.Claim(TYPE, 'me', claim.epoch, claim.term, 7)
        self.assertRaises(exception.Fenced, self.store.commit, ahead,
                          [created()])

    def test_a_thousand_and_ten_thousand_in_one_commit(self):
        claim = self.store.claim(TYPE, 'me')
        for count in (1000, 10000):
            claim, changes = self.store.commit(
                claim, [created(f'{count}-{n:05}') for n in range(count)])
            self.assertEqual(count, len(changes))
        self.assertEqual((11000, 11000),
                         (self.row().revision, self.row().entities))
        self.assertEqual(11000, len(dict(self.store.load(TYPE))))
        self.store.commit(claim, [deleted(f'10000-{n:05}')
                                  for n in range(10000)])
        self.assertEqual((21000, 1000),
                         (self.row().revision, self.row().entities))

    def test_nothing_is_shared_with_callers(self):
        attributes = {'list': [1], 'deep': {'a': 1}}
        _, changes = self.commit(created(attributes=attributes))
        attributes['list'].append(2)
        changes[0].entity.attributes['deep']['a'] = 9
        plain = {'list': [1], 'deep': {'a': 1}}
        for read in (
                lambda: self.store.entities(TYPE, ['a'])['a'][0],
                lambda: self.store.page([TYPE], None, 1, PLENTY)[0],
                lambda: self.journal()[0].entity,
                lambda: self.store.history(TYPE, 'a', 1)[0].entity):
            read().attributes['list'].append(3)
            self.assertEqual(plain, read().attributes)

    # ids

    def test_ids_are_compared_byte_by_byte(self):
        self.commit(*(created(id_, name=id_)
                      for id_ in reversed(ORDERED + ODD)))
        expected = sorted(ORDERED + ODD)
        page = self.store.page([TYPE], None, 1000, PLENTY)
        self.assertEqual(expected, [e.id for e in page])
        self.assertEqual(expected, [e.name for e in page])
        self.assertEqual(expected, sorted(
            id_ for id_, _ in self.store.load(TYPE)))
        for id_ in expected:
            self.assertEqual([id_], list(self.store.entities(TYPE, [id_])))
            self.assertEqual([id_], [
                c.id for c in self.store.history(TYPE, id_, 10)])
        for number, id_ in enumerate(expected):
            self.assertEqual(expected[number + 1:number + 3], [
                e.id for e in self.store.page([TYPE], (TYPE, id_), 2,
                                              PLENTY)])

    def test_only_the_very_id_is_deleted(self):
        self.commit(*map(created, ['a', 'a ', 'A', '\xe4', 'a\u0308']))
        self.commit(deleted('a'), deleted('\xe4'))
        self.assertEqual(['A', 'a ', 'a\u0308'], [
            e.id for e in self.store.page([TYPE], None, 10, PLENTY)])
        self.assertEqual(3, self.row().entities)

    def test_long_ids(self):
        ids = ['\U0001f600' * 512, '\U0001f600' * 511 + 'a', 'a' * 512]
        self.commit(*map(created, ids))
        self.assertEqual(set(ids), set(self.store.entities(TYPE, ids)))
        self.assertEqual(1, len(self.store.history(TYPE, ids[0], 5)))

    def test_long_texts(self):
        big = '\U0001f600"\\' * 40000
        self.commit(created(name=big, attributes={'big': big}))
        found, = self.store.page([TYPE], None, 10, 10)
        self.assertEqual((big, big), (found.name, found.attributes['big']))

    def test_the_same_id_in_two_streams(self):
        self.commit(created('a', name='i'))
        self.commit(created('a', name='v', type_=OTHER), type_=OTHER)
        self.commit(deleted('a'))
        self.assertEqual('v', self.store.entities(OTHER, ['a'])['a'][0].name)
        self.assertEqual({}, self.store.entities(TYPE, ['a']))
        self.assertEqual([], self.store.history('x.y', 'a', 5))
        self.assertEqual({}, self.store.entities('x.y', ['a']))
        self.assertEqual([], list(self.store.load('x.y')))

    # pages

    def test_pages_are_in_order_of_type_and_id(self):
        self.commit(created('b'), created('a'))
        self.commit(created('z', type_=OTHER), created('y', type_=OTHER),
                    type_=OTHER)
        every = [(OTHER, 'y'), (OTHER, 'z'), (TYPE, 'a'), (TYPE, 'b')]
        for types in ([OTHER, TYPE], [TYPE, OTHER], [TYPE, OTHER, TYPE],
                      [TYPE, 'x.y', OTHER, 'a.b']):
            self.assertEqual(every, self.ids(types, None, 10, PLENTY))
            for start in range(4):
                self.assertEqual(
                    every[start + 1:start + 3],
                    self.ids(types, every[start], 2, PLENTY))
        self.assertEqual(every[2:], self.ids([TYPE], (OTHER, 'y'), 9, PLENTY))
        self.assertEqual(every[2:], self.ids(
            [TYPE, OTHER], ('d.e', ''), 9, PLENTY))
        self.assertEqual([], self.ids([OTHER], (TYPE, 'a'), 9, PLENTY))
        self.assertEqual([], self.ids([], None, 9, PLENTY))
        self.assertEqual(every[:3], self.ids([TYPE, OTHER], None, 3, PLENTY))

    def test_pages_are_bounded_in_bytes(self):
        def sized(id_, size, **fields):
            return created(id_, attributes={'x': 'y' * size}, **fields)
        self.commit(*(sized(id_, 10000) for id_ in 'ab'),
                    sized('c', 50000), sized('d', 10))
        self.commit(sized('v', 10000, type_=OTHER), type_=OTHER)
        both = [TYPE, OTHER]
        # each is of about 11000 on the wire
        self.assertEqual([(OTHER, 'v')], self.ids(both, None, 9, 20000))
        self.assertEqual([(OTHER, 'v'), (TYPE, 'a')],
                         self.ids(both, None, 9, 30000))
        self.assertEqual([(TYPE, 'a'), (TYPE, 'b')],
                         self.ids([TYPE], None, 9, 30000))
        # one in any case, and what is behind a large one waits for it
        self.assertEqual([(TYPE, 'c')],
                         self.ids([TYPE], (TYPE, 'b'), 9, 1))
        self.assertEqual([(TYPE, 'b')],
                         self.ids([TYPE], (TYPE, 'a'), 9, 30000))

    def test_a_page_on_the_wire_is_within_its_bound(self):
        odd = {'q"q\\': ['"\\', '\xe4\u4e2d', {'a': 1, 'b': [1, 2]}]}
        self.commit(*(created(f'{n:03}', name='"' * 99, attributes=odd)
                      for n in range(200)))
        page = self.store.page([TYPE], None, 1000, 100000)
        self.assertLess(20, len(page))
        shown = [{'type': e.type, 'id': e.id, 'name': e.name,
                  'project_id': e.project_id, 'user_id': e.user_id,
                  'state': e.state, 'revision': e.revision,
                  'sampled_at': e.sampled_at, 'relations': [
                      {'kind': r.kind, 'type': r.type, 'id': r.id}
                      for r in e.relations],
                  'attributes': e.attributes} for e in page]
        self.assertGreater(100000, len(json.dumps(json.dumps(shown))))

    def test_load(self):
        self.assertEqual([], list(self.store.load(TYPE)))
        self.commit(created('b', stored=store_base.Stored('1:b', 'sb')),
                    created('a', stored=store_base.Stored('1:a', 'sa')))
        self.assertEqual({'a': '1:a', 'b': '1:b'},
                         dict(self.store.load(TYPE)))

    def test_entities_of_many_ids(self):
        self.commit(*(created(f'{n}') for n in range(1200)))
        wanted = [f'{n}' for n in range(600, 1800)]
        self.assertEqual(
            set(wanted[:600]),
            set(self.store.entities(TYPE, iter(wanted + wanted))))
        self.assertEqual({}, self.store.entities(TYPE, []))

    # the journal

    def test_changes_since(self):
        _, changes = self.commit(*(created(f'{n}') for n in range(5)))
        epoch = self.row().epoch
        self.commit(created('x', type_=OTHER), type_=OTHER)
        for since, limit, max_bytes in itertools.product(
                range(6), (3, 1), (PLENTY, 1)):
            some = limit if max_bytes == PLENTY else 1
            self.assertEqual(
                (5, list(changes[since:since + some])),
                self.store.changes_since(
                    TYPE, epoch, since, limit, max_bytes))

    def test_changes_since_is_bounded_in_bytes(self):
        self.commit(*(created(f'{n}', attributes={'x': 'y' * 10000})
                      for n in range(5)))
        for max_bytes, revisions in ((1, [2]), (30000, [2, 3]),
                                     (PLENTY, [2, 3, 4, 5])):
            head, changes = self.store.changes_since(
                TYPE, self.row().epoch, 1, 9, max_bytes)
            self.assertEqual((5, revisions),
                             (head, [c.revision for c in changes]))

    def test_a_position_that_is_not_in_the_journal(self):
        self.commit(*(created(f'{n}') for n in range(5)))
        epoch = self.row().epoch
        self.store.trim(TYPE, '', 2)
        self.assertEqual((5, 2), (
            self.store.changes_since(TYPE, epoch, 3, 9, PLENTY)[0],
            len(self.journal(since=3))))
        for since in (2, 0, -1, 6):
            self.assertRaises(
                exception.ResyncRequired, self.store.changes_since,
                TYPE, epoch, since, 9, PLENTY)
        for wrong in ('', epoch + ' ', epoch.upper() + 'X'):
            self.assertRaises(
                exception.ResyncRequired, self.store.changes_since,
                TYPE, wrong, 5, 9, PLENTY)
        self.assertRaises(exception.UnknownType, self.store.changes_since,
                          'x.y', epoch, 0, 9, PLENTY)

    def test_history(self):
        _, changes = self.commit(
            created('a'), created('b'), updated('a'), deleted('a'),
            created('a'), created('a '))
        mine = [change for change in changes[::-1] if change.id == 'a']
        self.assertEqual([5, 4, 3, 1], [c.revision for c in mine])
        self.assertEqual(mine, self.store.history(TYPE, 'a', 100))
        self.assertEqual(mine[:2], self.store.history(TYPE, 'a', 2))
        self.assertEqual([], self.store.history(TYPE, 'x', 100))
        self.store.trim(TYPE, '', 3)
        self.assertEqual(mine[:2], self.store.history(TYPE, 'a', 100))

    # trimming

    def _commit_hourly(self, count):
        claim = self.store.claim(TYPE, 'me')
        for number in range(count):
            claim, _ = self.store.commit(claim, [created(f'{number}')])
            self.clock.forward(hours=1)
        return claim

    def _left(self):
        row = self.row()
        return (row.oldest_revision, [
            c.revision for c in self.journal(
                since=row.oldest_revision - 1)])

    def test_trim_by_time(self):
        self._commit_hourly(6)
        for before, went, left in (
                ('2026-11-20T12:00:00.000000Z', 0, [1, 2, 3, 4, 5, 6]),
                ('2026-11-20T12:00:00.000001Z', 1, [2, 3, 4, 5, 6]),
                ('2026-11-20T15:00:00.000000Z', 2, [4, 5, 6]),
                ('2026-11-20T15:00:00.000000Z', 0, [4, 5, 6])):
            self.assertEqual(went, self.store.trim(TYPE, before, 1000))
            self.assertEqual((left[0], left), self._left())

    def test_trim_by_number(self):
        self._commit_hourly(6)
        for keep, went, left in ((6, 0, [1, 2, 3, 4, 5, 6]),
                                 (5, 1, [2, 3, 4, 5, 6]),
                                 (2, 3, [5, 6]), (9, 0, [5, 6])):
            self.assertEqual(went, self.store.trim(TYPE, '', keep))
            self.assertEqual((left[0], left), self._left())

    def test_trim_by_either(self):
        self._commit_hourly(6)
        self.assertEqual(4, self.store.trim(
            TYPE, '2026-11-20T14:00:00.000000Z', 2))
        self.assertEqual((5, [5, 6]), self._left())

    def test_trim_leaves_no_hole_where_the_clock_went_back(self):
        claim = self.store.claim(TYPE, 'me')
        for hours in (0, 9, -8, -1):
            self.clock.forward(hours=hours)
            claim, _ = self.store.commit(claim, [created(f'{hours}')])
        # committed at 12, 21, 13, 12: the second is within the limits
        self.assertEqual(1, self.store.trim(
            TYPE, '2026-11-20T20:00:00.000000Z', 1000))
        self.assertEqual((2, [2, 3, 4]), self._left())

    def test_trim_to_nothing_and_on(self):
        claim = self._commit_hourly(3)
        self.assertEqual(3, self.store.trim(TYPE, '9', 1000))
        self.assertEqual((4, []), self._left())
        self.assertEqual(3, self.row().entities)
        self.assertEqual((3, []), self.store.changes_since(
            TYPE, self.row().epoch, 3, 9, PLENTY))
        self.assertEqual(0, self.store.trim(TYPE, '9', 0))
        self.store.commit(claim, [created('x')])
        self.assertEqual((4, [4]), self._left())
        self.assertEqual(1, self.store.trim(TYPE, '', 0))
        self.assertEqual((5, []), self._left())

    def test_trim_touches_one_stream(self):
        self.commit(created())
        self.commit(created(type_=OTHER), type_=OTHER)
        self.assertEqual(1, self.store.trim(TYPE, '9', 0))
        self.assertEqual(1, len(self.journal(OTHER)))
        self.assertEqual(1, self.row(OTHER).oldest_revision)
        self.assertRaises(exception.UnknownType, self.store.trim, 'x.y', '9',
                          0)

    def test_trim_many(self):
        self.commit(*(created(f'{n}') for n in range(3500)))
        self.assertEqual(3400, self.store.trim(TYPE, '', 100))
        self.assertEqual((3401, list(range(3401, 3501))), self._left())

    # the past

    def whole(self, type_=TYPE):
        """The stream was seen whole, now."""
        self.store.report(self.store.claim(type_, 'me'), 'live', None,
                          SAMPLED)

    def stamp(self):
        return self.clock.now.strftime('%Y-%m-%dT%H:%M:%S.%fZ')

    def held(self, id_='a'):
        return self.store.entities(TYPE, [id_])[id_][0]

    def at(self, revision, *arguments, type_=TYPE):
        return self.store.entities_at({type_: revision}, *(
            arguments or (None, 1000, PLENTY)))

    def test_the_past_begins_when_the_stream_was_seen_whole(self):
        self.commit(created('a'))
        claim = self.store.claim(TYPE, 'me')
        self.store.report(claim, 'degraded', 'why')
        error = self.assertRaises(exception.BeyondJournal, self.store.at,
                                  TYPE, self.stamp())
        self.assertIsNone(error.since)
        self.clock.forward(hours=1)
        begin = self.stamp()
        for _ in range(2):
            self.store.report(claim, 'live', None, SAMPLED)
            self.clock.forward(hours=1)
        self.assertEqual(1, self.store.at(TYPE, begin))
        error = self.assertRaises(exception.BeyondJournal, self.store.at,
                                  TYPE, SAMPLED)
        self.assertEqual(begin, error.since)
        self.assertIn(f'{TYPE} can be shown as it was since {begin}',
                      str(error))
        self.assertRaises(exception.UnknownType, self.store.at, 'x.y', begin)
        self.store.reset(TYPE)
        self.assertRaises(exception.BeyondJournal, self.store.at, TYPE,
                          begin)

    def test_the_revision_at_a_time(self):
        self.whole()
        begin = self.stamp()
        times = []
        for commit in range(5):
            self.clock.forward(hours=1)
            self.commit(created(f'{commit}-a'), created(f'{commit}-b'))
            times.append(self.stamp())
        self.assertEqual([2, 4, 6, 8, 10],
                         [self.store.at(TYPE, time) for time in times])
        self.assertEqual(0, self.store.at(TYPE, begin))
        self.assertEqual(2, self.store.at(
            TYPE, times[1].replace('14:00:00.000000', '13:59:59.999999')))
        self.assertEqual(10, self.store.at(TYPE, '9999'))

    def test_a_trim_moves_the_beginning(self):
        self.whole()
        claim = self._commit_hourly(4)
        self.store.trim(TYPE, '', 2)
        # the second was at one, and holds until the third
        for time, revision in (('13:00', 2), ('13:59', 2), ('14:00', 3)):
            self.assertEqual(revision, self.store.at(
                TYPE, f'2026-11-20T{time}:00.000000Z'))
        error = self.assertRaises(exception.BeyondJournal, self.store.at,
                                  TYPE, '2026-11-20T12:59:59.999999Z')
        self.assertEqual('2026-11-20T13:00:00.000000Z', error.since)
        self.assertEqual(['0', '1'], [e.id for e in self.at(2)])
        for call in (lambda: self.at(1),
                     lambda: self.store.entity_at(TYPE, '3', 1)):
            error = self.assertRaises(exception.BeyondJournal, call)
            self.assertEqual('2026-11-20T13:00:00.000000Z', error.since)
        self.store.trim(TYPE, '9', 0)
        self.store.commit(claim, [created('x')])
        self.assertEqual(4, self.store.at(TYPE, '2026-11-20T15:30'))
        self.assertEqual(4, len(self.at(4)))

    def test_a_life_looked_back_at(self):
        self.commit(created('a', state='BUILD', sampled_at='1'))
        first = self.held()
        self.commit(updated('a', sampled_at='2', before=first, relations=(),
                            attributes={'id': 'a', 'null': None}))
        second = self.held()
        self.commit(updated('a', sampled_at='3', name=None, before=second,
                            attributes={'id': 'a', 'n': None}))
        third = self.held()
        self.commit(store_base.Write(third, STORED, change_module.Change(
            'deleted', third, 'sweep')))
        self.commit(created('a', sampled_at='4'))
        last = self.held()
        for revision, expected in enumerate(
                ([], [first], [second], [third], [], [last])):
            self.assertEqual(expected, self.at(revision))
            self.assertEqual(
                expected[0] if expected else None,
                self.store.entity_at(TYPE, 'a', revision))
        self.assertIsNone(self.store.entity_at(TYPE, 'b', 3))
        for call in (lambda: self.at(0, type_='x.y'),
                     lambda: self.store.entity_at('x.y', 'a', 0)):
            self.assertRaises(exception.UnknownType, call)

    def test_a_rewrite_does_not_reach_into_the_past(self):
        self.commit(created('a'), created('b'))
        self.commit(rewrite('a', name='A'))
        self.commit(updated('a', name='A', state='OFF', before=self.held()))
        self.commit(rewrite('a', name='AA', state='OFF'),
                    rewrite('b', name='BB'))
        self.assertEqual(
            [('a', 'A', 1), ('b', 'BB', 2)],
            [(e.id, e.name, e.revision) for e in self.at(2)])
        self.assertEqual(('AA', 'OFF'), (self.at(3)[0].name,
                                         self.at(3)[0].state))

    def test_one_commit_that_touches_an_id_twice(self):
        self.commit(created('a', name='1'), updated('a', name='2'),
                    rewrite('a', name='3'), updated('a', name='4'))
        self.assertEqual(
            [(1, '1'), (2, '3'), (3, '4')],
            [(e.revision, e.name) for n in (1, 2, 3) for e in self.at(n)])

    def test_what_an_older_release_wrote(self):
        self.commit(created('a'), created('b'))
        self.clock.forward(hours=1)
        self.commit(updated('b'))
        self.assertEqual('a', self.at(2, None, 1, PLENTY)[0].id)
        self.assertEqual('a', self.store.entity_at(TYPE, 'a', 2).id)
        for call in (lambda: self.at(2),
                     lambda: self.store.entity_at(TYPE, 'b', 2)):
            error = self.assertRaises(exception.BeyondJournal, call)
            self.assertEqual(self.stamp(), error.since)
        self.assertEqual(2, len(self.at(3)))

    def test_pages_of_the_past(self):
        many = [f'{n:04}' for n in range(2500)]
        self.commit(*map(created, many))
        self.commit(*(deleted(id_) for id_ in many[::3]))
        self.commit(*(created(f'{n:04}x') for n in range(2500)))
        self.commit(created('v', type_=OTHER), type_=OTHER)
        whole = {TYPE: 2500, OTHER: 1}
        for limit in (700, 5000):
            found, after = [], None
            while page := self.store.entities_at(whole, after, limit,
                                                 PLENTY):
                self.assertGreaterEqual(limit, len(page))
                found += [(e.type, e.id) for e in page]
                after = found[-1]
            self.assertEqual(
                [(OTHER, 'v')] + [(TYPE, id_) for id_ in many], found)
        self.assertEqual([], self.at(0))
        self.assertEqual([], self.store.entities_at({}, None, 9, PLENTY))
        self.assertEqual('0000', self.store.entities_at(
            whole, ('d.e', ''), 1, PLENTY)[0].id)

    def test_pages_of_the_past_are_bounded_in_bytes(self):
        self.commit(*(created(id_, attributes={'x': 'y' * 10000})
                      for id_ in 'abcd'))
        self.commit(updated('b', before=self.held('b')),
                    deleted('c', attributes={'x': 'y' * 10000}))
        for max_bytes, ids in ((1, 'a'), (20000, 'a'), (30000, 'ab'),
                               (PLENTY, 'abcd')):
            self.assertEqual(list(ids), [
                e.id for e in self.at(4, None, 9, max_bytes)])

    def test_ids_of_the_past_are_compared_byte_by_byte(self):
        expected = sorted(ORDERED + ODD)
        self.commit(*map(created, expected))
        self.commit(*map(deleted, expected[::2]))
        self.assertEqual(expected, [e.id for e in self.at(len(expected))])
        for number, id_ in enumerate(expected):
            self.assertEqual(
                expected[number + 1:number + 3],
                [e.id for e in self.at(
                    len(expected), (TYPE, id_), 2, PLENTY)])
            self.assertEqual(id_, self.store.entity_at(
                TYPE, id_, len(expected)).id)

    # operators

    def test_requests_for_sweeps_are_counted(self):
        self.assertEqual({TYPE: 1, OTHER: 1}, self.store.request_sweep(
            [TYPE, OTHER, 'x.y']))
        self.assertEqual({TYPE: 2}, self.store.request_sweep([TYPE]))
        self.assertEqual((2, 1), (self.row().sweeps_requested,
                                  self.row(OTHER).sweeps_requested))
        self.assertEqual({}, self.store.request_sweep([]))

    def test_requests_at_once_get_their_own_numbers(self):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            numbers = list(pool.map(
                lambda types: self.store.request_sweep(types),
                [[TYPE, OTHER], [OTHER, TYPE]] * 6))
        for type_ in (TYPE, OTHER):
            self.assertEqual(list(range(1, 13)),
                             sorted(got[type_] for got in numbers))

    def test_pause(self):
        self.store.report(self.store.claim(TYPE, 'me'), 'live', None)
        self.store.set_paused(TYPE, True)
        self.store.set_paused(TYPE, True)
        self.assertEqual(('paused', 'live'), (self.row().state,
                                              self.row().collected_state))
        self.assertEqual('starting', self.row(OTHER).state)
        self.store.set_paused(TYPE, False)
        self.assertEqual('live', self.row().state)
        self.assertRaises(exception.UnknownType, self.store.set_paused,
                          'x.y', True)

    def test_reset(self):
        claim, _ = self.commit(created('a'), created('b'))
        self.commit(created(type_=OTHER), type_=OTHER)
        self.store.request_sweep([TYPE])
        self.store.report(claim, 'degraded', 'why', SAMPLED, 1)
        self.store.set_paused(TYPE, True)
        self.store.trim(TYPE, '', 1)
        before, other = self.row(), self.row(OTHER)
        after = self.store.reset(TYPE)
        self.assertEqual(after, self.row())
        self.assertNotEqual(before.epoch, after.epoch)
        self.assertEqual(
            ('nova', 0, before.term + 1, 'me', None, 'starting', None, True,
             600.0, 0, 1, 1, 0),
            (after.plugin, after.revision, after.term, after.owner,
             after.collected_at, after.collected_state, after.error,
             after.paused, after.interval, after.entities,
             after.oldest_revision, after.sweeps_requested,
             after.sweeps_served))
        self.assertEqual([], self.journal())
        self.assertEqual([], self.store.history(TYPE, 'a', 9))
        self.assertEqual([], list(self.store.load(TYPE)))
        self.assertEqual([(OTHER, 'a')],
                         self.ids([TYPE, OTHER], None, 9, PLENTY))
        self.assertEqual(other, self.row(OTHER))
        self.assertRaises(exception.UnknownType, self.store.reset, 'x.y')

    def test_after_a_reset_the_old_owner_is_fenced(self):
        claim, _ = self.commit(created('a'))
        self.store.reset(TYPE)
        self.assertRaises(exception.Fenced, self.store.commit, claim,
                          [created('b')])
        self.assertRaises(exception.Fenced, self.store.report, claim,
                          'live', None)
        claim, changes = self.commit(created('a'))
        self.assertEqual((1, 1, self.row().epoch), (
            claim.revision, changes[0].revision, changes[0].epoch))
        self.assertEqual(1, self.row().entities)

    def test_a_reader_never_sees_half_a_commit(self):
        """Each commit rewrites ten entities; every page shows one of them."""
        claim = self.store.claim(TYPE, 'me')
        claim, _ = self.store.commit(
            claim, [created(f'{n}', state='0') for n in range(10)])
        epoch, done = claim.epoch, threading.Event()

        def read():
            seen = 0
            while not done.is_set() or not seen:
                states = {e.state for e in self.store.page(
                    [TYPE], None, 100, PLENTY)}
                head, changes = self.store.changes_since(
                    TYPE, epoch, claim.revision, 1000, PLENTY)
                held = [c.revision for c in changes]
                if len(states) != 1 or held != list(
                        range(claim.revision + 1, head + 1)) or head % 10:
                    return states, head, held
                seen += 1
            return None

        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            reads = [pool.submit(read) for _ in range(2)]
            last = claim
            for number in range(20):
                last, _ = self.store.commit(last, [
                    updated(f'{n}', state=f'{number}') for n in range(10)])
            done.set()
            self.assertEqual([None, None], [r.result(30) for r in reads])
