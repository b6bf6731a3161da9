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

"""What an HTTP error, or none, means: the tree in `exception`.

Every error of an answer carries its HTTP status as ``status``. Bodies are
never put into a message, but for the sentence that a service gives with an
error.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import email.utils
import functools
import json
from typing import Any

from keystoneauth1 import exceptions as ksa
import requests

from synchronizer import exception

_CUT = (requests.exceptions.ChunkedEncodingError,
        requests.exceptions.ContentDecodingError)
_LONGEST_SENTENCE = 200


def of_status(status: int, headers: Mapping[str, str], body: bytes,
              what: str, now: float) -> exception.CloudError:
    """The error that an answer with such a status is."""
    told = _sentence(body)
    text = f'{what}: {status}' + (f', {told}' if told else '')
    if status in (401, 403):
        return exception.Refused(text, status=status)
    if status == 404 and told is not None:
        return exception.NotFound(text, status=status)
    if status == 406:
        return exception.Unsupported(text, status=status)
    if status in (413, 429, 503):
        # the service's own clock, where it tells it: ours may be wrong
        told_at = moment_of(headers.get('Date'))
        return exception.Throttled(
            text, status=status, retry_after=retry_after(
                headers.get('Retry-After'),
                now if told_at is None else told_at))
    # A 404 that is not in the service's own words comes from a proxy, or
    # from a service that is half installed: it proves nothing of an id.
    return exception.BrokenAnswer(text, status=status)


def _sentence(body: bytes) -> str | None:
    """What a service says with an error; None: the body is not its own."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return _message(said)[:_LONGEST_SENTENCE] if isinstance(
        said, dict) else None


def _message(said: dict[str, Any]) -> str:
    inner = [value for value in said.values() if isinstance(value, dict)]
    for place in (*inner, said):
        message = place.get('message')
        if isinstance(message, str):
            return ' '.join(message.split())
    return ''


def retry_after(text: str | None, now: float) -> float | None:
    """Seconds from now, of a number or an HTTP date."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        moment = moment_of(text)
        seconds = None if moment is None else moment - now
    # NaN compares as false: it is no time to wait either
    return max(0.0, seconds) if seconds is not None and (
        seconds == seconds) else None


@functools.lru_cache(maxsize=64)
def moment_of(text: str | None) -> float | None:
    """An HTTP date as a Unix time. Many answers have the same."""
    try:
        return email.utils.parsedate_to_datetime(text or '').timestamp()
    except ValueError:
        return None


@contextlib.contextmanager
def translated(what: str, now: float) -> Iterator[None]:
    """Raise what keystoneauth and requests raise as errors of ours."""
    try:
        yield
    except ksa.HttpError as error:
        raise _of_keystone(error, what, now) from error
    except ksa.UnknownConnectionError as error:
        raise _of_requests(error.original, what) from error
    except (ksa.ConnectionError, ksa.DiscoveryFailure) as error:
        raise exception.Unreachable(f'{what}: {error}') from error
    except (ksa.CatalogException, ksa.EndpointNotFound) as error:
        raise exception.Unreachable(
            f'{what}: the catalogue has no such endpoint: {error}',
            final=True) from error
    except ksa.AuthorizationFailure as error:
        raise exception.Refused(f'{what}: {error}') from error
    except ksa.ClientException as error:
        raise exception.BrokenAnswer(f'{what}: {error}') from error
    except requests.exceptions.RequestException as error:
        raise _of_requests(error, what) from error
    except AssertionError as error:
        # of keystoneauth, which holds no lock while it looks at the token
        # that it has: another thread, whose request failed, gave it up
        raise exception.Unreachable(
            f'{what}: the token was given up meanwhile') from error
    except OSError as error:
        # a certificate or a key that cannot be read: requests lets it through
        raise exception.Unreachable(f'{what}: {error}') from error


def _of_keystone(error: ksa.HttpError, what: str, now: float
                 ) -> exception.CloudError:
    """Of a login or a discovery. Its 404 says nothing of what was asked."""
    response, status = error.response, error.http_status
    headers = response.headers if response is not None else {}
    body = response.content if response is not None else b''
    found = of_status(status, headers, body, f'{what}: on the way', now)
    if isinstance(found, exception.NotFound | exception.Unsupported):
        return exception.BrokenAnswer(str(found), status=status)
    return found


def _of_requests(error: Exception, what: str) -> exception.CloudError:
    if isinstance(error, _CUT):
        return exception.BrokenAnswer(f'{what}: the body was cut')
    return exception.Unreachable(f'{what}: {error}')
