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

"""Options: one module per group, and a ConfigOpts of one's own.

A program makes one `Config` and passes it down; nothing here is global.
"""

from collections.abc import Sequence

from oslo_config import cfg

from synchronizer.conf import base
from synchronizer.conf import collector
from synchronizer.conf import coordination
from synchronizer.conf import credentials
from synchronizer.conf import journal
from synchronizer.conf import metrics
from synchronizer.conf import plugin
from synchronizer.conf import publisher
from synchronizer.conf import reality
from synchronizer.conf import snapshot
from synchronizer.conf.checks import check
from synchronizer.conf.checks import describe
from synchronizer.conf.config import Config

PROJECT = 'synchronizer'

GROUPS = (base, credentials, collector, publisher, snapshot, journal, reality,
          metrics, coordination)

__all__ = ('GROUPS', 'PROJECT', 'Config', 'check', 'describe',
           'register_opts', 'register_plugin')


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make every group known to `conf`, but those of the plugins."""
    for module in GROUPS:
        module.register_opts(conf)


def register_plugin(conf: cfg.ConfigOpts, name: str,
                    service_type: str | None = None,
                    own: Sequence[cfg.Opt] = (),
                    notifications: tuple[str, Sequence[str]] | None = None,
                    derived: bool = False) -> None:
    """Make the group of one plugin known to `conf`; a plugin from elsewhere
    says what its service is called, which options are its own, and where
    it is told of (exchange and topics); or that it has none (`derived`)."""
    plugin.register_opts(
        conf, name, service_type, own, notifications, derived)
