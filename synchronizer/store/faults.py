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

"""What a database's complaint means: try again, or do not."""

from oslo_db import exception as db_exception
import sqlalchemy as sa

CAUGHT = (db_exception.DBError, db_exception.DBInvalidUnicodeParameter,
          sa.exc.SQLAlchemyError, OSError)
"""What comes out of oslo.db and SQLAlchemy; see also `caught`."""

# by name: SQLAlchemy's, and each driver's own. A duplicate: another process
# made the same row at the same moment.
_PASSING = {'DBConnectionError', 'DBDeadlock', 'DBDuplicateEntry',
            'OperationalError', 'InterfaceError', 'InternalError', 'OSError'}

# a full disk or table space; rights; no such database
_LASTING = {3, 1021, 1026, 1030, 1114, 1044, 1045, 1049, 1142, 1698,  # MySQL
            '53100', '28000', '28P01', '3D000', '42501'}         # PostgreSQL

# of SQLite only this passes: busy, locked
_SQLITE_PASSING = (5, 6)

_DAMAGED = ('it is damaged, or is no SQLite database; restore it, or move it '
            'away and let the service make a new one')
_SQLITE_ADVICE = {
    8: 'give the user of the service the right to write to it',
    11: _DAMAGED, 26: _DAMAGED,
    14: 'it must be a file, in a directory that may be written to'}


def caught(engine: sa.Engine) -> tuple[type[BaseException], ...]:
    """All that can come out: where an isolation level is set, SQLAlchemy
    lets the driver's own exceptions through."""
    return (*CAUGHT, engine.dialect.loaded_dbapi.Error)


def origin(error: BaseException) -> BaseException:
    """The driver's own exception, if there is one."""
    while True:
        inner = (getattr(error, 'inner_exception', None)
                 or getattr(error, 'orig', None))
        if not isinstance(inner, BaseException) or inner is error:
            return error
        error = inner


def _code(error: BaseException) -> int | str | None:
    """As the driver tells it: a number, or PostgreSQL's five letters."""
    number = getattr(error, 'sqlite_errorcode', None)
    if number is not None:
        return number & 0xff
    letters = getattr(error, 'sqlstate', None) or getattr(
        error, 'pgcode', None)
    return letters or (error.args[0] if error.args else None)


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may work in a moment."""
    cause = origin(error)
    code = _code(cause)
    if isinstance(error, db_exception.DBDuplicateEntry):
        return True
    if hasattr(cause, 'sqlite_errorcode'):
        return code in _SQLITE_PASSING
    if code in _LASTING:
        return False
    return not _PASSING.isdisjoint(
        kind.__name__ for found in (error, cause)
        for kind in type(found).__mro__)


def describe(error: BaseException) -> str:
    """One line for people, without the statement and its values."""
    cause = origin(error)
    text = str(cause) if cause is not error else str(
        error).partition('\n')[0]
    said = f'{type(cause).__name__}: {" ".join(text.split())}'[:500]
    if hasattr(cause, 'sqlite_errorcode') and _code(cause) in _SQLITE_ADVICE:
        return f'{said} ({_SQLITE_ADVICE[_code(cause)]})'
    return said
