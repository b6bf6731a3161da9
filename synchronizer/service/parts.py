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

"""From options to parts: the only module that reads options for others.

Nothing here outlives a call in the master: what connects is made in the
process that uses it.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import functools
import importlib.util
import re
import threading
from typing import Any
import uuid

from oslo_config import cfg

from synchronizer import exception
from synchronizer import metrics
from synchronizer import quiet
from synchronizer import tracing
from synchronizer import version
from synchronizer.bus import ear
from synchronizer.bus import transport as bus_transport
from synchronizer.cloud import api
from synchronizer.cloud import cloud as cloud_module
from synchronizer.cloud import loader
from synchronizer.cloud import patience
from synchronizer.collector import follow
from synchronizer.collector import listener
from synchronizer.collector import looks
from synchronizer.collector import runner
from synchronizer.collector import settings
from synchronizer.collector import writer
from synchronizer.conf import metrics as metrics_conf
from synchronizer.northbound import drivers
from synchronizer.northbound import endpoint
from synchronizer.northbound import policy
from synchronizer.northbound import publisher as publisher_module
from synchronizer.plugins import base as plugin_base
from synchronizer.plugins import derived
from synchronizer.service import budgets as budgets_module
from synchronizer.service import coordination as coordination_module
from synchronizer.service import enabled
from synchronizer.service import schema
from synchronizer.service import shared
from synchronizer.service import streams
from synchronizer.service import tenure as tenure_module
from synchronizer.service import work
from synchronizer.service.inside import census
from synchronizer.service.inside import names as process_names
from synchronizer.service.inside import probe as probe_module
from synchronizer.service.inside import server as metrics_server
from synchronizer.store import base as store_base
from synchronizer.store import engine
from synchronizer.store import sql

EMBEDDED_QUIET = ('kombu.connection=ERROR',
                  'oslo.messaging._drivers.impl_rabbit=ERROR')
"""They warn that the bus has neither a host name nor a heartbeat."""

Turns = Callable[[str], api.Turn | None]

_QUOTED = re.compile(r"""['"]([^'"]*)['"]""")


TRACING = 'oslo_messaging_tracing'


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options of other rooms' libraries known to `conf`."""
    engine.register_opts(conf)
    policy.register_opts(conf)


def check(conf: cfg.ConfigOpts) -> None:
    """Make, and throw away, what can be made without a connection.

    Makes the options of the libraries known that appear only then.
    """
    _check_bus(conf)
    for name in _told(conf):
        _check_notification_urls(conf, name)
    _check_pools(conf)
    process_names.check(conf)
    _check_tracing(conf)
    if conf.coordination.backend_url:
        coordination_driver(conf)
    for name in enabled.names(conf):
        loader.check_address(conf, name, 'endpoint_override')
    engine.check(engine.Options.from_conf(conf))
    policy.check(conf)
    with quiet.hushed(*quiet.PLUGINS):
        loader.check_files(cloud(conf).session, os_cloud(conf))


def _told(conf: cfg.ConfigOpts) -> list[str]:
    """The plugins whose services may tell of changes."""
    return [name for name in enabled.names(conf)
            if 'notification_topics' in conf[name]]


def _check_notification_urls(conf: cfg.ConfigOpts, name: str) -> None:
    urls = conf[name].notification_urls
    place = (f'[{name}] notification_urls: one of them' if urls else
             '[oslo_messaging_notifications] transport_url')
    for url in urls or [None]:
        try:
            with quiet.hushed(*quiet.PLUGINS):
                bus_transport.for_listening(conf, url).cleanup()
        except Exception as error:
            # see below; the URL itself may hold a password
            raise exception.ConfigurationError(
                f'{place} cannot be used ({type(error).__name__}); it looks '
                'like rabbit://USER:PASSWORD@HOST:5672/') from error


def _check_pools(conf: cfg.ConfigOpts) -> None:
    """Without a pool two plugins that read one topic would take each
    other's messages."""
    readers: dict[tuple[str, ...], str] = {}
    for name in _told(conf):
        options = conf[name]
        for topic in ([] if options.notification_pool
                      else options.notification_topics):
            key = (topic, *options.notification_urls)
            other = readers.setdefault(key, name)
            if other != name:
                raise exception.ConfigurationError(
                    f'[{name}] notification_pool is empty, as in [{other}], '
                    f'and both read the topic {topic}: they would take each '
                    "other's messages; give each service a topic of its own, "
                    'or set notification_pool')


def is_traced(conf: cfg.ConfigOpts) -> bool:
    """Whether requests are told of to OpenTelemetry. Only a transport makes
    that option known."""
    return TRACING in conf and conf[TRACING].tracing_enabled


