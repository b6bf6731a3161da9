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

from collections.abc import Sequence
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


def parse(conf: conf_module.Config, program: str, description: str,
          argv: Sequence[str] | None, epilog: str = HELP_CONFIG) -> None:
    """Read the command line and the files.

    Raises ConfigurationError; --help, --version and a wrong command line
    end the program.
    """
    try:
        conf(sys.argv[1:] if argv is None else list(argv),
             project=conf_module.PROJECT, prog=program,
             version=version.version_string(), description=description,
             epilog=epilog)
    except (cfg.Error, ValueError) as error:
        raise exception.ConfigurationError(
            conf_module.describe(error)) from error
