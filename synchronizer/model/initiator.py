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

"""Who did something, as a notification tells it: ids, and nothing else."""

from collections.abc import Callable
import dataclasses
from typing import Any

LONGEST = 255
"""Characters of an id, as Keystone has them; nothing longer is one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Initiator:
    """Whoever wants a name asks Keystone for it."""

    user_id: str | None = None
    """The user whose token it was; a trustor, where a service used a
    trust."""

    project_id: str | None = None
    """The project that the token was for."""

    request_id: str | None = None
    """The request, as the service's own logs name it."""


By = Callable[[str], Initiator | None]
"""Who is behind what is now seen of an id; None: nobody told."""


def nobody(id_: str) -> None:
    """Nobody told anything."""


def made(user_id: Any = None, project_id: Any = None, request_id: Any = None
         ) -> Initiator | None:
    """Of whatever was sent: what is no id is left out; None: nothing is
    left."""
    ids = [value if _is_id(value) else None
           for value in (user_id, project_id, request_id)]
    return Initiator(*ids) if any(ids) else None


def _is_id(value: Any) -> bool:
    return (isinstance(value, str) and 0 < len(value) <= LONGEST
            and value.isprintable())


def plain(initiator: Initiator | None) -> dict[str, str | None] | None:
    """As JSON has it."""
    return initiator and dataclasses.asdict(initiator)


def read(body: Any) -> Initiator | None:
    """What such JSON tells; of anything else, nothing."""
    if not isinstance(body, dict):
        return None
    return made(body.get('user_id'), body.get('project_id'),
                body.get('request_id'))
