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

"""heat.stack, and what is shared about stacks."""

import copy

from synchronizer import exception
from synchronizer.model.entity import Relation
from synchronizer.plugins import heat
from synchronizer.plugins.heat import options
from synchronizer.plugins.heat import stacks
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

STACKS = '/stacks'
REFUSED = fakes.failure(exception.Refused, 403)
EMPTY = {'stacks': []}
SAMPLE = '521884e5-6fc3-4dd3-a773-5ae03f86aaa1'
GROUP = '9e1af494-2209-43b6-bc22-5ad615d68426'
MEMBER = 'c9db26b7-6966-419e-82ae-1ca89c9a7b0c'
DEMO = 'e603853e254f48079f66e0c9d625ed63'


def one(id_, **more):
    """The answer that has that stack of the sample only."""
    found = next(record for record in fakes.sample('heat.stacks')['stacks']
                 if record['id'] == id_)
    return {'stacks': [{**found, **more}]}


def as_owner(body):
    body = copy.deepcopy(body)
    for record in body['stacks']:
        del record['project']
    return body


class StackCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.kind = heat.Stack()
        self.session = fakes.Session(None, page_size=1000)
        self.session.project_id = 'mine'

    def list(self, *bodies):
        self.session.on(STACKS, *bodies)
        pages, self.outcome = fakes.drain(self.kind.list(self.session))
        return {record['id']: self.kind.entity(record)
                for page in pages for record in page.records}


class TestStack(StackCase):

    def test_a_real_one(self):
        stack = self.list(fakes.sample('heat.stacks'))[GROUP]
        record, = one(GROUP)['stacks']
        self.assertEqual(
            ('sample-g-jbf32wu7jwb4', 'CREATE_COMPLETE', DEMO, None),
            (stack.name, stack.state, stack.project_id, stack.user_id))
        self.assertEqual((Relation('contains', 'heat.stack', SAMPLE),),
                         stack.relations)
        own = {key: value for key, value in record.items() if key != 'links'}
        self.assertEqual({
            **own, 'stack_id': GROUP, 'name': 'sample-g-jbf32wu7jwb4',
            'user_project_id': DEMO, 'owner': 'demo', 'root': SAMPLE,
            'status': 'CREATE_COMPLETE',
            'status_reason': record['stack_status_reason']},
            stack.attributes)

    def test_the_root_is_on_a_later_page(self):
        found = self.list(fakes.sample('heat.stacks'))
        self.assertEqual({SAMPLE}, {found[id_].attributes['root']
                                    for id_ in (MEMBER, GROUP, SAMPLE)})
        self.assertTrue(self.outcome.complete)

    def test_all_projects_by_the_parameter(self):
        self.list(fakes.sample('heat.stacks'))
        self.assertEqual([{
            'limit': 1000, 'global_tenant': True, 'show_nested': True,
            'show_hidden': True}], self.session.queries(STACKS))
        self.assertIsNone(self.outcome.note)

    def test_all_projects_by_the_plain_listing(self):
        self.assertEqual(12, len(self.list(
            REFUSED, fakes.sample('heat.stacks'))))
        self.assertEqual(2, len(self.session.asked))
        self.assertEqual((None, None), (self.outcome.note,
                                        self.outcome.fence))

    def test_one_project(self):
        body = as_owner(fakes.sample('heat.stacks'))
        found = self.list(REFUSED, body)
        self.assertIn('only project mine is seen', self.outcome.note)
        self.assertTrue(self.outcome.complete)
        self.assertTrue(self.outcome.fence(found[SAMPLE]))
        self.session.project_id = DEMO
        found = self.list(REFUSED, body)
        self.assertFalse(self.outcome.fence(found[SAMPLE]))
        self.assertEqual(DEMO, found[SAMPLE].attributes['project'])

    def test_the_same_entity_whoever_asks(self):
        body = fakes.sample('heat.stacks')
        self.assertEqual(self.list(body), self.list(REFUSED, as_owner(body)))

    def test_a_full_page_that_was_the_last(self):
        self.session.page_size = 12
        body = fakes.sample('heat.stacks')
        self.list(REFUSED, body, EMPTY, one(SAMPLE))
        self.assertIsNone(self.outcome.fence)
        self.list(REFUSED, body, EMPTY, as_owner(one(SAMPLE)))
        self.assertIn('lost meanwhile', self.outcome.reason)

    def test_a_failure_on_a_later_page(self):
        """What came before it is taken all the same."""
        self.session.page_size = 12
        self.session.on(STACKS, fakes.sample('heat.stacks'),
                        fakes.failure(exception.BrokenAnswer, 502))
        listing = self.kind.list(self.session)
        self.assertEqual(12, len(next(listing).records))
        self.assertRaises(exception.BrokenAnswer, next, listing)

    def test_an_empty_heat(self):
        self.session.on('/services', {'services': []})
        self.assertEqual({}, self.list(REFUSED, EMPTY))
        self.assertEqual((None, None), (self.outcome.reason,
                                        self.outcome.note))
        self.session.on('/services', REFUSED)
        self.list(REFUSED, EMPTY)
        self.assertIn('only project mine', self.outcome.note)

    def test_in_deletion_is_not_deleted(self):
        found = self.list(one(SAMPLE, stack_status='DELETE_IN_PROGRESS'))
        self.assertEqual('DELETE_IN_PROGRESS', found[SAMPLE].state)
        self.assertEqual({SAMPLE: None}, self.list(
            one(SAMPLE, stack_status='DELETE_COMPLETE')))


