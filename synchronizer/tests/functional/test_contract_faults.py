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

"""The contract of a service that is killed, and of a cloud that lies."""

import contextlib
import os
import signal

from synchronizer import exception
from synchronizer.tests.functional import contract
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import raw as raw_module

INSTANCE, HOST, ZONE = 'nova.instance', 'nova.host', 'nova.zone'


class LifeTest(contract.ContractCase):

    sizes = {'servers': 30}

    def positions(self):
        return {type_: (s['epoch'], s['revision'])
                for type_, s in self.raw.describe().items()}

    def restarted(self, end):
        """Answers again, with a sweep of the new process."""
        marker = self.raw.call('get_all', limit=3)['marker']
        following = self.raw.call('get_all', marker=marker, limit=3)
        before = self.raw.describe()
        end()
        # never `starting`, from the first answer on
        states = set()

        def swept():
            with self.no_answer():
                found = self.raw.describe(timeout=2)
                states.update(s['state'] for s in found.values())
                return all(s['collected_at'] > before[t]['collected_at']
                           for t, s in found.items())
        daemon_module.until(swept, 'sweeps of the new process')
        self.assertNotIn('starting', states)
        reply = self.raw.call('get_all', marker=marker, limit=3)
        self.assertEqual(following, reply)

    def test_a_restart_goes_on_where_it_was(self):
        before = self.positions()
        entities = [p['entities'] for p in self.raw.pages()]

        def end():
            self.daemon.process.send_signal(signal.SIGTERM)
            self.assertEqual(0, self.daemon.await_end())
            self.daemon.start()
        self.restarted(end)
        self.assertEqual(before, self.positions())
        self.assertEqual(entities, [p['entities'] for p in self.raw.pages()])

    def test_killed_workers_go_on_where_they_were(self):
        before = self.positions()

        def kill():
            for pid in self.daemon.workers().values():
                os.kill(pid, signal.SIGKILL)
        self.restarted(kill)
        self.assertEqual(before, self.positions())

    def test_what_happened_while_it_was_down_is_announced(self):
        ids = sorted(self.cloud.truth()[INSTANCE])[:3]
        before = self.positions()[INSTANCE]

        def end():
            for pid in self.daemon.family():
                os.kill(pid, signal.SIGKILL)
            self.daemon.process.wait()
            for id_ in ids[:2]:
                self.cloud.delete_server(id_)
            self.cloud.rename(ids[2], 'while down')
            self.cloud.boot('while down')
            self.daemon.start()
        self.restarted(end)
        changes = self.raw.journal(INSTANCE, before[1], before[0])
        self.assertEqual(
            [('created', 'startup'), ('deleted', 'startup'),
             ('deleted', 'startup'), ('updated', 'startup')],
            sorted((c['action'], c['cause']) for c in changes))
        copy = raw_module.Copy().apply(self.raw.journal(INSTANCE))
        self.assertEqual([], copy.faults)
        self.assert_same(self.raw.all(INSTANCE)[0], copy.entities)

    def test_consumers_come_and_go(self):
        """Many topics are left at once; those who come later hear all."""
        for types in ((INSTANCE, HOST), contract.TYPES):
            for _ in range(2):
                ears = [raw_module.Ear(self.raw, type_) for type_ in types]
                try:
                    for ear in ears:
                        ear.wait_bookmarks(1)
                finally:
                    for ear in ears:
                        ear.stop()