def _check_tracing(conf: cfg.ConfigOpts) -> None:
    """oslo.messaging would warn of it with each message."""
    if not is_traced(conf):
        return
    if not all(map(_is_installed, ('opentelemetry.sdk', _exporter(conf)))):
        way = conf[TRACING].otlp_protocol.partition('/')[0]
        raise exception.ConfigurationError(
            f'[{TRACING}] tracing_enabled needs packages that are not '
            f'installed: pip install "oslo.messaging[tracing-{way}]"')


def _exporter(conf: cfg.ConfigOpts) -> str:
    way = conf[TRACING].otlp_protocol.partition('/')[0]
    return f'opentelemetry.exporter.otlp.proto.{way}.trace_exporter'


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        # what it lies in is not installed either
        return False


def _check_bus(conf: cfg.ConfigOpts) -> None:
    try:
        with quiet.hushed(*quiet.PLUGINS):
            transport(conf).cleanup()
    except Exception as error:
        # each driver has its own way to say that it cannot read its URL
        raise exception.ConfigurationError(
            f'[DEFAULT] transport_url: {_told_of(conf, error)}; it looks like'
            ' rabbit://USER:PASSWORD@HOST:5672/') from error


def _told_of(conf: cfg.ConfigOpts, error: Exception) -> str:
    """What is wrong with transport_url, unless that shows a password."""
    hidden = str(conf.transport_url).partition('://')[2].rpartition('@')[0]
    if any(word in hidden for word in _QUOTED.findall(str(error)) if word):
        return ('it cannot be read: write / ? # @ and % in the name and the '
                'password as %2F %3F %23 %40 and %25')
    return str(error)


def bus_is_set(conf: cfg.ConfigOpts) -> bool:
    """Whether anybody said where the bus is; ConfigurationError if what he
    said cannot be."""
    _check_bus(conf)
    return bool(conf.transport_url) and conf.get_location(
        'transport_url').location.is_user_controlled


# --- the store -----------------------------------------------------------

def store(conf: cfg.ConfigOpts, waits: bool = True) -> store_base.Store:
    """The store, as configured; see SqlStore."""
    return sql.SqlStore.from_conf(conf, waits=waits)


@contextlib.contextmanager
def opened(conf: cfg.ConfigOpts) -> Iterator[store_base.Store]:
    """The store for as long as it is needed; a SQLite file that is not
    there is not made."""
    schema.require(conf)
    with contextlib.closing(store(conf)) as opened_store:
        yield opened_store


def owner(conf: cfg.ConfigOpts) -> str:
    """What stands behind a stream that is ours: people see the host, and
    no two processes that ever were are taken for one."""
    return f'{conf.host}:{uuid.uuid4().hex[:12]}'


# --- other synchronizers -------------------------------------------------

def tenure(conf: cfg.ConfigOpts, plugin: str,
           begin: Callable[[Callable[[], None]], work.Work],
           able: Callable[[bool], None], family: str | None = None
           ) -> tenure_module.Tenure:
    """What begins and ends a plugin's work as it is our turn; not started.
    Connects to the back end. `family`: see Coordination."""
    place = coordination(conf, plugin, family)
    place.connect()
    return tenure_module.Tenure(place, begin, coordination_times(conf), able)


def coordination(conf: cfg.ConfigOpts, plugin: str, family: str | None = None
                 ) -> coordination_module.Coordination:
    """A place at the back end; not connected. Asks the store, which must be
    there for whoever wants to own a part of it."""
    specs = enabled.specs(conf)
    with contextlib.closing(store(conf)) as opened_store:
        opened_store.ensure(specs)
        space = coordination_module.namespace(opened_store.secret())
    return coordination_module.Coordination(
        functools.partial(coordination_driver, conf), space, conf.host,
        plugin, [spec.type for spec in specs if spec.plugin == plugin],
        coordination_times(conf).patience, family)


def coordination_driver(conf: cfg.ConfigOpts, member: bytes = b'nobody'
                        ) -> Any:
    """What tooz makes of the options; nothing is asked yet."""
    return coordination_module.driver(
        conf.coordination.backend_url, coordination_times(conf), member)


def coordination_times(conf: cfg.ConfigOpts) -> coordination_module.Times:
    """What follows from the one option."""
    return coordination_module.Times(conf.coordination.takeover_timeout)


def sharing_hosts(conf: cfg.ConfigOpts, secret: bytes) -> list[str]:
    """Those that share the work on the database of that secret now."""
    made = coordination_driver(conf, f'look-{uuid.uuid4().hex}'.encode())
    return coordination_module.sharing(
        made, coordination_module.namespace(secret))


# --- towards the cloud ---------------------------------------------------

def budgets(conf: cfg.ConfigOpts, store: store_base.Store
            ) -> budgets_module.Budgets:
    """How many requests the services get, for one process."""
    return budgets_module.Budgets(conf, store)


