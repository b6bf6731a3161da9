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

"""The envelope of a message, written and read quickly.

oslo.messaging puts a message, as JSON, into an envelope as one text, and has
kombu write that as JSON again: megabytes of text in which each quote is to
be escaped, which is a third of what JSON costs at either end. Anything but
texts is left to kombu, and so is what the quick parser refuses.

A list whose members are JSON already, as those of the store, goes in as what
it is: to read two megabytes and to write them again is half of what a page,
or a message of changes, costs. oslo.messaging writes a word for it that nobody
else knows, and here that word is replaced.
"""

from collections.abc import Iterable
import contextlib
import itertools
import secrets
from typing import Any
import weakref

from kombu import serialization
from kombu.utils import json as plain
import orjson

NAME, CONTENT_TYPE = 'json', 'application/json'
"""As kombu calls it."""

MARK = 'oslo.message'
"""What an envelope has: kombu gives another dict a meaning of its own."""


_WORD = f'"{secrets.token_hex(16)}-'
_numbers = itertools.count()


class Ready(str):
    """A list whose members are JSON already, for a message of kombu. What
    it is as a text stands for it until the envelope is written, so it must
    live until then, as what is handed to a call does."""

    text: str
    """The list."""

    def __new__(cls, members: Iterable[str]) -> 'Ready':
        """Of these texts."""
        word = f'{_WORD[1:]}{next(_numbers)}'
        made = super().__new__(cls, word)
        made.text = f'[{",".join(members)}]'
        _ready[word] = made
        return made


_ready: weakref.WeakValueDictionary[str, Ready] = (
    weakref.WeakValueDictionary())


def dumps(message: Any) -> str | bytes:
    """JSON; what kombu's reads as the same."""
    if _is_envelope(message):
        message = {**message, MARK: _spliced(message[MARK])}
        with contextlib.suppress(orjson.JSONEncodeError):
            return orjson.dumps(message)
    return plain.dumps(message)


def _spliced(text: str) -> str:
    """With each list where its word stood."""
    first, *others = text.split(_WORD)
    if not others:
        return text
    parts = [first]
    for other in others:
        number, _, rest = other.partition('"')
        parts += _ready[f'{_WORD[1:]}{number}'].text, rest
    return ''.join(parts)


def loads(body: Any) -> Any:
    """What the JSON says, as kombu's reads it."""
    with contextlib.suppress(orjson.JSONDecodeError):
        found = orjson.loads(body)
        if _is_envelope(found):
            return found
    return plain.loads(body)


def _is_envelope(message: Any) -> bool:
    return (message.__class__ is dict and MARK in message
            and all(text.__class__ is str for text in message.values()))


def install() -> None:
    """Let kombu use these for JSON from now on."""
    serialization.register(NAME, dumps, loads, CONTENT_TYPE)
    # it keeps what it takes for the default apart
    serialization.registry._set_default_serializer(NAME)