class TestGet(StackCase):

    def get(self, id_, *bodies):
        self.session.on(STACKS, *bodies)
        return self.kind.get(self.session, id_)

    def test_one(self):
        listed = self.list(fakes.sample('heat.stacks'))[GROUP]
        record, = self.get(GROUP, one(GROUP)).records
        self.assertEqual(listed, self.kind.entity(record))
        self.assertEqual({
            'global_tenant': True, 'show_nested': True, 'show_hidden': True,
            'show_deleted': True, 'id': GROUP}, self.session.asked[-1][1])

    def test_its_ancestors_are_asked_for_where_they_are_not_known(self):
        record, = self.get(MEMBER, one(MEMBER), one(GROUP),
                           one(SAMPLE)).records
        self.assertEqual(SAMPLE, self.kind.entity(record).attributes['root'])
        self.assertEqual(3, len(self.session.asked))

    def test_deleted(self):
        page = self.get(SAMPLE, one(SAMPLE, stack_status='DELETE_COMPLETE'))
        self.assertIsNone(self.kind.entity(page.records[0]))

    def test_absent(self):
        page = self.get(SAMPLE, EMPTY)
        self.assertEqual(((), 1.0), (page.records, page.window.start))

    def test_a_filter_that_is_ignored(self):
        page = self.get('other', fakes.sample('heat.stacks'))
        self.assertEqual((), page.records)

    def test_absent_where_only_administrators_see_all(self):
        page = self.get(SAMPLE, REFUSED, EMPTY, one(GROUP), EMPTY)
        self.assertEqual((), page.records)
        self.assertEqual({
            'limit': 1, 'show_nested': True, 'show_hidden': True,
            'show_deleted': True}, self.session.asked[-2][1])
        self.assertEqual(float(len(self.session.asked)), page.window.start)

    def test_a_role_that_comes_back_after_it_saw_nothing(self):
        page = self.get(GROUP, REFUSED, EMPTY, one(GROUP), one(GROUP))
        self.assertEqual([GROUP],
                         [record['id'] for record in page.records])

    def test_not_to_be_seen_is_not_absent(self):
        for proof in (as_owner(one(GROUP)), EMPTY):
            self.assertRaises(exception.Undecided, self.get, SAMPLE,
                              REFUSED, EMPTY, proof)

    def test_the_role_comes_back(self):
        self.assertRaises(exception.Undecided, self.get, SAMPLE, REFUSED,
                          EMPTY, EMPTY)
        self.assertEqual((), self.get(SAMPLE, EMPTY).records)

    def test_what_is_gone_is_asked_for_once(self):
        self.kind = heat.Stack(None, stacks.Stacks(monotonic=lambda: 99.0))
        gone = one(GROUP, stack_status='DELETE_COMPLETE')
        self.get(GROUP, gone)
        asked = len(self.session.asked)
        page = self.get(GROUP, gone)
        self.assertEqual(asked, len(self.session.asked))
        self.assertEqual((99.0, 99.0), (page.window.start, page.window.end))

    def test_what_was_not_shown_is_asked_for_again(self):
        self.kind = heat.Stack(None, stacks.Stacks(monotonic=lambda: 1e6))
        self.assertEqual((), self.get(GROUP, EMPTY).records)
        # a replica that lagged has caught up
        self.assertEqual([GROUP], [
            record['id'] for record in self.get(GROUP, one(GROUP)).records])


