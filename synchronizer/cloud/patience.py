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

"""How often and how patiently a request is tried again.

This is the only place that tries again: keystoneauth is told not to.
"""

from collections.abc import Callable
import dataclasses
import random

from synchronizer import exception

_GATEWAY = (502, 504)


@dataclasses.dataclass(frozen=True, slots=True)
class Patience:
    """Exponential back-off with full jitter, within bounds."""

    tries: int = 4
    """How often a request is sent at most."""

    first: float = 0.5
    """The longest pause after the first failure; it doubles with each."""

    limit: float = 30.0
    """The longest pause, also where a service asks for a longer one."""

    total: float = 180.0
    """Seconds after the first sending at which no other begins."""

    server_errors: int = 2
    """How often a plain 500 is tried again: it seldom passes by itself."""

    def pause(self, failures: int, error: exception.CloudError,
              rng: Callable[[float, float], float] = random.uniform
              ) -> float | None:
        """Seconds to wait after so many failures; None: it is final."""
        if failures >= self.tries or not self._may_pass(failures, error):
            return None
        asked = getattr(error, 'retry_after', None)
        if asked is not None:
            return min(asked, self.limit)
        return rng(0, min(self.limit, self.first * 2 ** (failures - 1)))

    def _may_pass(self, failures: int, error: exception.CloudError) -> bool:
        if isinstance(error, exception.Throttled):
            return True
        if isinstance(error, exception.Unreachable):
            return not getattr(error, 'final', False)
        if not isinstance(error, exception.BrokenAnswer):
            return False
        status = getattr(error, 'status', None)
        if status == 500:
            return failures <= self.server_errors
        # without a status: the body of a 200 was cut or unreadable
        return status is None or status in _GATEWAY
