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
"""What Heat tells of: stacks, nested ones too, and nothing else.

No resource, no mark on one and no software config is ever told of.
"""

from collections.abc import Iterator

from synchronizer.sandbox.notices import Change
from synchronizer.sandbox.notices import CONTROL
from synchronizer.sandbox.notices import ERROR
from synchronizer.sandbox.notices import INFO
from synchronizer.sandbox.notices import Notice
from synchronizer.sandbox.wire import iso

PHASES = {'IN_PROGRESS': 'start', 'COMPLETE': 'end', 'FAILED': 'error'}


def stack(change: Change) -> Iterator[Notice]:
    """The beginning and the end of each action."""
    if change.new is None or not change.differs(
            'action', 'status', 'updated'):
        return
    row = change.new
    phase = PHASES[row['status']]
    yield Notice(
        'heat', f'orchestration.stack.{row["action"].lower()}.{phase}',
        f'orchestration.{CONTROL}', {
            'stack_identity': row['id'], 'stack_name': row['name'],
            'tenant_id': row['project_id'], 'user_id': row['owner'],
            'username': row['owner'],
            'user_identity': change.cloud.users[row['owner']],
            'state': f'{row["action"]}_{row["status"]}',
            'state_reason': row['reason'], 'description': 'No description',
            'tags': list(row['tags'] or ()),
            'create_at': iso(row['created']),
            'updated_at': iso(row['updated'])},
        ERROR if phase == 'error' else INFO)
