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

"""What the documents show: commands, with what they write, and files."""

from collections.abc import Iterator
import functools
import itertools
import pathlib
import re
import shlex
import textwrap
from typing import NamedTuple

import synchronizer

ROOT = pathlib.Path(synchronizer.__file__).parents[1]
DOCS = ROOT / 'doc' / 'source'
PAGES = ('README.rst', 'CONTRIBUTING.rst', 'HACKING.rst',
         'benchmarks/README.rst', 'container/README.rst',
         'devstack/README.rst')

PROMPT = '$ '
SIGNS = ('|', '>', '&&', '&')
SHELLS = ('console', 'bash', 'sh', 'shell', 'shell-session')
# a line that begins so is a command, also in a block without a prompt
PROGRAMS = frozenset((
    'apt apt-get bandit buildah cd chmod chown cp curl docker '
    'dpkg-buildpackage export git hadolint install journalctl kill kubectl '
    'make mkdir mysql openssl openstack oslo-config-generator '
    'oslo-config-validator oslopolicy-checker oslopolicy-sample-generator '
    'oslopolicy-validator pip pip-audit podman promtool psql python python3 '
    'rabbitmqctl reno sed sh source stestr sudo synchronizer '
    'synchronizer-manage synchronizer-service synchronizer-status systemctl '
    'systemd-analyze systemd-sysusers systemd-tmpfiles tempest tox uv '
    'venv').split())

_HEAD = re.compile(r'(?P<indent> *)(\.\. code-block:: *(?P<language>\S*)|'
                   r'(?! *\.\. )(\S.*)?::) *$')
_CAPTION = re.compile(r' +:caption: *(\S+)')


class Command(NamedTuple):
    """A command line, and the lines that are shown below it."""

    page: str
    text: str
    output: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """As a shell has them, up to a pipe or a redirection."""
        words = shlex.split(self.text, comments=True)
        while words and re.fullmatch(r'\w+=.*', words[0]):
            del words[0]
        ends = [words.index(sign) for sign in SIGNS if sign in words]
        return words[:min(ends, default=len(words))]

    @property
    def program(self) -> str:
        """Its name, without the way to it."""
        return self.words[0].rpartition('/')[2]


def all_pages() -> list[str]:
    """Every page that may show a command, as a path from the root."""
    return sorted(
        [page for page in PAGES if (ROOT / page).exists()]
        + [str(path.relative_to(ROOT)) for path in DOCS.rglob('*.rst')])


def blocks(page: str) -> Iterator[tuple[str, str, str]]:
    """Language, caption and text of each block of a page."""
    lines = (ROOT / page).read_text().splitlines()
    for number, line in enumerate(lines):
        head = _HEAD.match(line)
        if head:
            indented = list(itertools.takewhile(
                functools.partial(_is_deeper, len(head['indent'])),
                lines[number + 1:]))
            options = list(itertools.takewhile(str.strip, indented))
            body = indented[len(options):]
            yield (head['language'] or '', _caption(options),
                   _text(body))


def _is_deeper(indent: int, line: str) -> bool:
    return not line.strip() or _indent(line) > indent


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _caption(options: list[str]) -> str:
    found = [match[1] for match in map(_CAPTION.match, options) if match]
    return found[0] if found else ''


def _text(body: list[str]) -> str:
    """Up to the first line that is less indented than the first one."""
    first = next((_indent(line) for line in body if line.strip()), 0)
    lines = itertools.takewhile(
        lambda line: _is_deeper(first - 1, line), body)
    return textwrap.dedent('\n'.join(lines)).strip('\n') + '\n'


def files(page: str) -> dict[str, str]:
    """The blocks of a page that have a caption: its files, by name."""
    return {caption: text for _, caption, text in blocks(page) if caption}


def commands(page: str) -> list[Command]:
    """The commands of a page, in order."""
    return [command for language, caption, text in blocks(page)
            if not caption and language in ('', *SHELLS)
            for command in _commands(page, language, text)]


def _commands(page: str, language: str, text: str) -> Iterator[Command]:
    found: list[tuple[str, list[str]]] = []
    has_prompt = any(line.startswith(PROMPT) for line in text.splitlines())
    for line in re.sub(r' *\\\n\s*', ' ', text).splitlines():
        if has_prompt and line.startswith(PROMPT):
            found.append((line.removeprefix(PROMPT), []))
        elif not has_prompt and (language or _begins_a_command(line)):
            found.append((line, []))
        elif found and line:
            found[-1][1].append(line)
    for line, output in found:
        yield Command(page, line, tuple(output))


def _begins_a_command(line: str) -> bool:
    first = line.partition(' ')[0]
    return '=' not in first and first.rpartition('/')[2] in PROGRAMS
