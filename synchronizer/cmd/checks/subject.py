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

"""What is looked at: a configuration, and what was made of it so far."""

import functools

from synchronizer import conf as conf_module
from synchronizer.cloud import clocks
from synchronizer.cloud import cloud as cloud_module
from synchronizer.cloud import loader
from synchronizer.cloud import patience
from synchronizer.cmd.checks import base
from synchronizer.plugins import base as plugin_base
from synchronizer.service import enabled
from synchronizer.service import parts

TIMEOUT = (3.0, 8.0)
"""Seconds to connect to a service, and to wait for it."""


class Subject:
    """Shared by the checks: what one has found out the next need not."""

    def __init__(self, conf: conf_module.Config) -> None:
        self.conf = conf
        self.clocks = clocks.Clocks()
        self.problems: list[str] | None = None
        self._is_logged_in = False

    @functools.cached_property
    def types(self) -> dict[type[plugin_base.Plugin], enabled.Types]:
        """The types that are on, by plugin; ConfigurationError."""
        return enabled.types(self.conf)

    def require_valid(self) -> None:
        """Whoever reads options needs that they can be read."""
        if self.problems is None:
            self.problems = self.conf.problems()
        if self.problems:
            raise base.NotLookedAt('the configuration has to be right first')

    @functools.cached_property
    def cloud(self) -> cloud_module.Cloud:
        """One that is asked once, and soon gives up."""
        self.require_valid()
        made = loader.load_cloud(
            self.conf, parts.os_cloud(self.conf),
            patience=patience.Patience(tries=1))
        made.session.timeout = TIMEOUT
        self.clocks.watch(made.session)
        return made

    def login(self) -> None:
        """Raises a CloudError."""
        self.clocks.login(self.cloud.session)
        self._is_logged_in = True

    def require_login(self) -> None:
        """Without one no service answers."""
        self.require_valid()
        if not self._is_logged_in:
            raise base.NotLookedAt('nobody can log in')

    def build(self, plugin: type[plugin_base.Plugin]) -> plugin_base.Plugin:
        """The plugin of a service, on that cloud."""
        options = self.conf[plugin.name]
        return plugin(self.cloud, options.page_size, dict(options),
                      **loader.adapter_options(
                          self.conf, plugin.name, parts.os_cloud(self.conf)))
