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

"""Databases with a disk of their own, which can be full, and a successor."""

import sqlalchemy

from synchronizer.tests.functional import servers
from synchronizer.tests.functional.faults import volume
from synchronizer.tests.functional.servers import sql

MEGABYTES = 6000
"""Taken as it is used, and more than a run writes."""

PLAIN = 'plain'
"""A user of MariaDB who may not write what is read-only."""


class _Small:
    """With its data on a volume, where one can be made."""

    disk = None
    successor = None

    def initialize(self):
        if not volume.Volume.missing():
            self.disk = volume.Volume(self.data, MEGABYTES, self.user)
        self.found()

    def found(self):
        """Make the first data."""
        super().initialize()

    def close(self):
        self.kill()
        if self.disk is not None:
            self.disk.close()
            self.disk = None
        super().close()


class Postgres(_Small, servers.PostgresServer):
    """Its successor has all that was ever committed: a commit waits for
    both of them."""

    def service_url(self, name):
        """As whom the service connects."""
        return sqlalchemy.make_url(self.url).set(
            database=name).render_as_string(hide_password=False)

    def read_only(self, on):
        """As its administrator makes it, for every transaction to come."""
        self._set('default_transaction_read_only', 'on' if on else 'off')

    def train(self):
        """Start a successor, and wait for it with every commit."""
        self.successor = Successor(self)
        self.successor.start()
        self._set('synchronous_standby_names', "'*'")

    def fail_over(self):
        """Die; the one that goes on."""
        new, self.successor = self.successor, None
        self.kill()
        new.promote()
        return new

    def close(self):
        if self.successor is not None:
            self.successor.close()
        super().close()

    def _set(self, name, value):
        sql.execute(self.url, f'ALTER SYSTEM SET {name} = {value}')
        sql.execute(self.url, 'SELECT pg_reload_conf()')


class Successor(Postgres):
    """Repeats what another one does, until it is promoted."""

    def __init__(self, first):
        super().__init__()
        self._first = first

    def found(self):
        self.run([self.program('pg_basebackup'), '-D', self.data, '-R',
                  '-d', f'host={servers.base.HOST} port={self._first.port} '
                  'user=postgres', '--checkpoint=fast', '--no-sync'])

    def promote(self):
        self._set('synchronous_standby_names', "''")
        sql.execute(self.url, 'SELECT pg_promote()')


class Maria(_Small, servers.MariaServer):

    def service_url(self, name):
        sql.execute(self.url, f"CREATE USER {PLAIN}@'%'")
        sql.execute(self.url, f"GRANT ALL ON {name}.* TO {PLAIN}@'%'")
        return sqlalchemy.make_url(self.url).set(
            username=PLAIN, database=name).render_as_string(
                hide_password=False)

    def read_only(self, on):
        sql.execute(self.url, f'SET GLOBAL read_only = {int(on)}')


KINDS = {'postgresql': Postgres, 'mariadb': Maria}