def cloud(conf: cfg.ConfigOpts, stopping: threading.Event | None = None,
          turns: Turns = lambda service: None) -> cloud_module.Cloud:
    """The session, as configured; nothing is asked yet. `turns`: what the
    requests to each service wait for."""
    return loader.load_cloud(
        conf, os_cloud(conf), stop=stopping, on_request=metrics.requested,
        patience=patience.Patience(tries=conf.collector.request_tries),
        turns=turns)


def os_cloud(conf: cfg.ConfigOpts) -> str | None:
    """The cloud of clouds.yaml that the command line names, if it can."""
    return conf.os_cloud if 'os_cloud' in conf else None


def build(conf: cfg.ConfigOpts, plugin: type[plugin_base.Plugin],
          stopping: threading.Event | None = None,
          budgets: budgets_module.Budgets | None = None
          ) -> plugin_base.Plugin:
    """The plugin of a service, told its options; nothing is asked yet.
    Without budgets its requests have no limit."""
    options = conf[plugin.name]
    return plugin(
        _cloud_of(conf, plugin, stopping, budgets), options.page_size,
        dict(options), **_place(conf, plugin))


def build_derived(conf: cfg.ConfigOpts,
                  plugin: type[derived.DerivedPlugin],
                  store: store_base.Store, stopping: threading.Event,
                  elsewhere: Callable[[writer.Things], None],
                  budgets: budgets_module.Budgets
                  ) -> derived.DerivedPlugin:
    """A plugin over the streams of the others; `elsewhere` is told what
    their owners are to look at."""
    return plugin(
        _cloud_of(conf, plugin, stopping, budgets),
        streams.StoredStreams(
            store, enabled.types(conf),
            lambda other: build(conf, other, stopping, budgets), elsewhere),
        dict(conf[plugin.name]), **_place(conf, plugin))


def _cloud_of(conf: cfg.ConfigOpts, plugin: type[plugin_base.Plugin],
              stopping: threading.Event | None,
              budgets: budgets_module.Budgets | None) -> cloud_module.Cloud:
    if budgets is None:
        return cloud(conf, stopping)
    return cloud(conf, stopping, functools.partial(
        budgets.turn, asker=plugin.name))


def _place(conf: cfg.ConfigOpts, plugin: type[plugin_base.Plugin]
           ) -> dict[str, Any]:
    return loader.adapter_options(conf, plugin.name, os_cloud(conf))


def collector(conf: cfg.ConfigOpts, plugin: plugin_base.Plugin,
              types: Sequence[type[plugin_base.EntityType]],
              store: store_base.Store,
              publisher: publisher_module.Publisher, owner: str,
              elsewhere: Callable[[writer.Things], None],
              lost: Callable[[str], None] | None = None) -> runner.Runner:
    """The single writer of a plugin's streams; not started. `elsewhere` is
    told what the owners of other plugins' streams are to look at; `lost`,
    where several synchronizers share them, who else has them now."""
    options = conf[plugin.name]
    return runner.Runner(
        plugin, [plugin.kind(kind) for kind in types], store, owner,
        publisher.wake, settings.Settings(
            poll_interval=options.poll_interval,
            # what no service lists has no listing of what moved
            delta_interval=getattr(options, 'delta_interval', 0),
            concurrency=options.concurrency,
            hint_settle=conf.collector.hint_settle,
            hint_batch=conf.collector.hint_batch,
            brake_ratio=conf.collector.deletion_brake_ratio,
            brake_min=conf.collector.deletion_brake_min,
            trim_interval=conf.journal.trim_interval,
            retention_hours=conf.journal.retention_hours,
            retention_revisions=conf.journal.retention_revisions),
        elsewhere=elsewhere,
        ownership=lost and shared.SharedOwnership(plugin.name, owner, lost))


def told(conf: cfg.ConfigOpts, plugin: plugin_base.Plugin,
         collector: runner.Runner, store: store_base.Store
         ) -> ear.Ears | follow.Follower:
    """What tells the collector where to look; not started: notifications,
    or the streams that the plugin is made of."""
    if isinstance(plugin, derived.DerivedPlugin):
        return follow.Follower(plugin, collector, store)
    return _ears(conf, plugin, collector)


def _ears(conf: cfg.ConfigOpts, plugin: plugin_base.Plugin,
          collector: runner.Runner) -> ear.Ears:
    """The collector is told of them."""
    options, embedded = conf[plugin.name], _is_embedded(conf)
    endpoint = listener.Listener(plugin.name, plugin.hints, collector.hint)
    urls = (options.notification_urls or [None]
            ) if options.notification_topics else []
    made = ear.Ears([
        _ear(conf, plugin.name, url, endpoint, collector.catch_up)
        for url in urls])
    if urls:
        # on the embedded bus there may be nobody who tells anything
        collector.attach(made, judged=urls != [None] or not embedded,
                         heard=endpoint.heard)
    return made


