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

"""synchronizer show: one entity, whole."""

import argparse
from collections.abc import Sequence
from typing import Any

from synchronizer.bus import wire
from synchronizer.cmd.user import base
from synchronizer.cmd.user import moments
from synchronizer.cmd.user import paths
from synchronizer.model import entity as entity_module


class Show(base.ShowOne):
    """Show one entity with all its attributes.

    In a table every attribute has a line of its own; -f json gives the
    entity exactly as it is.
    """

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Which one, and when."""
        parser.add_argument('type', metavar='TYPE', help='as nova.instance')
        parser.add_argument('entity', metavar='ID',
                            help='its id, or a name that no other has')
        moments.add_option(parser)

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Ask once, or twice."""
        found = self.service.find(parsed_args.type, parsed_args.entity,
                                  parsed_args.at)
        fields = dict(_fields(found, parsed_args))
        # none is left for cliff to choose
        parsed_args.columns = []
        return list(fields), [
            base.cell(value, parsed_args.formatter)
            for value in fields.values()]


def _fields(entity: entity_module.Entity, parsed_args: argparse.Namespace
            ) -> list[tuple[str, Any]]:
    if parsed_args.columns:
        columns = [paths.Path(name) for name in parsed_args.columns]
        found = [(column.name, column.one(entity)) for column in columns]
        for column in columns:
            column.check()
        return found
    body = dict(wire.entity_to_dict(entity))
    if parsed_args.formatter in base.NESTED:
        return list(body.items())
    attributes = body.pop('attributes')
    relations = [f'{one["kind"]} {one["type"]} {one["id"]}'
                 for one in body.pop('relations')]
    return [*body.items(), ('relations', '\n'.join(relations)),
            *((path, value) for path, value
              in paths.flat(attributes, 'attributes')
              if value != {})]
