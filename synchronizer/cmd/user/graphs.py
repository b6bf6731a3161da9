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

"""Loading the graph for a command, and finding entities in it."""

import argparse
from typing import Any

from synchronizer import graph
from synchronizer.cmd.user import base
from synchronizer.cmd.user import connection
from synchronizer.cmd.user import moments
from synchronizer.graph.arrows import Node


class Graphing(base.Asking):
    """A command that needs the graph of all entities."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What of the cloud, and when."""
        parser.add_argument(
            '--type', action='append', default=[], dest='types',
            metavar='TYPE', help='load only this type; can be repeated '
            '(default: all)')
        moments.add_option(parser)

    def load(self, types: list[str], at: str | None) -> graph.EntityGraph:
        """All entities of these types, or of all, and their relations."""
        streams = self.service.streams(types)
        made = graph.EntityGraph(types=[
            stream['type'] for stream in streams
            if stream['collected_at'] is not None])
        for entity in self.read(streams, at):
            made.put(entity)
        return made

    def node(self, loaded: graph.EntityGraph, type_: str, text: str) -> Node:
        """The node of this id, or else of this name."""
        if (type_, text) in loaded.nx:
            return type_, text
        if not loaded.is_loaded(type_):
            raise connection.unknown_type(type_, loaded.types or ())
        of_type = [entity for entity in loaded.entities()
                   if entity.type == type_]
        found = connection.only(
            type_, text, [one for one in of_type if one.name == text],
            {one.name for one in of_type if one.name})
        return type_, found.id


def add_entity(parser: argparse.ArgumentParser, *names: str) -> None:
    """Options that name entities, two words each."""
    for name in names:
        parser.add_argument(f'{name}type', metavar='TYPE',
                            help='as nova.instance')
        parser.add_argument(f'{name}id', metavar='ID', help='its id or name')


def shown(loaded: graph.EntityGraph, node: Node) -> list[Any]:
    """Type, id, name and state of a node, as far as they are known."""
    entity = loaded.entity(*node)
    return [*node, entity and entity.name, entity and entity.state]
