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

"""Who else works on this database, and whether they can agree."""

import os
import pathlib
from urllib import parse

from oslo_config import cfg

from synchronizer import exception
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import subject as subject_module
from synchronizer.service import parts
from synchronizer.service import schema
from synchronizer.service.inside import health

ALONE = 'this service works alone: [coordination] backend_url is not set'
UNUSED = 'it answers; nobody shares the work on this database yet'


def coordination(subject: subject_module.Subject) -> base.Result:
    """The back end answers; without one, nobody else owns anything."""
    subject.require_valid()
    conf = subject.conf
    if not conf.coordination.backend_url:
        return _alone(conf)
    verdict = base.Verdict()
    url = parse.urlsplit(conf.coordination.backend_url)
    if url.scheme == 'file':
        _check_directory(verdict, url.path)
        return verdict.result('for the services of this host')
    if schema.is_ours_to_upgrade(conf):
        verdict.warn('[database] connection is SQLite, which no other host '
                     'can share: the back end has nothing to do')
    # first of all, whether it answers
    found = parts.sharing_hosts(conf, _secret(conf))
    return verdict.result(
        f'it answers; the work is shared by {", ".join(found)}' if found
        else UNUSED)


def _secret(conf: cfg.ConfigOpts) -> bytes:
    """Of the database, by which those that share it find each other."""
    if not _is_current(conf):
        return b''
    with parts.opened(conf) as store:
        return store.secret()


def _is_current(conf: cfg.ConfigOpts) -> bool:
    """Whether there is something to be read, and nothing to be upgraded;
    another check tells why not."""
    try:
        current, head = schema.versions(conf)
    except exception.StoreError:
        return False
    return current == head


def _alone(conf: cfg.ConfigOpts) -> base.Result:
    verdict = base.Verdict()
    if not _is_current(conf):
        if schema.is_ours_to_upgrade(conf):
            return verdict.result(ALONE)
        raise base.NotLookedAt('the database has to be right first')
    with parts.opened(conf) as store:
        owners = {health.host(row.owner) for row in store.streams().values()
                  if row.owner}
    others = sorted(owners - {conf.host})
    if others:
        verdict.warn(
            f'{", ".join(others)} owned streams of this database last, and a '
            'service that is started here takes them away: if both are to '
            'run, set [coordination] backend_url on both; else stop the '
            'other one first')
    return verdict.result(ALONE)


def _check_directory(verdict: base.Verdict, directory: str) -> None:
    place = pathlib.Path(directory)
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK):
        verdict.fail(f'{place} cannot be written to by this user: '
                     '[coordination] backend_url names it')
