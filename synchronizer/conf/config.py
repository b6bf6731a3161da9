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

"""A ConfigOpts that refuses files with which the service could not run."""

from collections.abc import Callable
from typing import Any

from oslo_config import cfg
from oslo_log import log as logging

from synchronizer.conf import checks

LOG = logging.getLogger(__name__)

Prepare = Callable[[cfg.ConfigOpts], None]
Problems = Callable[[cfg.ConfigOpts], list[str]]


class Config(cfg.ConfigOpts):
    """Knows how it was made, so that changed files can be tried first.

    `prepare` registers what can be registered before the files are read,
    `problems` registers the rest and tells what is wrong, a line each.
    """

    def __init__(self, prepare: Prepare, problems: Problems) -> None:
        super().__init__()
        self._prepare, self._problems = prepare, problems
        self._arguments: tuple[tuple, dict[str, Any]] = ((), {})
        prepare(self)

    def __call__(self, *args: Any, **kwargs: Any) -> list[str]:
        """Parse the command line and the files, as ConfigOpts does."""
        self._arguments = args, kwargs
        return super().__call__(*args, **kwargs)

    def problems(self) -> list[str]:
        """What is wrong with the values as they are, a line each."""
        return self._problems(self)

    def fresh(self) -> 'Config':
        """The same command line, and the files as they are now."""
        args, kwargs = self._arguments
        scratch = Config(self._prepare, self._problems)
        scratch(*args, **kwargs)
        return scratch

    def reload_config_files(self) -> bool:
        """Take the files as they are now, if the service can run so.

        A bad file changes nothing; the log says so, once.
        """
        problems = self._problems_of_files()
        if problems:
            LOG.error(
                'The configuration files were changed, but not taken: '
                '%(problems)s. The service goes on as it was.',
                {'problems': '; '.join(problems)})
            return False
        return super().reload_config_files()

    def _problems_of_files(self) -> list[str]:
        try:
            return self.fresh().problems()
        except (cfg.Error, ValueError) as error:
            return [checks.describe(error)]
        except OSError as error:
            return [f'{error.filename} cannot be read: {error.strerror}']
        except SystemExit:
            # a required option is missing, or the command line names a
            # file that is gone: argparse has said which on stderr
            return ['they cannot be read']
