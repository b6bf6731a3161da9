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

"""Whether the options can be believed.

oslo.config looks at a value when it is read, which may be hours after the
start, in another process. So every option is read once, beforehand.
"""

import re

from oslo_config import cfg

_NAME = re.compile('Value for option ([^ ]+) from ')
_PLACE = re.compile(r"detail='(.*?)'")


def check(conf: cfg.ConfigOpts) -> list[str]:
    """Read every option that is known; what is wrong, a line each."""
    problems = []
    for name in conf:
        try:
            value = conf[name]
        except (cfg.Error, ValueError) as error:
            problems.append(_say(name, error))
            continue
        if isinstance(value, cfg.ConfigOpts.GroupAttr):
            problems += _check_group(name, value)
    return problems


def _check_group(group: str, options: cfg.ConfigOpts.GroupAttr) -> list[str]:
    problems = []
    for name in options:
        try:
            options[name]
        except (cfg.Error, ValueError) as error:
            problems.append(_say(name, error, group))
    return problems


def describe(error: Exception) -> str:
    """What the command line or a file is refused for, on one line."""
    text = ' '.join(str(error).split())
    name = _NAME.match(text)
    return _say(name.group(1), error, None) if name else text


def _say(name: str, error: Exception, group: str | None = 'DEFAULT') -> str:
    """Where and what, on one line, in the words of the file."""
    text = ' '.join(str(error).split())
    place = _PLACE.search(text)
    reason = text.rpartition('is not valid: ')[2]
    where = f' (in {place.group(1)})' if place else ''
    return f'{f"[{group}] " if group else ""}{name}: {reason}{where}'
