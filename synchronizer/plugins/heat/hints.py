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

"""Heat's hint table: which of its notifications says to look at what.

Heat tells of stacks only, nested ones included; so whenever a stack moves,
all that lies in it is looked at.
"""

from synchronizer.plugins import hints
from synchronizer.plugins.hints import Look

PARTS = (Look('heat.resource', 'stack_identity', part=True),
         Look('heat.event', 'stack_identity', part=True),
         Look('heat.snapshot', 'stack_identity', part=True))
# the stamp is when the action began, as the sender had it
STACK = (Look('heat.stack', 'stack_identity', stamp='updated_at'), *PARTS)
STACK_GONE = (
    Look('heat.stack', 'stack_identity', shows=hints.GONE), *PARTS)

HINTS: hints.Table = {
    'orchestration.stack.delete.end': STACK_GONE,
    # create, update, check, suspend, resume, snapshot, rollback, ...:
    # of each its start, and its end or its error
    'orchestration.stack.*': STACK,
}
