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

"""The contract of changes: what is numbered, told, kept and dropped."""

import json
import re

from oslo_config import cfg
import oslo_messaging

from synchronizer import exception
from synchronizer.tests.functional import contract
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import raw as raw_module

INSTANCE = 'nova.instance'
MEBIBYTE = 2 ** 20


class ChangesTest(contract.ContractCase):

    sizes = {'servers': 12}

    def test_every_change_is_complete_and_true(self):
        cloud = self.cloud
        first = self.raw.describe()
        ids = sorted(cloud.truth()[INSTANCE])
        cloud.rename(ids[0], 'renamed')
        cloud.stop(ids[1])
        cloud.migrate(ids[2])
        cloud.resize(ids[3])
        cloud.set_metadata(ids[4], {'a.b/c': '1'})
        cloud.tag(ids[5], 'x')
        cloud.lock_server(ids[6], 'why')
        cloud.delete_server(ids[7])
        cloud.soft_delete(ids[8])
        cloud.shelve(ids[9])
        cloud.boot('new', status='BUILD')
        cloud.service_down('compute-1')
        cloud.disable_service('compute-2', 'broken')
        cloud.create_aggregate('third', 'az3', ['compute-0'])
        cloud.add_host('compute-9', 'cell2')
        self.raw.sweep(*contract.TYPES)
        truth = cloud.truth(nova='2.104')
        for type_ in contract.TYPES:
            changes = self.raw.journal(type_)
            copy = raw_module.Copy(epoch=first[type_]['epoch'])
            copy.apply(changes)
            self.assertEqual([], copy.faults)
            entities, head = self.raw.all(type_)
            self.assertEqual(head['revision'], copy.revision)
            self.assert_same(entities, copy.entities)
            self.assertLessEqual(
                {cause for _, cause in copy.causes}, {'startup', 'sweep'})
            self.assertLessEqual(set(truth[type_]), set(entities))
        # a soft-deleted server left the listing, and is not absent
        entities, _ = self.raw.all(INSTANCE)
        self.assertEqual('SOFT_DELETED', entities[ids[8]]['state'])
        self.assertNotIn(ids[7], entities)
        self.assertEqual({*truth[INSTANCE], ids[8]}, set(entities))

    def test_a_later_sighting_moves_nothing(self):
        self.raw.sweep(*contract.TYPES)
        before = list(self.raw.pages())
        heads = self.raw.describe()
        self.raw.sweep(*contract.TYPES)
        after = self.raw.describe()
        for type_ in contract.TYPES:
            self.assertLess(heads[type_]['collected_at'],
                            after[type_]['collected_at'])
            self.assertEqual(heads[type_]['revision'],
                             after[type_]['revision'])
        self.assertEqual([page['entities'] for page in before],
                         [page['entities'] for page in self.raw.pages()])

    def test_history_is_newest_first(self):
        server = self.cloud.boot('historic')
        for number in range(3):
            self.raw.sweep(INSTANCE)
            self.cloud.rename(server, f'name-{number}')
        self.raw.sweep(INSTANCE)
        self.cloud.delete_server(server)
        self.raw.sweep(INSTANCE)
        wanted = [change for change in self.raw.journal(INSTANCE)
                  if change['entity']['id'] == server][::-1]
        self.assertEqual(['deleted'] + ['updated'] * 3 + ['created'],
                         [change['action'] for change in wanted])
        self.assertIn('name', wanted[1]['changed'])
        self.assertEqual(wanted, self.raw.call(
            'get_history', type=INSTANCE, id=server))
        self.assertEqual(wanted[:2], self.raw.call(
            'get_history', type=INSTANCE, id=server, limit=2))
        self.assertEqual({server: None}, self.raw.call(
            'get', type=INSTANCE, ids=[server]))

    def test_what_is_cast_is_what_the_journal_has(self):
        ear = self.ear(INSTANCE)
        ear.wait_bookmarks(1)
        head = self.raw.describe()[INSTANCE]
        for _ in range(130):
            self.cloud.boot(metadata={'text': '"日' * 1500})
        self.cloud.boot('huge', metadata={'m': 'm' * MEBIBYTE})
        self.raw.sweep(INSTANCE)
        journal = self.raw.journal(INSTANCE, since=head['revision'])
        self.assertLess(130, len(journal))
        ear.wait(lambda _: len(ear.changes()) >= len(journal), 'changes')
        self.assertEqual(journal, ear.changes())
        casts = [said for _, method, said in ear.heard
                 if method == 'changed']
        for said in casts:
            self.assertEqual({'epoch', 'changes'}, set(said))
            self.assertEqual(head['epoch'], said['epoch'])
            self.assertLessEqual(len(said['changes']), 100)
            if len(said['changes']) > 1:
                self.assertLessEqual(len(json.dumps(said)), MEBIBYTE)
        self.assertIn(['huge'], [
            [change['entity']['name'] for change in said['changes']]
            for said in casts])

    def test_bookmarks(self):
        ear = self.ear(INSTANCE)
        self.cloud.boot('marked')
        self.raw.sweep(INSTANCE)
        marks = ear.wait_bookmarks(6)
        for _, said in marks:
            self.assertEqual(raw_module.HEAD, set(said))
        self.assertLess(raw_module.rhythm(marks), 1)
        self.assert_never_below(ear)
        head = self.raw.describe()[INSTANCE]
        self.assertEqual({name: head[name] for name in raw_module.HEAD},
                         ear.wait_bookmarks(1)[-1][1])

    def assert_never_below(self, ear):
        cast = {}
        for _, method, said in ear.heard:
            epoch = said['epoch']
            if method == 'changed':
                cast[epoch] = said['changes'][-1]['revision']
            else:
                self.assertGreaterEqual(said['revision'],
                                        cast.get(epoch, 0))

    def test_reset_begins_a_new_epoch(self):
        type_ = 'nova.flavor'
        ear = self.ear(type_)
        ear.wait_bookmarks(1)
        old = self.raw.describe()[type_]
        marker = self.raw.call('get_all', types=[type_], limit=1)['marker']
        both = self.raw.call('get_all', limit=1)['marker']
        self.manage('stream', 'reset', '--yes', type_)
        for text in (marker, both):
            self.refused(exception.InvalidMarker, 'get_all', marker=text)
        self.refused(exception.ResyncRequired, 'get_changes', type=type_,
                     epoch=old['epoch'], since=old['revision'])
        self.await_states('live', type_)
        new = self.raw.describe()[type_]
        self.assertNotEqual(old['epoch'], new['epoch'])
        self.assertEqual((old['entities'], 1),
                         (new['entities'], new['oldest_revision']))
        changes = self.raw.journal(type_)
        copy = raw_module.Copy(epoch=new['epoch']).apply(changes)
        self.assertEqual([], copy.faults)
        self.assertEqual(new['revision'], copy.revision)
        self.assertEqual({'created'}, {a for a, _ in copy.causes})
        ear.wait(lambda _: len(ear.changes()) >= len(changes), 'changes')
        self.assertEqual(changes, ear.changes())
        self.assert_never_below(ear)

    def test_purge(self):
        type_ = 'nova.aggregate'
        for number in range(4):
            self.cloud.create_aggregate(f'purged-{number}')
        self.raw.sweep(type_)
        marker = self.raw.call('get_all', types=[type_], limit=1)['marker']
        head = self.raw.describe()[type_]
        position = {'type': type_, 'epoch': head['epoch']}
        last = head['revision']
        self.manage('journal', 'purge', '--keep', '2', '--yes', type_)
        self.assertEqual(last - 1,
                         self.raw.describe()[type_]['oldest_revision'])
        self.assertEqual(
            [last - 1, last],
            [c['revision'] for c in self.raw.journal(type_, last - 2)])
        for since in (0, last - 3):
            self.refused(exception.ResyncRequired, 'get_changes',
                         since=since, **position)
        self.manage('journal', 'purge', '--keep', '0', '--yes', type_)
        head = self.raw.describe()[type_]
        self.assertEqual((last, last + 1),
                         (head['revision'], head['oldest_revision']))
        self.assertEqual([], self.raw.journal(type_, last))
        self.refused(exception.ResyncRequired, 'get_changes',
                     since=last - 1, **position)
        one = next(iter(self.raw.all(type_)[0]))
        self.assertEqual([], self.raw.call('get_history', type=type_,
                                           id=one))
        self.raw.call('get_all', marker=marker)
        self.cloud.create_aggregate('after')
        self.raw.sweep(type_)
        self.assertEqual([last + 1], [
            c['revision'] for c in self.raw.journal(type_, last)])


