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

"""What a database's URL says behind its ?, and whether the driver takes it.

SQLAlchemy hands it on as it stands, so that a driver's own TypeError would
be all that people see.
"""

from collections.abc import Iterator
import contextlib
import inspect
from typing import Any

import sqlalchemy as sa

from synchronizer import exception


def check(url: sa.URL) -> None:
    """ConfigurationError if the driver does not know all of it, as far as
    that can be told without a connection."""
    kind = url.get_dialect()
    driver = kind.import_dbapi()
    signature = _signature(driver)
    with fitting(driver.Error):
        given, named = kind(dbapi=driver).create_connect_args(url)
        if signature is not None:
            signature.bind(*given, **named)
        if hasattr(driver, 'extensions'):
            # psycopg2 takes any name, and libpq does not
            driver.extensions.make_dsn(**named)


def connect(dialect: sa.Dialect, record: Any, given: list[Any],
            named: dict[str, Any]) -> Any:
    """For the event "do_connect": what only the driver itself finds."""
    with fitting():
        return dialect.connect(*given, **named)


@contextlib.contextmanager
def fitting(*more: type[Exception]) -> Iterator[None]:
    """Say where an argument stands that does not fit."""
    try:
        yield
    except (TypeError, ValueError, *more) as error:
        raise exception.ConfigurationError(
            '[database] connection, what stands behind the ?, or '
            f'connection_parameters: {" ".join(str(error).split())}'
        ) from error


def _signature(driver: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(driver.connect)
    except ValueError:
        # that of SQLite is not written in Python
        return None
