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

"""Whether the mirror equals the cloud: looked up in the cloud itself."""

import time

from oslo_config import cfg

from synchronizer import client
from synchronizer import exception
from synchronizer import sandbox
from synchronizer.cmd import demo_view
from synchronizer.model import entity as entity_module
from synchronizer.model import shape
from synchronizer.plugins import base as plugin_base
from synchronizer.sandbox import truth as truth_module
from synchronizer.service import enabled
from synchronizer.service import parts

PAUSE = 0.3
MOST_LINES = 20


def differences(cloud: sandbox.SandboxCloud, mirror: client.Mirror,
                conf: cfg.ConfigOpts, timeout: float) -> list[str]:
    """Wait for a last sweep, then say what differs, a line each."""
    end = time.monotonic() + timeout
    found = ['the mirror was never compared']
    while found and time.monotonic() < end:
        try:
            _sweep(conf, end - time.monotonic())
            found = _compare(cloud, mirror, conf)
        except exception.SynchronizerError as error:
            found = [str(error)]
        if found:
            time.sleep(PAUSE)
    return found[:MOST_LINES]


def _sweep(conf: cfg.ConfigOpts, timeout: float) -> None:
    """Have the service see all of the cloud as it is now."""
    asking = client.SynchronizerClient.from_conf(
        conf, timeout=max(1, timeout), retries=0)
    for _ in asking.get_all(max_age=0):
        pass


def _compare(cloud: sandbox.SandboxCloud, mirror: client.Mirror,
             conf: cfg.ConfigOpts) -> list[str]:
    kinds = [plugin.kind(kind) for plugin, kinds in _plugins(conf)
             for kind in kinds]
    true = truth_module.Truth(cloud).everything(
        tuple(kind.name for kind in kinds))
    return [line for kind in kinds for line in _compare_type(
        kind, true[kind.name],
        {entity.id: entity for entity in mirror.all(kind.name)})]


def _plugins(conf: cfg.ConfigOpts
             ) -> list[tuple[plugin_base.Plugin, enabled.Types]]:
    return [(parts.build(conf, plugin), kinds)
            for plugin, kinds in enabled.types(conf).items()
            if not enabled.is_derived(plugin)]


def _compare_type(kind: plugin_base.EntityType, true: dict, held: dict
                  ) -> list[str]:
    lines = [f'{kind.name} {id_} is not mirrored' for id_ in true
             if id_ not in held]
    lines += [f'{kind.name} {id_} does not exist' for id_ in held
              if id_ not in true]
    return lines + [f'{kind.name} {id_} differs' for id_, entity
                    in held.items() if id_ in true
                    and not _agrees(kind, true[id_], entity)]


def _agrees(kind: plugin_base.EntityType, record: dict,
            entity: entity_module.Entity) -> bool:
    """The same in all that both the record and the entity show."""
    shown = shape.strip(record, kind.volatile + kind.secrets)
    return entity_module.agree(
        shape.canonical(shown, kind.unordered),
        shape.canonical(entity.attributes, kind.unordered))


def summary(mirror: client.Mirror, view: demo_view.View,
            found: list[str]) -> str:
    """The closing lines."""
    held = sum(len(mirror.all(type_)) for type_ in mirror.types)
    causes = f', found {view.causes()}' if view.changes else ''
    lines = [f'{view.changes} changes were told{causes}; {held} entities in '
             f'{len(mirror.types)} streams are held.']
    if found:
        return '\n'.join([*lines, 'The mirror DIFFERS from the cloud:',
                          *found])
    return '\n'.join([*lines, 'The mirror equals the cloud.'])
