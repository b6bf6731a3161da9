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


"""The last landed release beside this one: on one database and one bus."""

import collections
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

import synchronizer
from synchronizer.client import rpc
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import upgrade_mirror

LANDED = 'e8f1b6f09e53d1ff54246602148feee461b0f518'
"""The commit of the last landed release. When one lands: its commit here, and
the notes of the page on upgrades that are of the older one go."""

ROOT = pathlib.Path(synchronizer.__file__).parents[1]
TYPES = ('nova.instance', 'nova.host', 'nova.service', 'nova.aggregate',
         'nova.zone', 'nova.flavor', 'nova.server_group')


def tree():
    """The files of that release, from the history."""
    made = subprocess.run(
        ['git', '-C', str(ROOT), 'archive', LANDED, 'synchronizer'],
        capture_output=True, check=False)
    if made.returncode:
        raise unittest.SkipTest(
            f'the history is not here, or does not reach back to {LANDED}: '
            f'{made.stderr.decode().strip()}')
    return made.stdout


class Mirror:
    """A consumer of one release, in a process of its own."""

    def __init__(self, place, url):
        self._process = subprocess.Popen(
            ['env', '-C', str(place), sys.executable,
             upgrade_mirror.__file__, url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, 'PYTHONPATH': str(place)})

    def ask(self, word):
        self._process.stdin.write(f'{word}\n')
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self):
        self._process.stdin.close()
        try:
            self._process.wait(30)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()


class UpgradeSuite:
    """On each database."""

    timeout = 600

    def setUp(self):
        super().setUp()
        url = self.server_url()
        made = tree()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.places = {'old': pathlib.Path(directory.name), 'new': ROOT}
        with tarfile.open(fileobj=io.BytesIO(made)) as archive:
            archive.extractall(directory.name, filter='data')
        self.database = self.fresh_database(url)
        self.cloud = SandboxServer(SandboxCloud(servers=20, stacks=0))
        self.cloud.start()
        self.addCleanup(self.cloud.stop)
        self.mirrors = {}

    # --- both releases ---------------------------------------------------

    def daemon(self, release):
        place = self.places[release]
        made = daemon_module.Daemon(
            self.cloud.auth_url, self.rabbitmq_url(), host=release,
            database=f'connection = {self.database}',
            env={'PYTHONPATH': str(place)})
        made.prefix = ('env', '-C', str(place))
        return self.useFixture(made)

    def upgrade(self, release, daemon):
        place = self.places[release]
        subprocess.run(
            ['env', '-C', str(place), sys.executable, '-m',
             'synchronizer.cmd.manage', '--config-file', str(daemon.conf),
             'db', 'upgrade'], check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, 'PYTHONPATH': str(place)})

    def mirror(self, name, release):
        made = Mirror(self.places[release], self.rabbitmq_url())
        self.addCleanup(made.end)
        self.mirrors[name] = made
        daemon_module.until(lambda: made.ask('synced'), f'{name} synced', 120)

    # --- what is seen ----------------------------------------------------

    def streams(self):
        client = rpc.SynchronizerClient.from_url(
            self.rabbitmq_url(), timeout=10)
        return client.describe()

    def await_owner(self, host):
        def owned():
            rows = self.streams()['streams']
            return all(row['owner'] == host and row['state'] == 'live'
                       for row in rows) and len(rows) == len(TYPES)
        daemon_module.until(owned, f'all streams live and of {host}', 60)

    def await_answers(self, *hosts):
        """Snapshot workers of all these answer, and all there is."""
        seen = set()

        def all_seen():
            seen.add(self.streams()['service']['host'])
            return seen >= set(hosts)
        daemon_module.until(all_seen, lambda: f'answers of {hosts}: {seen}')

    def work(self):
        """The cloud changes; every mirror has it, and agrees."""
        self.cloud.life.run(15)
        true = self.cloud.cloud.truth()['nova.instance']
        wanted = {id_: row['status'] for id_, row in true.items()
                  if row['status'] != 'SOFT_DELETED'}
        for name, mirror in self.mirrors.items():
            daemon_module.until(
                lambda mirror=mirror: mirror.ask('state')[
                    'nova.instance'] == wanted,
                lambda name=name: f'{name} is level: '
                f'{self.texts()}', 60)
            self.assertEqual([], mirror.ask('verify'), name)

    def texts(self):
        return '\n'.join(daemon.text() for daemon in self.daemons)

    def check_history(self):
        """Nobody was told of an upgrade: one epoch, every revision once and
        in order, nothing that was said anew."""
        for name, mirror in self.mirrors.items():
            told, epochs = mirror.ask('told'), collections.defaultdict(set)
            numbers = collections.defaultdict(list)
            for type_, epoch, revision, cause in told:
                self.assertNotEqual('resync', cause, name)
                epochs[type_].add(epoch)
                numbers[type_].append(revision)
            self.assertIn('nova.instance', numbers)
            for type_, found in numbers.items():
                self.assertEqual(1, len(epochs[type_]), (name, type_))
                if type_ == 'nova.instance':
                    # those that a snapshot brought came in no order
                    last = found[-20:]
                    self.assertEqual(
                        list(range(last[0], last[0] + len(last))), last)

    # --- the upgrade -----------------------------------------------------

    def test_side_by_side(self):
        old, new = self.daemon('old'), self.daemon('new')
        self.daemons = [old, new]
        self.upgrade('old', old)
        old.start()
        daemon_module.until(lambda: 'works' in old.text(), old.text)
        self.await_owner('old')
        # consumers are upgraded in any order
        self.mirror('old before', 'old')
        self.mirror('new before', 'new')
        self.work()

        # the schema is raised under the old one, which goes on
        self.upgrade('new', new)
        self.work()
        self.await_owner('old')

        # the new one takes over; both answer
        new.start()
        self.await_owner('new')
        self.await_answers('old', 'new')
        self.work()
        self.mirror('old after', 'old')
        self.mirror('new after', 'new')
        self.work()

        # the new one goes, and the old one still answers what is asked
        new.process.terminate()
        self.assertEqual(0, new.await_end())
        self.await_answers('old')
        for name, mirror in self.mirrors.items():
            self.assertEqual([], mirror.ask('verify'), name)

        # and the old one goes: nothing was lost between them
        new.start()
        self.await_owner('new')
        old.process.terminate()
        # on a busy machine it may not end within its own time-out
        old.await_end()
        self.work()
        self.check_history()
        self.assertEqual('', new.text().partition('Traceback')[2])
        # what newer clients asked first, and then asked as it knows it, is
        # all that the old one complains of
        self.assertEqual(
            old.text().count('Traceback'),
            old.text().count('UnsupportedVersion(version, method=method)'))


class PostgresUpgradeTest(UpgradeSuite, base.FunctionalTestCase):

    server_url = base.FunctionalTestCase.postgresql_url


class MariaUpgradeTest(UpgradeSuite, base.FunctionalTestCase):

    server_url = base.FunctionalTestCase.mysql_url
