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

"""Which plugins there are, and which of their types are on.

Plugins are entry points in the namespace ``synchronizer.plugins``; the name
of the entry point is the plugin's name and its configuration group.
"""

from collections.abc import Iterable
import difflib

from stevedore import named

from synchronizer import exception
from synchronizer.plugins import base

NAMESPACE = 'synchronizer.plugins'


def load(names: Iterable[str]) -> dict[str, type[base.Plugin]]:
    """The classes of the plugins of these names, in their order."""
    wanted = list(dict.fromkeys(names))
    broken: dict[str, BaseException] = {}
    manager = named.NamedExtensionManager(
        NAMESPACE, wanted, name_order=True,
        on_missing_entrypoints_callback=lambda names: None,
        on_load_failure_callback=lambda _, entry_point, error:
            broken.setdefault(entry_point.name, error))
    for name in wanted:
        if name in broken:
            raise exception.ConfigurationError(
                f'[DEFAULT] plugins: {name} cannot be loaded: '
                f'{_one_line(broken[name])}')
    found = {extension.name: extension.plugin for extension in manager}
    for name in wanted:
        _check(name, found.get(name), manager.list_entry_points())
    return found


def _check(name: str, plugin: object, entry_points: list) -> None:
    if plugin is None:
        raise exception.ConfigurationError(
            f'[DEFAULT] plugins: there is no plugin {name}'
            + _nearest(name, [point.name for point in entry_points]))
    if not isinstance(plugin, type) or not issubclass(plugin, base.Plugin):
        raise exception.ConfigurationError(
            f'[DEFAULT] plugins: {name} is no synchronizer plugin')


def enabled_types(plugin: type[base.Plugin],
                  configured: Iterable[str] | None
                  ) -> tuple[type[base.EntityType], ...]:
    """The types that are on: the configured ones, the complete list, or
    without any configuration those that are on by default."""
    known = {one.name: one for one in plugin.types}
    names = configured
    if names is None:
        names = plugin.default_types
    if names is None:
        names = known
    for name in names:
        if name not in known:
            raise exception.ConfigurationError(
                f'[{plugin.name}] types: there is no type {name}'
                + _nearest(name, list(known)))
    return tuple(known[name] for name in dict.fromkeys(names))


def _nearest(name: str, known: list[str]) -> str:
    """What was probably meant; else what there is."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f'; did you mean {close[0]}?'
    return f' (there are: {", ".join(sorted(known)) or "none"})'


def _one_line(error: BaseException) -> str:
    return ' '.join(f'{type(error).__name__}: {error}'.split())
