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

"""What the entities of a type have been, as far back as the service knows.

Vitrage loads the graph that it stored before it was ended, and takes an edge
away only if it is told to: so we must know what may be drawn there.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator

from oslo_log import log

from synchronizer import exception
from synchronizer.client import rpc
from synchronizer.integrations.vitrage import rows
from synchronizer.model import entity as entity_module

LOG = log.getLogger(__name__)

LONG_AGO = '1970-01-01T00:00:00Z'
ATTEMPTS = 3
"""The journal may be trimmed while we ask where it begins."""


def versions(client: rpc.SynchronizerClient, type_: str
             ) -> Iterator[entity_module.Entity]:
    """Each version that an entity had; some of them twice."""
    yield from _at_first(client, type_)
    yield from _since_then(client, type_)


def gather(pairs: Iterable[tuple[str | None, Collection[rows.Row]]]
           ) -> dict[str, list[rows.Row]]:
    """All links by the id of what has them, each once."""
    found: dict[str, list[rows.Row]] = {}
    for id_, links in pairs:
        if id_ is not None and links:
            held = found.setdefault(id_, [])
            held += [link for link in links if link not in held]
    return found


def _at_first(client: rpc.SynchronizerClient, type_: str
              ) -> Iterator[entity_module.Entity]:
    """All that was there when the journal began."""
    moment: str | None = LONG_AGO
    for _ in range(ATTEMPTS):
        try:
            for page in client.get_at(moment, [type_]):
                yield from page.entities
            return
        except exception.BeyondJournal as error:
            moment = error.since
        except exception.Unavailable:
            # of an older release, perhaps
            break
        if moment is None:
            break
    LOG.warning('%(type)s: nobody knows how the journal began; edges that '
                'went while Vitrage was away may stay', {'type': type_})


def _since_then(client: rpc.SynchronizerClient, type_: str
                ) -> Iterator[entity_module.Entity]:
    for stream in client.describe()['streams']:
        if stream['type'] == type_:
            yield from _changed(client, type_, stream['epoch'],
                                stream['oldest_revision'] - 1)


def _changed(client: rpc.SynchronizerClient, type_: str, epoch: str,
             since: int) -> Iterator[entity_module.Entity]:
    more = True
    while more:
        try:
            answer = client.get_changes(type_, epoch, since)
        except exception.ResyncRequired as error:
            LOG.warning('%(type)s: edges that went while Vitrage was away '
                        'may stay: %(error)s',
                        {'type': type_, 'error': error})
            return
        for change in answer.changes:
            yield change.entity
            since = change.revision
        more = answer.more and bool(answer.changes)
