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

"""Judges resources: what they should be against what the streams show.

What the streams show may be older than what Heat has just done. So a
difference is published only once the services themselves have shown it:
first the thing, then the stack, which must still be at rest and as it was.
"""

from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any

from oslo_log import log

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.plugins import base
from synchronizer.plugins.reality import desired as desired_module
from synchronizer.plugins.reality import masks as masks_module
from synchronizer.plugins.reality import sight as sight_module
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality import verdict as verdict_module
from synchronizer.plugins.reality.verdict import CHANGED
from synchronizer.plugins.reality.verdict import MISSING
from synchronizer.plugins.reality.verdict import UNKNOWN
from synchronizer.plugins.reality.verdict import Verdict

DRIFT = 'heat.drift'
RESOURCE, STACK = sight_module.RESOURCE, sight_module.STACK

AT_REST = frozenset({
    *(f'{action}_COMPLETE' for action in (
        'CREATE', 'UPDATE', 'ADOPT', 'SUSPEND', 'RESUME', 'CHECK',
        'SNAPSHOT')),
    'CHECK_FAILED', 'SNAPSHOT_FAILED'})
"""States in which Heat says what a resource is. What failed half-way may be
anything, and Heat knows that itself."""

OVER = ('DELETE', 'INIT')
"""Of these nothing is to be had, or not yet."""

LOG = log.getLogger(__name__)

KindOf = Callable[[str], table.Kind | None]
Seen = Mapping[sight_module.Thing, entity_module.Entity | None]


@dataclasses.dataclass(frozen=True, slots=True)
class _Case:
    """One resource that is to be judged."""

    kind: table.Kind
    subject: table.Subject
    silent: Mapping[str, str]


class _Unsettled(Exception):
    """It is being worked on: what was said of it stays."""


