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

"""What must not leave the plugin, of things that no schema describes.

Heat hides the values of hidden parameters, and little else. Here is declared
what a credential looks like: by the name of what holds it, by what a record
says of itself, and by an assignment in a text.
"""

import re
from typing import Any

from synchronizer.plugins import base

HIDDEN = '******'
"""What Heat shows of a hidden parameter."""

_WORDS = (r'pass(?:word|wd|phrase)|secret|token|credential|private[-_]?key'
          r'|api[-_]?key|access[-_]?key|auth[-_]?key|admin[-_]?pass')
_NAME = re.compile(
    rf'{_WORDS}|signal_(?:id|url)|alarm_url|curl_cli|console_url|stdout'
    r'|stderr|user_data$|personality$', re.IGNORECASE)
_TEXT = re.compile(
    rf'(?:{_WORDS})\w*["\']?\s*[:=]\s*\S|://[^/\s:@]+:[^/\s@]+@'
    r'|-----BEGIN [A-Z ]*PRIVATE KEY|(?:signature|temp_url_sig)=',
    re.IGNORECASE)
_MARKS = ('secret', 'hidden', 'sensitive', 'no_echo', 'NoEcho')
_VALUES = ('value', 'default', 'config')

ATTRIBUTES = {
    'AWS::IAM::AccessKey': ('SecretAccessKey',),
    'OS::Heat::RandomString': ('value',),
    'OS::Nova::KeyPair': ('private_key',),
}
"""Resource type -> its attributes that are secret whatever their name."""

_DROPPED = object()


def public(value: Any) -> Any:
    """The same without what looks like a credential; None if it is one."""
    kept = _public(value)
    return None if kept is _DROPPED else kept


def _public(value: Any) -> Any:
    if isinstance(value, dict):
        return _public_items(value)
    if isinstance(value, list):
        members = [_public(member) for member in value]
        return [member for member in members if member is not _DROPPED]
    if isinstance(value, str) and (value == HIDDEN or _TEXT.search(value)):
        return _DROPPED
    return value


def _public_items(value: dict[str, Any]) -> dict[str, Any]:
    bare = _is_marked(value)
    kept = {}
    for key, inner in value.items():
        if _NAME.search(key) or (bare and key in _VALUES):
            continue
        found = _public(inner)
        if found is not _DROPPED:
            kept[key] = found
    return kept


def _is_marked(value: dict[str, Any]) -> bool:
    """An input, say, that is named after a credential or calls itself one;
    a config whose options do."""
    name, options = value.get('name'), value.get('options')
    return is_named(name) or _says_so(value) or (
        isinstance(options, dict) and _says_so(options))


def _says_so(value: dict[str, Any]) -> bool:
    return any(str(value.get(mark)).lower() == 'true' for mark in _MARKS)


def is_named(name: Any) -> bool:
    """Whether that is what one calls a credential."""
    return isinstance(name, str) and bool(_NAME.search(name))


def of_resource(record: base.Record, shown: base.Record) -> Any:
    """The public part of what a resource shows of itself."""
    secret = ATTRIBUTES.get(record.get('resource_type', ''), ())
    attributes = shown.get('attributes')
    if secret and isinstance(attributes, dict):
        shown = {**shown, 'attributes': {
            key: value for key, value in attributes.items()
            if key not in secret}}
    return public(shown)
