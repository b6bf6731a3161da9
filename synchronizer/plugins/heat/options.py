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

"""What the configuration says of Heat, as values."""

from collections.abc import Mapping
import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """See the help of the options in the group of the plugin."""

    concurrency: int = 4
    """How many requests may run at once."""

    resource_round: float = 3600
    """Seconds in which each stack's resources are listed at least once."""

    details: frozenset[str] = frozenset()
    """What costs more requests and is asked for all the same."""

    include_sensitive: bool = False
    """Whether secrets may leave the plugin."""

    events_per_stack: int = 100
    """How many events of a stack, the newest, are kept."""

    follow_interval: float = 5.0
    """Seconds until a stack that moves is looked at again; 0: never."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> 'Options':
        """From those of the group that concern us."""
        known = {field.name: given[field.name]
                 for field in dataclasses.fields(cls) if field.name in given}
        known['details'] = frozenset(known.get('details') or ())
        return cls(**known)
