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

"""synchronizer graph: questions to the relations between entities."""

import argparse
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from synchronizer import exception
from synchronizer import graph
from synchronizer.cmd.user import base
from synchronizer.cmd.user import graphs
from synchronizer.cmd.user import moments
from synchronizer.graph import orphans
from synchronizer.graph.arrows import Edge
from synchronizer.graph.arrows import Node

Answer = tuple[Sequence[str], Iterator[list[Any]]]


class Question(graphs.Graphing, base.Lister):
    """A question with rows as the answer."""

    COLUMNS: tuple[str, ...] = ()

    def take_action(self, parsed_args: argparse.Namespace) -> Answer:
        """Load, and ask."""
        self.choose(parsed_args, self.COLUMNS)
        return self.COLUMNS, self.rows(self.answer(parsed_args))

    def answer(self, parsed_args: argparse.Namespace
               ) -> Iterable[Iterable[Any]]:
        """The rows."""
        raise NotImplementedError


class RunsOn(Question):
    """Show all that an entity stands on, nearest first.

    "nova.instance web-1" and "runs-on ->" before a host say that the
    server web-1 runs on it.
    """

    COLUMNS = ('depth', 'type', 'id', 'name', 'state', 'before', 'relation')

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Whose."""
        super().add_options(parser)
        graphs.add_entity(parser, '')

    def answer(self, parsed_args: argparse.Namespace) -> Iterator[list[Any]]:
        """One row for each."""
        loaded = self.load(parsed_args.types, parsed_args.at)
        node = self.node(loaded, parsed_args.type, parsed_args.id)
        for one in loaded.runs_on(*node):
            yield [one.depth, *graphs.shown(loaded, one.node),
                   *_step(loaded, one.edge, one.node)]


class HangsOn(RunsOn):
    """Show all that is hurt when an entity fails: the blast radius.

    Harm is lost (it does not work without), impaired (a part of it is
    hurt) or touched (sound in itself, but in use there).
    """

    COLUMNS = ('depth', 'harm', 'type', 'id', 'name', 'state', 'before',
               'relation')

    def answer(self, parsed_args: argparse.Namespace) -> Iterator[list[Any]]:
        """One row for each."""
        loaded = self.load(parsed_args.types, parsed_args.at)
        node = self.node(loaded, parsed_args.type, parsed_args.id)
        for one in loaded.hangs_on(*node):
            yield [one.depth, one.harm and one.harm.value,
                   *graphs.shown(loaded, one.node),
                   *_step(loaded, one.edge, one.node)]


class Path(Question):
    """Show a shortest way between two entities."""

    COLUMNS = ('step', 'from_type', 'from_id', 'from_name', 'relation',
               'to_type', 'to_id', 'to_name')

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Between which."""
        super().add_options(parser)
        graphs.add_entity(parser, '', 'other_')

    def answer(self, parsed_args: argparse.Namespace) -> Iterator[list[Any]]:
        """One row for each relation, in the direction that it has."""
        loaded = self.load(parsed_args.types, parsed_args.at)
        start = self.node(loaded, parsed_args.type, parsed_args.id)
        end = self.node(loaded, parsed_args.other_type, parsed_args.other_id)
        way = loaded.path(start, end)
        if way is None:
            raise exception.InvalidArgument(
                f'no relations lead from {" ".join(start)} to '
                f'{" ".join(end)}')
        for number, edge in enumerate(way, 1):
            yield [number, *_named(loaded, edge.start), edge.kind,
                   *_named(loaded, edge.end)]


class Orphans(Question):
    """Show what hangs in the air: what it needs or points to is not there.
    """

    COLUMNS = ('kind', 'type', 'id', 'name', 'state', 'reason')

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Which kind."""
        super().add_options(parser)
        parser.add_argument('--kind', choices=orphans.KINDS,
                            help='only this kind')

    def answer(self, parsed_args: argparse.Namespace) -> Iterator[list[Any]]:
        """One row for each finding."""
        loaded = self.load(parsed_args.types, parsed_args.at)
        for orphan in loaded.orphans():
            if parsed_args.kind in (None, orphan.kind):
                yield [orphan.kind, *graphs.shown(loaded, orphan.node),
                       orphan.reason]


class Differences(Question):
    """Show what differs between two moments: entities and relations."""

    COLUMNS = ('what', 'type', 'id', 'name', 'detail')

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The other moment."""
        super().add_options(parser)
        parser.add_argument(
            '--to', type=moments.moment, metavar='TIME',
            help='the later moment, in the same form (default: now)')

    def answer(self, parsed_args: argparse.Namespace) -> Iterator[list[Any]]:
        """Entities, and then relations."""
        if parsed_args.at is None:
            raise exception.InvalidArgument(
                'say by --at from when on, as --at -2h')
        old = self.load(parsed_args.types, parsed_args.at)
        new = self.load(parsed_args.types, parsed_args.to)
        found = old.differences(new)
        for node in found.added:
            yield ['added', *_named(new, node), None]
        for node in found.removed:
            yield ['removed', *_named(old, node), None]
        for node, fields in found.changed:
            yield ['changed', *_named(new, node), ', '.join(fields)]
        yield from _relations('relation added', new, found.edges_added)
        yield from _relations('relation removed', old, found.edges_removed)


def _relations(what: str, loaded: graph.EntityGraph, edges: Iterable[Edge]
               ) -> Iterator[list[Any]]:
    for edge in edges:
        yield [what, *_named(loaded, edge.start),
               f'{edge.kind} {" ".join(edge.end)}']


def _named(loaded: graph.EntityGraph, node: Node) -> list[Any]:
    return graphs.shown(loaded, node)[:3]


def _step(loaded: graph.EntityGraph, edge: Edge | None, node: Node
          ) -> tuple[str | None, str | None]:
    """From what it was reached, and by which relation."""
    if edge is None:
        return None, None
    type_, id_, name, _ = graphs.shown(loaded, edge.other(node))
    arrow = f'<- {edge.kind}' if edge.start == node else f'{edge.kind} ->'
    return f'{type_} {name or id_}', arrow
