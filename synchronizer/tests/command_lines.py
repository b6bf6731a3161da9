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

"""Whether a command that a page shows could be typed.

Of our own programs the arguments are parsed, of others what they name is
looked for. A check raises ValueError, or ends the program as argparse does.
"""

import contextlib
import importlib.util
import io
import json
import pathlib
import re
import shlex
import tempfile
import tomllib
from unittest import mock

from oslo_upgradecheck import upgradecheck

from synchronizer.cmd import common
from synchronizer.cmd import manage
from synchronizer.cmd import service
from synchronizer.cmd import status
from synchronizer.cmd.user import app
from synchronizer.cmd.user import moments
from synchronizer.tests import pages


class _Parsed(Exception):
    """The command line is right, and what follows shall not happen."""


def ours(command: pages.Command) -> None:
    """A program of ours takes these arguments."""
    if command.program == 'synchronizer':
        _user(command.words[1:])
    else:
        _operator(MAINS[command.program], command.words[1:])
    if command.program == 'synchronizer-status':
        # oslo.upgradecheck takes any word after "upgrade"
        _demand('upgrade check' in command.text, 'it only can check')


MAINS = {'synchronizer-manage': manage.main, 'synchronizer-status':
         status.main, 'synchronizer-service': service.main}


def _user(words: list[str]) -> None:
    shell = app.Shell()
    options, rest = shell.parser.parse_known_args(moments.joined(words))
    factory, name, arguments = shell.command_manager.find_command(rest)
    factory(shell, None).get_parser(name).parse_args(arguments)


def _operator(main: object, words: list[str]) -> None:
    parse = common.parse

    def parsed(*args: object, **kwargs: object) -> None:
        parse(*args, **kwargs)
        raise _Parsed
    with tempfile.NamedTemporaryFile() as empty:
        there = [empty.name if word.endswith('.conf') else word
                 for word in words]
        with mock.patch.object(common, 'parse', parsed), mock.patch.object(
                upgradecheck, 'run', side_effect=_Parsed):
            with contextlib.suppress(_Parsed):
                main(there)


def make(command: pages.Command) -> None:
    """The targets are in the Makefile."""
    for word in command.words[1:]:
        if '=' not in word:
            _demand(re.search(rf'^{word}:', _read('Makefile'), re.MULTILINE),
                    f'no target {word}')


def tox(command: pages.Command) -> None:
    """The environment is in tox.ini."""
    name = command.words[command.words.index('-e') + 1]
    _demand(name == 'py3' or f'[testenv:{name}]' in _read('tox.ini'),
            f'no environment {name}')


def pip(command: pages.Command) -> None:
    """What is installed of us has these extras."""
    extras = tomllib.loads(_read('pyproject.toml'))['project'][
        'optional-dependencies']
    for name in re.findall(r'(?:synchronizer|\.)\[([\w,-]+)\]',
                           ' '.join(command.words)):
        _demand(set(name.split(',')) <= set(extras), f'no extra {name}')


def python(command: pages.Command) -> None:
    """The module, or the script, is there; so is a command behind it."""
    words = command.words
    if '-m' in words:
        name = words[words.index('-m') + 1]
        _demand(importlib.util.find_spec(name), f'no module {name}')
    for word in words[1:]:
        if word.startswith(('tools/', 'doc/', 'synchronizer/')):
            _demand((pages.ROOT / word).exists(), f'no file {word}')


def script(command: pages.Command) -> None:
    """A file of the source tree, that may be run."""
    path = pages.ROOT / command.words[0]
    _demand(path.exists() and path.stat().st_mode & 0o100,
            f'no script {command.words[0]}')


def stestr(command: pages.Command) -> None:
    """The test that it names is there."""
    name = command.words[-1]
    _demand(any((pages.ROOT / 'synchronizer' / 'tests').rglob(
        f'{name}.py')), f'no test {name}')


def unit(command: pages.Command) -> None:
    """The unit of systemd is ours."""
    names = [word.partition('.')[0] for word in command.words[1:]
             if 'synchronizer' in word]
    known = {path.stem for path in
             (pages.ROOT / 'etc' / 'systemd').rglob('*.service')}
    known.add('devstack@synchronizer')
    _demand(set(names) <= known and (names or 'daemon-reload' in
                                     command.words), f'no unit {names}')


def rabbitmqctl(command: pages.Command) -> None:
    """Its definition is JSON, and its patterns are patterns."""
    for word in command.words[1:]:
        if word.startswith('{'):
            json.loads(word)
        elif word.startswith('^'):
            re.compile(word)
    _demand(command.words[1] in (
        'add_user', 'set_policy', 'set_permissions', 'set_topic_permissions',
        'list_queues'), f'unknown: {command.words[1]}')


def container(command: pages.Command) -> None:
    """The recipe is there; what runs inside is a command of ours."""
    words = command.words
    if '-f' in words:
        recipe = words[words.index('-f') + 1]
        _demand((pages.ROOT / recipe).exists(), f'no file {recipe}')
    elif 'synchronizer' in words[2:]:
        inside = words[words.index('synchronizer', 2) + 1:]
        if inside:
            ours(command._replace(text=shlex.join(inside)))


def install(command: pages.Command) -> None:
    """What is copied is there."""
    words = command.words
    if '-d' not in words:
        name = pathlib.PurePath(words[-2]).name
        _demand(any((pages.ROOT / 'etc').rglob(name)), f'no file {name}')


def _read(name: str) -> str:
    return pathlib.Path(pages.ROOT, name).read_text()


def _demand(holds: object, problem: str) -> None:
    if not holds:
        raise ValueError(problem)


CHECKS = {
    **dict.fromkeys([*MAINS, 'synchronizer'], ours),
    **dict.fromkeys(('python', 'python3'), python),
    **dict.fromkeys(('systemctl', 'journalctl'), unit),
    'make': make, 'tox': tox, 'pip': pip, 'stestr': stestr,
    'docker': container, 'install': install, 'rabbitmqctl': rabbitmqctl,
    'test.sh': script,
}


def problem(command: pages.Command) -> str | None:
    """Why it cannot be typed; None if it can."""
    if command.program not in CHECKS:
        return f'nobody knows {command.program}'
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), (
                contextlib.redirect_stdout(said)):
            CHECKS[command.program](command)
    except ValueError as error:
        return str(error)
    except SystemExit as end:
        return said.getvalue() if end.code else None
    return None
