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

"""What of a service's record is kept, and when two of them are equal.

A type declares paths into its records: fields that change without meaning
(volatile), fields that must never leave the service (secrets), and lists
whose order means nothing (unordered). A path is written with slashes, ``*``
stands for every key, and a list on the way stands for each of its members:
``addresses/*`` are all lists of addresses, ``hosts/*/updated_at`` the stamp
of every host.
"""

import contextlib
import functools
import hashlib
import json
import math
import operator
from typing import Any
from typing import NoReturn

import orjson

Tree = dict[Any, Any]

# what is no JSON is refused, and not made some
_AS_IT_IS = (orjson.OPT_PASSTHROUGH_DATACLASS
             | orjson.OPT_PASSTHROUGH_DATETIME
             | orjson.OPT_PASSTHROUGH_SUBCLASS)
_CANONICAL = _AS_IT_IS | orjson.OPT_SORT_KEYS

_HERE = object()
_SIMPLE = frozenset((str, int, float, bool, type(None)))
"""Most of what a record holds; a look at its class tells."""


class _Declared:
    """What paths declare of something, and of what lies below it."""

    __slots__ = ('deeper', 'gone', 'here', 'named', 'other', 'partly')

    def __init__(self, tree: Tree) -> None:
        every = tree.get('*', {})
        self.here = _HERE in tree
        """It is declared itself."""
        self.named = {key: _declared(_merged(below, every))
                      for key, below in tree.items()
                      if key is not _HERE and key != '*'}
        """What lies below these keys; ``*`` holds for every key."""
        self.other = _declared(every)
        """What lies below any other key."""
        self.gone = tuple(key for key, below in self.named.items()
                          if below.here)
        self.partly = tuple(self.named.keys() - set(self.gone))
        self.deeper = bool(self.named) or self.other is not _NOTHING


def _declared(tree: Tree) -> _Declared:
    return _Declared(tree) if tree else _NOTHING


def _merged(own: Tree, every: Tree) -> Tree:
    return {**every, **{
        key: below if key is _HERE else _merged(below, every.get(key, {}))
        for key, below in own.items()}}


_NOTHING = _Declared.__new__(_Declared)
_NOTHING.here, _NOTHING.deeper = False, False
_NOTHING.gone, _NOTHING.partly = (), ()
_NOTHING.named, _NOTHING.other = {}, _NOTHING


@functools.cache
def _tree(paths: tuple[str, ...]) -> _Declared:
    root: Tree = {}
    for path in paths:
        node = root
        for step in path.split('/'):
            node = node.setdefault(step, {})
        node[_HERE] = {}
    return _declared(root)


def _are_links(value: Any) -> bool:
    """Whether "links" are those of the API itself, and no user's field."""
    if value.__class__ is not list:
        return False
    for link in value:
        if link.__class__ is not dict or 'href' not in link:
            return False
    return True


def strip(value: Any, dropped: tuple[str, ...]) -> Any:
    """A record less its links, at any depth, and less the paths given: a
    new one, but for the parts that are as they were."""
    declared = _tree(dropped)
    if value.__class__ is dict and declared.other is _NOTHING:
        kept = _strip_record(value, declared)
        if kept is not None:
            return kept
    stripped = _strip(value, declared)
    return dict(value) if stripped is value and isinstance(
        value, dict) else stripped


def _strip_record(record: dict[str, Any], declared: _Declared
                  ) -> dict[str, Any] | None:
    """The same for a record whose links are its own, or those of what it
    names, as an image: that there are no others is seen in its JSON, in a
    third of the time that it takes to look for them. None: there are."""
    kept = dict(record)
    for key in declared.gone:
        kept.pop(key, None)
    for key in declared.partly:
        if kept.get(key):
            kept[key] = _strip(kept[key], declared.named[key])
    if _are_links(kept.get('links')):
        del kept['links']
    left = _count_links(kept)
    if left:
        for key in [key for key, inner in kept.items()
                    if inner.__class__ is dict and 'links' in inner]:
            if _are_links(kept[key]['links']):
                kept[key] = {name: inner for name, inner in kept[key].items()
                             if name != 'links'}
                left -= 1
    return None if left else kept


def _count_links(value: Any) -> int:
    """How many there may be, at any depth."""
    try:
        return orjson.dumps(value, option=_AS_IT_IS).count(b'"links":')
    except TypeError:
        return -1


def _strip(value: Any, declared: _Declared) -> Any:
    if isinstance(value, dict):
        return _strip_dict(value, declared)
    if isinstance(value, list):
        return [member if member.__class__ in _SIMPLE
                else _strip(member, declared) for member in value]
    return value


def _strip_dict(value: dict[str, Any], declared: _Declared
                ) -> dict[str, Any]:
    """Most of what a record holds is a number or a text, and copied at
    once; one by one come only what is declared and what holds more."""
    holders = [key for key, inner in value.items()
               if inner.__class__ not in _SIMPLE
               and (inner or key == 'links')]
    if not holders and declared is _NOTHING:
        return value
    if declared.other.here:
        return {}
    kept = dict(value)
    for key in declared.gone:
        kept.pop(key, None)
    named, other = declared.named, declared.other
    for key in holders:
        inner = kept.get(key)
        if inner is None:
            continue
        if key == 'links' and _are_links(inner):
            del kept[key]
            continue
        kept[key] = _strip(inner, named.get(key, other))
    return kept


