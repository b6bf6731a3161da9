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

"""Times as people write them, and as the service takes them."""

import argparse
import re
import time

from synchronizer.bus import wire

OPTIONS = ('--at', '--to')
HELP = ('ISO 8601 (UTC where it names no zone), or how long ago: -90s, -5m, '
        '-2h or -1d')

_AGO = re.compile(r'-(\d+(?:\.\d+)?)([smhd])')
_SECONDS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}


def moment(text: str) -> str:
    """A type of argument: a time, as the service takes it."""
    try:
        seconds = _seconds(text)
        if seconds >= 0:
            return wire.text(seconds)
    except (ValueError, OverflowError):
        # said below
        seconds = -1
    raise argparse.ArgumentTypeError(f'{text} is no time; it is {HELP}')


def _seconds(text: str) -> float:
    """Since 1970."""
    found = _AGO.fullmatch(text)
    return (time.time() - float(found[1]) * _SECONDS[found[2]] if found
            else wire.seconds(text))


def joined(argv: list[str]) -> list[str]:
    """So that argparse takes "--at -2h" for no option."""
    taken: list[str] = []
    for word in argv:
        if taken and taken[-1] in OPTIONS and _AGO.fullmatch(word):
            taken[-1] += f'={word}'
        else:
            taken.append(word)
    return taken


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let a command look at the past."""
    parser.add_argument(
        '--at', type=moment, metavar='TIME',
        help=f'as it was then, as far back as the journal goes: {HELP}')
