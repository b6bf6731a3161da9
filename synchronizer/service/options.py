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

"""Every option that the processes read, and whether they can run so."""

from collections.abc import Callable

from oslo_config import cfg
from oslo_log import log as logging
from oslo_service import opts as service_opts

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer.service import enabled
from synchronizer.service import parts
from synchronizer.service import report

Config = conf_module.Config

QUIET = ('alembic=WARN',)
"""What tells too much at INFO."""

CLI_OPTS = [
    cfg.BoolOpt(
        'all-in-one',
        default=False,
        help='Run everything in one process, on a bus inside it and on '
             'SQLite: for a look at a cloud without any server. Nobody '
             'else can listen on that bus.'),
]

CLOUD_OPTS = [
    cfg.StrOpt(
        'os-cloud',
        metavar='NAME',
        help='Ask the cloud of this name in clouds.yaml, in place of '
             '[service_credentials].'),
]


def make(cli: Callable[[cfg.ConfigOpts], None] = lambda conf: None
         ) -> conf_module.Config:
    """A configuration that is not parsed yet; `cli` adds to its command
    line."""
    def everything(conf: cfg.ConfigOpts) -> None:
        prepare(conf)
        cli(conf)
    return conf_module.Config(everything, problems)


def prepare(conf: cfg.ConfigOpts) -> None:
    """Register what does not depend on other options."""
    logging.register_options(conf)
    conf.set_default('default_log_levels',
                     [*logging.get_default_log_levels(), *QUIET])
    conf_module.register_opts(conf)
    service_opts.register_service_opts(conf)
    report.register_opts(conf)
    parts.register_opts(conf)


def register_cli_opts(conf: cfg.ConfigOpts) -> None:
    """What only the command line of the service offers."""
    conf.register_cli_opts(CLI_OPTS + CLOUD_OPTS)


def register_cloud_opts(conf: cfg.ConfigOpts) -> None:
    """What any program offers that asks a cloud."""
    conf.register_cli_opts(CLOUD_OPTS)


def problems(conf: cfg.ConfigOpts) -> list[str]:
    """Register the rest, and tell what is wrong, a line each."""
    found = []
    if 'all_in_one' in conf and conf.all_in_one:
        parts.embed(conf)
    try:
        enabled.types(conf)
        parts.check(conf)
    except exception.ConfigurationError as error:
        found.append(str(error))
    except (cfg.Error, ValueError):
        # a value of the wrong kind: the check below says it better
        pass
    return conf_module.check(conf) or found
