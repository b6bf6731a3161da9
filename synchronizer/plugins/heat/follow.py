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

"""When to look again at a stack on which an action is under way.

Nothing says that a resource moved, and its stack's end is told once, or not
at all. The pause grows with the age of the action: one that never ends costs
ever less.
"""

from synchronizer.plugins import base
from synchronizer.plugins import hints

_OF_AGE = 10.0


def is_moving(stack: base.Record) -> bool:
    """Whether an action is under way."""
    return str(stack.get('stack_status')).endswith('_IN_PROGRESS')


def pause(stack: base.Record, now: float | None, interval: float
          ) -> float | None:
    """Seconds until the next look; None where that is switched off. `now`:
    when the stack was looked at."""
    if not interval:
        return None
    began = hints.unix(stack.get('updated_time')
                       or stack.get('creation_time'))
    if began is None or now is None:
        return interval
    return max(interval, (now - began) / _OF_AGE)
