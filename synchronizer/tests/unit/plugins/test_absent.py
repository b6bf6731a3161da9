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

"""A 404 counts only if it is said again after a proof."""

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import absent
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

MISSING = fakes.failure(exception.NotFound, 404)
THERE = {'thing': {'id': 'a'}}


class Thing(absent.ProvedType):

    name = 'test.thing'

    def list(self, session):
        raise NotImplementedError

    def look_up(self, session, id_):
        try:
            answer = session.get(f'/things/{id_}')
        except exception.NotFound as error:
            return absent.said(error)
        return answer.page([answer.record('thing')])

    def check_scope(self, session):
        session.get('/scope')

    def entity(self, record):
        raise NotImplementedError


class ProvedTypeTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session, self.kind = fakes.Session(), Thing()

    def get(self, *answers, scope=None):
        self.session.on('/things/a', *answers).on('/scope', scope or {})
        return self.kind.get(self.session, 'a')

    def test_it_can_be_asked_for_by_id(self):
        self.assertTrue(self.kind.can_get)

    def test_what_is_there_needs_no_proof(self):
        self.assertEqual(({'id': 'a'},), self.get(THERE).records)
        self.assertEqual(['/things/a'], self.session.paths())

    def test_twice_with_the_proof_between(self):
        page = self.get(MISSING, MISSING)
        self.assertEqual(reading.Page((), fakes.window(3), 'at 3'), page)
        self.assertEqual(['/things/a', '/scope', '/things/a'],
                         self.session.paths())

    def test_what_is_there_after_the_proof_is_there(self):
        self.assertEqual(({'id': 'a'},), self.get(MISSING, THERE).records)

    def test_without_the_proof_nothing_is_said(self):
        self.assertRaises(exception.Refused, self.get, MISSING,
                          scope=fakes.failure(exception.Refused, 403))

    def test_a_404_of_the_proof_is_none_of_the_thing(self):
        self.assertRaises(exception.BrokenAnswer, self.get, MISSING,
                          scope=MISSING)

    def test_one_answer_is_said_to_be_unproved(self):
        self.session.on('/things/a', MISSING)
        self.assertTrue(self.kind.look_up(self.session, 'a').unproved)
