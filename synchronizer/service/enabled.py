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

"""Which plugins and which of their types are on."""

from oslo_config import cfg
from oslo_log import log as logging

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer.conf import unknown
from synchronizer.plugins import base
from synchronizer.plugins import derived
from synchronizer.plugins import registry
from synchronizer.store import base as store_base

LOG = logging.getLogger(__name__)

Types = tuple[type[base.EntityType], ...]

OBSERVER = 'reality'
"""The plugin that has a switch of its own."""

OBSERVED = ('heat.stack', 'heat.resource')
"""What it cannot do without."""


def names(conf: cfg.ConfigOpts) -> list[str]:
    """The plugins that are on."""
    others = [name for name in conf.plugins if name != OBSERVER]
    if conf.reality.enable_observer:
        others.append(OBSERVER)
    return others


def tell(conf: cfg.ConfigOpts) -> None:
    """Say what is configured and has no effect."""
    for line in unknown.find(conf):
        LOG.warning(line)
    if OBSERVER in conf.plugins and not conf.reality.enable_observer:
        LOG.warning('[DEFAULT] plugins names reality, but [reality] '
                    'enable_observer is off: it does not run.')


def types(conf: cfg.ConfigOpts) -> dict[type[base.Plugin], Types]:
    """The types that are on, by plugin, in the order of configuration.

    Makes the groups of the plugins known to `conf` as well.
    """
    if not conf.plugins:
        raise exception.ConfigurationError(
            '[DEFAULT] plugins is empty: name at least one, as in '
            'plugins = nova')
    _check_drivers(conf)
    plugins = registry.load(names(conf))
    for name, plugin in plugins.items():
        conf_module.register_plugin(
            conf, name, plugin.service_type, plugin.opts,
            (plugin.exchange or name,
             plugin.topics if plugin.hints else ()), is_derived(plugin))
    found = {plugin: _types_of(plugin, conf[name].types)
             for name, plugin in plugins.items()}
    known = {kind.name for kinds in found.values() for kind in kinds}
    _check_notified(conf, known)
    if OBSERVER in plugins:
        _check_observed(known)
    return found


def is_derived(plugin: type[base.Plugin]) -> bool:
    """Whether it is made of other streams."""
    return issubclass(plugin, derived.DerivedPlugin)


def _check_observed(known: set[str]) -> None:
    for name in OBSERVED:
        if name not in known:
            raise exception.ConfigurationError(
                f'[reality] enable_observer needs {name}: add heat to '
                '[DEFAULT] plugins, and leave out [heat] types or name it '
                'there')


def _check_drivers(conf: cfg.ConfigOpts) -> None:
    if not conf.publisher.drivers:
        raise exception.ConfigurationError(
            '[publisher] drivers is empty, and nobody would be told of a '
            'change: leave it out for the default, or name at least one, as '
            'in drivers = fanout')


def _check_notified(conf: cfg.ConfigOpts, known: set[str]) -> None:
    for name in conf.publisher.notification_types:
        if name not in known:
            raise exception.ConfigurationError(
                f'[publisher] notification_types: {name} is not on; those '
                f'that are: {", ".join(sorted(known))}')


def _types_of(plugin: type[base.Plugin], configured: list[str] | None
              ) -> Types:
    if configured == []:
        raise exception.ConfigurationError(
            f'[{plugin.name}] types is empty: leave it out for those that '
            f'are on by default, or take {plugin.name} out of plugins')
    return registry.enabled_types(plugin, configured)


def specs(conf: cfg.ConfigOpts) -> list[store_base.StreamSpec]:
    """The streams that are on, as the store is told of them."""
    return [
        store_base.StreamSpec(
            kind.name, plugin.name, conf[plugin.name].poll_interval)
        for plugin, kinds in types(conf).items() for kind in kinds]
