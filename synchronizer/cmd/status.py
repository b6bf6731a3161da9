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

from oslo_upgradecheck import upgradecheck

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer.cmd import common
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import bus
from synchronizer.cmd.checks import cloud
from synchronizer.cmd.checks import configuration
from synchronizer.cmd.checks import coordination
from synchronizer.cmd.checks import database
from synchronizer.cmd.checks import notifications
from synchronizer.cmd.checks import services
from synchronizer.cmd.checks import subject as subject_module
from synchronizer.service import enabled
from synchronizer.service import options

PROGRAM = 'synchronizer-status'
DESCRIPTION = (
    'Tells whether the service can be started with this version of the '
    'packages and this configuration: "upgrade check". It asks the broker, '
    'the database and the services of the cloud, each for some seconds at '
    'most, and changes nothing. Exit code 0: all is well; 1: it works, but '
    'look at the warnings; 2: it cannot work so.')
EPILOG = (
    'Example: synchronizer-status --config-file '
    '/etc/synchronizer/synchronizer.conf upgrade check --json. '
    + common.HELP_CONFIG)

CHECKS: tuple[tuple[str, Callable[[subject_module.Subject], base.Result]],
              ...] = (
    ('Plugins load', configuration.plugins),
    ('Configuration values are valid', configuration.values),
    ('Options in the files are known', configuration.options),
    ('Database is there, and its schema is current', database.database),
    ('Other synchronizers can be agreed with', coordination.coordination),
    ('Message bus can be used', bus.bus),
    ('Notifications can be heard', notifications.notifications),
    ('Login to the cloud works', cloud.login),
)
"""Then come those of each service, and the clocks."""


class Checks(upgradecheck.UpgradeCommands):
    """All that can be known without starting anything."""

    def __init__(self, conf: conf_module.Config) -> None:
        self._conf = conf

    def check(self) -> upgradecheck.Code:
        """Look at everything, once the files are read."""
        subject = subject_module.Subject(self._conf)
        checks = [
            *((*row, base.LIMIT) for row in CHECKS),
            *((*row, services.LIMIT) for row in _of_services(subject)),
            ('Clocks agree', cloud.clock, base.LIMIT)]
        self._upgrade_checks = tuple(
            (name, _row(check, subject, limit))
            for name, check, limit in checks)
        return super().check()


def _row(check: Callable[[subject_module.Subject], base.Result],
         subject: subject_module.Subject, limit: float
         ) -> Callable[..., base.Result]:
    guarded = base.guarded(functools.partial(check, subject), limit)
    return lambda checks: guarded()


def _of_services(subject: subject_module.Subject) -> list[
        tuple[str, Callable[[subject_module.Subject], base.Result]]]:
    try:
        types = subject.types
    except (exception.SynchronizerError, ValueError):
        # the first check says it
        return []
    return [(f'Service of {plugin.name} shows all that is copied',
             functools.partial(services.service, plugin=plugin, kinds=kinds))
            for plugin, kinds in types.items()
            if not enabled.is_derived(plugin)]


def main(argv: Sequence[str] | None = None) -> int:
    """Check; the exit code is the worst result."""
    conf = options.make(options.register_cloud_opts)
    upgradecheck.register_cli_options(conf, Checks(conf))
    common.silence()
    try:
        common.parse(conf, PROGRAM, DESCRIPTION, argv, EPILOG)
        # where oslo.upgradecheck looks for --json; its own main parses too
        upgradecheck.CONF = conf
        return upgradecheck.run(conf)
    except exception.ConfigurationError as error:
        common.fail(PROGRAM, str(error))
        return int(base.FAILURE)


if __name__ == '__main__':
    sys.exit(main())
