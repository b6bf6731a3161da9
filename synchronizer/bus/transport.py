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

"""The only place that makes transports, targets, servers and clients.

``kombu+memory://`` is the embedded bus: it serialises for real, and joins
the threads of one process, never two processes. oslo.messaging blocks while
a broker is away, in more places than its time-outs cover; whoever uses what
is made here does so from a thread of his own.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import importlib
import socket
from typing import Any
import weakref

import amqp.exceptions
import kombu.exceptions
from oslo_config import cfg
from oslo_log import log
import oslo_messaging

from synchronizer import exception
from synchronizer.bus import envelope
from synchronizer.bus import memory
from synchronizer.bus import topics
from synchronizer.model import initiator as initiator_module

LOST = (oslo_messaging.MessagingException, OSError,
        kombu.exceptions.KombuError, amqp.exceptions.AMQPError)
"""What a lost broker looks like: oslo.messaging wraps some of it."""


class TooOld(exception.Unavailable):
    """What was asked came later than the service that was asked."""


TOO_OLD = ('UnsupportedVersion', 'NoSuchMethod')
"""What a service says of a request that came later than it."""

EMBEDDED = 'kombu+memory://'
REMOTE_MODULES = ['synchronizer.exception']

CALLER = ('user_id', 'user_domain_id', 'project_id', 'project_domain_id',
          'domain_id', 'system_scope', 'is_admin', 'is_admin_project',
          'roles')
"""What a request says of its caller, as oslo.context names it; no token."""

PREFETCH = 100
"""How many notifications a listener holds before they are taken."""

ONCE_MORE = 1
"""With no retry at all kombu goes on using a channel that was closed, so a
sender that was refused once would be refused for ever."""

LOG = log.getLogger(__name__)

# registered by oslo.messaging on the global CONF alone, and read from
# whatever ConfigOpts a transport was made with
_GLOBAL_ONLY = (
    ('oslo_messaging._tracing.client', 'oslo_messaging_tracing'),
    ('oslo_messaging._metrics.client', 'oslo_messaging_metrics'))


def get(conf: cfg.ConfigOpts, url: str | None = None
        ) -> oslo_messaging.Transport:
    """A transport for RPC; nothing is connected yet."""
    complete(conf)
    made = oslo_messaging.get_rpc_transport(
        conf, url, allowed_remote_exmods=REMOTE_MODULES)
    if _is_of_kombu(oslo_messaging.TransportURL.parse(conf, url)):
        _of_kombu.add(made)
    return made


_of_kombu: weakref.WeakSet[oslo_messaging.Transport] = weakref.WeakSet()


def takes_ready(transport: oslo_messaging.Transport) -> bool:
    """Whether a list in a message may be an `envelope.Ready`."""
    return transport in _of_kombu


def _is_of_kombu(url: oslo_messaging.TransportURL) -> bool:
    return url.transport.split('+')[0] in ('rabbit', 'kombu')


def for_notifications(conf: cfg.ConfigOpts, url: str | None = None
                      ) -> oslo_messaging.Transport:
    """A transport for notifications."""
    complete(conf)
    return oslo_messaging.get_notification_transport(conf, url)


def for_listening(conf: cfg.ConfigOpts, url: str | None = None
                  ) -> oslo_messaging.Transport:
    """A transport for listening to notifications: of what waits in a queue,
    only so much comes at once."""
    # only then are the options known that say where
    for_notifications(conf, url).cleanup()
    parsed = _listening_url(conf, url)
    if _is_of_kombu(parsed) and (
            not conf.oslo_messaging_rabbit.rabbit_qos_prefetch_count):
        parsed.query.setdefault('rabbit_qos_prefetch_count', str(PREFETCH))
    return oslo_messaging.get_notification_transport(conf, parsed)


def _listening_url(conf: cfg.ConfigOpts, url: str | None
                   ) -> oslo_messaging.TransportURL:
    return oslo_messaging.TransportURL.parse(
        conf, url or conf.oslo_messaging_notifications.transport_url)


def notification_listener(transport: oslo_messaging.Transport, exchange: str,
                          names: Sequence[str], endpoint: Any,
                          pool: str | None) -> Any:
    """What receives notifications; start it with a pool of one thread.

    With a `pool` everything comes through one queue of that name, in order,
    and is taken from nobody; without, the queues of the topics themselves
    are read, and whoever else reads them gets less.
    """
    targets = [oslo_messaging.Target(exchange=exchange, topic=name)
               for name in names]
    return oslo_messaging.get_notification_listener(
        transport, targets, [endpoint], executor='threading',
        pool=pool or None)


def private(url: str) -> oslo_messaging.Transport:
    """A transport with a configuration of its own: all defaults."""
    conf = cfg.ConfigOpts()
    conf([], project='synchronizer', default_config_files=[],
         default_config_dirs=[])
    return get(conf, url)


def complete(conf: cfg.ConfigOpts) -> None:
    """Make oslo.messaging work with a ConfigOpts other than the global, the
    embedded bus rest while nothing is said, and envelopes cost little."""
    memory.install()
    envelope.install()
    for module, group in _GLOBAL_ONLY:
        try:
            options = getattr(importlib.import_module(module), group)
        except (ImportError, AttributeError):
            # another release: then it may need no help
            continue
        conf.register_opts(options, group=group)


def request_server(transport: oslo_messaging.Transport, host: str,
                   endpoint: Any) -> oslo_messaging.MessageHandlingServer:
    """The RPC server that answers requests; not started."""
    target = oslo_messaging.Target(
        exchange=topics.EXCHANGE, topic=topics.REQUESTS, server=host,
        version=topics.VERSION)
    return _server(transport, target, endpoint)


def change_server(transport: oslo_messaging.Transport, type_: str,
                  name: str, endpoint: Any
                  ) -> oslo_messaging.MessageHandlingServer:
    """What receives one type's changes; start it with a pool of one.

    Its fanout queue is its own and goes with it. Two queues named after
    topic and name stay, for ever empty: so the name is not unique.
    """
    target = oslo_messaging.Target(
        exchange=topics.EXCHANGE, topic=topics.changes(type_), server=name,
        version=topics.VERSION)
    return _server(transport, target, endpoint)


def _server(transport: oslo_messaging.Transport,
            target: oslo_messaging.Target, endpoint: Any
            ) -> oslo_messaging.MessageHandlingServer:
    return oslo_messaging.get_rpc_server(
        transport, target, [endpoint],
        access_policy=oslo_messaging.ExplicitRPCAccessPolicy)


def expose(method: Callable) -> Callable:
    """Let an endpoint's method be called from the bus."""
    return oslo_messaging.expose(method)


