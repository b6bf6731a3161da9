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
"""What puts notifications on a broker, each service on its own exchange.

Not a Notifier but the driver below it: what comes late or twice keeps its
id and its stamp, as it does on a real broker.
"""

from oslo_config import cfg
import oslo_messaging
from oslo_messaging import opts
from oslo_messaging.notify import messaging

from synchronizer.bus import transport as bus_transport
from synchronizer.sandbox.notices import EXCHANGES
from synchronizer.sandbox.notices import LEGACY
from synchronizer.sandbox.notices import VERSIONED
from synchronizer.sandbox.state import SandboxError
from synchronizer.sandbox.voice import Message

RETRY = 1
"""A broker that is away holds up a notification for a second at most."""


class Speaker:
    """Sends through oslo.messaging; nothing is connected before.

    Closed, it is of no use any more. What cannot be sent is logged by
    oslo.messaging, and lost.
    """

    def __init__(self, url: str) -> None:
        self._transports = {service: _transport(url, exchange)
                            for service, exchange in EXCHANGES.items()}
        self._drivers = {
            (service, topic): messaging.MessagingV2Driver(
                transport.conf, topics=[topic], transport=transport)
            for service, transport in self._transports.items()
            for topic in (LEGACY, VERSIONED)}

    def send(self, message: Message) -> None:
        """Hand one notification to the broker."""
        driver = self._drivers[message.service, message.topic]
        driver.notify(message.context, message.body,
                      message.body['priority'], RETRY)

    def close(self) -> None:
        """Hang up."""
        for transport in self._transports.values():
            transport.cleanup()


def _transport(url: str, exchange: str) -> oslo_messaging.Transport:
    """Its exchange is that of its configuration, so each has its own."""
    conf = cfg.ConfigOpts()
    conf([], project='synchronizer', default_config_files=[],
         default_config_dirs=[])
    for group, options in opts.list_opts():
        if group is None:
            conf.register_opts(options)
    conf.set_override('control_exchange', exchange)
    try:
        return bus_transport.for_notifications(conf, url)
    except oslo_messaging.MessagingException as exc:
        raise SandboxError(str(exc)) from exc
