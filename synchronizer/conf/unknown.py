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

"""Options in the files that nobody reads: misspelt ones, as a rule.

oslo.config passes over them in silence, and the default is what counts.
"""

from collections.abc import Iterable
from collections.abc import Iterator
import difflib
import glob
from importlib import metadata
import os

from oslo_config import cfg

from synchronizer.conf import plugin

DEFAULT = 'DEFAULT'
PLUGINS = 'synchronizer.plugins'

ALIKE = 0.75
"""How much two names have in common, of 1, when one of them may be meant."""

FOREIGN = ('oslo_', 'keystone_authtoken', 'profiler', 'cors', 'healthcheck',
           'service_user', 'ssl')
"""Groups of libraries: more of them is read than any one process knows."""

LIBRARIES = 'oslo_'
"""What such a group begins with if it is known, perhaps not as a whole."""

ELSEWHERE = (
    'all_in_one', 'os_cloud', 'fatal_deprecations', 'backdoor_port',
    'backdoor_socket', 'conn_pool_min_size', 'conn_pool_ttl',
    'executor_thread_pool_size', 'rpc_conn_pool_size', 'rpc_ping_enabled',
    'rpc_response_timeout')
"""Of [DEFAULT], what only some programs know, or libraries once they need
it."""

Sections = dict[str, dict[str, list[str]]]


def find(conf: cfg.ConfigOpts) -> list[str]:
    """What the files of `conf` have and nobody reads, a line each.

    Ask when the plugins and what they need are registered. Of the groups
    of libraries only what looks like another option is told.
    """
    known = {group: _names(conf, group) for group in _groups(conf)}
    known[DEFAULT].update(ELSEWHERE)
    return [line for file in _files(conf) for line in _of_file(file, known)]


def _of_file(file: str, known: dict[str, set[str]]) -> Iterator[str]:
    for section, options in _parse(file).items():
        group = section if section == DEFAULT else section.lower()
        if group not in known:
            yield from _group(section, known, file)
            continue
        for name in options:
            if name not in known[group]:
                yield from _option(group, name, known[group], file)


def _group(section: str, known: Iterable[str], file: str) -> Iterator[str]:
    others = {*known, *plugin.SERVICE_TYPES,
              *metadata.entry_points(group=PLUGINS).names}
    if section not in others and not section.startswith(FOREIGN):
        meant = _alike(section, others)
        hint = f'; did you mean [{meant}]?' if meant else ''
        yield (f'[{section}] is no group of options and has no effect{hint} '
               f'(in {file})')


def _option(group: str, name: str, known: Iterable[str], file: str
            ) -> Iterator[str]:
    meant = _alike(name, known)
    if group.startswith(LIBRARIES) and not meant:
        return
    hint = f'; did you mean {meant}?' if meant else ''
    yield (f'[{group}] {name} is no option and has no effect{hint} '
           f'(in {file})')


def _alike(name: str, others: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(name, sorted(others), 1, ALIKE)
    return found[0] if found else None


def _groups(conf: cfg.ConfigOpts) -> list[str]:
    return [DEFAULT, *(name for name in conf if isinstance(
        conf[name], cfg.ConfigOpts.GroupAttr))]


def _names(conf: cfg.ConfigOpts, group: str) -> set[str]:
    """Every name that an option of the group is read by."""
    table = conf._opts if group == DEFAULT else conf._groups[group]._opts
    names = set()
    for info in table.values():
        opt = info['opt']
        names |= {opt.dest, opt.name}
        names |= {old.name for old in opt.deprecated_opts if old.name}
    return names | {name.replace('-', '_') for name in names}


def _files(conf: cfg.ConfigOpts) -> list[str]:
    return [*conf.config_file,
            *(file for folder in conf.config_dir
              for file in sorted(glob.glob(os.path.join(folder, '*.conf'))))]


def _parse(file: str) -> Sections:
    sections: Sections = {}
    cfg.ConfigParser(file, sections).parse()
    return sections
