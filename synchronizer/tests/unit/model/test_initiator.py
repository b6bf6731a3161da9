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

"""Three ids, whatever was sent as such."""

import dataclasses
import json

import hypothesis
from hypothesis import strategies

from synchronizer.model import initiator
from synchronizer.model.initiator import Initiator
from synchronizer.tests import base

ANYTHING = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers()
    | strategies.text(max_size=300),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(
        strategies.sampled_from(['user_id', 'project_id', 'request_id'])
        | strategies.text(), inner), max_leaves=8)


class InitiatorTest(base.TestCase):

    def test_what_is_no_id_is_left_out(self):
        self.assertEqual(Initiator('u', 'p', 'r'),
                         initiator.made('u', 'p', 'r'))
        longest = 'x' * initiator.LONGEST
        for wrong in (None, '', 5, True, ['u'], {'u': 'u'}, longest + 'x',
                      'u\n', '\x1b[31m', '\ud800', '\x00'):
            self.assertEqual(Initiator(None, longest, None),
                             initiator.made(wrong, longest, wrong))

    def test_of_nothing_nothing_is_made(self):
        self.assertIsNone(initiator.made())
        self.assertIsNone(initiator.made('', 7, None))

    def test_an_id_of_a_directory_may_be_a_name(self):
        self.assertEqual('J\xfcrgen M', initiator.made('J\xfcrgen M').user_id)

    def test_as_json_and_back(self):
        for one in (Initiator('u', 'p', 'r'), Initiator(request_id='r')):
            body = json.loads(json.dumps(initiator.plain(one)))
            self.assertEqual({'user_id', 'project_id', 'request_id'},
                             set(body))
            self.assertEqual(one, initiator.read(body))
        self.assertIsNone(initiator.plain(None))

    def test_nobody(self):
        self.assertIsNone(initiator.nobody('a'))


class AnythingTest(base.TestCase):

    @hypothesis.given(ANYTHING)
    @hypothesis.settings(deadline=None, database=None, max_examples=200)
    def test_whatever_is_read_gives_ids_or_nothing(self, body):
        found = initiator.read(body)
        assert found is None or any(dataclasses.astuple(found))
        for value in dataclasses.astuple(found) if found else ():
            assert value is None or (
                value in body.values() and value.isprintable()
                and len(value) <= initiator.LONGEST)
