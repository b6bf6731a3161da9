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

import functools
import hashlib
import json
import math
from typing import Any

Tree = dict[str, Any]

_HERE = ''


@functools.cache
def _tree(paths: tuple[str, ...]) -> Tree:
    root: Tree = {}
    for path in paths:
        node = root
        for step in path.split('/'):
            node = node.setdefault(step, {})
        node[_HERE] = True
    return root


def _below(tree: Tree, key: str) -> Tree | None:
    """The declarations that hold below `key`; ``*`` holds for every key."""
    own, every = tree.get(key), tree.get('*')
    if own is None or every is None:
        return own or every
    return every | own


def _is_links(key: str, value: Any) -> bool:
    """Links of the API itself, and not a user's field of that name."""
    return key == 'links' and isinstance(value, list) and all(
        isinstance(link, dict) and 'href' in link for link in value)


def strip(value: Any, dropped: tuple[str, ...]) -> Any:
    """A record less its links, at any depth, and less the paths given."""
    return _strip(value, _tree(dropped))


def _strip(value: Any, tree: Tree | None) -> Any:
    if isinstance(value, dict):
        return {
            key: _strip(inner, below)
            for key, inner in value.items()
            if not _is_links(key, inner)
            and not ((below := _below(tree, key) if tree else None)
                     and _HERE in below)}
    if isinstance(value, list):
        return [_strip(member, tree) for member in value]
    return value


def canonical(value: Any, unordered: tuple[str, ...]) -> Any:
    """The same value, with the lists that have no order put in one."""
    return _sorted(value, _tree(unordered)) if unordered else value


def _sorted(value: Any, tree: Tree | None) -> Any:
    if not tree:
        return value
    if isinstance(value, dict):
        return {key: _sorted(inner, _below(tree, key))
                for key, inner in value.items()}
    if isinstance(value, list):
        members = [_sorted(member, tree) for member in value]
        return sorted(members, key=text) if _HERE in tree else members
    return value


def text(value: Any) -> str:
    """Canonical JSON: equal values give equal texts."""
    return json.dumps(value, sort_keys=True, separators=(',', ':'))


def fingerprint(value: Any, algorithm: str) -> str:
    """A short name for a value, which tells how it was made."""
    body = text(value).encode()
    return f'{algorithm}:{hashlib.blake2b(body, digest_size=16).hexdigest()}'


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
