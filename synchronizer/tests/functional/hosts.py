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

"""Several services on one database, as on so many hosts."""

import collections
import contextlib
import os
import signal
import subprocess
import sys
import time

import fixtures

from synchronizer import client
from synchronizer.model import change as change_module
from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests.functional import daemon as daemon_module

TAKEOVER = 8
"""Seconds: little more than the shortest that may be configured."""

PATIENCE = 120
"""Seconds for what takes some on a machine that has nothing else to do."""

COORDINATION = f'''
[coordination]
backend_url = {{url}}
takeover_timeout = {TAKEOVER}
'''


class Hosts(fixtures.Fixture):
    """Services by name; each has a state directory of its own."""

    def __init__(self, cloud, transport_url, database_url, back_end,
                 plugins='nova,cinder,heat'):
        """`back_end`: its URL; None: they do not agree on anything."""
        super().__init__()
        self._cloud, self._transport_url = cloud, transport_url
        self._database_url, self._plugins = database_url, plugins
        self._more = COORDINATION.format(url=back_end) if back_end else ''
        self.daemons = {}

    def _setUp(self):
        self.store = None
        self.addCleanup(lambda: self.store and self.store.close())

    def add(self, name):
        """Start one more."""
        made = self.useFixture(daemon_module.Daemon(
            self._cloud.auth_url, self._transport_url, host=name,
            database=f'connection = {self._database_url}',
            plugins=self._plugins))
        made.configure(self._more)
        if self.store is None:
            self._make_database(made)
        self.daemons[name] = made.start()
        return made

    def _make_database(self, made):
        subprocess.run(
            [sys.executable, '-m', 'synchronizer.cmd.manage', '--config-file',
             str(made.conf), 'db', 'upgrade'], check=True)
        self.store = sql.SqlStore(engine.Options(self._database_url))

    # --- what is seen ----------------------------------------------------

    def text(self, name):
        return self.daemons[name].text()

    def owners(self):
        """The host of each plugin; only of those that one host has whole
        and has seen whole."""
        found = collections.defaultdict(set)
        for row in self.store.streams().values():
            found[row.plugin].add(
                (row.owner or ':').partition(':')[0]
                if row.collected_at else '')
        return {plugin: owners.pop() for plugin, owners in found.items()
                if len(owners) == 1}

    def terms(self):
        """How often each stream was claimed."""
        return {type_: row.term for type_, row in
                self.store.streams().items()}

    def shares(self):
        """How many plugins each living host has, the most first."""
        held = collections.Counter(self.owners().values())
        return sorted((held[name] for name in self.daemons), reverse=True)

    def await_shares(self, *shares):
        """Until they are so, and all plugins have a living owner."""
        daemon_module.until(
            lambda: self.shares() == list(shares)
            and '' not in self.owners().values(),
            lambda: f'{shares}: {self.owners()}', PATIENCE)
        return self.owners()

    def await_owner(self, name, plugin='nova'):
        """Until that host has it; how long that took."""
        began = time.monotonic()
        daemon_module.until(
            lambda: self.owners().get(plugin) == name,
            lambda: f'{name} has {plugin}: {self.owners()}\n'
                    + '\n'.join(self.text(one)[-3000:]
                                for one in self.daemons), PATIENCE)
        return time.monotonic() - began

    def were_heard(self):
        """Whether no process was kept from the back end by a machine that
        has too much to do."""
        return not any('was not heard for too long' in self.text(name)
                       for name in self.daemons)

    # --- what happens to them --------------------------------------------

    def signal(self, name, number):
        """To the master and all its processes."""
        for pid in self.daemons[name].family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self, name):
        """As a power failure would."""
        self.signal(name, signal.SIGKILL)
        self.daemons.pop(name).process.wait()

    def stop(self, name):
        """As an operator would; returns at once."""
        stopped = self.daemons.pop(name)
        stopped.process.terminate()
        return stopped


class Consumer(fixtures.Fixture):
    """A mirror, and the revisions that it told, in order."""

    def __init__(self, transport_url):
        super().__init__()
        self._url = transport_url

    def _setUp(self):
        self.mirror = client.Mirror.from_url(self._url, timeout=10)
        self.told = collections.defaultdict(list)
        self.causes = set()
        self.mirror.subscribe(self._hear)
        self.mirror.start()
        self.addCleanup(self.mirror.stop)

    def _hear(self, change):
        self.causes.add(change.cause)
        self.told[change.type].append(change.revision)

    def problems(self):
        """What a consumer must never see."""
        found = [f'{type_}: {revisions}' for type_, revisions
                 in self.told.items() if revisions != list(
                     range(revisions[0], revisions[0] + len(revisions)))]
        if change_module.RESYNC in self.causes:
            found.append('a resync')
        return found + [str(one) for one in self.mirror.verify()]


def journal_problems(store):
    """What a journal from the first revision on must not have: holes, and
    changes that do not follow from those before."""
    found = []
    for type_, row in store.streams().items():
        expected, living = 1, set()
        while expected <= row.revision:
            _, changes = store.changes_since(
                type_, row.epoch, expected - 1,
                min(1000, row.revision - expected + 1), 1 << 23)
            for change in changes:
                if change.revision != expected:
                    found.append(f'{type_}: no revision {expected}')
                if (change.entity.id in living) == (
                        change.action == 'created'):
                    found.append(f'{type_} {change.revision}: '
                                 f'{change.action} {change.entity.id}')
                if change.action == 'deleted':
                    living.discard(change.entity.id)
                else:
                    living.add(change.entity.id)
                expected = change.revision + 1
        if len(living) != row.entities:
            found.append(f'{type_}: {len(living)} live by the journal, '
                         f'{row.entities} in the store')
    return found
