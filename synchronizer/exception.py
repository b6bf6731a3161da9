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

"""What can go wrong, as one tree.

::

    SynchronizerError
     +-- RequestError           a caller asked for what cannot be given;
     |    |                     the only errors that cross the bus
     |    +-- UnknownType
     |    +-- InvalidArgument
     |    +-- InvalidMarker
     |    +-- ResyncRequired
     |    +-- BeyondJournal     (since)
     |    +-- SnapshotNotReady
     |    +-- TooStale          (age)
     |    +-- Forbidden         the policy of the service says no
     |    +-- Unavailable       the store cannot be read now: ask again
     +-- CloudError             a service of the cloud did not answer well
     |    +-- Unreachable       no connection, no answer in time
     |    +-- Refused           401, 403: asking again changes nothing
     |    +-- Throttled         429, 503: asked too often (retry_after)
     |    +-- BrokenAnswer      5xx, cut or unreadable body, wrong shape
     |    +-- NotFound          404
     |    +-- Undecided         an answer that proves nothing of the id
     |    +-- Unsupported       the service is too old for us
     +-- StoreError
     |    +-- Fenced            another owner has the stream now
     |    +-- StoreUnavailable  lost connection, full disk, deadlock
     |    +-- SchemaOutdated    the database must be upgraded first
     +-- TableError             a query, or a file of tables, went wrong
     +-- BusError               no broker, or no answer in time
     +-- CoordinationError      its back end does not answer
     +-- ConfigurationError     said on one line, with what to do
"""

from typing import Any


class SynchronizerError(Exception):
    """Anything that this project raises on purpose.

    Keyword arguments become attributes, and travel with the exception over
    RPC (oslo.messaging carries ``args`` and ``kwargs``).
    """

    def __init__(self, message: str = '', **kwargs: Any) -> None:
        super().__init__(message)
        self.kwargs = kwargs
        for name, value in kwargs.items():
            setattr(self, name, value)


class RequestError(SynchronizerError):
    """The caller asked for something that cannot be given."""


class UnknownType(RequestError):
    """No such entity type, or it is switched off here."""


class InvalidArgument(RequestError):
    """An argument of the wrong kind or out of range."""


class InvalidMarker(RequestError):
    """A marker altered, cut, of another epoch or for other types."""


class ResyncRequired(RequestError):
    """The position asked for is not in the journal: take a snapshot."""


class BeyondJournal(RequestError):
    """So far back the journal does not go; ``since`` when it can be asked
    for, if ever."""

    since: str | None = None


class SnapshotNotReady(RequestError):
    """The stream has never been collected."""


class TooStale(RequestError):
    """No sweep as fresh as asked for came in time; ``age`` in seconds."""

    age: float | None = None


class Forbidden(RequestError):
    """The policy of the service does not permit it to this caller."""


class Unavailable(RequestError):
    """The answer cannot be read from the store now: ask again."""


class CloudError(SynchronizerError):
    """A service of the cloud did not give a usable answer."""


class Unreachable(CloudError):
    """No connection, or no answer in time."""


class Refused(CloudError):
    """401 or 403: these credentials may not."""


class Throttled(CloudError):
    """429 or 503: the service asks us to come back later."""

    retry_after: float | None = None


class BrokenAnswer(CloudError):
    """A server error, or a body that is cut, unreadable or misshapen."""


class NotFound(CloudError):
    """404."""


class Undecided(CloudError):
    """An answer that neither shows the thing nor proves it absent."""


class Unsupported(CloudError):
    """The service offers less than the least that we can work with."""


class StoreError(SynchronizerError):
    """The store could not do what was asked."""


class Fenced(StoreError):
    """The stream's term is newer than ours: another owner writes it."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or cannot write; nothing was changed."""


class SchemaOutdated(StoreError):
    """The database schema is not the one this version works with."""


class TableError(SynchronizerError):
    """A query that cannot be answered, or a file that cannot be written."""


class BusError(SynchronizerError):
    """The bus did not carry it: no broker, or no answer in time."""


class CoordinationError(SynchronizerError):
    """Nobody can be asked now who should collect what."""


class ConfigurationError(SynchronizerError):
    """A setting that cannot work; the message says what to do."""
