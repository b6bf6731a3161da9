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

"""One stack that was told of: what lies in it, beside the sweeps."""

from synchronizer import exception
from synchronizer.plugins import heat
from synchronizer.plugins.heat import options
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes
from synchronizer.tests.unit.plugins.heat import test_small
from synchronizer.tests.unit.plugins.heat import test_stack
from synchronizer.tests.unit.plugins.heat.test_stack import DEMO
from synchronizer.tests.unit.plugins.heat.test_stack import SAMPLE
from synchronizer.tests.unit.plugins.heat.test_stack import STACKS

PATH = f'{STACKS}/sample/{SAMPLE}'
GONE = fakes.failure(exception.NotFound, 404)
BROKEN = fakes.failure(exception.BrokenAnswer, 500)
DELETED = test_stack.one(SAMPLE, stack_status='DELETE_COMPLETE')


class PartCase(base.TestCase):
    """The type, and what of a stack it asks for."""

    kind_class, noun = heat.Resource, 'resources'

    def setUp(self):
        super().setUp()
        self.session = fakes.Session(None, page_size=1000)
        self.session.project_id = DEMO
        self.path = f'{PATH}/{self.noun}'
        self.session.on(STACKS, test_stack.one(SAMPLE))
        self.use()

    def use(self, **chosen):
        self.kind = self.kind_class(options.Options(**chosen),
                                    monotonic=lambda: 0.0)

    def drain(self, listing):
        self.session.asked = []
        pages, self.outcome = fakes.drain(listing)
        return {self.kind.record_id(record): self.kind.entity(record)
                for page in pages for record in page.records}

    def part(self):
        return self.drain(self.kind.list_part(self.session, SAMPLE))

    def sweep(self):
        return self.drain(self.kind.list(self.session))


class TestResources(PartCase):

    def setUp(self):
        super().setUp()
        self.session.on(self.path, fakes.sample('heat.resources'))

    def test_the_same_as_a_sweep_and_the_sweep_need_not_look_again(self):
        found = self.part()
        self.assertEqual([STACKS, self.path], self.session.paths())
        self.assertEqual({}, self.sweep())
        self.assertEqual([STACKS], self.session.paths())
        self.assertFalse(any(map(self.outcome.lacks, found)))
        self.kind.forget()
        self.assertEqual(found, self.sweep())

    def test_it_speaks_of_that_stack_only(self):
        found = self.part()
        self.assertTrue(self.outcome.complete)
        self.assertTrue(all(map(self.outcome.covers, found)))
        self.assertTrue(self.outcome.lacks(f'{SAMPLE}/other'))
        self.assertFalse(self.outcome.speaks_of('other/server'))

    def test_at_rest(self):
        self.part()
        self.assertIsNone(self.outcome.again)

    def test_while_the_stack_moves(self):
        self.session.on(STACKS, test_stack.one(
            SAMPLE, stack_status='UPDATE_IN_PROGRESS',
            updated_time='1970-01-01T00:15:01Z'))
        self.part()
        # as old as the clock of the fake says, which is at 1001 s
        self.assertEqual(10.0, self.outcome.again)
        self.use(follow_interval=0.0)
        self.part()
        self.assertIsNone(self.outcome.again)

    def test_while_a_resource_moves(self):
        body = fakes.sample('heat.resources')
        body['resources'][0]['resource_status'] = 'CREATE_IN_PROGRESS'
        self.session.on(self.path, body)
        self.part()
        self.assertEqual(5.0, self.outcome.again)
        self.sweep()
        self.assertIn(self.path, self.session.paths())

    def test_a_stack_that_is_gone(self):
        for body in (test_stack.EMPTY, DELETED):
            self.use()
            self.session.on(STACKS, test_stack.one(SAMPLE))
            found = self.sweep()
            self.session.on(STACKS, body)
            self.assertEqual({}, self.part())
            self.assertTrue(self.outcome.complete)
            self.assertTrue(all(map(self.outcome.lacks, found)))
            self.assertFalse(self.outcome.speaks_of('other/server'))
            # nor would a sweep that began before keep them
            self.assertFalse(any(map(self.kind._is_kept, found)))

    def test_a_stack_that_is_deleted_meanwhile(self):
        self.session.on(STACKS, test_stack.one(SAMPLE), DELETED)
        self.session.on(self.path, GONE)
        self.assertEqual({}, self.part())
        self.assertTrue(self.outcome.lacks(f'{SAMPLE}/server'))

    def test_a_stack_that_lives_and_is_not_found(self):
        self.session.on(self.path, GONE)
        self.assertRaises(exception.NotFound, self.part)

    def test_a_stack_that_cannot_be_read_is_left_to_the_sweep(self):
        self.session.on(self.path, BROKEN)
        self.assertRaises(exception.BrokenAnswer, self.part)
        self.session.on(self.path, fakes.sample('heat.resources'))
        self.assertNotEqual({}, self.sweep())

    def test_what_has_not_all_its_details_speaks_of_nothing(self):
        self.use(details=frozenset({'resource_data'}))
        for record in fakes.sample('heat.resources')['resources']:
            self.session.on(f'{self.path}/{record["resource_name"]}', BROKEN)
        self.assertEqual({}, self.part())
        self.assertFalse(self.outcome.complete)
        self.assertFalse(self.outcome.speaks_of(f'{SAMPLE}/server'))
        self.sweep()
        self.assertIn(self.path, self.session.paths())

    def test_beside_a_sweep(self):
        """What a sweep has read earlier does not count against it."""
        moved = test_stack.one(SAMPLE, stack_status='UPDATE_COMPLETE')
        sweep = self.kind.list(self.session)
        next(sweep)
        self.session.on(STACKS, moved)
        less = fakes.sample('heat.resources')
        dropped = less['resources'].pop()['resource_name']
        self.session.on(self.path, less)
        fakes.drain(self.kind.list_part(self.session, SAMPLE))
        fakes.drain(sweep)
        self.assertEqual({}, self.sweep())
        self.assertTrue(self.outcome.lacks(f'{SAMPLE}/{dropped}'))

    def test_all_was_forgotten_meanwhile(self):
        listing = self.kind.list_part(self.session, SAMPLE)
        next(listing)
        self.kind.forget()
        fakes.drain(listing)
        self.assertNotEqual({}, self.sweep())