def canonical(value: Any, unordered: tuple[str, ...]) -> Any:
    """The same value, with the lists that have no order put in one; itself,
    if they are."""
    return _sorted(value, _tree(unordered)) if unordered else value


def _sorted(value: Any, declared: _Declared) -> Any:
    """Only what is put in order is copied; the rest is the value's own."""
    if declared is _NOTHING:
        return value
    if isinstance(value, dict):
        return _sorted_dict(value, declared)
    if isinstance(value, list):
        return _sorted_list(value, declared)
    return value


def _sorted_list(value: list[Any], declared: _Declared) -> list[Any]:
    members = value
    if declared.deeper or list in map(type, value):
        members = [_sorted(member, declared) for member in value]
    if declared.here and len(members) > 1:
        members = sorted(members, key=encoded)
    if members is value or all(map(operator.is_, members, value)):
        return value
    return members


def _sorted_dict(value: dict[str, Any], declared: _Declared
                 ) -> dict[str, Any]:
    found = value
    named, other = declared.named, declared.other
    for key in named if other is _NOTHING else value:
        inner = value.get(key)
        if not inner or inner.__class__ in _SIMPLE:
            continue
        made = _sorted(inner, named.get(key, other))
        if made is not inner:
            if found is value:
                found = dict(value)
            found[key] = made
    return found


def encoded(value: Any) -> bytes:
    """Canonical JSON in UTF-8: equal values give equal bytes.

    What is beyond the quick encoder (half of a surrogate pair, numbers of
    more than 64 bits) always is, so it has one form too.
    """
    try:
        return orjson.dumps(value, option=_CANONICAL)
    except TypeError:
        return _plain(value).encode()


def text(value: Any) -> str:
    """Canonical JSON in ASCII: equal values give equal texts."""
    body = encoded(value)
    return body.decode() if body.isascii() else _plain(value)


def plain_text(value: Any) -> str:
    """JSON in ASCII, the keys in their order."""
    try:
        body = orjson.dumps(value, option=_AS_IT_IS)
    except TypeError:
        return _plain(value, in_order=False)
    return body.decode() if body.isascii() else _plain(value, in_order=False)


def _plain(value: Any, in_order: bool = True) -> str:
    return json.dumps(value, sort_keys=in_order, separators=(',', ':'))


def parsed(body: bytes, strict: bool = False) -> Any:
    """JSON read. What the quick parser refuses, as half of a surrogate pair,
    or gets wrong, as a number of more than 64 bits, is left to the plain
    one, and so are, unless strictly, numbers that JSON has no word for."""
    if not has_long_number(body):
        with contextlib.suppress(orjson.JSONDecodeError):
            return orjson.loads(body)
    return json.loads(body, parse_constant=_not_json if strict else None)


_DIGITS = bytes.maketrans(b'123456789', b'0' * 9)
_LONG = b'0' * 19


def has_long_number(body: bytes) -> bool:
    """Whether digits that no 64 bits may hold stand where a number may.

    A search of the whole body costs little; most digits in a row are those
    of an id, within a text.
    """
    same = body.translate(_DIGITS)
    at = same.find(_LONG)
    while at >= 0:
        if at == 0 or body[at - 1:at] in _BEFORE_NUMBERS:
            return True
        at = same.find(_LONG, at + 1)
    return False


_BEFORE_NUMBERS = frozenset(b':,[- \t\r\n'[n:n + 1] for n in range(8))


def _not_json(word: str) -> NoReturn:
    raise ValueError(f'{word} is not JSON')


def fingerprint(value: Any, algorithm: str) -> str:
    """A short name for a value, which tells how it was made."""
    return f'{algorithm}:{_hash(encoded(value)).hexdigest()}'


def fingerprint_with(values: list[Any], last: Any, algorithm: str
                     ) -> tuple[str, str | None]:
    """The fingerprint of those values and one more; and the text of that
    one, if it is nothing but its canonical JSON."""
    try:
        body = orjson.dumps(last, option=_CANONICAL)
        head = orjson.dumps(values, option=_CANONICAL)
    except TypeError:
        return fingerprint([*values, last], algorithm), None
    whole = b'%b,%b]' % (head[:-1], body)
    return (f'{algorithm}:{_hash(whole).hexdigest()}',
            body.decode() if body.isascii() else None)


def mark(value: Any, form: str) -> int | None:
    """A short name for a value as it came, and for the form that is made of
    it; values that differ have others. None: such a value has none.

    Quicker than a fingerprint: the order of keys is left as it is, so a
    value whose keys come in another order has another mark. It means
    nothing to another process: it is what Python keeps apart the keys of a
    dict with, 64 bits by a secret of the process.
    """
    try:
        return hash(orjson.dumps(value, option=_AS_IT_IS)) ^ hash(form)
    except TypeError:
        return None


_hash = functools.partial(hashlib.blake2b, digest_size=16)


def finite(value: Any) -> Any:
    """The same without the numbers that JSON has no word for: they are
    null."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(member) for member in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
