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

"""Marks resources unhealthy in Heat, so that an update puts them right."""

from collections.abc import Callable
from collections.abc import Mapping
import time
from typing import Any

from oslo_log import log

from synchronizer import exception
from synchronizer.conf import reality as options_module
from synchronizer.model import entity as entity_module
from synchronizer.model import position
from synchronizer.plugins import derived
from synchronizer.plugins import hints
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.reality import act
from synchronizer.plugins.reality import judge

LOG = log.getLogger(__name__)

AGAIN = 30.0
"""Seconds after which those that were left alone are thought over."""

REST = 60.0
"""Seconds for which one is left alone that could not be marked."""

AWAY = 30.0
"""Whoever was not asked for so long may not have been the owner."""

SIGNED = 'synchronizer: '
"""How the reasons begin that we give to Heat."""


class Actor:
    """Thinks all drifts over, now and then; called from one thread."""

    def __init__(self, streams: derived.Streams, options: Mapping[str, Any],
                 repairable: act.Repairable,
                 monotonic: Callable[[], float] = time.monotonic,
                 wall: Callable[[], float] = time.time) -> None:
        self._streams, self._repairable = streams, repairable
        self._acts = options.get('act') == options_module.MARK
        self._dry = bool(options.get('act_dry_run'))
        self._limit = act.Limit(options.get('act_limit', 0), monotonic)
        self._monotonic, self._wall = monotonic, wall
        self._done: set[tuple[str, str]] = set()
        self._resting: dict[tuple[str, str], float] = {}
        self._stepped_at = 0.0
        self._seen: position.Position | None = None
        self._due = -AGAIN
        self._counted = False

    def step(self) -> None:
        """Do what is to be done, if there is any news."""
        if not self._acts:
            return
        self._notice_absence()
        rows = self._streams.rows()
        row = rows[judge.DRIFT]
        if row.position == self._seen and self._monotonic() < self._due:
            return
        self._count_earlier()
        self._seen, self._due = row.position, self._monotonic() + AGAIN
        drifts = [drift for page in self._streams.walk(judge.DRIFT)
                  for drift in page]
        self._forget({_mark(drift) for drift in drifts})
        states = {type_: row.state for type_, row in rows.items()}
        for drift, decision in act.plan(
                [drift for drift in drifts if self._is_open(drift)],
                self._held, states, self._repairable, self._limit):
            if decision.act:
                self._act(drift, decision)

    def _notice_absence(self) -> None:
        """We were not the owner for a while: another may have marked."""
        now = self._monotonic()
        if now - self._stepped_at > AWAY:
            self._counted = False
        self._stepped_at = now

    def _forget(self, marks: set[tuple[str, str]]) -> None:
        self._done &= marks
        self._resting = {mark: at for mark, at in self._resting.items()
                         if mark in marks}

    def _is_open(self, drift: entity_module.Entity) -> bool:
        mark = _mark(drift)
        return mark not in self._done and (
            self._resting.get(mark, -REST) <= self._monotonic())

    def _held(self, type_: str, id_: str) -> entity_module.Entity | None:
        return self._streams.held(type_, [id_]).get(id_)

    def _count_earlier(self) -> None:
        """What was marked before we were started counts as well."""
        if self._counted:
            return
        since = self._wall() - act.AN_HOUR
        marked = [resource for page in self._streams.walk(judge.RESOURCE)
                  for resource in page if _is_ours(resource, since)]
        for _ in range(len(marked) - self._limit.used()):
            self._limit.allows()
        self._counted = True

    def _act(self, drift: entity_module.Entity, decision: act.Decision
             ) -> None:
        says = {'what': f'{drift.attributes["stack_name"]}/{drift.name}',
                'why': decision.why}
        self._done.add(_mark(drift))
        if self._dry:
            LOG.info('dry run: %(what)s would be marked unhealthy: %(why)s',
                     says)
            return
        try:
            if self._was_marked(drift):
                self._limit.give_back()
                return
            # Heat tells nobody of a mark that is set: so it is asked
            found = self._streams.fresh(judge.RESOURCE, drift.id)
            if found is None or str(found.state).endswith('_IN_PROGRESS'):
                self._postpone(drift)
            elif found.state == act.MARKED:
                self._limit.give_back()
            else:
                self._mark(drift, decision.reason)
                LOG.warning('%(what)s is marked unhealthy: %(why)s', says)
        except exception.CloudError as error:
            self._postpone(drift)
            LOG.warning('%(what)s cannot be marked unhealthy: %(error)s',
                        {**says, 'error': error})

    def _postpone(self, drift: entity_module.Entity) -> None:
        """Nothing came of it: it is tried again, after others."""
        self._limit.give_back()
        self._done.discard(_mark(drift))
        self._resting[_mark(drift)] = self._monotonic() + REST

    def _was_marked(self, drift: entity_module.Entity) -> bool:
        """Before we were started, and somebody took it back."""
        since = str(drift.attributes.get('since'))
        return any(change.committed_at >= since and _is_signed(change.entity)
                   for change in self._streams.history(
                       judge.RESOURCE, drift.id))

    def _mark(self, drift: entity_module.Entity, reason: str) -> None:
        shown = drift.attributes
        path = stacks_module.path_of({
            'stack_name': shown['stack_name'], 'id': shown['stack_id']})
        self._streams.session(judge.STACK).patch(
            f'{path}/resources/{stacks_module.quoted(str(drift.name))}',
            {'mark_unhealthy': True, 'resource_status_reason': reason})
        self._streams.look(judge.RESOURCE, drift.id)


def _mark(drift: entity_module.Entity) -> tuple[str, str]:
    """Names one drift: the same resource may drift again one day."""
    return drift.id, str(drift.attributes.get('since'))


def _is_signed(resource: entity_module.Entity) -> bool:
    return resource.state == act.MARKED and SIGNED in str(
        resource.attributes.get('resource_status_reason'))


def _is_ours(resource: entity_module.Entity, since: float) -> bool:
    if not _is_signed(resource):
        return False
    seen = hints.unix(resource.sampled_at)
    return seen is not None and seen >= since
