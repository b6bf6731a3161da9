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

"""All that a run needs: a cloud, servers, synchronizers, and their ways."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import uuid

import fixtures

from synchronizer import sandbox
from synchronizer.sandbox import speaker
from synchronizer.tests.functional import daemon
from synchronizer.tests.functional import servers
from synchronizer.tests.functional.faults import clock
from synchronizer.tests.functional.faults import databases
from synchronizer.tests.functional.faults import links
from synchronizer.tests.functional.faults import network
from synchronizer.tests.functional.faults import volume
from synchronizer.tests.functional.servers import sql

CONFIGURATION = '''
[DEFAULT]
transport_url = {broker}
state_path = {directory}/state
log_file = {directory}/state/service.log
host = {host}
plugins = nova, cinder
graceful_shutdown_timeout = 10
[service_credentials]
auth_type = password
auth_url = {cloud}/identity/v3
username = admin
password = sandbox
project_name = admin
user_domain_name = Default
project_domain_name = Default
connect_timeout = 2
read_timeout = 3
[collector]
hint_settle = 0.1
[publisher]
bookmark_interval = 0.5
[snapshot]
workers = 2
[journal]
retention_hours = 24
retention_revisions = 10000000
[nova]
poll_interval = {interval}
delta_interval = 1
endpoint_override = {cloud}/compute/v2.1
[cinder]
poll_interval = {interval}
delta_interval = 1
endpoint_override = {cloud}/volume/v3/{project}
[database]
connection = {database}
'''
SHARED = '''
[coordination]
backend_url = {url}
'''
BACK_ENDS = {'etcd': servers.EtcdServer, 'redis': servers.RedisServer}
DATABASE = 'synchronizer'
MARK = 'SYNCHRONIZER_FAULTS_RUN'
STATE = 32
"""Megabytes of a disk for the state and the log of a synchronizer."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run is made of; the same plan makes the same run."""

    seed: int = 1
    seconds: float = 60
    servers: int = 300
    synchronizers: int = 1
    database: str = 'postgresql'
    coordination: str = 'etcd'
    rate: float = 20

    @property
    def interval(self):
        """Seconds between sweeps: a thousand servers a second at most."""
        return max(2, self.servers / 1000)


class Synchronizer(daemon.Daemon):
    """One of them, its disk, its network and its clock its own."""

    def __init__(self, name, mark, apart):
        super().__init__('', '', env={MARK: mark})
        self.name, self._apart = name, apart
        self.disk = self.network = self.clock = self.links = None

    def _setUp(self):
        super()._setUp()
        self.addCleanup(shutil.rmtree, self.directory)
        state = self.directory / 'state'
        state.mkdir()
        if not volume.Volume.missing():
            self.disk = volume.Volume(state, STATE)
            self.addCleanup(self.disk.close)
        if self._apart and not network.Namespace.missing():
            self.network = network.Namespace()
            self.addCleanup(self.network.close)
            self.prefix = self.network.prefix
        if not clock.Clock.missing():
            self.clock = clock.Clock(self.directory)
            self._env |= self.clock.environment

    def connect(self, ports):
        """Ways of its own to the servers on these ports."""
        host = self.network.host if self.network else servers.base.HOST
        self.links = links.Links(ports, host)
        self.addCleanup(self.links.close)

    def configure(self, more='', **options):
        """Write the file, once it is known what to write."""
        if options:
            self.conf.write_text(CONFIGURATION.format(
                directory=self.directory, host=self.name, **options) + more)

    def text(self):
        log = self.directory / 'state' / 'service.log'
        return super().text() + (log.read_text() if log.exists() else '')

    @property
    def runs(self):
        return self.process is not None and self.process.poll() is None

    def members(self):
        """Title and pid of each process that lives."""
        if not self.runs:
            return []
        return [(title, pid) for pid in self.family()
                if (title := daemon.title(pid)).startswith('synchronizer: ')
                or pid == self.process.pid]


