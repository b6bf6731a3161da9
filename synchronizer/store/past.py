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

"""The cloud as it was, worked out of the journal alike by every driver.

Of each entity only the first change after the moment counts: it holds the
version after it, and what that takes to be undone. So a rewrite in silence,
which leaves no change, never comes between.
"""

import bisect
from collections.abc import Callable
from typing import NoReturn

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream as stream_module
from synchronizer.store import base
from synchronizer.store import codec


def revision_at(row: stream_module.Stream, known_since: str | None,
                committed_at: Callable[[int], str], time: str) -> int:
    """The revision of that time, by a few looks at the journal.

    Where the clock went back there may be several; it is one of them.
    """
    if known_since is None:
        raise exception.BeyondJournal(
            f'{row.type} has not been seen whole yet, or only by an older '
            'release: its past begins with its next sweep')
    if time < known_since:
        _refuse(row.type, known_since)
    journal = range(row.oldest_revision, row.revision + 1)
    return row.oldest_revision - 1 + bisect.bisect_right(
        journal, time, key=committed_at)


def check_reach(row: stream_module.Stream, known_since: str | None,
                revision: int) -> None:
    """BeyondJournal if a change after that revision is trimmed."""
    if row.oldest_revision > revision + 1:
        _refuse(row.type, known_since)


def weigh(row: codec.ChangeRow) -> int:
    """No less than the version before that change has on the wire."""
    return row.weight + base.weigh(row.before or '')


def entity_before(row: codec.ChangeRow) -> entity_module.Entity | None:
    """The entity as it was before that change; None: it did not live."""
    if row.action == change_module.CREATED:
        return None
    entity = codec.change(codec.told(row), '').entity
    if row.action == change_module.DELETED:
        return entity
    if row.before is None:
        # an older release wrote it
        _refuse(row.type, row.committed_at)
    return change_module.undone(entity, codec.before(row.before))


def _refuse(type_: str, since: str | None) -> NoReturn:
    raise exception.BeyondJournal(
        f'{type_} can be shown as it was since {since}, and no earlier',
        since=since)
