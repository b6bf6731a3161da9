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

"""What the journal says of an entity need not be said in its row as well.

The tables stay as they are. From here on a program can read both; which of
them it writes is up to `queries.is_lean`.
"""

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    """What is there already is as good as ever."""
