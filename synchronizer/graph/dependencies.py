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

"""What each kind of relation means when one of its ends fails."""

import enum
from typing import NamedTuple


class Harm(enum.Enum):
    """What the fall of one does to another."""

    LOST = 'lost'
    """It does not work without."""

    IMPAIRED = 'impaired'
    """A part of it is lost, or what it refers to."""

    TOUCHED = 'touched'
    """It is sound itself, but was in use there."""


START, END = 'start', 'end'


class Rule(NamedTuple):
    """When one end of such a relation fails, this happens to the other."""

    kind: str
    hurt: str
    """The end that suffers: START or END of the arrow."""

    harm: Harm
    stands: bool = True
    """Whether it stands on the other. What only goes away with its owner,
    or was in use there, does not."""

    start: str | None = None
    """Only from this type; None: from any."""

    end: str | None = None
    """Only to this type; None: to any."""


RULES = (
    # a host takes its instances along; a zone or aggregate its hosts
    Rule('runs-on', START, Harm.LOST),
    Rule('in-zone', START, Harm.LOST),
    Rule('member-of', START, Harm.LOST, start='nova.host'),
    # a pool takes its volumes along, and a volume those that have it in use;
    # a volume outlives the instance, and can be attached elsewhere
    Rule('stored-in', START, Harm.LOST),
    Rule('attached-to', END, Harm.LOST),
    Rule('attached-to', START, Harm.TOUCHED, stands=False),
    # a snapshot lives beside its volume; backups and copies are their own
    Rule('made-from', START, Harm.LOST, start='cinder.snapshot',
         end='cinder.volume'),
    # a stack is impaired when a part is; what it made goes when it goes
    Rule('contains', START, Harm.IMPAIRED),
    Rule('contains', END, Harm.LOST, stands=False),
    Rule('realized-by', START, Harm.IMPAIRED),
    Rule('realized-by', END, Harm.LOST, stands=False),
    Rule('depends-on', START, Harm.IMPAIRED),
    Rule('about', START, Harm.IMPAIRED, start='heat.software_deployment'),
    Rule('about', START, Harm.LOST, start='heat.snapshot', end='heat.stack'),
)
"""No word of `has-flavor`, `of-type` and server groups: what was made from
them goes on without. Nor of events and drift, which are only reports."""


def of(kind: str, start: str, end: str, hurt: str) -> tuple[Rule, ...]:
    """The rules for one relation, and the end of it that may suffer."""
    return tuple(
        rule for rule in _BY_KIND.get((kind, hurt), ())
        if rule.start in (None, start) and rule.end in (None, end))


_BY_KIND: dict[tuple[str, str], tuple[Rule, ...]] = {
    key: tuple(rule for rule in RULES if (rule.kind, rule.hurt) == key)
    for key in {(rule.kind, rule.hurt) for rule in RULES}}
