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

"""synchronizer-manage journal: purge."""

import argparse
import bisect
import datetime
import functools

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer.cmd import consent
from synchronizer.cmd import streams
from synchronizer.model import stream as stream_module
from synchronizer.service import parts
from synchronizer.store import base

MOST_HOURS = 1_000_000
"""A change cannot be older: more than a hundred years."""


def purge(conf: conf_module.Config, arguments: argparse.Namespace) -> int:
    """journal purge."""
    with parts.opened(conf) as store:
        found = streams.known(store, arguments.types)
        before, keep = _limits(conf, arguments)
        # the limits of the configuration are what the service keeps to
        if arguments.hours is None and arguments.keep is None and (
                not arguments.dry_run):
            _drop(store, found, before, keep)
            return 0
        return consent.settle(
            arguments, _plan(store, found, before, keep),
            functools.partial(_drop, store, found, before, keep))


def _limits(conf: conf_module.Config, arguments: argparse.Namespace
            ) -> tuple[str, int]:
    """The time before which changes go, and how many stay at most."""
    hours, keep = arguments.hours, arguments.keep
    hours = conf.journal.retention_hours if hours is None else hours
    moment = (datetime.datetime.now(datetime.UTC)
              - datetime.timedelta(hours=hours))
    return (moment.strftime('%Y-%m-%dT%H:%M:%S.%fZ'),
            conf.journal.retention_revisions if keep is None else keep)


def _drop(store: base.Store, found: dict[str, stream_module.Stream],
          before: str, keep: int) -> None:
    dropped = sum(store.trim(type_, before, keep) for type_ in found)
    print(f'Dropped {dropped} changes.')


def _plan(store: base.Store, found: dict[str, stream_module.Stream],
          before: str, keep: int) -> list[str]:
    lines = []
    for type_, row in sorted(found.items()):
        held = row.revision - row.oldest_revision + 1
        count = max(held - keep, _aged(store, row, before))
        lines.append(
            f'{type_}: {count} of {held} changes are dropped; a consumer '
            f'that is behind revision {row.oldest_revision + count - 1} '
            'takes a new snapshot.' if count else
            f'{type_}: none of {held} changes is dropped.')
    return lines


def _aged(store: base.Store, row: stream_module.Stream, before: str) -> int:
    """How many of its changes are from before that time."""
    def committed_at(revision: int) -> str:
        try:
            _, changes = store.changes_since(
                row.type, row.epoch, revision - 1, 1, 1)
        except exception.ResyncRequired:
            # trimmed meanwhile, so it was old
            return ''
        return changes[0].committed_at if changes else ''
    return bisect.bisect_left(
        range(row.oldest_revision, row.revision + 1), before,
        key=committed_at)
