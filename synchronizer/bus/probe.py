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

"""What a RabbitMQ says of itself, of its exchanges and of its queues.

oslo.messaging goes on trying for ever, and cannot tell a wrong password from
a broker that is away. So this speaks to the broker directly, once, as
oslo.messaging would, and makes nothing: whatever it declares was there.
"""

from collections.abc import Callable
import contextlib
import dataclasses
import os
import re
import ssl
from typing import Any
from typing import TypeVar

import amqp
import kombu
from oslo_config import cfg
import oslo_messaging
from oslo_messaging._drivers import common as driver_common

from synchronizer import exception
from synchronizer.bus import transport

T = TypeVar('T')

PORT, TLS_PORT = 5672, 5671
PATIENCE = 3.0
"""Seconds to wait for one host."""

_LIMITS = {
    'x-delivery-limit': 'rabbit_quorum_delivery_limit',
    'x-max-in-memory-length': 'rabbit_quorum_max_memory_length',
    'x-max-in-memory-bytes': 'rabbit_quorum_max_memory_bytes'}
"""Arguments of a quorum queue, and the options that they stand in."""

_FILES = ('ssl_ca_file', 'ssl_cert_file', 'ssl_key_file')

_REFUSED = {
    403: 'knows no such user and password: are both right in {place}?',
    530: 'has no virtual host {vhost} for this user: is it right in {place}, '
         'and does the user have permissions there?'}


@dataclasses.dataclass(frozen=True, slots=True)
class Queue:
    """A queue that is there."""

    messages: int
    """How many wait in it."""

    consumers: int
    """How many read it."""


