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
"""What befalls notifications on their way: silence, loss, echo, disorder."""

from collections.abc import Sequence
import random
from typing import Any

RATIOS = ('lost', 'doubled', 'reordered')


class Mishaps:
    """Ratios from 0 to 1, a delay in seconds, and silence; all seeded."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.silent = False
        self.lost = self.doubled = self.reordered = 0.0
        self.delay = 0.0
        self._held: list[Any] = []

    def set(self, **wanted: Any) -> None:
        """Change some, all or none of them; ValueError changes nothing."""
        for name, value in wanted.items():
            if not _is_right(name, value):
                raise ValueError(f'no mishap {name}={value!r}')
        for name, value in wanted.items():
            setattr(self, name, value)

    def shown(self) -> dict[str, Any]:
        """What is in force, for people."""
        return {name: getattr(self, name)
                for name in ('silent', 'delay', *RATIOS)}

    def befall(self, messages: Sequence[Any], more: bool) -> list[Any]:
        """What is left of them, in the order in which it arrives.

        A reordered one changes places with the next one; it is held back
        for that only as long as `more` are on their way.
        """
        result: list[Any] = []
        for message in messages:
            result += self._one(message)
        if not more:
            result += self._let_go()
        return result

    def _one(self, message: Any) -> list[Any]:
        if self.silent or self._strikes(self.lost):
            return []
        arrived = [message] * (2 if self._strikes(self.doubled) else 1)
        if not self._held and self._strikes(self.reordered):
            self._held = arrived
            return []
        return arrived + self._let_go()

    def _let_go(self) -> list[Any]:
        held, self._held = self._held, []
        return held

    def _strikes(self, ratio: float) -> bool:
        return ratio > 0 and self.rng.random() < ratio


def _is_right(name: str, value: Any) -> bool:
    if name == 'silent':
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if name in RATIOS:
        return 0 <= value <= 1
    return name == 'delay' and 0 <= value < float('inf')
