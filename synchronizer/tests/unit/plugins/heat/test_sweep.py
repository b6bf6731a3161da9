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


"""Stacks that answer at once are stored together, and noted after that."""

from synchronizer.plugins import heat
from synchronizer.plugins.heat import options
from synchronizer.plugins.heat import pool
from synchronizer.plugins.heat import sweep
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

STACKS = '/stacks'


def stack(id_):
    return {'id': id_, 'stack_name': f'name-{id_}', 'project': 'p',
            'stack_status': 'CREATE_COMPLETE', 'parent': None}


def resources():
    return {'resources': [
        {'resource_name': 'r', 'resource_type': 'T', 'required_by': [],
         'resource_status': 'CREATE_COMPLETE', 'links': []}]}


class TogetherTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = fakes.Session(None, page_size=1000)
        self.session.on(STACKS, {'stacks': [stack(id_) for id_ in 'abc']})
        for id_ in 'abc':
            self.session.on(f'{STACKS}/name-{id_}/{id_}/resources',
                            resources())
        self.kind = heat.Resource(options.Options(), monotonic=lambda: 0.0)

    def looked_into(self):
        return sum(path.endswith('/resources')
                   for path in self.session.paths())

    def test_only_the_last_of_them_is_waited_for(self):
        pages, outcome = fakes.drain(self.kind.list(self.session))
        self.assertEqual([0, 0, None], [page.soon for page in pages])
        self.assertTrue(outcome.complete)

    def test_what_was_not_stored_is_looked_into_again(self):
        listing = self.kind.list(self.session)
        for _ in range(3):
            next(listing)
        listing.close()
        fakes.drain(self.kind.list(self.session))
        self.assertEqual(6, self.looked_into())
        fakes.drain(self.kind.list(self.session))
        self.assertEqual(6, self.looked_into())

    def test_one_that_cannot_be_read_costs_only_itself(self):
        self.session.on(f'{STACKS}/name-b/b/resources', {'resources': [{}]})
        pages, outcome = fakes.drain(self.kind.list(self.session))
        self.assertEqual([0, None], [page.soon for page in pages])
        self.assertIn('1 stacks could not be read', outcome.reason)

    def test_no_more_are_at_hand_than_may_be(self):
        done = list(pool.some(
            str, range(3 * sweep.AT_ONCE), 4, sweep.AT_ONCE, 5))
        self.assertEqual([sweep.AT_ONCE] * 3, list(map(len, done)))
        self.assertEqual(set(range(3 * sweep.AT_ONCE)), {
            item for some in done for item, _ in some})
