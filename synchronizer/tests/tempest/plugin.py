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

"""What tempest finds these tests by."""

import pathlib

from oslo_config import cfg
from tempest.test_discover import plugins

import synchronizer
from synchronizer.tests.tempest import config


class SynchronizerTempestPlugin(plugins.TempestPlugin):
    """The tests of a synchronizer that watches a real cloud."""

    def load_tests(self) -> tuple[str, str]:
        """The directory of the tests, and the one to import from."""
        return (str(pathlib.Path(__file__).parent),
                str(pathlib.Path(synchronizer.__file__).parent.parent))

    def register_opts(self, conf: cfg.ConfigOpts) -> None:
        """Make our options known to tempest's."""
        conf.register_opt(config.AVAILABLE, group='service_available')
        conf.register_group(config.GROUP)
        conf.register_opts(config.OPTS, group=config.GROUP)

    def get_opt_lists(self) -> list[tuple[str, list[cfg.Opt]]]:
        """The same, for a sample configuration."""
        return [('service_available', [config.AVAILABLE]),
                (config.GROUP.name, config.OPTS)]
