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

"""synchronizer graph export: the graph in forms that other programs read."""

import argparse
import io
import json
import os
import time
from typing import Any

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.cmd import common
from synchronizer.cmd.user import base
from synchronizer.cmd.user import graphs
from synchronizer.graph import exports

FORMATS = ('json', 'graphml', 'dot', 'svg', 'html')


class Export(graphs.Graphing, base.Command):
    """Write the graph, or the part around one entity, to a file or stdout.

    json is node-link JSON, graphml is for Gephi and yEd, dot for Graphviz;
    html is a page that needs nothing but a browser.
    """

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """What, how, and where to."""
        super().add_options(parser)
        parser.add_argument(
            '-f', '--format', choices=FORMATS,
            help='the form (default: what the name of the file ends with)')
        parser.add_argument('-o', '--output', metavar='FILE',
                            help='where to (default: stdout)')
        parser.add_argument(
            '--around', nargs=2, metavar=('TYPE', 'ID'),
            help='only the part around this entity (its id or name)')
        parser.add_argument(
            '--depth', type=common.number(int, 0), default=2, metavar='N',
            help='so many steps around it (default: 2)')
        parser.add_argument(
            '--limit', type=common.number(int, 1), default=500, metavar='N',
            help='at most so many entities around it (default: 500)')

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Load, and write."""
        form = _form(parsed_args)
        part = self._part(parsed_args)
        written = _write(part, form, parsed_args.at)
        if parsed_args.output is None:
            self.app.stdout.write(written)
            return
        try:
            with open(parsed_args.output, 'w', encoding='utf-8',
                      opener=_for_the_owner) as file:
                file.write(written)
        except OSError as error:
            raise exception.InvalidArgument(
                f'{parsed_args.output} cannot be written: '
                f'{error.strerror}') from error

    def _part(self, parsed_args: argparse.Namespace) -> Any:
        loaded = self.load(parsed_args.types, parsed_args.at)
        if not parsed_args.around:
            return loaded.nx
        node = self.node(loaded, *parsed_args.around)
        part = loaded.around(*node, parsed_args.depth, parsed_args.limit)
        if part.graph['left_out']:
            self.tell(f'no room for {part.graph["left_out"]} more (--limit '
                      f'{parsed_args.limit})')
        return part


def _form(parsed_args: argparse.Namespace) -> str:
    ending = (parsed_args.output or '').rpartition('.')[2].lower()
    form = parsed_args.format or (ending if ending in FORMATS else None)
    if form is None:
        raise exception.InvalidArgument(
            f'say the form: -f {"|".join(FORMATS)}')
    return form


def _write(part: Any, form: str, at: str | None) -> str:
    return _WRITERS[form](part, at or wire.text(time.time()))


def _graphml(part: Any, made: str) -> str:
    target = io.BytesIO()
    exports.write_graphml(part, target)
    return target.getvalue().decode() + '\n'


_WRITERS: dict[str, Any] = {
    'json': lambda part, made: json.dumps(exports.to_node_link(part)) + '\n',
    'graphml': _graphml,
    'dot': lambda part, made: exports.to_dot(part),
    'svg': lambda part, made: exports.to_svg(part),
    'html': lambda part, made: exports.to_html(part, made=made)}


def _for_the_owner(path: str, flags: int) -> int:
    """What is in it is as secret as the cloud."""
    return os.open(path, flags, 0o600)
