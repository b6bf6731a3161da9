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

"""Who should collect what: each host its share. Pure: a view in, a word out.

A unit is a plugin. A host takes a free unit unless another one that could
take it holds fewer; and gives one back if another one holds at least two
fewer. So hosts with the same plugins never differ by more than one, and a
unit moves only if that makes the shares more even. Who wins when two may
take, a lock of the back end decides.
"""

from collections.abc import Collection
from collections.abc import Mapping
import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """What the back end shows of the members."""

    contenders: frozenset[tuple[str, str]] = frozenset()
    """(host, unit) of everyone who could collect it."""

    holders: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The host that collects a unit, or is about to; one that is being
    given back has none."""

    def held(self, host: str) -> int:
        """How many units a host has."""
        return sum(holder == host for holder in self.holders.values())

    def others(self, host: str, unit: str) -> set[str]:
        """The other hosts that could have that unit."""
        return {other for other, wanted in self.contenders
                if wanted == unit and other != host}

    def most(self, host: str) -> int:
        """How many the one has who has the most of those that have
        something which that host could have."""
        return max((self.held(self.holders[unit])
                    for other, unit in self.contenders
                    if other == host and unit in self.holders), default=0)

    @property
    def settled(self) -> bool:
        """Whether each unit is with somebody: nothing is on its way."""
        return all(unit in self.holders for _, unit in self.contenders)


def may_take(view: View, host: str, unit: str,
             passed: Collection[str] = ()) -> bool:
    """Whether that host is to try to get that unit. `passed`: hosts that
    are not waited for."""
    return unit not in view.holders and all(
        view.held(other) >= view.held(host)
        for other in view.others(host, unit).difference(passed))


def should_give(view: View, host: str, unit: str, steady: Collection[str]
                ) -> bool:
    """Whether that host, which has that unit, is to leave it to another.

    One at a time, from whoever has the most, and to no host that may be
    gone in a moment: only to `steady` ones.
    """
    held = view.held(host)
    return view.settled and any(
        other in steady and view.held(other) + 2 <= held
        and held >= view.most(other)
        for other in view.others(host, unit))
