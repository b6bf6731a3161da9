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

"""synchronizer: the user's command, which asks the service over the bus."""

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
import logging
import sys
from typing import Any

from cliff import app
from cliff import commandmanager
from cliff import lister
from oslo_config import cfg

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer import quiet
from synchronizer import version
from synchronizer.client import rpc
from synchronizer.cmd import common

PROGRAM = 'synchronizer'
DESCRIPTION = (
    'Shows what the synchronizer knows of the cloud. It asks the running '
    'service over the message bus of its configuration (transport_url). '
    + common.HELP_CONFIG)
TIMEOUT = 15.0
TIMEOUT_LIMITS = (0.1, 86400)


class Status(lister.Lister):
    """Show every stream: its state, its head, and how old it is.

    A stream is live when the cloud was lately seen whole; starting,
    degraded, suspect or paused when not, and then the error says why.
    """

    COLUMNS = ('type', 'state', 'revision', 'entities', 'collected_at',
               'owner', 'error')

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """The options that stand behind the command."""
        return common.brief(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace
                    ) -> tuple[list[str], Iterator[tuple]]:
        """Ask once."""
        streams = self.app.ask('describe')['streams']
        head = [name.replace('_', ' ').capitalize() for name in self.COLUMNS]
        return head, (tuple(stream[name] for name in self.COLUMNS)
                      for stream in streams)


class Shell(app.App):
    """The program around the commands."""

    NAME = PROGRAM
    CONSOLE_MESSAGE_FORMAT = f'{PROGRAM}: %(message)s'

    def __init__(self) -> None:
        commands = commandmanager.CommandManager('synchronizer.commands')
        commands.add_command('status', Status)
        super().__init__(DESCRIPTION, version.version_string(), commands,
                         deferred_help=True)

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
        parser.add_argument('--config-file', action='append', default=[],
                            metavar='PATH', help='a configuration file')
        parser.add_argument('--config-dir', action='append', default=[],
                            metavar='DIR', help='a directory of *.conf files')
        parser.add_argument(
            '--timeout', type=common.number(float, *TIMEOUT_LIMITS),
            default=TIMEOUT, metavar='SECONDS',
            help=f'how long to wait for an answer (default: {TIMEOUT:.0f})')
        return common.brief(parser)

    def configure_logging(self) -> None:
        """What oslo.messaging says of a broker that is away is in our own
        error already, unless somebody wants to see more."""
        super().configure_logging()
        if self.options.verbose_level < 2:
            for name in ('oslo.messaging', 'oslo_messaging', 'kombu', 'amqp'):
                logging.getLogger(name).setLevel(logging.CRITICAL)

    def ask(self, method: str, **arguments: Any) -> Any:
        """What the service of the configuration answers."""
        client = self._client(self._conf())
        try:
            return getattr(client, method)(**arguments)
        except exception.BusError as error:
            raise exception.BusError(
                f'The service cannot be asked ({error}). Does it run, and '
                'does transport_url name the broker that it uses?'
            ) from error

    def _client(self, conf: cfg.ConfigOpts) -> rpc.SynchronizerClient:
        try:
            with quiet.hushed(*quiet.PLUGINS):
                return rpc.SynchronizerClient.from_conf(
                    conf, timeout=self.options.timeout, retries=0)
        except Exception as error:
            # each driver has its own way to say that it cannot read its URL
            raise exception.ConfigurationError(
                f'[DEFAULT] transport_url: {error}; it looks like '
                'rabbit://USER:PASSWORD@HOST:5672/') from error

    def _conf(self) -> cfg.ConfigOpts:
        conf = conf_module.Config(conf_module.register_opts,
                                  conf_module.check)
        files = [f'--config-file={path}' for path in self.options.config_file]
        places = [f'--config-dir={path}' for path in self.options.config_dir]
        common.parse(conf, PROGRAM, DESCRIPTION, files + places)
        return conf

    def run_subcommand(self, argv: list[str]) -> int:
        """One line for what we expect; a traceback with --debug."""
        try:
            self.command_manager.find_command(argv)
        except ValueError:
            return self._refuse(argv[0])
        try:
            return super().run_subcommand(argv)
        except exception.SynchronizerError:
            # with --debug cliff shows it, and raises it again
            return 1

    def interact(self) -> None:
        """Options without a command: there is nothing to talk about."""
        self.LOG.error('name a command (see "%s --help")', PROGRAM)

    def _refuse(self, word: str) -> int:
        what = 'option' if word.startswith('-') else 'command'
        self.LOG.error(
            'there is no %s %s; the commands are: %s (see "%s --help")',
            what, word, ', '.join(sorted(
                name for name, _ in self.command_manager)), PROGRAM)
        return 2


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; the exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    return Shell().run(arguments or ['--help'])


if __name__ == '__main__':
    sys.exit(main())
