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

"""The tables. What changes here needs a migration."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from synchronizer.store.columns import Key
from synchronizer.store.columns import Words

METADATA = sa.MetaData()

MYSQL = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4',
         'mysql_collate': 'utf8mb4_bin', 'mysql_row_format': 'DYNAMIC'}

# written by codec, in ASCII: nothing to escape
BODY = sa.Text().with_variant(mysql.LONGTEXT(), 'mysql')


def _type() -> sa.Column:
    return sa.Column('type', Key(64), primary_key=True)


STREAMS = sa.Table(
    'streams', METADATA,
    _type(),
    sa.Column('plugin', Words, nullable=False),
    sa.Column('epoch', sa.String(64), nullable=False),
    sa.Column('revision', sa.BigInteger, nullable=False),
    sa.Column('term', sa.BigInteger, nullable=False),
    sa.Column('owner', Words),
    sa.Column('collected_at', sa.String(32)),
    sa.Column('collected_state', sa.String(16), nullable=False),
    sa.Column('error', Words),
    sa.Column('paused', sa.Boolean, nullable=False),
    sa.Column('interval', sa.Double, nullable=False),
    sa.Column('entities', sa.BigInteger, nullable=False),
    # the journal has no holes: this is kept when it is trimmed
    sa.Column('oldest_revision', sa.BigInteger, nullable=False),
    sa.Column('sweeps_requested', sa.BigInteger, nullable=False),
    sa.Column('sweeps_served', sa.BigInteger, nullable=False),
    # how a commit whose answer was lost is known again
    sa.Column('last_commit', sa.String(64), nullable=False),
    sa.Column('committed_at', sa.String(32), nullable=False),
    # where the past begins: null until the stream was seen whole
    sa.Column('known_since', Key(32)),
    **MYSQL)

ENTITIES = sa.Table(
    'entities', METADATA,
    _type(),
    sa.Column('id', Key(512), primary_key=True),
    sa.Column('revision', sa.BigInteger, nullable=False),
    sa.Column('sampled_at', sa.String(32), nullable=False),
    sa.Column('digest', Words, nullable=False),
    sa.Column('shape', Words, nullable=False),
    sa.Column('name', Words),
    sa.Column('project_id', Words),
    sa.Column('user_id', Words),
    sa.Column('state', Words),
    sa.Column('weight', sa.BigInteger, nullable=False),
    sa.Column('body', BODY, nullable=False),
    **MYSQL)

JOURNAL = sa.Table(
    'journal', METADATA,
    _type(),
    sa.Column('revision', sa.BigInteger, primary_key=True,
              autoincrement=False),
    sa.Column('id', Key(512), nullable=False),
    sa.Column('action', sa.String(16), nullable=False),
    sa.Column('cause', sa.String(16), nullable=False),
    sa.Column('committed_at', Key(32), nullable=False),
    sa.Column('changed', BODY, nullable=False),
    sa.Column('weight', sa.BigInteger, nullable=False),
    sa.Column('entity', BODY, nullable=False),
    # of an update, what it takes to undo it; null of older releases
    sa.Column('before', BODY),
    # who did it, where a notification told it; null of older releases
    sa.Column('initiator', BODY),
    # a file has programs of one release, which need no more: see `lineage`
    sa.Index('journal_of_entity', 'type', 'id', 'revision',
             sqlite_where=sa.text("action != 'created'")),
    **MYSQL)

SETTINGS = sa.Table(
    'settings', METADATA,
    sa.Column('name', Key(64), primary_key=True),
    sa.Column('value', Words, nullable=False),
    **MYSQL)
