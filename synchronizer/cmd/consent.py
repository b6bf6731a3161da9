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

"""What destroys something says what, and asks first."""

import argparse
from collections.abc import Callable
from collections.abc import Iterable
import sys

from synchronizer import exception

QUESTION = 'Is that meant (yes/no)? '


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it can be answered beforehand."""
    parser.add_argument('--yes', action='store_true',
                        help='do not ask whether that is meant')
    parser.add_argument('--dry-run', action='store_true',
                        help='only say what would be done')


def settle(arguments: argparse.Namespace, plan: Iterable[str],
           act: Callable[[], None]) -> int:
    """Say what is going to happen, and let it, if that is meant; the exit
    code."""
    for line in plan:
        print(line)
    if arguments.dry_run:
        print('Nothing was changed.')
        return 0
    if not arguments.yes and not _is_meant():
        print('Nothing was changed.', file=sys.stderr)
        return 1
    act()
    return 0


def _is_meant() -> bool:
    if not sys.stdin.isatty():
        # what comes out of a pipe was not written after reading the above
        raise exception.ConfigurationError(
            'nothing was changed: nobody is there to be asked whether that '
            'is meant; use --yes, or look first with --dry-run')
    try:
        return input(QUESTION).strip().lower() in ('y', 'yes')
    except EOFError:
        print()
        return False
