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

"""What the programs have in common: options, and a way to fail."""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
import contextlib
import io
import logging
import math
import pathlib
import sys

from oslo_config import cfg

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer import version

HELP_CONFIG = (
    'Without --config-file and --config-dir, files are looked for as every '
    'OpenStack program does it: synchronizer.conf in ~/.synchronizer, '
    '~, /etc/synchronizer and /etc.')


def fail(program: str, *problems: str) -> int:
    """Say what is wrong, a line each; the exit code."""
    for problem in problems:
        print(f'{program}: {problem}', file=sys.stderr)
    return 1


def silence() -> None:
    """Of a command people want its own words: what libraries log on the way
    stays out of them."""
    logging.getLogger().setLevel(logging.CRITICAL + 1)


def parse(conf: conf_module.Config, program: str, description: str,
          argv: Sequence[str] | None, epilog: str = HELP_CONFIG) -> None:
    """Read the command line and the files.

    Raises ConfigurationError; --help, --version and a wrong command line
    end the program, the last with one line.
    """
    said = io.StringIO()
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        # oslo.config makes the parser, which cannot be had before it fails
        with contextlib.redirect_stderr(said):
            conf(arguments,
                 project=conf_module.PROJECT, prog=program,
                 version=version_line(program), description=description,
                 epilog=epilog)
    except SystemExit as end:
        if end.code:
            sys.stderr.write(_without_usage(said.getvalue()))
        raise
    except OSError as error:
        raise exception.ConfigurationError(
            f'{error.filename} cannot be read: {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise exception.ConfigurationError(
            f'{_undecodable(arguments)} is not UTF-8 text: {error.reason} at '
            f'byte {error.start}') from error
    except (cfg.Error, ValueError) as error:
        raise exception.ConfigurationError(
            conf_module.describe(error)) from error
    sys.stderr.write(said.getvalue())


def _undecodable(arguments: Sequence[str]) -> str:
    """The file that is no text: the error does not name it."""
    named = [argument.rpartition('=')[2] for argument in arguments]
    for path in [*named, *cfg.find_config_files(conf_module.PROJECT)]:
        try:
            pathlib.Path(path).read_text(encoding='utf-8')
        except UnicodeDecodeError:
            return path
        except OSError:
            # no file, but another word of the command line
            continue
    return 'a configuration file'


def version_line(program: str) -> str:
    """What --version prints."""
    return f'{program} {version.version_string()}'


def _without_usage(text: str) -> str:
    """Of what argparse says, the line that tells what is wrong."""
    head, found, message = text.partition(': error: ')
    return _refusal(head.splitlines()[-1], message) if found else text


def _refusal(program: str, message: str) -> str:
    return (f'{program}: {" ".join(message.split())} '
            f'(see "{program} --help")\n')


def brief(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a parser of ours refuse with one line, too."""
    def error(message: str) -> None:
        parser.exit(2, _refusal(parser.prog, message))
    parser.error = error
    return parser


def number(kind: type, least: float = 0, most: float = math.inf
           ) -> Callable[[str], float]:
    """A type of argument: nothing but a number within these limits."""
    what = 'a whole number' if kind is int else 'a number'
    limits = (f'of {least:g} or more' if most == math.inf
              else f'from {least:g} to {most:.0f}')

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f'{text} is not {what} {limits}')
        return value
    return read