class Judge:
    """Thread-safe."""

    def __init__(self, eyes: sight_module.Eyes,
                 wishes: desired_module.Wishes, masks: masks_module.Masks,
                 kind_of: KindOf, now: Callable[[], str]) -> None:
        """`now`: the wall clock, as the contract writes it."""
        self._eyes, self._wishes, self._masks = eyes, wishes, masks
        self._kind_of, self._now = kind_of, now

    def prepare(self, resources: Sequence[entity_module.Entity]) -> Seen:
        """What many of them will look at, in one go."""
        ids = [resource.id for resource in resources]
        published = self._eyes.streams.held(DRIFT, ids)
        return {**self._eyes.fetch({resource.id: _will_look_at(resource)
                                    for resource in resources}),
                **{(DRIFT, id_): published.get(id_) for id_ in ids}}

    def judge(self, id_: str, seen: Seen | None = None) -> base.Record:
        """What is to be published of one resource."""
        if seen is None:
            self._eyes.index.forget(id_)
        sight = sight_module.Sight(self._eyes, id_, seen)
        resource = published = None
        try:
            published = self._published(id_, seen)
            resource = sight.held(RESOURCE, id_)
            return self._judge(resource, published, sight) or (
                verdict_module.gone(id_))
        except _Unsettled:
            return verdict_module.kept(published) if (
                published) else verdict_module.gone(id_)
        except table.Unknowable as error:
            return self._unknown(id_, resource, published, str(error))
        except exception.StoreError:
            raise
        except Exception as error:
            # one resource of a shape that nobody knows costs its own
            # verdict, and no other's
            LOG.exception('%(id)s cannot be compared', {'id': id_})
            # what it says may quote a value
            return self._unknown(
                id_, resource, published,
                f'it cannot be compared ({type(error).__name__})')
        finally:
            if resource is None:
                self._wishes.forget(id_)
                self._eyes.index.forget(id_)

    def keep_stacks(self, ids: Container[str]) -> None:
        """Forget what is remembered of other stacks."""
        self._masks.keep(ids)

    def _published(self, id_: str, seen: Seen | None
                   ) -> entity_module.Entity | None:
        if seen is not None and (DRIFT, id_) in seen:
            return seen[DRIFT, id_]
        return self._eyes.streams.held(DRIFT, [id_]).get(id_)

    def _judge(self, resource: entity_module.Entity | None,
               published: entity_module.Entity | None,
               sight: sight_module.Sight) -> base.Record | None:
        if resource is None:
            return None
        stack = sight.held(STACK, _stack_of(resource))
        _require_rest(resource, stack)
        if resource.state not in AT_REST:
            return self._half_done(resource, stack, published, sight)
        case = self._case(resource, stack)
        if case is None:
            return None
        found = self._compare(case, sight)
        if found is None:
            return None
        if published is None or verdict_module.says(
                published) != found.says():
            found = self._confirmed(case, sight, found)
        if found is None:
            return None
        return verdict_module.record(
            resource, stack.name, found, self._origin(found, published))

    def _half_done(self, resource: entity_module.Entity,
                   stack: entity_module.Entity,
                   published: entity_module.Entity | None,
                   sight: sight_module.Sight) -> base.Record | None:
        """What failed half-way may be anything, and nothing is said of it
        anew. But what was missing is so until it is there."""
        if published is None or published.state == UNKNOWN or (
                resource.state.startswith(OVER)):
            return None
        kind = self._kind_of(resource.attributes['resource_type'])
        if published.state != MISSING or kind is None:
            raise _Unsettled
        found = self._compare(_Case(_only_there(kind), table.Subject(
            resource, stack, {}), {}), sight)
        if found is None:
            return None
        raise _Unsettled

    def _case(self, resource: entity_module.Entity,
              stack: entity_module.Entity) -> _Case | None:
        kind = self._kind_of(resource.attributes['resource_type'])
        if kind is None or not resource.attributes.get(
                'physical_resource_id'):
            return None
        names = frozenset(one.name for one in kind.properties)
        if not names:
            return _Case(kind, table.Subject(resource, stack, {}), {})
        try:
            wish = self._wishes.of(resource, stack, names)
        except exception.NotFound as error:
            # its end has not been seen yet
            raise _Unsettled from error
        except exception.CloudError as error:
            raise table.Unknowable(
                f'what it should be cannot be read: {error}') from error
        if wish.is_external:
            kind = _only_there(kind)
        return _Case(kind, table.Subject(resource, stack, wish.properties),
                     wish.silent)

    def _compare(self, case: _Case, sight: sight_module.Sight
                 ) -> Verdict | None:
        try:
            finding = table.compare(case.kind, case.subject, sight)
        except table.NotComparable:
            return None
        shown_by = next(
            (thing for thing in sight.looked_at
             if thing[0] not in (RESOURCE, STACK)),
            next((thing for thing in sight.looked_at
                  if thing[1] == case.subject.physical_id), None))
        silent = {**finding.not_comparable, **case.silent}
        if not finding.present:
            return Verdict(MISSING, _missing(case.subject),
                           shown_by=shown_by)
        if not finding.differences:
            return None
        return Verdict(
            CHANGED, None, *self._masks.shown(
                case.subject.stack, str(case.subject.resource.name),
                finding.differences, silent), shown_by,
            tuple(field for one in case.kind.properties
                  if one.name in finding.differences for field in one.fields))

    def _confirmed(self, case: _Case, sight: sight_module.Sight,
                   said: Verdict) -> Verdict | None:
        """What the services show; what the streams say of where it shows
        and of what it may be."""
        fresh = sight_module.Sight(
            self._eyes, case.subject.resource.id, fresh=True)
        found = self._compare(case, fresh)
        resource = fresh.held(RESOURCE, case.subject.resource.id)
        stack = fresh.held(STACK, case.subject.stack.id)
        if resource is None or stack is None:
            raise _Unsettled
        _require_rest(resource, stack)
        if _version(resource, stack) != _version(
                case.subject.resource, case.subject.stack):
            self._eyes.streams.look(RESOURCE, resource.id)
            self._eyes.streams.look(STACK, stack.id)
            raise _Unsettled
        if said.shown_by is not None and (
                found is None or found.says() != said.says()):
            # its stream is behind
            self._eyes.streams.look(*said.shown_by)
        return found and dataclasses.replace(found, shown_by=said.shown_by)

    # --- where it comes from ---------------------------------------------

    def _origin(self, found: Verdict,
                published: entity_module.Entity | None) -> dict[str, Any]:
        held = published.attributes if published else None
        if held and verdict_module.says(published) == found.says():
            return {name: held[name]
                    for name in ('since', 'caused_by', 'initiator')}
        cause, caused_by = self._cause(found), None
        if cause is not None:
            caused_by = {'type': cause.type, 'id': cause.id,
                         'revision': cause.revision}
        since = cause.committed_at if cause else self._now()
        if held and held['verdict'] == found.verdict:
            since = held['since']
        return {'since': since, 'caused_by': caused_by,
                'initiator': _who(cause)}

    def _cause(self, found: Verdict) -> change_module.Change | None:
        """The change that made it: the newest that touched what shows it.
        """
        if found.verdict == UNKNOWN or found.shown_by is None:
            return None
        history = self._eyes.streams.history(*found.shown_by)
        if found.verdict == MISSING:
            return next((change for change in history[:1]
                         if change.action == change_module.DELETED), None)
        return next((change for change in history if any(
            field in change.changed for field in found.fields)), None)

    def _unknown(self, id_: str, resource: entity_module.Entity | None,
                 published: entity_module.Entity | None, why: str
                 ) -> base.Record:
        if resource is None:
            # it is not known whether there still is such a resource
            if published is None:
                return verdict_module.gone(id_)
            return {**verdict_module.kept(published),
                    'verdict': UNKNOWN, 'reason': why, 'properties': []}
        found = Verdict(UNKNOWN, why)
        # as it is stored: Heat is what may not answer
        stack_id = _stack_of(resource)
        stack = self._eyes.streams.held(STACK, [stack_id]).get(stack_id)
        return verdict_module.record(
            resource, stack.name if stack else None, found,
            self._origin(found, published))


def _will_look_at(resource: entity_module.Entity
                  ) -> Iterable[sight_module.Thing]:
    yield RESOURCE, resource.id
    yield STACK, _stack_of(resource)
    for arrow in resource.relations:
        if arrow.kind == 'realized-by':
            yield arrow.type, arrow.id


def _only_there(kind: table.Kind) -> table.Kind:
    return dataclasses.replace(kind, properties=())


def _stack_of(resource: entity_module.Entity) -> str:
    return resource.id.partition('/')[0]


def _require_rest(resource: entity_module.Entity,
                  stack: entity_module.Entity | None) -> None:
    if stack is None or any(
            str(one.state).endswith('_IN_PROGRESS')
            for one in (resource, stack)):
        raise _Unsettled


def _version(resource: entity_module.Entity, stack: entity_module.Entity
             ) -> tuple[Any, ...]:
    return (desired_module.mark_of(resource), stack.state,
            stack.attributes.get('updated_time'))


def _missing(subject: table.Subject) -> str:
    return (f'{subject.type} {subject.physical_id} is not there any more')


def _who(cause: change_module.Change | None) -> str | None:
    initiator = cause.initiator if cause else None
    return initiator.user_id if initiator else None