class TestEvents(PartCase):

    kind_class, noun = heat.Event, 'events'

    def events(self, *numbers, status):
        self.session.on(STACKS, test_stack.one(SAMPLE, stack_status=status))
        self.session.on(self.path, {
            'events': [test_small.event(number) for number in numbers]})

    def test_only_new_ones(self):
        self.events(2, 1, status='A')
        self.assertEqual({'e1', 'e2'}, set(self.sweep()))
        self.events(3, 2, 1, status='B')
        self.assertEqual({'e3'}, set(self.part()))
        self.assertFalse(any(map(self.outcome.lacks, ('e1', 'e2', 'e3'))))
        self.assertEqual({}, self.sweep())
        self.assertEqual([STACKS], self.session.paths())

    def test_what_is_none_of_the_newest_any_more(self):
        self.use(events_per_stack=2)
        self.events(2, 1, status='A')
        self.part()
        self.events(3, 2, 1, status='B')
        self.part()
        self.assertTrue(self.outcome.lacks('e1'))
        self.assertFalse(self.outcome.speaks_of('other'))

    def test_a_stack_that_is_gone(self):
        self.events(2, 1, status='A')
        self.part()
        self.session.on(STACKS, DELETED)
        self.assertEqual({}, self.part())
        self.assertTrue(self.outcome.lacks('e1'))
        self.assertFalse(self.outcome.speaks_of('other'))


class TestSnapshots(PartCase):

    kind_class, noun = heat.Snapshot, 'snapshots'

    def setUp(self):
        super().setUp()
        self.snapshots('a')

    def snapshots(self, *ids, status='COMPLETE'):
        self.session.on(self.path, {'snapshots': [
            {'id': id_, 'name': id_, 'status': status} for id_ in ids]})

    def test_those_of_a_stack(self):
        self.assertEqual({'a'}, set(self.part()))
        self.snapshots('b')
        self.assertEqual({'b'}, set(self.part()))
        self.assertTrue(self.outcome.lacks('a'))
        self.assertFalse(self.outcome.speaks_of('other'))

    def test_one_that_is_being_made(self):
        self.snapshots('a', status='IN_PROGRESS')
        self.part()
        self.assertEqual(5.0, self.outcome.again)

    def test_of_a_stack_of_others_none_is_shown(self):
        self.part()
        self.session.project_id = 'mine'
        self.assertEqual({}, self.part())
        self.assertEqual([STACKS], self.session.paths())
        self.assertIsNone(self.outcome.again)
