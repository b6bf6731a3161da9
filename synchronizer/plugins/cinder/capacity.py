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

"""Capacities in steps: a pool that is used is not a pool that changed.

Free space moves whenever a guest writes, and where backends share a cluster
the total does too. So capacities are rounded down to multiples of a step,
of the 1-2-5 series, that is no larger than so many percent of the total. It
takes no memory: a capacity that moved by that much always shows, one that
moved by less may, and what stands still is silent.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import decimal
from decimal import Decimal
from typing import Any

TOTAL = 'total_capacity_gb'

RATIO = 'max_over_subscription_ratio'
"""Some drivers work it out from what their data compress to."""


def apart(capabilities: Mapping[str, Any]
          ) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands still, and the capacities."""
    fixed: dict[str, Any] = {}
    moving: dict[str, Any] = {}
    for name, value in capabilities.items():
        moves = name == RATIO or name.endswith('_capacity_gb')
        (moving if moves else fixed)[name] = value
    return fixed, moving


def in_steps(capacities: Mapping[str, Any], percent: float
             ) -> dict[str, Any]:
    """The same, rounded down; with 0 percent, as they are. What is no
    number ("infinite", "unknown") stays what it is."""
    scale = _scale(capacities)
    return {name: _down(value, percent, value if name == RATIO else scale)
            for name, value in capacities.items()}


def _scale(capacities: Mapping[str, Any]) -> Any:
    """The total; where a backend knows none, the largest that it knows."""
    total = capacities.get(TOTAL)
    if _is_number(total) and total > 0:
        return total
    return max(_numbers(capacities[name] for name in capacities
                        if name != RATIO), default=0)


def _numbers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if _is_number(value)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _down(value: Any, percent: float, scale: Any) -> Any:
    if not (percent > 0 and _is_number(value) and scale > 0):
        return value
    step = _step(Decimal(str(scale)) * Decimal(str(percent)) / 100)
    steps = (Decimal(str(value)) / step).to_integral_value(
        decimal.ROUND_FLOOR)
    found = steps * step
    return int(found) if found == found.to_integral_value() else float(found)


def _step(most: Decimal) -> Decimal:
    """The largest of 1, 2, 5, 10, 20 ... that is not above."""
    power = Decimal(1).scaleb(most.adjusted())
    return max(number * power for number in (1, 2, 5)
               if number * power <= most)
