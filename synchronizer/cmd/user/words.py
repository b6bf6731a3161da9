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

"""Values and times in words, and names that were perhaps meant."""

from collections.abc import Iterable
import difflib
import json
import re
from typing import Any

_CONTROL = re.compile('[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e'
                      '\u2066-\u2069\ufeff\ud800-\udfff]')
_NESTED = (dict, list, tuple)
_UNITS = ((86400, 'd'), (3600, 'h'), (60, 'min'))


def visible(text: str) -> str:
    """With each character that could lead a terminal astray written as
    what it is; ends of lines stay."""
    return '\n'.join(_CONTROL.sub(_written, line)
                     for line in text.split('\n'))


def line(text: str) -> str:
    """The same on one line, whatever it holds."""
    return visible(text).replace('\n', '\\n')


def _written(found: re.Match[str]) -> str:
    return f'\\u{ord(found[0]):04x}'


def writable(text: str) -> str:
    """As it is, but for halves of characters, which no output takes."""
    return text.encode('utf-8', 'backslashreplace').decode()


def as_text(value: Any) -> Any:
    """Something that fits in one cell; what is nested is JSON."""
    return as_json(value) if isinstance(value, _NESTED) else value


def as_json(value: Any) -> str:
    """On one line, equal for what is equal."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def age(seconds: float) -> str:
    """How long ago, by its two largest units."""
    for number, (size, unit) in enumerate(_UNITS):
        if seconds >= size:
            small, name = (*_UNITS, (1, 's'))[number + 1]
            return (f'{seconds // size:.0f} {unit} '
                    f'{seconds % size // small:.0f} {name}')
    return f'{max(seconds, 0):.0f} s'


def perhaps(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that nobody knows."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f'; did you mean {line(near[0])}?' if near else ''
