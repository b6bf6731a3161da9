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

"""The names on the bus, which are part of the contract."""

EXCHANGE = 'synchronizer'
VERSION = '1.0'
"""The lowest version that can carry the shapes of `bus.wire`.

A message of a higher minor version than the consumer's is dropped without a
word, so a field that old consumers may ignore does not raise it.
"""

REQUESTS = 'synchronizer'
"""The topic of the RPC server."""

LOOKS = 'synchronizer.looks'
"""Where collectors ask each other to look at something; not for others."""

PULSE = 'synchronizer.pulse'
"""Where nobody listens: what is cast there shows that the broker is there.
"""


def changes(type_: str) -> str:
    """The topic that a type's changes and bookmarks are cast on."""
    return f'synchronizer.changes.{type_}'


def notifications(type_: str) -> str:
    """The topic of a type's notifications, for the second driver."""
    return f'synchronizer.{type_}'
