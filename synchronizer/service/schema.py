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

"""The schema of the database, before anything is forked.

Every look at it opens a connection and leaves none behind: one that is
inherited by two processes breaks both.
"""

import os

from oslo_config import cfg
from oslo_log import log as logging

from synchronizer import exception
from synchronizer.store import database
from synchronizer.store import engine
from synchronizer.store import migration

LOG = logging.getLogger(__name__)


def prepare(conf: cfg.ConfigOpts) -> None:
    """Make or upgrade a SQLite database; check any other.

    A server that cannot be reached now is waited for by the workers.
    Raises SchemaOutdated if somebody has to upgrade it first.
    """
    if is_ours_to_upgrade(conf):
        migration.upgrade_from_conf(conf)
        return
    try:
        migration.check_from_conf(conf)
    except exception.StoreUnavailable as error:
        LOG.warning('The schema cannot be checked now: %(error)s',
                    {'error': error})


def is_ours_to_upgrade(conf: cfg.ConfigOpts) -> bool:
    """A SQLite file belongs to this host alone."""
    return conf.database.connection.startswith('sqlite')


def versions(conf: cfg.ConfigOpts) -> tuple[str | None, str]:
    """What the database has (None: nothing), and what we work with.

    Makes no file where there is none.
    """
    options = engine.Options.from_conf(conf)
    if options.file and not os.path.exists(options.file):
        return None, migration.head()
    store = database.Database(options)
    try:
        return migration.current(store), migration.head()
    finally:
        store.close()


def require(conf: cfg.ConfigOpts) -> None:
    """SchemaOutdated where there is no SQLite database yet: what is asked
    for by somebody who looks on must not be made by that.

    Of a server's database the store says so itself.
    """
    file = engine.Options.from_conf(conf).file
    if file and versions(conf)[0] is None:
        state = 'is empty' if os.path.exists(file) else 'does not exist'
        raise exception.SchemaOutdated(
            f'the database {file} {state}: the service makes it when '
            f'it first starts, or "{migration.COMMAND}" does; is it the '
            'right one (--config-file, state_path, [database] connection)?')


def upgrade(conf: cfg.ConfigOpts) -> tuple[str | None, str]:
    """Bring it to the head; what it was, and what it is."""
    before, head = versions(conf)
    migration.upgrade_from_conf(conf)
    return before, head
