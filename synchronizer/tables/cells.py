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

"""What of JSON stands in one cell of a table, whatever it is.

A cell is what SQLite gives back for it: a number given to a column of numbers
as a text would come back as a number, so it is made one here.
"""

from collections.abc import Callable
import json
import math
from typing import Any

from synchronizer.model import shape

Cell = str | int | float | None

TEXT, INTEGER, REAL, BOOLEAN, JSON = TYPES = (
    'text', 'integer', 'real', 'boolean', 'json')

_LARGEST = 2 ** 63 - 1
_TRUTH = {'true': 1, 'false': 0, '': 0}


def _encoder(**options: Any) -> Callable[[Any], str]:
    return json.JSONEncoder(
        sort_keys=True, ensure_ascii=False, separators=(',', ':'),
        default=str, **options).encode


_encode = _encoder(allow_nan=False)


def as_json(value: Any) -> Cell:
    """JSON, the same for equal values; null is NULL."""
    if value is None:
        return None
    try:
        return _valid(_encode(value))
    except ValueError:
        return _valid(_encode(shape.finite(value)))


def as_text(value: Any) -> Cell:
    """A text as it is, and everything else as JSON."""
    return _valid(value) if isinstance(value, str) else as_json(value)


def as_number(value: Any) -> Cell:
    """A number; a text that is none stays one."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value if -_LARGEST <= value <= _LARGEST else _real(value)
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return _number_in(value) if isinstance(value, str) else as_json(value)


def as_truth(value: Any) -> Cell:
    """1 or 0, also where a service says "True", or "" for no."""
    if isinstance(value, str):
        value = _TRUTH.get(value.lower(), value)
    return as_number(value)


CONVERTERS: dict[str, Callable[[Any], Cell]] = {
    TEXT: as_text, INTEGER: as_number, REAL: as_number, BOOLEAN: as_truth,
    JSON: as_json}


def _valid(text: str) -> str:
    """A text of a record may have halves of characters; SQLite takes none.
    """
    if text.isascii():
        return text
    return text.encode('utf-8', 'replace').decode()


def _number_in(text: str) -> Cell:
    if '_' in text or not text.isascii():
        # Python would read more as a number than SQLite does
        return _valid(text)
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        # "nan" and "inf" are texts to SQLite
        return as_number(number) if math.isfinite(number) else text
    return _valid(text)


def _real(number: int) -> Cell:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