class OtherWaysTest(contract.ContractCase):
    """Looks between sweeps, types that are off, and notifications."""

    sizes = {'servers': 5}
    more = '''
[publisher]
drivers = fanout, notification
[nova]
types = nova.instance, nova.flavor
delta_interval = 0.5
'''

    @classmethod
    def setUpClass(cls):
        # the queue is there first, so that nothing is told to nobody
        cls.told = []
        super().setUpClass()

    @classmethod
    def prepare(cls):
        told = cls.told

        class Endpoint:
            def info(self, ctxt, publisher, event, payload, metadata):
                told.append((event, payload))

            def error(self, ctxt, publisher, event, payload, metadata):
                told.append(('error', payload))

        transport = oslo_messaging.get_notification_transport(
            cfg.CONF, cls.url())
        cls.addClassCleanup(transport.cleanup)
        listener = oslo_messaging.get_notification_listener(
            transport, [oslo_messaging.Target(topic=f'synchronizer.{name}')
                        for name in (INSTANCE, 'nova.flavor')],
            [Endpoint()])
        listener.start()
        cls.addClassCleanup(listener.wait)
        cls.addClassCleanup(listener.stop)

    def test_deltas_and_notifications(self):
        cloud = self.cloud
        old, gone = sorted(cloud.truth()[INSTANCE])[:2]
        new = cloud.boot('delta')
        cloud.rename(old, 'delta')
        cloud.delete_server(gone)
        wanted = {(new, 'created'), (old, 'updated'), (gone, 'deleted')}

        def found():
            journal = self.raw.journal(INSTANCE)
            self.assertEqual([], raw_module.Copy().apply(journal).faults)
            changes = {(c['entity']['id'], c['action']): c['cause']
                       for c in journal if c['cause'] != 'startup'}
            return wanted <= changes.keys() and changes
        changes = daemon_module.until(found, 'deltas')
        self.assertEqual({'delta'}, set(changes.values()))
        journal = self.raw.journal(INSTANCE)

        def told():
            return [(event, said) for event, said in self.told
                    if event.startswith(INSTANCE)]
        daemon_module.until(lambda: len(told()) >= len(journal),
                            'notifications')
        self.assertEqual(
            [(f'{INSTANCE}.{change["action"]}', change)
             for change in journal], told())
        self.assertTrue(all(re.match(
            r'^nova\.(instance|flavor)\.(created|updated|deleted)$', event)
            for event, _ in self.told))

    def test_a_type_that_is_off_is_unknown(self):
        self.assertEqual({INSTANCE, 'nova.flavor'},
                         set(self.raw.describe()))
        self.refused(exception.UnknownType, 'get_all', types=['nova.host'])
        self.refused(exception.UnknownType, 'get', type='nova.host',
                     ids=['a'])
        page = self.raw.call('get_all')
        self.assertEqual({INSTANCE, 'nova.flavor'}, set(page['streams']))
