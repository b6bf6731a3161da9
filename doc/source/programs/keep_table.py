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

"""Keep a table of servers in a SQLite file: keep_table.py URL FILE"""

import contextlib
import sqlite3
import sys
import threading

from synchronizer.client import Mirror

SERVERS = 'nova.instance'
TABLE = ('CREATE TABLE servers (id TEXT PRIMARY KEY, name TEXT, '
         'state TEXT, project TEXT)')
PUT = 'INSERT OR REPLACE INTO servers VALUES (?, ?, ?, ?)'


class Table:
    """Equal to the mirror, change by change."""

    def __init__(self, path):
        # a mirror calls its subscribers from one thread of its own
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute('DROP TABLE IF EXISTS servers')
        self._database.execute(TABLE)

    def follow(self, change):
        entity = change.entity
        with self._database as database:
            if change.action == 'deleted':
                database.execute('DELETE FROM servers WHERE id = ?',
                                 (entity.id,))
            else:
                database.execute(PUT, (entity.id, entity.name, entity.state,
                                       entity.project_id))

    def close(self):
        self._database.close()


def main(url, path, ended=None):
    mirror = Mirror.from_url(url, [SERVERS])
    with contextlib.closing(Table(path)) as table:
        mirror.start()
        mirror.wait_synced()
        # what is held now is told first, then every change to it
        mirror.subscribe(table.follow, replay=True)
        try:
            (ended or threading.Event()).wait()
        finally:
            mirror.stop()


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