def _ear(conf: cfg.ConfigOpts, name: str, url: str | None, endpoint: object,
         listening: Callable[[], None]) -> ear.Ear:
    options = conf[name]
    pool = options.notification_pool
    transport = bus_transport.for_listening(conf, url)
    pulse = bus_transport.Pulse(conf, url)

    def close() -> None:
        pulse.close()
        transport.cleanup()
    return ear.Ear(
        f'notifications-{name}',
        lambda: bus_transport.notification_listener(
            transport, options.notification_exchange,
            options.notification_topics, endpoint,
            f'{pool}.{name}' if pool else None),
        listening, pulse.beat, close=close)


def look_ear(conf: cfg.ConfigOpts, bus: Any, name: str,
             collector: runner.Runner) -> ear.Ear:
    """What listens to other collectors' wishes; not started."""
    endpoint = looks.Looks(collector.look)
    made = ear.Ear(
        f'looks-{name}', lambda: bus_transport.look_server(
            bus, f'{conf.host}.{name}', endpoint))
    made.want(True)
    return made


def asker(bus: Any) -> looks.Asker:
    """What tells others what to look at; not started."""
    return looks.Asker(bus_transport.LookCaster(bus).cast)


def _is_embedded(conf: cfg.ConfigOpts) -> bool:
    return str(conf.transport_url or '').startswith(bus_transport.EMBEDDED)


# --- towards the bus -----------------------------------------------------

def transport(conf: cfg.ConfigOpts) -> Any:
    """The way to the bus; nothing is connected yet."""
    return bus_transport.get(conf)


def trace(conf: cfg.ConfigOpts) -> None:
    """Tell of requests, if anybody wants to know."""
    wanted = is_traced(conf)
    if wanted:
        # oslo.messaging 18.3 takes it for imported, and then for broken
        importlib.import_module(_exporter(conf))
    tracing.switch(wanted)


def publisher(conf: cfg.ConfigOpts, store: store_base.Store,
              types: Sequence[str], bus: Any, owner: str
              ) -> publisher_module.Publisher:
    """What tells the bus of a collector's changes; not started."""
    ways = {
        'fanout': lambda: drivers.FanoutDriver(
            bus_transport.Caster(bus), bus_transport.takes_ready(bus)),
        'notification': lambda: drivers.NotificationDriver(
            bus_transport.Announcer(
                bus_transport.for_notifications(conf), types, conf.host),
            conf.publisher.notification_types)}
    return publisher_module.Publisher(
        store, types, [ways[name]() for name in conf.publisher.drivers],
        conf.publisher.bookmark_interval, owner,
        fresh=coordination_times(conf).fresh)


def server(conf: cfg.ConfigOpts, store: store_base.Store,
           types: Sequence[str], bus: Any, stopping: threading.Event) -> Any:
    """What answers requests; not started."""
    return bus_transport.request_server(
        bus, conf.host, endpoint.Endpoint(
            store, types, version.version_string(), conf.host,
            conf.snapshot.page_bytes, conf.snapshot.max_age_timeout,
            wait=stopping.wait, permit=policy.Policy(conf),
            ready=bus_transport.takes_ready(bus)))


def probe(conf: cfg.ConfigOpts, name: str, works: Callable[[], bool],
          owners: Callable[[], Sequence[str]]) -> probe_module.Probe | None:
    """What tells of this process; None: nobody asks."""
    if not conf.metrics.listen:
        return None
    return probe_module.Probe(
        process_names.socket(conf, name), works, owners)


def inside(conf: cfg.ConfigOpts, store: store_base.Store
           ) -> metrics_server.Server:
    """What tells of all processes, over HTTP; it listens, and does not
    answer yet."""
    types = [spec.type for spec in enabled.specs(conf)]
    taker = census.Taker(
        {name: process_names.socket(conf, name)
         for name in process_names.every(conf)},
        types, lambda: store.streams(types))
    return metrics_server.Server(
        metrics_conf.split(conf.metrics.listen),
        metrics_server.Pages(taker.take, conf.host))


def embed(conf: cfg.ConfigOpts) -> None:
    """Need nothing outside this process but the cloud and a file."""
    # only then is there an option to override
    bus_transport.get(conf, bus_transport.EMBEDDED).cleanup()
    conf.set_override('transport_url', bus_transport.EMBEDDED)
    conf.set_default('default_log_levels',
                     [*conf.default_log_levels, *EMBEDDED_QUIET])
    if not conf.database.connection.startswith('sqlite'):
        conf.set_override('connection', engine.DEFAULT_CONNECTION,
                          group='database')
