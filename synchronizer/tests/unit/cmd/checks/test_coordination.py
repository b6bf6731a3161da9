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

"""Who else works on the database, before anything is started."""

import contextlib
import os
from unittest import mock

import fixtures

from synchronizer import exception
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import coordination
from synchronizer.service import enabled
from synchronizer.service import parts
from synchronizer.service import schema
from synchronizer.tests.unit.cmd.checks import fakes
from synchronizer.tests.unit.service import back_end

BACK_END = '\n[coordination]\nbackend_url = etcd3+http://127.0.0.1:1\n'


class CoordinationTest(fakes.ChecksTestCase):

    def look(self, more='', made=True):
        self.known = self.subject(more=more)
        self.assertEqual([], self.known.conf.problems())
        if made:
            schema.upgrade(self.known.conf)
        return self

    def check(self):
        self.known.problems = []
        return coordination.coordination(self.known)

    @contextlib.contextmanager
    def store(self):
        with parts.opened(self.known.conf) as store:
            yield store

    def claim(self, owner):
        with self.store() as store:
            specs = enabled.specs(self.known.conf)
            store.ensure(specs)
            store.claim(specs[0].type, owner)

    def back_end(self):
        """In place of what cannot be reached."""
        self.end = back_end.BackEnd(back_end.Clock())
        self.useFixture(fixtures.MockPatchObject(
            parts, 'coordination_driver',
            lambda conf, member=b'nobody': self.end.driver(member)))

    def test_alone(self):
        for made in (False, True):
            self.look(made=made)
            self.assert_row(base.SUCCESS, self.check(), 'alone')

    def test_what_this_host_owned(self):
        self.look().claim('here:token')
        self.assert_row(base.SUCCESS, self.check(), 'alone')

    def test_what_another_host_owned(self):
        self.look().claim('there:token')
        self.assert_row(base.WARNING, self.check(), 'there owned streams',
                        'set [coordination] backend_url on both')

    def test_a_back_end_that_is_away(self):
        self.assertRaises(exception.CoordinationError,
                          self.look(BACK_END).check)

    def test_a_back_end_that_answers(self):
        self.back_end()
        self.look(BACK_END)
        self.assert_row(
            base.WARNING, self.check(), 'is SQLite',
            'no other host can share')
        with mock.patch.object(schema, 'is_ours_to_upgrade',
                               return_value=False):
            self.assert_row(base.SUCCESS, self.check(), 'it answers',
                            'nobody shares')
            place = parts.coordination(self.known.conf, 'nova')
            place.connect()
            place.contending = True
            place.look()
            self.assert_row(base.SUCCESS, self.check(), 'shared by here')

    def test_it_changes_nothing_where_there_is_no_database(self):
        self.back_end()
        self.look(BACK_END, made=False)
        self.check()
        self.assertIsNone(schema.versions(self.known.conf)[0])

    def test_a_directory(self):
        made = self.useFixture(fixtures.TempDir()).path
        self.look(f'\n[coordination]\nbackend_url = file://{made}/more\n')
        self.assert_row(base.SUCCESS, self.check(), 'of this host')
        self.assertFalse(os.path.exists(f'{made}/more'))
        with mock.patch.object(os, 'access', return_value=False):
            self.assert_row(base.FAILURE, self.check(), made,
                            'cannot be written to')
