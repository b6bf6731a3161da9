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

"""synchronizer-status: whether the service can be upgraded or started."""

from collections.abc import Callable
from collections.abc import Sequence
import functools
import sys

from oslo_config import cfg
from oslo_upgradecheck import upgradecheck

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer.cmd import common
from synchronizer.service import enabled
from synchronizer.service import options
from synchronizer.service import parts
from synchronizer.service import schema

PROGRAM = 'synchronizer-status'
DESCRIPTION = (
    'Tells whether the service can be started with this version of the '
    'packages and this configuration: "upgrade check". Exit code 0: yes; '
    '1: yes, but look at the warnings; 2: no.')

SUCCESS, WARNING, FAILURE = (
    upgradecheck.Code.SUCCESS, upgradecheck.Code.WARNING,
    upgradecheck.Code.FAILURE)

Check = Callable[['Checks'], upgradecheck.Result]


def _told(check: Check) -> Check:
    """Make a row of what is expected to be wrong."""
    @functools.wraps(check)
    def checked(checks: 'Checks') -> upgradecheck.Result:
        try:
            return check(checks)
        except exception.SynchronizerError as error:
            return upgradecheck.Result(FAILURE, str(error))
        except (cfg.Error, ValueError) as error:
            return upgradecheck.Result(FAILURE, conf_module.describe(error))
    return checked


class Checks(upgradecheck.UpgradeCommands):
    """What can be known without starting anything."""

    def __init__(self, conf: conf_module.Config) -> None:
        self._conf = conf

    @_told
    def _plugins(self) -> upgradecheck.Result:
        types = enabled.types(self._conf)
        return upgradecheck.Result(SUCCESS, 'on: ' + ', '.join(
            kind.name for kinds in types.values() for kind in kinds))

    @_told
    def _values(self) -> upgradecheck.Result:
        problems = self._conf.problems()
        if problems:
            return upgradecheck.Result(FAILURE, '; '.join(problems))
        return upgradecheck.Result(SUCCESS)

    @_told
    def _bus(self) -> upgradecheck.Result:
        if parts.bus_is_set(self._conf):
            return upgradecheck.Result(SUCCESS)
        return upgradecheck.Result(
            WARNING, '[DEFAULT] transport_url is not set: the service would '
            'look for a RabbitMQ without a password on this host')

    @_told
    def _schema(self) -> upgradecheck.Result:
        current, head = schema.versions(self._conf)
        if current == head:
            return upgradecheck.Result(SUCCESS, f'at {head}')
        if schema.is_ours_to_upgrade(self._conf):
            return upgradecheck.Result(
                SUCCESS, 'SQLite: upgraded by the service when it starts')
        return upgradecheck.Result(
            FAILURE, f'the schema is {current or "empty"}, and {head} is '
            'needed: run "synchronizer-manage db upgrade"')

    _upgrade_checks = (
        ('Plugins load', _plugins),
        ('Configuration values are valid', _values),
        ('Message bus is set', _bus),
        ('Database schema is current', _schema),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Check; the exit code is the worst result."""
    conf = options.make(options.register_cloud_opts)
    upgradecheck.register_cli_options(conf, Checks(conf))
    try:
        common.parse(conf, PROGRAM, DESCRIPTION, argv)
        # where oslo.upgradecheck looks for --json; its own main parses too
        upgradecheck.CONF = conf
        return upgradecheck.run(conf)
    except exception.ConfigurationError as error:
        common.fail(PROGRAM, str(error))
        return int(FAILURE)


if __name__ == '__main__':
    sys.exit(main())
