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

"""The database: whether it answers, its schema, and its server."""

import os
import pathlib

from synchronizer import conf as conf_module
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import subject as subject_module
from synchronizer.service import schema
from synchronizer.store import engine
from synchronizer.store import migration
from synchronizer.store import server

BY_ITSELF = 'SQLite: made or upgraded by the service when it starts'


def database(subject: subject_module.Subject) -> base.Result:
    """The schema is the one that this version works with, and can be
    written to."""
    conf = subject.conf
    verdict = base.Verdict()
    _check_writable(verdict, conf)
    current, head = schema.versions(conf)
    if current == head:
        for problem in server.problems(conf):
            verdict.fail(problem)
        return verdict.result(f'the schema is at {head}')
    if schema.is_ours_to_upgrade(conf) and not migration.is_newer(current):
        return verdict.result(BY_ITSELF)
    # says which of the two is older, and what to do
    migration.check_from_conf(conf)
    return verdict.result()


def _check_writable(verdict: base.Verdict, conf: conf_module.Config) -> None:
    """A SQLite file, or where it will be."""
    file = engine.Options.from_conf(conf).file
    if file is None:
        return
    place = pathlib.Path(file)
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK):
        verdict.fail(
            f'{place} cannot be written to by this user: run this as the '
            'user of the service, and give him the right ([DEFAULT] '
            'state_path, [database] connection)')
