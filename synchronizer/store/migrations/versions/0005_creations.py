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

"""The index of a file's journal has no creations any more.

Who looks for them finds them by what followed. Other databases may have
programs of an older release beside us, which look for them by the index.
"""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'

INDEX, TABLE = 'journal_of_entity', 'journal'


def upgrade() -> None:
    """Reads the journal of a file once."""
    if op.get_bind().dialect.name != 'sqlite':
        return
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, ['type', 'id', 'revision'],
                    sqlite_where=sa.text("action != 'created'"))
