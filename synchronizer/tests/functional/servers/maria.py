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

"""A private MariaDB."""

import getpass

from synchronizer.tests.functional.servers import base
from synchronizer.tests.functional.servers import sql


class MariaServer(base.Server):
    """MariaDB with small, unsafe and fast settings; root has no password."""

    name = 'mariadb'
    env_variable = 'SYNCHRONIZER_TEST_MYSQL_URL'
    programs = ('mariadbd', 'mariadb-install-db')

    @property
    def url(self) -> str:
        return (f'mysql+pymysql://root@{base.HOST}:{self.port}/'
                '?charset=utf8mb4')

    def initialize(self) -> None:
        self.run([self.program('mariadb-install-db'), '--no-defaults',
                  f'--datadir={self.data}', f'--user={getpass.getuser()}',
                  '--auth-root-authentication-method=normal',
                  '--skip-test-db', '--skip-name-resolve',
                  *self._engine()])

    def command(self) -> list[str]:
        return [self.program('mariadbd'), '--no-defaults',
                f'--datadir={self.data}', f'--user={getpass.getuser()}',
                f'--bind-address={base.HOST}', f'--port={self.port}',
                f'--socket={self.directory}/socket',
                f'--pid-file={self.directory}/mariadbd.pid',
                '--skip-name-resolve', '--skip-log-bin',
                '--performance-schema=0', '--max-connections=500',
                '--character-set-server=utf8mb4', *self._engine()]

    def ready(self) -> bool:
        return bool(sql.execute(self.url, 'SELECT 1'))

    @staticmethod
    def _engine() -> list[str]:
        return ['--innodb-flush-log-at-trx-commit=2',
                '--innodb-doublewrite=0', '--innodb-flush-method=nosync',
                '--innodb-log-file-size=16M',
                '--innodb-buffer-pool-size=64M']
