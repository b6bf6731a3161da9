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

"""What it takes to show the cloud as it was.

Both are null in what an older release writes, which goes on working: there
the past cannot be shown, and that is said.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from synchronizer.store.columns import Key

revision = '0002'
down_revision = '0001'

BODY = sa.Text().with_variant(mysql.LONGTEXT(), 'mysql')


def _add(table: str, column: sa.Column) -> None:
    """MySQL commits each step: one that is there is of a try that ended."""
    held = sa.inspect(op.get_bind()).get_columns(table)
    if column.name not in {known['name'] for known in held}:
        op.add_column(table, column)


def upgrade() -> None:
    _add('streams', sa.Column('known_since', Key(32)))
    _add('journal', sa.Column('before', BODY))
