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

"""synchronizer-manage: the operator's hand on the database and streams."""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
import sys

from oslo_config import cfg

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer.cmd import common
from synchronizer.cmd import consent
from synchronizer.cmd import journal
from synchronizer.cmd import streams
from synchronizer.service import options
from synchronizer.service import schema

PROGRAM = 'synchronizer-manage'
DESCRIPTION = (
    'Looks after the database of the synchronizer, and after its streams. '
    'It works on the database alone: the service may run or not, and heeds '
    'what is done within a second or two.')

Action = Callable[[cfg.ConfigOpts, argparse.Namespace], int]


EPILOG = (
    'Examples: "synchronizer-manage db upgrade" after each upgrade of the '
    'packages; "synchronizer-manage stream list" to see how things stand. '
    + common.HELP_CONFIG)


def main(argv: Sequence[str] | None = None) -> int:
    """Do one thing; the exit code."""
    conf = options.make()
    conf.register_cli_opt(cfg.SubCommandOpt(
        'command', title='commands', handler=_add_parsers,
        help='Each has --help of its own.'))
    common.silence()
    try:
        common.parse(conf, PROGRAM, DESCRIPTION, argv, EPILOG)
        _be_impatient(conf)
        return conf.command.act(conf, conf.command)
    except (exception.SynchronizerError, cfg.Error, ValueError) as error:
        return common.fail(PROGRAM, conf_module.describe(error))


def _be_impatient(conf: cfg.ConfigOpts) -> None:
    """The service waits for its database; somebody at a keyboard does not.
    """
    if conf.database.max_retries:
        conf.set_override('max_retries', 0, group='database')


def _add_parsers(commands: argparse._SubParsersAction) -> None:
    _add_db(_group(commands, 'db', 'the schema of the database'))
    _add_journal(_group(commands, 'journal', 'the changes that are kept'))
    _add_stream(_group(commands, 'stream', 'the stream of each type'))


def _group(commands: argparse._SubParsersAction, name: str, about: str
           ) -> argparse._SubParsersAction:
    parser = commands.add_parser(
        name, help=about, description=f'Commands for {about}.',
        epilog='Each has --help of its own, with an example.')
    return parser.add_subparsers(
        title='commands', dest='subcommand', required=True)


def _command(group: argparse._SubParsersAction, name: str, act: Action,
             text: str, example: str) -> argparse.ArgumentParser:
    """A parser of which `example` says how the command is used, after the
    name of the program."""
    parser = group.add_parser(
        name, help=text.partition('.')[0] + '.', description=text,
        epilog=f'Example: {PROGRAM} {example}')
    parser.set_defaults(act=act)
    return parser


def _add_db(group: argparse._SubParsersAction) -> None:
    _command(group, 'upgrade', db_upgrade,
             'Bring the schema to the one that this version works with. '
             'Stop the service first, and run it after each upgrade of the '
             'packages; run again, it does nothing. There is no way back '
             'but a backup. A SQLite database is upgraded by the service '
             'itself.', 'db upgrade')
    _command(group, 'version', db_version,
             'Show the schema that the database has, and the one that this '
             'version works with.', 'db version')


def _add_journal(group: argparse._SubParsersAction) -> None:
    purge = _command(
        group, 'purge', journal.purge,
        'Drop changes that are outside the limits now. The service does so '
        'by itself every [journal] trim_interval; this is for making room. '
        'A consumer whose position is dropped takes a new snapshot. With '
        'limits of your own it says what goes, and asks first.',
        'journal purge --hours 6 --dry-run nova.instance')
    purge.add_argument(
        '--hours', type=common.number(float, most=journal.MOST_HOURS),
        metavar='N',
        help='drop changes older than N hours '
             '(default: [journal] retention_hours)')
    purge.add_argument(
        '--keep', type=common.number(int), metavar='N',
        help='drop all but the newest N changes of each stream '
             '(default: [journal] retention_revisions)')
    consent.add_arguments(purge)
    _add_types(purge, '*', 'the streams to trim (default: all)')


def _add_stream(group: argparse._SubParsersAction) -> None:
    _command(group, 'list', streams.show,
             'Show every stream: its state, its head, how many entities it '
             'has, when the cloud was last seen whole, and who owns it.',
             'stream list')
    pause = _command(
        group, 'pause', streams.pause,
        'Hold streams: the cloud is not asked any more, requests are '
        'answered from what is known, and say "paused". Holds until resume, '
        'over restarts too.', 'stream pause nova.instance nova.host')
    resume = _command(
        group, 'resume', streams.resume,
        'Let paused streams go on: the next sweep begins at once.',
        'stream resume nova.instance')
    sweep = _command(
        group, 'sweep', streams.sweep,
        'Have streams swept now. The service lists all of the type, and '
        'tells what differs, without waiting for poll_interval; it does so '
        'once it runs.', 'stream sweep heat.stack')
    reset = _command(
        group, 'reset', streams.reset,
        'Forget all that is known of streams, and begin a new epoch. Every '
        'entity is collected and announced anew as created, and every '
        'consumer takes a new snapshot. Only for a stream that is known to '
        'be wrong. It says what is lost, and asks first.',
        'stream reset --dry-run nova.flavor')
    consent.add_arguments(reset)
    for parser in (pause, resume, sweep, reset):
        _add_types(parser, '+', 'entity types, such as nova.instance')


def _add_types(parser: argparse.ArgumentParser, nargs: str, text: str
               ) -> None:
    parser.add_argument('types', nargs=nargs, metavar='TYPE', help=text)


def db_upgrade(conf: cfg.ConfigOpts, arguments: argparse.Namespace) -> int:
    """db upgrade."""
    before, after = schema.upgrade(conf)
    print(f'The schema is {after} already.' if before == after
          else f'The schema was {before or "empty"} and is {after} now.')
    return 0


def db_version(conf: cfg.ConfigOpts, arguments: argparse.Namespace) -> int:
    """db version."""
    current, head = schema.versions(conf)
    print(f'database: {current or "empty"}')
    print(f'this version: {head}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