class RequestClient:
    """Calls to the request server, each tried once."""

    def __init__(self, transport: oslo_messaging.Transport,
                 context: Mapping[str, Any] | None = None) -> None:
        target = oslo_messaging.Target(
            exchange=topics.EXCHANGE, topic=topics.REQUESTS,
            version=topics.VERSION)
        self._client = oslo_messaging.get_rpc_client(transport, target)
        given = context or {}
        self._context = {name: given[name] for name in CALLER
                         if given.get(name) is not None}

    def call(self, method: str, arguments: dict[str, Any],
             timeout: float, version: str = topics.VERSION) -> Any:
        """The answer, or one of our errors: RequestError or BusError.

        `version` is the lowest that has the method. Not bounded by the
        time-out while the broker is away.
        """
        prepared = self._client.prepare(
            timeout=timeout, retry=ONCE_MORE, version=version)
        try:
            # the server waits no longer for a sweep than its caller does
            return prepared.call({**self._context, 'timeout': timeout},
                                 method, **arguments)
        except exception.RequestError as error:
            raise _local(error) from None
        except oslo_messaging.RemoteError as error:
            if error.exc_type in TOO_OLD:
                raise TooOld(
                    f'the service is of a release that has no {method} '
                    f'{version} yet') from None
            raise exception.Unavailable(
                f'{error.exc_type}: {error.value}') from None
        except LOST as error:
            raise exception.BusError(f'{method}: {error}') from error


def _local(error: exception.RequestError) -> exception.RequestError:
    """What the service raised, without the text of a remote traceback."""
    own = next((kind for kind in type(error).__mro__
                if kind.__module__ == exception.__name__),
               exception.RequestError)
    return own(*error.args[:1], **error.kwargs)


