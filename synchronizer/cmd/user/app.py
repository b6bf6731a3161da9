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

"""The program around the commands."""

import argparse
import logging

from cliff import app
from cliff import commandmanager

from synchronizer import exception
from synchronizer import version
from synchronizer.cmd import common
from synchronizer.cmd.user import connection
from synchronizer.cmd.user import drift
from synchronizer.cmd.user import get_all
from synchronizer.cmd.user import graph
from synchronizer.cmd.user import graph_export
from synchronizer.cmd.user import history
from synchronizer.cmd.user import moments
from synchronizer.cmd.user import show
from synchronizer.cmd.user import sql
from synchronizer.cmd.user import status
from synchronizer.cmd.user import table
from synchronizer.cmd.user import watch

PROGRAM = connection.PROGRAM
TIMEOUT = 15.0
TIMEOUT_LIMITS = (0.1, 86400)

COMMANDS = {
    'status': status.Status,
    'get-all': get_all.GetAll,
    'show': show.Show,
    'watch': watch.Watch,
    'history': history.History,
    'graph runs-on': graph.RunsOn,
    'graph hangs-on': graph.HangsOn,
    'graph path': graph.Path,
    'graph orphans': graph.Orphans,
    'graph differences': graph.Differences,
    'graph export': graph_export.Export,
    'drift': drift.Drift,
    'table': table.Show,
    'sql': sql.Sql,
}


class Shell(app.App):
    """The options that all have in common, and errors on one line."""

    NAME = PROGRAM
    CONSOLE_MESSAGE_FORMAT = f'{PROGRAM}: %(message)s'

    def __init__(self) -> None:
        commands = commandmanager.CommandManager('synchronizer.commands')
        for name, command in COMMANDS.items():
            commands.add_command(name, command)
        super().__init__(connection.DESCRIPTION, version.version_string(),
                         commands, deferred_help=True)

    def build_option_parser(
            self, description: str | None, version: str | None,
            argparse_kwargs: dict | None = None) -> argparse.ArgumentParser:
        """The options that stand before the command."""
        parser = super().build_option_parser(
            description, version, {
                'prog': PROGRAM, 'conflict_handler': 'resolve',
                **(argparse_kwargs or {})})
        # cliff's own names the file that was started
        parser.add_argument(
            '--version', action='version',
            version=common.version_line(PROGRAM),
            help="show program's version number and exit")
        parser.add_argument(
            '--transport-url', metavar='URL',
            help='where the message bus is, as '
            f'{connection.EXAMPLE}; others can read it in the list of '
            f'processes, unlike {connection.VARIABLE}')
        parser.add_argument('--config-file', action='append', default=[],
                            metavar='PATH', help='a configuration file')
        parser.add_argument('--config-dir', action='append', default=[],
                            metavar='DIR', help='a directory of *.conf files')
        parser.add_argument(
            '--timeout', type=common.number(float, *TIMEOUT_LIMITS),
            default=TIMEOUT, metavar='SECONDS',
            help=f'how long to wait for an answer (default: {TIMEOUT:.0f})')
        parser.add_argument(
            '--as', dest='caller', action='append', default=[],
            type=connection.claim, metavar='KEY=VALUE',
            help='who asks, for a service that has a policy: '
            'roles=reader,auditor, project_id=ID, user_id=ID ...')
        return common.brief(parser)

    def run(self, argv: list[str]) -> int:
        """Carry out a command line."""
        return super().run(moments.joined(argv))

    def initialize_app(self, argv: list[str]) -> None:
        """Once the options are known."""
        self.connection = connection.Connection(self.options)

    def configure_logging(self) -> None:
        """What oslo.messaging says of a broker that is away is in our own
        error already, unless somebody wants to see more."""
        super().configure_logging()
        if self.options.verbose_level < 2:
            for name in ('oslo.messaging', 'oslo_messaging', 'kombu', 'amqp',
                         'synchronizer.bus', 'synchronizer.client'):
                logging.getLogger(name).setLevel(logging.CRITICAL)

    def run_subcommand(self, argv: list[str]) -> int:
        """One line for what we expect; a traceback with --debug."""
        try:
            self.command_manager.find_command(argv)
        except ValueError:
            return self._refuse(argv)
        try:
            return super().run_subcommand(argv)
        except exception.SynchronizerError:
            # with --debug cliff shows it, and raises it again
            return 1

    def interact(self) -> None:
        """Options without a command: there is nothing to talk about."""
        self.LOG.error('name a command (see "%s --help")', PROGRAM)

    def _refuse(self, argv: list[str]) -> int:
        what = 'option' if argv[0].startswith('-') else 'command'
        names = sorted(name for name, _ in self.command_manager)
        # "graph" alone is the beginning of several
        near = [name for name in names if name.startswith(f'{argv[0]} ')]
        self.LOG.error(
            'there is no %s %s; the commands are: %s (see "%s --help")',
            what, ' '.join(argv[:2]) if near else argv[0],
            ', '.join(near or names), PROGRAM)
        return 2