class Deployment(fixtures.Fixture):
    """See the module's text. `synchronizers` are those of the plan."""

    def __init__(self, plan):
        super().__init__()
        self.plan = plan
        self.mark = uuid.uuid4().hex

    def _setUp(self):
        # whatever becomes of a test, and last of all
        self.addCleanup(self._end_left)
        plan = self.plan
        self.cloud = sandbox.SandboxCloud(
            seed=plan.seed, hosts=12, servers=plan.servers, volumes=40,
            stacks=0, cells=3, page_limit=1000)
        self.broker = self._server(servers.RabbitServer())
        self.database = self._server(databases.KINDS[plan.database]())
        self.voice = sandbox.Voice(
            self.cloud, speaker.Speaker(self.broker.url), 'versioned')
        self.http = sandbox.SandboxServer(self.cloud, voice=self.voice)
        self.addCleanup(self.http.stop)
        self.http.start()
        if hasattr(self.database, 'train'):
            self.database.train()
        sql.execute(self.database.url, f'CREATE DATABASE {DATABASE}')
        self.database_url = self.database.service_url(DATABASE)
        self.ports = {'broker': self.broker.port, 'cloud': self.http.port,
                      'database': self.database.port}
        self.coordination = None
        if plan.synchronizers > 1:
            self.coordination = self._server(BACK_ENDS[plan.coordination]())
            self.ports['coordination'] = self.coordination.port
        self.consumers = links.Links({'broker': self.broker.port})
        self.addCleanup(self.consumers.close)
        self.synchronizers = [
            self._synchronizer(f'host{number}', number == plan.synchronizers)
            for number in range(1, plan.synchronizers + 1)]

    def _server(self, server):
        self.addCleanup(server.close)
        return server.start()

    def _synchronizer(self, name, apart):
        new = self.useFixture(Synchronizer(name, self.mark, apart))
        new.connect(self.ports)
        ways = new.links
        shared = '' if self.coordination is None else SHARED.format(
            url=ways.url('coordination', self.coordination.url))
        new.configure(
            shared, cloud=f'http://{ways.host}:{ways.ports["cloud"]}',
            broker=ways.url('broker', self.broker.url),
            database=ways.url('database', self.database_url),
            project=self.cloud.projects['admin'],
            interval=self.plan.interval)
        return new

    def start(self):
        subprocess.run(
            [sys.executable, '-m', 'synchronizer.cmd.manage',
             '--config-file', str(self.synchronizers[0].conf),
             'db', 'upgrade'], check=True)
        for one in self.synchronizers:
            one.start()

    def mind(self):
        """Start those anew that ended by themselves, as their unit would;
        how many there were."""
        ended = [one for one in self.synchronizers if not one.runs]
        for one in ended:
            one.start()
        return len(ended)

    def ask_for_reports(self):
        """What each process is at goes to its log."""
        for one in self.synchronizers:
            for _, pid in one.members():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGUSR2)

    def stop(self):
        """As an operator does it; those that do not end are told of."""
        late = []
        for one in self.synchronizers:
            if one.runs:
                one.process.send_signal(signal.SIGTERM)
        for one in self.synchronizers:
            if one.runs:
                try:
                    one.process.wait(60)
                except subprocess.TimeoutExpired:
                    late.append(one.name)
        return late

    def left(self):
        """Processes of the synchronizers that live, whoever's children they
        have become: by what they inherited, and not by their names."""
        wanted = f'{MARK}={self.mark}'.encode()
        found = []
        for entry in pathlib.Path('/proc').iterdir():
            if entry.name.isdigit():
                try:
                    environment = (entry / 'environ').read_bytes()
                except OSError:
                    continue
                if wanted in environment.split(b'\0') and daemon.is_alive(
                        int(entry.name)):
                    found.append(int(entry.name))
        return found

    def _end_left(self):
        for pid in self.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def text(self):
        """All logs."""
        return '\n'.join(f'--- {one.name}\n{one.text()}'
                         for one in self.synchronizers)

    def fail_over(self):
        """The database dies, and its successor is found in its place."""
        first, self.database = self.database, self.database.fail_over()
        self.addCleanup(self.database.close)
        self.database_url = self.database.service_url(DATABASE)
        for one in self.synchronizers:
            one.links.tell('database', 'to',
                           f'{servers.base.HOST}:{self.database.port}')
        first.close()
        self.database.train()
