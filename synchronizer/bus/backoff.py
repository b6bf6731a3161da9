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

"""How long to leave something alone that has just failed."""

from collections.abc import Callable
import random


class Backoff:
    """Doubles with each failure, with jitter; forgets at a success."""

    def __init__(self, first: float = 0.5, longest: float = 30.0,
                 jitter: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._jitter = jitter
        self.failures = 0

    def succeeded(self) -> None:
        """All is well again."""
        self.failures = 0

    def failed(self) -> float:
        """Count a failure; how many seconds to wait."""
        # 2 ** 30 is beyond any longest; more would overflow one day
        step = self._first * 2 ** min(self.failures, 30)
        self.failures += 1
        return min(step, self._longest) * (0.5 + self._jitter() / 2)
