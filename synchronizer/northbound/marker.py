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

"""Markers: where a snapshot goes on, good at every worker.

A marker carries the heads that the first page had, so that they stand the
same on every page, and the last entity shown. It is signed with the store's
secret: no worker remembers a snapshot, and nobody can make one up.
"""

import base64
import binascii
import dataclasses
import hashlib
import hmac
import json

from synchronizer import exception
from synchronizer.bus import wire

_SNAPSHOT, _PAST = 1, 2
"""Versions; a worker that does not know one refuses it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Marker:
    """What a page needs to know of the pages before it."""

    heads: dict[str, wire.Head]
    """Where each stream stood when the first page was asked for."""

    after: tuple[str, str]
    """Type and id of the last entity shown."""

    time: str | None = None
    """Of which time the pages are; None: they are a snapshot."""


def seal(marker: Marker, secret: bytes) -> str:
    """The marker as text that cannot be altered."""
    content = {'v': _SNAPSHOT, 'after': marker.after,
               'heads': {type_: dataclasses.astuple(head)
                         for type_, head in marker.heads.items()}}
    if marker.time is not None:
        content |= {'v': _PAST, 'time': marker.time}
    body = json.dumps(content, separators=(',', ':')).encode()
    signed = _signature(body, secret) + body
    return base64.urlsafe_b64encode(signed).decode()


def unseal(text: str, secret: bytes) -> Marker:
    """The marker in a text; InvalidMarker if it is not one of ours."""
    try:
        signed = base64.b64decode(text.encode('ascii'), altchars=b'-_',
                                  validate=True)
    except (AttributeError, UnicodeError, binascii.Error):
        raise exception.InvalidMarker('not a marker') from None
    signature, body = signed[:_SIZE], signed[_SIZE:]
    # the last letter has bits that stand for nothing
    if base64.urlsafe_b64encode(signed).decode() != text or (
            not hmac.compare_digest(signature, _signature(body, secret))):
        raise exception.InvalidMarker('the marker was altered or cut')
    content = json.loads(body)
    if content['v'] not in (_SNAPSHOT, _PAST):
        raise exception.InvalidMarker('the marker is of another release')
    return Marker(
        {type_: wire.Head(*head) for type_, head in content['heads'].items()},
        (content['after'][0], content['after'][1]), content.get('time'))


_SIZE = hashlib.sha256().digest_size


def _signature(body: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b'marker:' + body, hashlib.sha256).digest()
