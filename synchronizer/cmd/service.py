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

"""synchronizer-service: the daemon."""

from collections.abc import Sequence
import sys

from oslo_config import cfg
from oslo_log import log as logging

from synchronizer import exception
from synchronizer import version
from synchronizer.cmd import common
from synchronizer.service import embedded
from synchronizer.service import launch
from synchronizer.service import options
from synchronizer.service import schema

LOG = logging.getLogger(__name__)

PROGRAM = 'synchronizer-service'
DESCRIPTION = (
    'Keeps an exact, current copy of what the cloud shows, answers requests '
    'for it, and tells the message bus of every change. SIGHUP makes it '
    'read its files again, SIGTERM ends it, SIGUSR2 makes it report what it '
    'does.')


def main(argv: Sequence[str] | None = None) -> int:
    """Run until told to stop; the exit code."""
    conf = options.make(options.register_cli_opts)
    try:
        common.parse(conf, PROGRAM, DESCRIPTION, argv)
        problems = conf.problems()
        if problems:
            return common.fail(PROGRAM, *problems)
        _start_logging(conf)
        schema.prepare(conf)
    except exception.SynchronizerError as error:
        return common.fail(PROGRAM, str(error))
    run = embedded.run if conf.all_in_one else launch.run
    return run(conf)


def _start_logging(conf: cfg.ConfigOpts) -> None:
    try:
        logging.setup(conf, 'synchronizer', version.version_string())
    except (logging.LogConfigError, OSError, RuntimeError) as error:
        # the last is use_journal without the Python package systemd-python
        raise exception.ConfigurationError(
            f'cannot write the log: {error}') from error
    except ValueError as error:
        raise exception.ConfigurationError(
            '[DEFAULT] default_log_levels is not a list such as '
            f'amqp=WARN,nova=INFO ({error})') from error


if __name__ == '__main__':
    sys.exit(main())
