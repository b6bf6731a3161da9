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

"""The whole service against a cloud that lives, lies and goes away.

A seeded cloud changes all the time while its answers fail, hang, come late,
cut or empty, cells go down, processes are killed, and broker and database
are restarted. At the end everything is checked against the cloud's true
history: nothing is missing, nothing invented, nothing told out of order.

``SYNCHRONIZER_CHAOS_SECONDS`` makes it longer, ``_SERVERS`` larger and
``_SEED`` another one.
"""

import collections
import os
import random
import signal
import subprocess
import sys
import time

from synchronizer import client
from synchronizer import exception
from synchronizer import sandbox
from synchronizer.model import change as change_module
from synchronizer.model import shape
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon
from synchronizer.tests.functional import servers

SECONDS = float(os.environ.get('SYNCHRONIZER_CHAOS_SECONDS', 25))
SERVERS = int(os.environ.get('SYNCHRONIZER_CHAOS_SERVERS', 1500))
SEED = int(os.environ.get('SYNCHRONIZER_CHAOS_SEED', 1))
INSTANCE = 'nova.instance'

SETTINGS = '''
[collector]
read_timeout = 2
[journal]
retention_hours = 24
retention_revisions = 10000000
'''

SHOWN = ('status', 'name', 'metadata', 'tags', 'OS-EXT-SRV-ATTR:host',
         'OS-EXT-STS:task_state', 'updated', 'flavor',
         'os-extended-volumes:volumes_attached')
"""What of a server is its own; the rest is made of its host and flavor."""


