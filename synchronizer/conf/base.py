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

"""[DEFAULT]: who we are, where we keep things, what we copy."""

import socket

from oslo_config import cfg
from oslo_config import types

GROUP = 'DEFAULT'

OPTS = [
    cfg.StrOpt(
        'host',
        default=socket.gethostname(),
        regex=r'^[^:\s]+$',
        sample_default='<hostname>',
        help='Name of this synchronizer, as `describe` tells it and as it '
             'stands behind the streams that it owns. It should stay the '
             'same over restarts and differ between hosts, and has no colon.'),
    cfg.ListOpt(
        'plugins',
        default=['nova', 'cinder', 'heat'],
        item_type=types.String(),
        help='The services that are copied: names under the entry point '
             'namespace synchronizer.plugins, each with a group of options '
             'of its own. One more costs one process and one more listing '
             'of that service every poll_interval. An unknown name keeps '
             'the service from starting. SIGHUP starts and ends processes '
             'as a changed list says; what was copied of a plugin that is '
             'taken out stays, and is where it begins when it comes back.'),
]

CLI_OPTS = [
    cfg.StrOpt(
        'state-path',
        metavar='DIR',
        default='/var/lib/synchronizer',
        help='Directory of the files that must outlive a restart: the '
             'SQLite database, where no other database is configured. It '
             'must be writable. Losing it makes every consumer start over.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`."""
    conf.register_opts(OPTS)
    conf.register_cli_opts(CLI_OPTS)


def list_opts() -> list[tuple]:
    """For oslo-config-generator."""
    return [(GROUP, OPTS + CLI_OPTS)]