class Probe:
    """A connection to look around with; a context manager.

    Its methods raise BusError if the broker does not answer.
    """

    def __init__(self, conf: cfg.ConfigOpts, url: str | None = None,
                 notifications: bool = False,
                 place: str = '[DEFAULT] transport_url') -> None:
        """`place` is where people find the URL; `notifications`: it is the
        one that notifications are read from. Nothing is connected yet."""
        self._place = place
        self._url = _parsed(conf, url, notifications)
        self._options = driver_common.ConfigOptsProxy(
            conf, self._url, 'oslo_messaging_rabbit').oslo_messaging_rabbit
        self._connection: amqp.Connection | None = None

    def __enter__(self) -> 'Probe':
        problems = []
        for host in self._url.hosts or [oslo_messaging.TransportHost('')]:
            try:
                self._connection = self._connect(host)
                return self
            except exception.BusError as error:
                problems.append(str(error))
        raise exception.BusError('; '.join(problems))

    def __exit__(self, *unused: object) -> None:
        with contextlib.suppress(*transport.LOST):
            self._connection.close()

    # --- questions -------------------------------------------------------

    def has_exchange(self, name: str) -> bool:
        """Whether it is there."""
        return self._asked(lambda channel: channel.exchange_declare(
            name, 'topic', passive=True) or True) is not None

    def queue(self, name: str) -> Queue | None:
        """The queue, if it is there."""
        found = self._asked(lambda channel: channel.queue_declare(
            name, passive=True))
        return found and Queue(found.message_count, found.consumer_count)

    def quarrel_of_exchange(self, name: str) -> str | None:
        """Why we could not use an exchange that is there as it is."""
        return self._quarrel(lambda channel: channel.exchange_declare(
            name, 'topic', durable=self._durable,
            auto_delete=self._options.amqp_auto_delete))

    def quarrel_of_queue(self, name: str) -> str | None:
        """The same of a queue that is read as a topic is."""
        return self._quarrel(lambda channel: channel.queue_declare(
            name, durable=self._durable, arguments=self._arguments,
            auto_delete=self._options.amqp_auto_delete))

    # --- inside ----------------------------------------------------------

    @property
    def _durable(self) -> bool:
        return bool(self._options.amqp_durable_queues
                    or self._options.rabbit_quorum_queue)

    @property
    def _arguments(self) -> dict[str, Any] | None:
        """Those with which oslo.messaging declares the queue of a topic."""
        options = self._options
        found: dict[str, Any] = {}
        if options.rabbit_ha_queues:
            found['x-ha-policy'] = 'all'
        if options.rabbit_quorum_queue:
            found['x-queue-type'] = 'quorum'
            limits = {argument: getattr(options, name)
                      for argument, name in _LIMITS.items()}
            found.update({argument: limit
                          for argument, limit in limits.items() if limit})
        return found or None

    def _asked(self, ask: Callable[[Any], T]) -> T | None:
        """None: it is not there."""
        try:
            return self._on_channel(ask)
        except amqp.exceptions.NotFound:
            return None
        except amqp.exceptions.AMQPError as error:
            raise exception.BusError(_plain(error)) from error

    def _quarrel(self, declare: Callable[[Any], object]) -> str | None:
        try:
            self._on_channel(declare)
        except (amqp.exceptions.PreconditionFailed,
                amqp.exceptions.AccessRefused) as error:
            return _plain(error)
        except amqp.exceptions.AMQPError as error:
            raise exception.BusError(_plain(error)) from error
        return None

    def _on_channel(self, ask: Callable[[Any], T]) -> T:
        # one of its own for each: an error closes it
        try:
            channel = self._connection.channel()
            try:
                return ask(channel)
            finally:
                with contextlib.suppress(*transport.LOST):
                    channel.close()
        except OSError as error:
            raise exception.BusError(
                f'the broker went away ({error})') from error

    def _connect(self, host: oslo_messaging.TransportHost
                 ) -> amqp.Connection:
        settings = self._settings(host)
        place = f'{settings.hostname}:{settings.port}'
        try:
            # kombu itself would rest for two seconds, and try again
            return settings.transport.establish_connection()
        except amqp.exceptions.AMQPError as error:
            raise exception.BusError(
                f'the broker at {place} {self._refusal(error)}') from error
        except FileNotFoundError as error:
            raise exception.BusError(
                f'{self._missing()}: no such file') from error
        except ssl.SSLError as error:
            raise exception.BusError(
                f'the broker at {place} cannot be trusted, or speaks no TLS '
                f'({error}): see [oslo_messaging_rabbit] ssl, ssl_ca_file '
                'and the port') from error
        except OSError as error:
            raise exception.BusError(
                f'no broker answers at {place} '
                f'({error.strerror or error}): does it run, and is '
                f'{self._place} right?') from error

    def _settings(self, host: oslo_messaging.TransportHost
                  ) -> kombu.Connection:
        tls = self._tls(host)
        return kombu.Connection(
            hostname=host.hostname or 'localhost',
            port=host.port or (TLS_PORT if tls else PORT),
            userid=host.username or 'guest',
            password=host.password or 'guest',
            virtual_host=self._url.virtual_host or '/',
            transport='pyamqp', ssl=tls, connect_timeout=PATIENCE,
            login_method=self._options.rabbit_login_method,
            transport_options={
                'read_timeout': PATIENCE, 'write_timeout': PATIENCE,
                'client_properties': {
                    'connection_name': 'synchronizer-status'}})

    def _tls(self, host: oslo_messaging.TransportHost
             ) -> dict[str, Any] | bool:
        options = self._options
        if not options.ssl:
            return False
        found = {'keyfile': options.ssl_key_file or None,
                 'certfile': options.ssl_cert_file or None}
        if options.ssl_ca_file:
            found.update(ca_certs=options.ssl_ca_file,
                         cert_reqs=ssl.CERT_REQUIRED,
                         server_hostname=host.hostname)
        return {name: value for name, value in found.items()
                if value is not None} or True

    def _missing(self) -> str:
        """The options that name files which are not there."""
        paths = {name: getattr(self._options, name) for name in _FILES}
        found = [f'{name} ({path})' for name, path in paths.items()
                 if path and not os.path.exists(path)]
        return '[oslo_messaging_rabbit] ' + ', '.join(found or _FILES)

    def _refusal(self, error: amqp.exceptions.AMQPError) -> str:
        text = _REFUSED.get(getattr(error, 'reply_code', None))
        if text is None:
            return f'does not let us in ({_plain(error)})'
        return text.format(vhost=self._url.virtual_host or '/',
                           place=self._place)


def is_rabbit(conf: cfg.ConfigOpts, url: str | None = None,
              notifications: bool = False) -> bool:
    """Whether a Probe can look at this bus."""
    return _parsed(conf, url, notifications).transport == 'rabbit'


def _parsed(conf: cfg.ConfigOpts, url: str | None, notifications: bool
            ) -> oslo_messaging.TransportURL:
    # only then are the options known that say where
    made = transport.for_notifications if notifications else transport.get
    made(conf, url).cleanup()
    if notifications:
        url = url or conf.oslo_messaging_notifications.transport_url
    return oslo_messaging.TransportURL.parse(conf, url)


def _plain(error: amqp.exceptions.AMQPError) -> str:
    """What the broker said, without its codes."""
    text = ' '.join(str(getattr(error, 'reply_text', error) or error).split())
    return re.sub(r'^(?:\w+\.\w+: )?(?:\(\d+\) )?[A-Z_]+ - ', '', text)