class Caster:
    """Fanout casts that fail soon where nobody can take them."""

    def __init__(self, transport: oslo_messaging.Transport) -> None:
        self._client = oslo_messaging.get_rpc_client(
            transport,
            oslo_messaging.Target(exchange=topics.EXCHANGE,
                                  version=topics.VERSION), retry=0)

    def cast(self, type_: str, method: str, **arguments: Any) -> None:
        """Cast to all who listen to a type's topic. BusError: not cast.

        When the last consumer leaves, the fanout exchange goes with it,
        and a connection that had declared it is told once (404): hence
        the second attempt.
        """
        prepared = self._client.prepare(
            topic=topics.changes(type_), fanout=True)
        try:
            prepared.cast({}, method, **arguments)
        except LOST as error:
            LOG.debug('%(topic)s: %(method)s is cast again after: %(error)s',
                      {'topic': topics.changes(type_), 'method': method,
                       'error': error})
            self._again(type_, method, arguments)

    def _again(self, type_: str, method: str,
               arguments: dict[str, Any]) -> None:
        prepared = self._client.prepare(
            topic=topics.changes(type_), fanout=True, retry=ONCE_MORE)
        try:
            prepared.cast({}, method, **arguments)
        except LOST as error:
            raise exception.BusError(f'{method}: {error}') from error


class Pulse:
    """Tells whether the broker was there all the time."""

    def __init__(self, conf: cfg.ConfigOpts, url: str | None = None
                 ) -> None:
        for_notifications(conf, url).cleanup()
        self._transport = get(conf, str(_listening_url(conf, url)))
        self._client = oslo_messaging.get_rpc_client(
            self._transport, oslo_messaging.Target(
                exchange=topics.EXCHANGE, topic=topics.PULSE, fanout=True,
                version=topics.VERSION), retry=0)

    def beat(self) -> bool:
        """Whether it was there since the last beat: on a connection that
        was lost meanwhile, the first cast fails."""
        try:
            self._client.cast({}, 'beat')
        except LOST as error:
            LOG.debug('no pulse: %(error)s', {'error': error})
            return False
        return True

    def close(self) -> None:
        """Let the connection go."""
        self._transport.cleanup()


class LookCaster:
    """Asks other collectors to look at something. It may get lost."""

    def __init__(self, transport: oslo_messaging.Transport) -> None:
        self._client = oslo_messaging.get_rpc_client(
            transport, oslo_messaging.Target(
                exchange=topics.EXCHANGE, topic=topics.LOOKS, fanout=True,
                version=topics.VERSION), retry=0)

    def cast(self, things: Sequence[tuple[
            tuple[str, str], initiator_module.Initiator | None]]) -> None:
        """Cast (type, id) of each, and who is behind it, if anybody is
        known. BusError: not cast."""
        try:
            self._client.cast(
                {}, 'look', things=[list(one) for one, _ in things],
                initiators=[initiator_module.plain(who)
                            for _, who in things])
        except LOST as error:
            raise exception.BusError(f'look: {error}') from error


def look_server(transport: oslo_messaging.Transport, name: str,
                endpoint: Any) -> oslo_messaging.MessageHandlingServer:
    """What receives them; start it with a pool of one."""
    target = oslo_messaging.Target(
        exchange=topics.EXCHANGE, topic=topics.LOOKS, server=name,
        version=topics.VERSION)
    return _server(transport, target, endpoint)


class Announcer:
    """Notifications, for consumers that speak nothing else."""

    def __init__(self, transport: oslo_messaging.Transport,
                 types: Sequence[str], host: str | None = None,
                 retry: int = 1) -> None:
        publisher_id = f'synchronizer.{host or socket.gethostname()}'
        self._notifiers = {
            type_: oslo_messaging.Notifier(
                transport, publisher_id, driver='messagingv2', retry=retry,
                topics=[topics.notifications(type_)])
            for type_ in types}

    def announce(self, type_: str, action: str,
                 payload: dict[str, Any]) -> None:
        """Notify of one change. It never raises; what fails is logged."""
        self._notifiers[type_].info({}, f'{type_}.{action}', payload)


def forget_embedded() -> None:
    """Empty the embedded bus; its state is the process's. For tests."""
    memory.Transport.global_state.clear()
    memory.Channel.queues.clear()