class ChaosTest(base.FunctionalTestCase):

    timeout = 900

    def setUp(self):
        super().setUp()
        self.rng = random.Random(SEED)
        self.cloud = sandbox.SandboxCloud(
            seed=SEED, hosts=12, servers=SERVERS, cells=3, page_limit=200)
        self.http = sandbox.SandboxServer(self.cloud)
        self.http.start()
        self.addCleanup(self.http.stop)
        self.broker = self.own_server(servers.RabbitServer)
        self.database = self.own_server(servers.PostgresServer)
        self.daemon = self.start_service()
        self.mirror = client.Mirror.from_url(self.broker.url, timeout=10)
        self.told = collections.defaultdict(list)
        self.mirror.subscribe(lambda change: self.told[change.type].append(
            (change.epoch, change.revision)))

    def start_service(self):
        url = self.fresh_database(self.database.url)
        new = daemon.Daemon(self.http.auth_url, self.broker.url,
                            database=f'connection = {url}')
        self.useFixture(new)
        new.configure(SETTINGS)
        subprocess.run(
            [sys.executable, '-m', 'synchronizer.cmd.manage', '--config-file',
             str(new.conf), 'db', 'upgrade'], check=True)
        return new.start()

    def test_after_all_that_everything_is_level_and_true(self):
        self.asking = client.SynchronizerClient.from_url(
            self.broker.url, timeout=20)
        self.await_first_snapshot()
        self.mirror.start()
        self.addCleanup(self.mirror.stop)
        self.http.life.start(40)
        self.live_through(SECONDS)
        self.http.life.stop()
        self.heal()
        self.check_level()
        self.check_history()

    # --- what happens ----------------------------------------------------

    def live_through(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.rng.choice(self.MISHAPS)(self)
            time.sleep(self.rng.uniform(0.2, 1.2))

    def fails(self):
        self.http.faults.add('error', path='/compute', probability=0.3,
                             times=10)

    def throttles(self):
        self.http.faults.add('throttle', path='/compute', times=3, after=1)

    def hangs(self):
        self.http.faults.add('hang', path='/compute', times=1, seconds=3)

    def answers_late(self):
        self.http.faults.add('hang', path='/servers', times=3, seconds=1,
                             when='after')

    def is_cut(self):
        self.http.faults.add('cut', path='/compute', times=2)

    def is_empty(self):
        self.http.faults.add('empty', path='/servers', times=1)

    def refuses(self):
        self.http.faults.add('refuse', path='/compute', times=2)

    def forgets_tokens(self):
        self.http.identity.expire_tokens()

    def loses_a_cell(self):
        cell = f'cell{self.rng.randint(1, 3)}'
        self.cloud.cell_down(cell)
        time.sleep(1.5)
        self.cloud.cell_up(cell)

    def loses_a_process(self):
        pids = list(self.daemon.workers().values())
        if pids:
            os.kill(self.rng.choice(pids), signal.SIGKILL)

    def loses_its_broker(self):
        self.broker.restart()

    def loses_its_database(self):
        self.database.kill()
        self.database.start()

    MISHAPS = (fails, throttles, hangs, answers_late, is_cut, is_empty,
               refuses, forgets_tokens, loses_a_cell, loses_a_process,
               loses_a_process, loses_its_broker, loses_its_database)

    def heal(self):
        self.http.faults.clear()
        for cell in ('cell1', 'cell2', 'cell3'):
            self.cloud.cell_up(cell)

    # --- what must hold --------------------------------------------------

    def snapshot(self):
        try:
            return {(entity.type, entity.id): entity
                    for page in self.asking.get_all(max_age=0)
                    for entity in page.entities}
        except exception.SynchronizerError:
            return None

    def await_first_snapshot(self):
        daemon.until(self.snapshot, 'a first snapshot', 120)

    def differing(self):
        """What of the servers differs from the truth."""
        held = self.snapshot()
        if held is None:
            return ['no snapshot']
        true = self.cloud.truth()
        differing = []
        for type_, records in true.items():
            if type_.startswith('nova.'):
                ids = {id_ for kind, id_ in held if kind == type_}
                differing += [(type_, id_) for id_ in ids ^ set(records)]
        return differing + [
            (INSTANCE, id_, *pair) for id_, record in true[INSTANCE].items()
            if (INSTANCE, id_) in held
            and (pair := unequal(held[INSTANCE, id_].attributes, record))]

    def check_level(self):
        try:
            daemon.until(lambda: not self.differing(), 'level', 120)
        except AssertionError:
            self.fail(f'{self.differing()[:20]}\n{self.daemon.text()[-5000:]}')
        self.assertTrue(self.mirror.wait_synced(60))
        self.assertEqual([], self.mirror.verify())

    def journal(self, type_, epoch):
        since, more = 0, True
        while more:
            page = self.asking.get_changes(type_, epoch, since)
            yield from page.changes
            since += len(page.changes)
            more = page.more

    def check_history(self):
        for stream in self.asking.describe()['streams']:
            changes = list(self.journal(stream['type'], stream['epoch']))
            self.assertEqual(list(range(1, stream['revision'] + 1)),
                             [change.revision for change in changes])
            self.check_told(stream['type'], changes)
            if stream['type'] == INSTANCE:
                self.check_true(changes)

    def check_told(self, type_, changes):
        """The mirror told each change after its first snapshot once."""
        told = self.told[type_]
        self.assertEqual(
            [(change.epoch, change.revision)
             for change in changes[len(changes) - len(told):]], told)

    def check_true(self, changes):
        """Each server's changes move forward through its true history."""
        true = collections.defaultdict(list)
        for _, _, id_, record in self.cloud.history(INSTANCE):
            gone = record is None or record['status'] == 'DELETED'
            true[id_].append(None if gone else own(record))
        at = collections.defaultdict(lambda: -1)
        for change in changes:
            state = (None if change.action == change_module.DELETED
                     else own(change.entity.attributes))
            later = true[change.id][at[change.id] + 1:]
            if change.action == change_module.UPDATED and state == (
                    true[change.id][at[change.id]]):
                continue
            self.assertIn(state, later,
                          f'{change.id} #{change.revision} {change.action}')
            at[change.id] += 1 + later.index(state)


def unequal(held, true):
    """(what is held, what is true) of the fields that differ."""
    held, true = own(held), own(true)
    keys = [key for key in held if held[key] != true[key]]
    return keys and [{key: side[key] for key in keys}
                     for side in (held, true)]


def own(record):
    kept = {key: record.get(key) for key in SHOWN}
    kept['flavor'] = (kept['flavor'] or {}).get('original_name')
    for key in ('tags', 'os-extended-volumes:volumes_attached'):
        kept[key] = sorted(map(shape.text, kept[key] or ()))
    return kept
