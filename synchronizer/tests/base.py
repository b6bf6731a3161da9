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

"""The test case that all others are made of.

The environment says how tests run: ``OS_STDOUT_CAPTURE``,
``OS_STDERR_CAPTURE`` and ``OS_LOG_CAPTURE`` (1: keep what is written and
show it when the test fails), ``OS_DEBUG`` (1: keep debug lines too) and
``OS_TEST_TIMEOUT`` (seconds for one test; 0: no limit).
"""

import logging
import os

import fixtures
import testtools

TRUE = ('1', 'true', 'yes')
HUSHED = ('oslo.messaging', 'oslo_messaging', 'kombu', 'amqp',
          'synchronizer.bus', 'synchronizer.client')
"""What the user's command silences, for its process."""


def _enabled(variable: str) -> bool:
    return os.environ.get(variable, '').lower() in TRUE


class TestCase(testtools.TestCase):
    """A test with a time limit, a home of its own and captured output."""

    #: seconds, where OS_TEST_TIMEOUT does not say otherwise
    timeout = 60

    def setUp(self) -> None:
        super().setUp()
        self._limit_time()
        self.useFixture(fixtures.NestedTempfile())
        self.useFixture(fixtures.TempHomeDir())
        for name in ('stdout', 'stderr'):
            if _enabled(f'OS_{name.upper()}_CAPTURE'):
                self._capture(name)
        self.log = self._capture_log()

    def _limit_time(self) -> None:
        seconds = int(os.environ.get('OS_TEST_TIMEOUT') or self.timeout)
        if seconds > 0:
            self.useFixture(fixtures.Timeout(seconds, gentle=True))

    def _capture(self, name: str) -> None:
        stream = self.useFixture(fixtures.StringStream(name)).stream
        self.useFixture(fixtures.MonkeyPatch(f'sys.{name}', stream))

    def _capture_log(self) -> fixtures.FakeLogger:
        """Keep the log; ``self.log.output`` is its text."""
        level = logging.DEBUG if _enabled('OS_DEBUG') else logging.INFO
        logger = self.useFixture(fixtures.FakeLogger(
            format='%(asctime)s %(levelname)s %(name)s %(message)s',
            level=level, nuke_handlers=_enabled('OS_LOG_CAPTURE')))
        # a logger that another test has switched off stays off otherwise
        logging.disable(logging.NOTSET)
        for name in HUSHED:
            hushed = logging.getLogger(name)
            self.addCleanup(hushed.setLevel, hushed.level)
        return logger
