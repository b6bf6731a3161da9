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

"""Who did it.

Null in what an older release writes, which goes on working.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = '0003'
down_revision = '0002'

BODY = sa.Text().with_variant(mysql.LONGTEXT(), 'mysql')


def upgrade() -> None:
    # MySQL commits each step: a column that is there is of a try that ended
    held = sa.inspect(op.get_bind()).get_columns('journal')
    if 'initiator' not in {column['name'] for column in held}:
        op.add_column('journal', sa.Column('initiator', BODY))
