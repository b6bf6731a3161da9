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

"""One group per plugin: what of a service is copied, how often, and how
its endpoint is found. The groups exist once the plugins are known."""

from collections.abc import Sequence
import copy

from keystoneauth1 import loading
from oslo_config import cfg
from oslo_config import types

from synchronizer.conf import cinder
from synchronizer.conf import groups
from synchronizer.conf import heat
from synchronizer.conf import nova

SERVICE_TYPES = {'nova': 'compute', 'cinder': 'block-storage',
                 'heat': 'orchestration'}
"""What the catalogue calls the services of the plugins that we bring."""

OPTS = [
    cfg.ListOpt(
        'types',
        item_type=types.String(),
        help='Full names of the entity types that are copied, the complete '
             'list; without it, those that the plugin has on by default. '
             'Each one more costs a listing every poll_interval. A type '
             'that is taken out stays in the database as it was.'),
    cfg.FloatOpt(
        'poll_interval',
        default=600, min=1,
        help='Seconds between the starts of two complete listings of a '
             'type. Raised, what no faster way shows is noticed later; '
             'lowered, the API has more to do.'),
    cfg.FloatOpt(
        'delta_interval',
        default=30, min=0,
        help='Seconds between two listings of only what moved, for types '
             'whose API has such. Raised, changes are noticed later; '
             'lowered, the API is asked more often; 0 switches it off.'),
    cfg.IntOpt(
        'page_size',
        default=1000, min=1,
        help='Records asked for in one request. Raised, a listing needs '
             'fewer requests, each slower and larger; the API cuts it to '
             'its own limit (max_limit).'),
    cfg.IntOpt(
        'concurrency',
        default=4, min=1, max=64,
        help='Requests for single entities that may run at once. Raised, '
             'doubts are settled sooner, and the API gets more requests '
             'side by side.'),
    cfg.FloatOpt(
        'max_requests_per_second',
        default=0, min=0,
        help='Requests a second that the service gets at most, tries that '
             'fail and are sent again included, from all processes of all '
             'synchronizers on this database together; give all of them the '
             'same value. Of a plugin that is made of other streams: each '
             'service that it asks past them. Raised, listings and looks at '
             'single entities are done sooner, and the API has more to do; '
             'lowered, all of them wait for each other, and a listing that '
             'takes longer than poll_interval begins anew at once; 0: no '
             'limit.'),
]


NOTIFICATIONS = {
    'nova': ('nova', ['versioned_notifications', 'notifications']),
    'cinder': ('openstack', ['notifications']),
    'heat': ('heat', ['notifications'])}
"""Exchange and topics of the services of the plugins that we bring."""

POOL = 'synchronizer-hints'


def notification_opts(exchange: str, topics: Sequence[str]) -> list[cfg.Opt]:
    """How the service is listened to."""
    return [
        cfg.ListOpt(
            'notification_topics',
            default=list(topics),
            item_type=types.String(),
            help='Topics of the notifications that are listened to, so that '
                 'a change is looked at when it happens and not by the next '
                 'listing. With none, nothing is listened to. A topic more '
                 'costs what its messages cost to read.'),
        cfg.StrOpt(
            'notification_exchange',
            default=exchange,
            help='Exchange (control_exchange) on which the service sends '
                 'them. It is declared if it is not there, durable or not '
                 'as [oslo_messaging_rabbit] amqp_durable_queues says, which '
                 'must be as the service has it.'),
        cfg.StrOpt(
            'notification_pool',
            default=POOL,
            help='Name of the queue of our own, with the name of the plugin '
                 'after it, that gets a copy of each notification, so that '
                 'no other reader misses any. Two deployments on one broker '
                 'need two names. The queue stays on the broker, and grows, '
                 'while no synchronizer reads it: give it a limit by a '
                 'policy. Empty, the queues of the topics themselves are '
                 'read: only for topics that nobody else reads, since '
                 'readers of one queue take messages from each other.'),
        cfg.MultiStrOpt(
            'notification_urls',
            default=[],
            secret=True,
            help='Transport URLs of the brokers that the service sends its '
                 'notifications to, as those of the cells of Nova; may be '
                 'given several times. Without any, [oslo_messaging_'
                 'notifications] transport_url, or else transport_url.'),
    ]


OWN = {'cinder': cinder.OPTS, 'heat': heat.OPTS, 'nova': nova.OPTS}
"""The options that only one of the plugins that we bring has."""

ADAPTER_OPTS = ('service_type', 'service_name', 'valid_interfaces',
                'region_name', 'endpoint_override')
"""Those of keystoneauth's that count here: versions are agreed on by type,
and retries are `[collector] request_tries`."""


def adapter_opts(service_type: str) -> list[cfg.Opt]:
    """How the service's endpoint is found, with what is known of it."""
    opts = [copy.deepcopy(opt) for opt in
            loading.get_adapter_conf_options(include_deprecated=False)
            if opt.dest in ADAPTER_OPTS]
    cfg.set_defaults(
        opts, service_type=service_type,
        valid_interfaces=['internal', 'public'])
    return opts


MADE_OF_STREAMS = ('types', 'poll_interval', 'concurrency',
                   'max_requests_per_second')
"""Those of OPTS that a plugin has which asks no service for listings."""

PLACE = ('region_name', 'valid_interfaces')
"""What it has to say of endpoints, whatever service it asks."""


def derived_opts(own: Sequence[cfg.Opt]) -> list[cfg.Opt]:
    """Every option of a plugin that is made of other streams."""
    return [*(opt for opt in OPTS if opt.dest in MADE_OF_STREAMS), *own,
            *(opt for opt in adapter_opts('') if opt.dest in PLACE)]


def group(name: str) -> cfg.OptGroup:
    """The group of a plugin."""
    return cfg.OptGroup(
        name, title=f'Plugin {name}',
        help=f'What is copied of {name}, how often, and how its endpoint '
             'is found (keystoneauth adapter options).')


def all_opts(name: str, service_type: str | None = None,
             own: Sequence[cfg.Opt] = (),
             notifications: tuple[str, Sequence[str]] | None = None,
             derived: bool = False) -> list[cfg.Opt]:
    """Every option of a plugin's group; a plugin from elsewhere brings its
    service type, its own options and where it is told of with it.
    `derived`: it is made of other streams."""
    if derived:
        return derived_opts(own)
    exchange, topics = NOTIFICATIONS.get(name) or notifications or (name, ())
    return [*OPTS, *notification_opts(exchange, topics),
            *OWN.get(name, own),
            *adapter_opts(service_type or SERVICE_TYPES.get(name, name))]


def register_opts(conf: cfg.ConfigOpts, name: str,
                  service_type: str | None = None,
                  own: Sequence[cfg.Opt] = (),
                  notifications: tuple[str, Sequence[str]] | None = None,
                  derived: bool = False) -> None:
    """Make the options of one plugin known to `conf`."""
    groups.register(conf, group(name), all_opts(
        name, service_type, own, notifications, derived))


def list_opts() -> list[tuple]:
    """For oslo-config-generator: the plugins that we bring ourselves."""
    return [(group(name), all_opts(name)) for name in SERVICE_TYPES]