class LiesTest(contract.ContractCase):

    sizes = {'servers': 60}
    more = contract.QUIET.replace('timeout = 8', 'timeout = 4')

    def setUp(self):
        super().setUp()
        self.addCleanup(self.server.faults.clear)

    def ask_for_a_sweep(self, *types):
        """One that need not be whole."""
        with contextlib.suppress(exception.TooStale):
            self.raw.call('get_all', types=list(types), limit=1, max_age=0)

    def head(self, type_):
        stream = self.raw.describe()[type_]
        return stream['revision'], stream['entities']

    def test_an_empty_listing_deletes_nothing(self):
        self.raw.sweep(INSTANCE)
        before = self.head(INSTANCE)
        seen = self.raw.describe()[INSTANCE]['collected_at']
        ear = self.ear(INSTANCE)
        self.server.faults.add('empty', '/servers/detail')
        self.ask_for_a_sweep(INSTANCE)
        self.await_states('suspect', INSTANCE)
        asked = self.asked('/servers/{key}')
        ear.wait_bookmarks(4)
        stream = self.raw.describe()[INSTANCE]
        self.assertEqual(('suspect', seen),
                         (stream['state'], stream['collected_at']))
        self.assertTrue(stream['error'])
        self.assertEqual('suspect', ear.wait_bookmarks(1)[-1][1]['state'])
        self.assertLess(0, asked)
        self.server.faults.clear()
        self.await_states('live', INSTANCE)
        self.assertEqual(before, self.head(INSTANCE))

    def test_ten_deletions_are_announced_after_one_sweep(self):
        self.raw.sweep(INSTANCE)
        revision, entities = self.head(INSTANCE)
        gone = sorted(self.cloud.truth()[INSTANCE])[:10]
        for id_ in gone:
            self.cloud.delete_server(id_)
        listed = self.asked('/servers/detail')
        self.raw.sweep(INSTANCE)
        changes = self.raw.journal(INSTANCE, revision)
        self.assertEqual(gone, sorted(
            c['entity']['id'] for c in changes if c['action'] == 'deleted'))
        self.assertEqual(10, len(changes))
        self.assertEqual({'sweep'}, {c['cause'] for c in changes})
        # one listing, and one look at the scope for each that is absent
        self.assertLessEqual(self.asked('/servers/detail') - listed, 11)

    def test_a_true_deletion_of_most_is_announced_in_the_end(self):
        for _ in range(40):
            self.cloud.boot('many')
        self.raw.sweep(INSTANCE)
        revision, _ = self.head(INSTANCE)
        gone = [id_ for id_, row in self.cloud.truth()[INSTANCE].items()
                if row['name'] == 'many']
        for id_ in gone:
            self.cloud.delete_server(id_)
        self.raw.sweep(INSTANCE)
        changes = self.raw.journal(INSTANCE, revision)
        self.assertEqual(sorted(gone), sorted(
            c['entity']['id'] for c in changes))
        self.assertEqual('live', self.raw.state(INSTANCE))

    def down(self, cell='cell1'):
        """The cell is down, and what Nova shows of zones lacks its hosts:
        it makes them of the services that answer."""
        self.cloud.cell_down(cell)
        self.addCleanup(self.up, cell)
        hosts = {row['host'] for row in self.cloud.rows('nova.service')
                 if row['cell'] == cell}
        self.zones = self.cloud.rows(ZONE)
        for row in self.zones:
            self.cloud.put(ZONE, row['name'], {**row, 'hosts': {
                host: of for host, of in row['hosts'].items()
                if host not in hosts}})

    def up(self, cell='cell1'):
        if cell in self.cloud.down_cells:
            for row in self.zones:
                self.cloud.put(ZONE, row['name'], row)
            self.cloud.cell_up(cell)

    def test_a_down_cell_deletes_and_updates_nothing(self):
        types = (INSTANCE, HOST, 'nova.service')
        self.raw.sweep(*types)
        before = {t: self.head(t) for t in types}
        seen = self.raw.describe()
        hidden = [row['id'] for row in self.cloud.live(INSTANCE)
                  if row['cell'] == 'cell1']
        self.down()
        self.ask_for_a_sweep(*types)
        self.await_states('degraded', *types)
        found = self.raw.describe()
        for type_ in types:
            self.assertTrue(found[type_]['error'])
            self.assertEqual(seen[type_]['collected_at'],
                             found[type_]['collected_at'])
        # what is in the other cell goes on
        other = next(row['id'] for row in self.cloud.live(INSTANCE)
                     if row['cell'] == 'cell2')
        self.cloud.delete_server(hidden[0])
        self.cloud.rename(other, 'seen')
        daemon_module.until(
            lambda: self.head(INSTANCE)[0] == before[INSTANCE][0] + 1,
            'what is in the other cell')
        for type_ in types[1:]:
            self.assertEqual(before[type_], self.head(type_))
        self.up()
        self.await_states('live', *types)
        changes = self.raw.journal(INSTANCE, before[INSTANCE][0])
        self.assertEqual([('updated', other), ('deleted', hidden[0])],
                         [(c['action'], c['entity']['id'])
                          for c in changes])

    def test_a_down_cell_does_not_take_its_hosts_from_the_zones(self):
        self.raw.sweep(ZONE)
        before = self.head(ZONE)
        self.down()
        self.ask_for_a_sweep(ZONE)
        self.await_states('degraded', ZONE)
        self.up()
        self.raw.sweep(ZONE)
        self.assertEqual([], [
            (c['action'], c['entity']['id'], c['changed'])
            for c in self.raw.journal(ZONE, before[0])])

    def test_a_cell_that_comes_back_in_mid_listing(self):
        """Its services said UNKNOWN, its hypervisors say all."""
        self.raw.sweep(HOST)
        before = self.head(HOST)
        self.addCleanup(self.up)
        self.cloud.cell_down('cell1')
        self.zones = []
        self.server.faults.add('call', '/os-hypervisors', times=1,
                               fn=lambda path: self.cloud.cell_up('cell1'))
        self.ask_for_a_sweep(HOST)
        self.raw.sweep(HOST)
        self.await_states('live', HOST)
        self.assertEqual(
            [], [(c['action'], c['entity']['id'], c['changed'])
                 for c in self.raw.journal(HOST, before[0])])
