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

"""synchronizer history: what happened to one entity."""

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from synchronizer import exception
from synchronizer.cmd import common
from synchronizer.cmd.user import base
from synchronizer.cmd.user import differences
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import initiator as initiator_module


class History(base.Lister):
    """Show what happened to one entity, oldest first.

    As far back as the journal goes, and also of one that was deleted. The
    old values of the first change shown are known only if the change
    before it is still in the journal. Who did it is known where a
    notification told it.
    """

    COLUMNS = ('committed_at', 'revision', 'action', 'cause', 'by', 'name',
               'state', 'differences')

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Whose."""
        parser.add_argument('type', metavar='TYPE', help='as nova.instance')
        parser.add_argument(
            'entity', metavar='ID',
            help='its id, or a name that only one has which still exists')
        parser.add_argument(
            '--limit', type=common.number(int, 1, 999), default=100,
            metavar='N', help='only the last so many changes (default: 100)')

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[Sequence[str], Iterator[list[Any]]]:
        """Ask for one change more, for its values."""
        self.service.streams([parsed_args.type])
        changes = self._changes(parsed_args)
        self.choose(parsed_args, self.COLUMNS)
        steps = list(_steps(changes[::-1]))[-parsed_args.limit:]
        return self.COLUMNS, self.rows(map(self._row, steps))

    def _changes(self, parsed_args: argparse.Namespace
                 ) -> list[change_module.Change]:
        type_, text = parsed_args.type, parsed_args.entity
        limit = parsed_args.limit + 1
        changes = self.service.history(type_, text, limit)
        if changes:
            return changes
        found = self.service.find(type_, text)
        changes = self.service.history(type_, found.id, limit)
        if not changes:
            raise exception.InvalidArgument(
                f'{type_} {found.id} is there, and nothing happened to it '
                'since the journal begins')
        return changes

    def _row(self, step: tuple[change_module.Change, list]) -> list[Any]:
        change, found = step
        told = ([one.as_dict() for one in found]
                if self._format in (*base.NESTED, 'csv')
                else '\n'.join(map(str, found)))
        return [change.committed_at, change.revision, change.action,
                change.cause, self._by(change.initiator),
                change.entity.name, change.entity.state, told]

    def _by(self, who: initiator_module.Initiator | None
            ) -> dict[str, str | None] | str | None:
        """All that is known where there is room for it, else the user."""
        if self._format in base.NESTED:
            return initiator_module.plain(who)
        return who and who.user_id


def _steps(changes: Sequence[change_module.Change]
           ) -> Iterator[tuple[change_module.Change,
                               list[differences.Difference]]]:
    """Each change with what differs from the one before."""
    before: entity_module.Entity | None = None
    for change in changes:
        yield change, differences.between(before, change.entity,
                                          change.changed)
        before = change.entity
