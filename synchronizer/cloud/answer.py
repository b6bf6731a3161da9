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

"""What a service answered, and when it was true."""

import dataclasses
import datetime
from typing import Any

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.model import shape


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of one answer with its window."""

    what: str
    """The request, for messages."""

    body: Any
    """The JSON."""

    window: reading.Window
    """Of the attempt that succeeded, not of those before it."""

    sampled_at: str
    """Wall clock of the sending, for people."""

    server_time: float
    """The service's own clock, or ours where its web server tells none."""

    def records(self, key: str) -> list[dict[str, Any]]:
        """The list of objects that the body must have under that key."""
        found = self._under(key)
        if not isinstance(found, list) or not all(
                isinstance(record, dict) for record in found):
            raise exception.BrokenAnswer(
                f'{self.what}: {key!r} is no list of objects')
        return found

    def record(self, key: str) -> dict[str, Any]:
        """The object that the body must have under that key."""
        found = self._under(key)
        if not isinstance(found, dict):
            raise exception.BrokenAnswer(
                f'{self.what}: {key!r} is no object')
        return found

    def has_next(self, key: str) -> bool:
        """Whether the service says that there is another page."""
        links = self.body.get(f'{key}_links')
        return isinstance(links, list) and any(
            isinstance(link, dict) and link.get('rel') == 'next'
            for link in links)

    def page(self, records: list[dict[str, Any]],
             *earlier: 'Answer') -> reading.Page:
        """Records that were read from this answer, and from earlier ones."""
        window, sampled_at = self.window, self.sampled_at
        for other in earlier:
            window = window.union(other.window)
            sampled_at = min(sampled_at, other.sampled_at)
        return reading.Page(
            tuple(records), window, sampled_at, self.server_time)

    def _under(self, key: str) -> Any:
        if not isinstance(self.body, dict) or key not in self.body:
            raise exception.BrokenAnswer(
                f'{self.what}: the answer has no {key!r}')
        return self.body[key]


def stamp(moment: float) -> str:
    """A Unix time as ISO 8601 in UTC, always of one length."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime(
        '%Y-%m-%dT%H:%M:%S.%fZ')


def parsed(body: bytes, what: str) -> Any:
    """The body as JSON, strictly; a cut body never is."""
    try:
        return shape.parsed(body, strict=True)
    except (ValueError, RecursionError) as error:
        raise exception.BrokenAnswer(
            f'{what}: the body is not JSON ({len(body)} bytes)') from error
