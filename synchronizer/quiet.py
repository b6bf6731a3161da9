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

"""Libraries that say what we say better: hushed while we ask them."""

from collections.abc import Iterator
import contextlib
import logging
import threading

PLUGINS = ('stevedore.named', 'stevedore.extension')
"""They tell of a driver that is not there before they raise."""

DATABASE = ('oslo_db.sqlalchemy.exc_filters',)
"""It logs the traceback of every error that it has no name for."""


@contextlib.contextmanager
def hushed(*names: str) -> Iterator[None]:
    """Drop what this thread says to these loggers, until the end.

    Other threads are heard, and so is this one afterwards.
    """
    ours = threading.get_ident()

    def is_of_another(record: logging.LogRecord) -> bool:
        return threading.get_ident() != ours

    loggers = [logging.getLogger(name) for name in names]
    for logger in loggers:
        logger.addFilter(is_of_another)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(is_of_another)
