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

"""A private PostgreSQL."""

import glob
import signal

from synchronizer.tests.functional.servers import base
from synchronizer.tests.functional.servers import sql

# Debian keeps the programs of each major version in a folder of its own
VERSIONS = sorted(glob.glob('/usr/lib/postgresql/*/bin'),
                  key=lambda path: int(path.split('/')[4]), reverse=True)


class PostgresServer(base.Server):
    """PostgreSQL without fsync; it trusts everyone on the loopback. What it
    has committed outlives its processes all the same.

    It refuses to run as root: started by root, it runs as ``postgres``, or
    as ``nobody`` where there is none.
    """

    name = 'postgresql'
    env_variable = 'SYNCHRONIZER_TEST_POSTGRESQL_URL'
    programs = ('postgres', 'initdb')
    path = ':'.join([*VERSIONS, base.Server.path])
    stop_signal = signal.SIGINT  # "fast": do not wait for clients to leave
    # "immediate": nothing is put away, and no child is left to anybody
    kill_signal = signal.SIGQUIT

    def __init__(self) -> None:
        super().__init__()
        self.user = base.unprivileged_user()

    @property
    def url(self) -> str:
        return (f'postgresql+psycopg2://postgres@{base.HOST}:{self.port}/'
                'postgres')

    def initialize(self) -> None:
        self.run([self.program('initdb'), '-D', self.data, '-U', 'postgres',
                  '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8',
                  '--no-sync'])

    def command(self) -> list[str]:
        return [self.program('postgres'), '-D', self.data,
                '-c', f'listen_addresses={base.HOST}', '-p', str(self.port),
                '-c', f'unix_socket_directories={self.directory}',
                '-c', 'fsync=off', '-c', 'synchronous_commit=on',
                '-c', 'full_page_writes=off', '-c', 'max_connections=200']

    def ready(self) -> bool:
        return bool(sql.execute(self.url, 'SELECT 1'))
