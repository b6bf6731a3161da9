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

"""Where in a record something is found, whatever shape the record has.

A path is written with slashes. In the path to the members of a child table,
``*`` is every key of an object and ``#`` every place of a list; what they
stood for at a member is told along with it. Where a record has another shape
there is nothing.
"""

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

EACH_KEY = '*'
EACH_PLACE = '#'

Passed = tuple[Any, ...]
"""What the ``*`` and ``#`` of a path stood for, from left to right."""


def getter(path: str) -> Callable[[Any], Any]:
    """Finds one thing in a record, or None; of no path, the record."""
    if not path:
        return lambda value: value
    steps = path.split('/')
    if len(steps) == 1:
        return lambda value: (value.get(path) if isinstance(value, dict)
                              else None)

    def get(value: Any) -> Any:
        for step in steps:
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        return value

    return get


def members(value: Any, steps: tuple[str, ...]
            ) -> list[tuple[Passed, Any]]:
    """Everything that a path with ``*`` and ``#`` leads to."""
    found: list[tuple[Passed, Any]] = [((), value)]
    for step in steps:
        found = [((*passed, *more), member) for passed, here in found
                 for more, member in _below(here, step)]
        if not found:
            break
    return found


def _below(value: Any, step: str) -> Iterable[tuple[Passed, Any]]:
    if step == EACH_PLACE:
        pairs = enumerate(value) if isinstance(value, list) else ()
        return [((place,), member) for place, member in pairs]
    if not isinstance(value, dict):
        return ()
    if step == EACH_KEY:
        return [((key,), member) for key, member in value.items()]
    member = value.get(step)
    return () if member is None else (((), member),)
