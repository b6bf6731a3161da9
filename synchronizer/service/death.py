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

"""Dying aloud: a thread that dies takes its process with it.

A process that lacks one of its threads would idle for ever and look well.
Its end is noticed, and it is started again.
"""

import os
import threading

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

FAILED = 1


def die(reason: str, error: BaseException | None = None) -> None:
    """End this process now, with the traceback in the log."""
    LOG.critical('%(reason)s: this process ends, to be started again.',
                 {'reason': reason}, exc_info=error)
    # not sys.exit: this is seldom the main thread, and other threads may
    # hang in what has just broken
    os._exit(FAILED)


def _thread_died(args: threading.ExceptHookArgs) -> None:
    if issubclass(args.exc_type, SystemExit):
        return
    name = args.thread.name if args.thread else 'unknown'
    die(f'The thread {name} died', args.exc_value)


def watch_threads() -> None:
    """From now on no thread dies alone."""
    threading.excepthook = _thread_died
