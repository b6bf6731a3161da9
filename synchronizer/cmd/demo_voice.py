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
"""The voice of the demonstration's cloud, on the bus inside this process."""

from typing import Any

from oslo_config import cfg

from synchronizer import sandbox
from synchronizer.bus import transport
from synchronizer.sandbox import notices
from synchronizer.sandbox import speaker

TOPICS = (notices.LEGACY, notices.VERSIONED)


def make(cloud: sandbox.SandboxCloud) -> sandbox.Voice:
    """A voice that is not started."""
    return sandbox.Voice(cloud, speaker.Speaker(transport.EMBEDDED))


class _Endpoint:

    def info(self, *notification: Any) -> None:
        """Taken, and forgotten."""

    error = info


class Meter:
    """Reads the queues that are named after the topics, and keeps nothing.

    Each message goes there too, besides the queues of who listens with a
    pool. In a cloud a metering service reads them; in a process that runs
    for days they would fill its memory.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._transport = transport.for_notifications(
            conf, transport.EMBEDDED)
        self._listeners = [transport.notification_listener(
            self._transport, exchange, TOPICS, _Endpoint(), None)
            for exchange in notices.EXCHANGES.values()]

    def start(self) -> None:
        """Begin to read."""
        for listener in self._listeners:
            listener.start(override_pool_size=1)

    def stop(self) -> None:
        """End."""
        for listener in self._listeners:
            listener.stop()
            listener.wait()
        self._transport.cleanup()