class TestDetail(StackCase):

    path = f'{STACKS}/sample/{SAMPLE}'

    def setUp(self):
        super().setUp()
        self.use(details=frozenset({'stack'}))

    def use(self, **chosen):
        self.kind = heat.Stack(options.Options(**chosen))
        self.session.on(self.path, fakes.sample('heat.stack'))
        self.session.on(f'{self.path}/template',
                        fakes.sample('heat.template'))

    def detail(self):
        return self.list(one(SAMPLE))[SAMPLE].attributes['detail']

    def test_what_the_listing_lacks(self):
        self.assertEqual({
            'notification_topics', 'parameters', 'template_description',
            'capabilities', 'disable_rollback', 'timeout_mins'},
            set(self.detail()))
        self.assertEqual({'resolve_outputs': False},
                         self.session.queries(self.path)[0])

    def test_hidden_parameters(self):
        self.assertEqual({
            'OS::stack_id': SAMPLE, 'OS::project_id': DEMO,
            'OS::stack_name': 'sample'}, self.detail()['parameters'])

    def test_outputs_are_asked_for_by_themselves(self):
        self.use(details=frozenset({'outputs'}))
        self.assertEqual(1, len(self.detail()['outputs']))
        self.assertEqual({'resolve_outputs': True},
                         self.session.queries(self.path)[0])

    def test_only_what_changed_is_asked_for(self):
        self.detail()
        self.detail()
        self.assertEqual(1, self.session.paths().count(self.path))
        self.list(one(SAMPLE, stack_status='CHECK_COMPLETE'))
        self.assertEqual(2, self.session.paths().count(self.path))

    def test_the_window_is_that_of_both(self):
        self.session.on(STACKS, one(SAMPLE))
        pages, _ = fakes.drain(self.kind.list(self.session))
        page = next(page for page in pages if page.records)
        self.assertEqual((1.0, 2.5), (page.window.start, page.window.end))

    def test_the_last_detail_stands_where_there_is_no_other(self):
        self.detail()
        self.session.on(self.path, fakes.failure(
            exception.BrokenAnswer, 500))
        stack = self.list(one(SAMPLE, stack_status='CHECK_FAILED'))[SAMPLE]
        self.assertEqual('CHECK_FAILED', stack.state)
        self.assertIn('parameters', stack.attributes['detail'])
        self.assertIn('details cannot be read', self.outcome.reason)

    def test_without_any_it_is_left_out(self):
        self.session.on(self.path, fakes.failure(
            exception.BrokenAnswer, 500))
        self.assertEqual({}, self.list(one(SAMPLE)))
        self.assertFalse(self.outcome.complete)

    def test_deleted_meanwhile_is_no_fault(self):
        self.session.on(self.path, fakes.failure(exception.NotFound, 404))
        self.assertEqual({}, self.list(one(SAMPLE)))
        self.assertTrue(self.outcome.complete)

    def test_a_nested_stack_of_one_that_hides(self):
        template = {'parameters': {'p': {'hidden': True}}, 'resources': {
            'g': {'properties': {'x': {'get_param': 'p'}}}}}
        self.session.on(f'{self.path}/template', template)
        path = f'{STACKS}/sample-g-jbf32wu7jwb4/{GROUP}'
        self.session.on(path, {'stack': {
            'parameters': {'x': 'canary'}, 'timeout_mins': 3}})
        body = {'stacks': one(GROUP)['stacks'] + one(SAMPLE)['stacks']}
        found = self.list(body)[GROUP]
        self.assertEqual({'timeout_mins': 3}, found.attributes['detail'])

    def test_switching_details_on_is_no_change_of_the_cloud(self):
        shapes = {heat.Stack(options.Options(**chosen)).shape(self.session)
                  for chosen in ({}, {'details': frozenset({'stack'})},
                                 {'include_sensitive': True})}
        self.assertEqual(3, len(shapes))
