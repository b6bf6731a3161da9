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

"""Column types that keep a text exactly as it is, on every back end.

No database holds every text: PostgreSQL refuses U+0000, none takes half of a
surrogate pair. These few characters are written as two others, in such a way
that the order of texts stays that of their code points. U+0001 and U+D7FF
(which is no character) then need writing so, too.
"""

from collections.abc import Callable
from collections.abc import Sequence
import re
from typing import Any

from sqlalchemy import types
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import interfaces

_REFUSED = re.compile('[\x00\x01\ud7ff\ud800-\udfff]')
_ESCAPED = re.compile('\x01([\x01\x02])|\ud7ff(.)', re.DOTALL)
_SHIFT = 0xD800 - 0x100


def _escape(match: re.Match) -> str:
    character = match[0]
    if character < '\x02':
        return '\x01' + chr(ord(character) + 1)
    if character == '\ud7ff':
        return '\ud7ff\x01'
    return '\ud7ff' + chr(ord(character) - _SHIFT)


def _unescape(match: re.Match) -> str:
    if match[1]:
        return chr(ord(match[1]) - 1)
    return '\ud7ff' if match[2] == '\x01' else chr(ord(match[2]) + _SHIFT)


def storable(text: str) -> str:
    """Any text as one that any database takes."""
    if text.isascii() and text.isprintable():
        return text
    return _REFUSED.sub(_escape, text)


def original(text: str) -> str:
    """What `storable` was given."""
    if text.isascii() and '\x01' not in text:
        # as all JSON of ours is; looking for the others takes longer
        return text
    return _ESCAPED.sub(_unescape, text)


def originals(stored: Sequence[str | bytes]) -> list[str]:
    """The same of many, as a Key or Words has them in the database."""
    texts = list(stored)
    if texts and isinstance(texts[0], bytes):
        texts = [text.decode() for text in texts]
    whole = ''.join(texts)
    if whole.isascii() and '\x01' not in whole:
        return texts
    return list(map(original, texts))


def storables(texts: Sequence[str | None]) -> Sequence[str | None]:
    """The same as `storable` of many, most of which are as they should be.
    """
    whole = ''.join(filter(None, texts))
    if whole.isascii() and whole.isprintable():
        return texts
    return [None if text is None else storable(text) for text in texts]


def _read(text: str | None) -> str | None:
    # as in `original`, without a call: it is paid for each value of each row
    if text is None or (text.isascii() and '\x01' not in text):
        return text
    return original(text)


def _decoded(value: bytes | str | None) -> str | None:
    return _read(value.decode() if isinstance(value, bytes) else value)


class Key(types.TypeDecorator):
    """A text that is compared and ordered byte by byte.

    On MySQL and MariaDB it is VARBINARY, since they have no collation in
    common that tells 'a' from 'a ' (PAD SPACE). UTF-8 keeps the order of
    code points.
    """

    impl = types.String
    cache_ok = True

    def load_dialect_impl(self, dialect: interfaces.Dialect
                          ) -> types.TypeEngine:
        """Choose what the back end has for it."""
        if dialect.name == 'mysql':
            return dialect.type_descriptor(
                mysql.VARBINARY(4 * self.impl.length))
        collation = 'C' if dialect.name == 'postgresql' else 'BINARY'
        return dialect.type_descriptor(
            types.String(self.impl.length, collation=collation))

    def process_bind_param(self, value: str | None,
                           dialect: interfaces.Dialect
                           ) -> str | bytes | None:
        """On its way into the database."""
        if value is None:
            return None
        text = storable(value)
        return text.encode() if dialect.name == 'mysql' else text

    @staticmethod
    def bind_all(values: Sequence[str | None], dialect: interfaces.Dialect
                 ) -> Sequence[str | bytes | None]:
        """Many at once on their way into the database."""
        texts = storables(values)
        if dialect.name != 'mysql':
            return texts
        return [None if text is None else text.encode() for text in texts]

    def result_processor(self, dialect: interfaces.Dialect, coltype: object
                         ) -> Callable[[Any], str | None]:
        """What reads a value on its way back: as SQLAlchemy calls
        `process_result_value`, through two others, it takes three times as
        long, and is paid for each value of each row."""
        return _decoded if dialect.name == 'mysql' else _read


class Words(types.TypeDecorator):
    """A text that is only kept, as long as it likes to be."""

    impl = types.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: interfaces.Dialect
                          ) -> types.TypeEngine:
        """MySQL's TEXT ends at 64 KiB."""
        return dialect.type_descriptor(
            mysql.LONGTEXT() if dialect.name == 'mysql' else types.Text())

    def process_bind_param(self, value: str | None,
                           dialect: interfaces.Dialect) -> str | None:
        """On its way into the database."""
        return None if value is None else storable(value)

    @staticmethod
    def bind_all(values: Sequence[str | None], dialect: interfaces.Dialect
                 ) -> Sequence[str | None]:
        """Many at once on their way into the database."""
        return storables(values)

    def result_processor(self, dialect: interfaces.Dialect, coltype: object
                         ) -> Callable[[Any], str | None]:
        """See Key."""
        return _read
