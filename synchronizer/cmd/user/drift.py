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

"""synchronizer drift: resources that are not what their stacks say."""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from synchronizer import exception
from synchronizer.cmd import common
from synchronizer.cmd.user import base
from synchronizer.cmd.user import drift_rows
from synchronizer.cmd.user import drift_watch
from synchronizer.cmd.user import family
from synchronizer.cmd.user import moments
from synchronizer.model import entity as entity_module

TYPE = drift_watch.TYPE
OFF = (f'there is no {TYPE} here: the observer is off; "enable_observer = '
       'true" under [reality] of the service\'s configuration switches it on')

Entity = entity_module.Entity


class Drift(base.Lister):
    """Show what is not as the stacks say, desired and actual side by side.

    Changed is what differs in these properties, missing what is gone, and
    of what is unknown the reason says why nobody can tell.
    """

    code = 0

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Of what, and how."""
        parser.add_argument(
            'stack', nargs='?', metavar='STACK', help='only in this stack '
            'and those nested in it: its id, or a name that no other has')
        parser.add_argument(
            '--verdict', action='append', default=[],
            choices=drift_rows.VERDICTS, help='only these; can be repeated')
        parser.add_argument(
            '--long', action='store_true', help='show also what caused it, '
            'ids, and what cannot be compared')
        parser.add_argument(
            '--fail', action='store_true', help='exit with 1 if anything '
            'shown is changed or missing, or nothing was ever compared')
        way = parser.add_mutually_exclusive_group()
        moments.add_option(way)
        way.add_argument(
            '--watch', action='store_true', help='then show what appears, '
            'changes and goes, until interrupted; -f json: an object a line')
        way.add_argument(
            '--dry-run', action='store_true', help='show what would be '
            'marked unhealthy, and why the rest would not, the oldest first')
        parser.add_argument(
            '--act-limit', type=common.number(int, 0), metavar='N',
            help='with --dry-run: at most so many in an hour')

    def run(self, parsed_args: argparse.Namespace) -> int:
        """The exit code tells how things are, if that was asked."""
        return super().run(parsed_args) or self.code

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[Sequence[str], Iterable[list[Any]]]:
        """Watch, or read."""
        _check(parsed_args)
        streams = {one['type']: one for one in self.service.streams()}
        if TYPE not in streams:
            raise exception.UnknownType(OFF)
        if not parsed_args.at:
            self._doubt(streams[TYPE])
        self._compared = streams[TYPE]['collected_at'] is not None
        chosen = self._chosen(parsed_args)
        if parsed_args.watch:
            drift_watch.Following(self, chosen, self._format == 'json',
                                  parsed_args.long).run()
        drifts = list(self.read([streams[TYPE]], parsed_args.at))
        shown = sorted(filter(chosen, drifts), key=drift_rows.order)
        if parsed_args.fail:
            self.code = self._failure(shown)
        if parsed_args.dry_run:
            return self._plan(parsed_args, streams, drifts, chosen)
        return self._table(parsed_args, shown)

    def produce_output(self, parsed_args: argparse.Namespace,
                       column_names: Sequence[str], data: Any) -> int:
        """That there is nothing is said in words to people."""
        found = list(data)
        if not found and self._compared and self._format == 'table':
            self.app.stdout.write('no drift\n')
            return 0
        return super().produce_output(parsed_args, column_names, found)

    # --- what is shown ---------------------------------------------------

    def _table(self, parsed_args: argparse.Namespace,
               drifts: Iterable[Entity]
               ) -> tuple[Sequence[str], Iterable[list[Any]]]:
        names = (*drift_rows.COLUMNS, *drift_rows.LONG)
        self.choose(parsed_args, names)
        if not parsed_args.columns and not parsed_args.long:
            names = drift_rows.COLUMNS
        return names, self._cells(names, (
            row for drift in drifts
            for row in drift_rows.rows(drift, parsed_args.long)))

    def _plan(self, parsed_args: argparse.Namespace,
              streams: dict[str, dict[str, Any]], drifts: list[Entity],
              chosen: drift_watch.Takes
              ) -> tuple[Sequence[str], Iterable[list[Any]]]:
        # the comparison tables of all types, which nothing else here needs
        from synchronizer.cmd.user import drift_plan
        self.choose(parsed_args, drift_rows.PLAN)
        states = {type_: one['state'] for type_, one in streams.items()}
        made = drift_plan.made(self.service, drifts, states,
                               parsed_args.act_limit)
        return drift_rows.PLAN, self._cells(drift_rows.PLAN, (
            drift_rows.planned(drift, decision)
            for drift, decision in made if chosen(drift)))

    def _cells(self, names: Sequence[str], rows: Iterable[drift_rows.Row]
               ) -> Iterable[list[Any]]:
        if self._format == 'table':
            rows = map(drift_rows.for_people, rows)
        return self.rows([row[name] for name in names] for row in rows)

    def _failure(self, shown: Iterable[Entity]) -> int:
        return int(not self._compared or any(
            drift.state in drift_rows.CERTAIN
            for drift in shown))

    def _doubt(self, stream: dict[str, Any]) -> None:
        """Say so if what is shown may not be how it is. Of what was never
        collected, reading says so."""
        if stream['state'] != 'live' and stream['collected_at'] is not None:
            error = f' ({stream["error"]})' if stream['error'] else ''
            self.tell(f'{TYPE} is {stream["state"]}{error}: what is shown '
                      f'was seen whole at {stream["collected_at"]}')

    # --- which are shown -------------------------------------------------

    def _chosen(self, parsed_args: argparse.Namespace) -> drift_watch.Takes:
        verdicts = parsed_args.verdict or drift_rows.VERDICTS
        if parsed_args.stack is None:
            return lambda drift: drift.state in verdicts
        kin = self._family(parsed_args.stack, parsed_args.at)
        return lambda drift: drift.state in verdicts and kin.has(
            drift_rows.stack_of(drift))

    def _family(self, text: str, at: str | None) -> family.Family:
        """The stack of this id or else name, with what is nested in it."""
        stacks = {stack.id: stack for stack in self.read(
            self.service.streams([family.TYPE]), at)}
        named = [stack for stack in stacks.values() if stack.name == text]
        if text not in stacks and len(named) == 1:
            text = named[0].id
        if text not in stacks:
            # there is none, or more than one: this says so
            text = self.service.find(family.TYPE, text, at).id
        return family.Family(text, stacks.values(), lambda id_: (
            None if at else self.service.ask(
                'get', family.TYPE, [id_]).get(id_)))


def _check(parsed_args: argparse.Namespace) -> None:
    """Refuse what says nothing."""
    if parsed_args.act_limit is not None and not parsed_args.dry_run:
        raise exception.InvalidArgument(
            '--act-limit says something only with --dry-run')
    if not parsed_args.watch:
        return
    if parsed_args.formatter not in ('table', 'json'):
        raise exception.InvalidArgument(
            '--watch writes text, or with -f json an object a line')
    if parsed_args.fail or parsed_args.columns or parsed_args.sort_columns:
        raise exception.InvalidArgument(
            '--watch takes no --fail, -c or --sort-column')
