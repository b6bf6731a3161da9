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

"""Servers that all tests of one process share.

Each process has its own, so that tests may run in several side by side.
"""

import atexit
import os

from synchronizer.tests.functional.servers import base

_started: dict[type[base.Server], base.Server] = {}


def url_of(kind: type[base.Server]) -> str | None:
    """Where to find one: as the environment says, or one that is started
    now and ends with this process; None if it is not installed."""
    named = os.environ.get(kind.env_variable)
    if named or kind.missing():
        return named
    if kind not in _started:
        server = kind()
        atexit.register(_close, server, os.getpid())
        _started[kind] = server.start()
    return _started[kind].url


def _close(server: base.Server, owner: int) -> None:
    """Not in a process that was forked from the one that started it."""
    if os.getpid() == owner:
        server.close()
