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

"""Which stacks are due, and when."""

from synchronizer.plugins.heat import looks
from synchronizer.tests import base

AT = '2026-11-20T10:00:00Z'
THEN = 1795168800.0
"""The same as a Unix time."""


def stack(id_='s', status='CREATE_COMPLETE', updated=None, **more):
    return {'id': id_, 'stack_status': status, 'updated_time': updated,
            **more}


class TestLooks(base.TestCase):

    def setUp(self):
        super().setUp()
        self.looks = looks.Looks(3600)

    def note(self, what, told=THEN + 60, at=100.0, found=('a',),
             moving=False):
        self.looks.note(what, at, told, found, moving)

    def is_due(self, what, now=100.0):
        return self.looks.is_due(what, now)

    def test_one_never_seen(self):
        self.assertTrue(self.is_due(stack()))

    def test_one_that_did_not_move(self):
        self.note(stack(updated=AT))
        self.assertFalse(self.is_due(stack(updated=AT)))

    def test_each_sign_of_a_move(self):
        for moved in ({'stack_status': 'UPDATE_COMPLETE'},
                      {'updated_time': AT},
                      {'stack_status_reason': 'other'},
                      {'deletion_time': AT}):
            self.note(stack())
            self.assertTrue(self.is_due({**stack(), **moved}), moved)

    def test_in_progress_now_or_at_the_last_look(self):
        moving = stack(status='UPDATE_IN_PROGRESS', updated=AT)
        self.note(moving)
        self.assertTrue(self.is_due(moving))
        self.assertTrue(self.is_due(
            stack(status='UPDATE_COMPLETE', updated=AT)))

    def test_a_resource_that_was_moving(self):
        """A stack fails as soon as one resource does: others go on."""
        self.note(stack(status='CREATE_FAILED'), moving=True)
        self.assertTrue(self.is_due(stack(status='CREATE_FAILED')))

    def test_a_stamp_is_not_believed_while_it_is_young(self):
        for told, due in ((THEN, True), (THEN + 9.9, True),
                          (THEN + 10, False)):
            self.note(stack(updated=AT), told)
            self.assertEqual(due, self.is_due(stack(updated=AT)))

    def test_a_stamp_that_cannot_be_read_and_a_service_without_a_clock(self):
        self.note(stack(updated='soon'))
        self.assertTrue(self.is_due(stack(updated='soon')))
        self.note(stack(updated=AT), told=None)
        self.assertFalse(self.is_due(stack(updated=AT)))

    def test_each_has_one_turn_in_a_round(self):
        ids = [f'stack-{number}' for number in range(600)]
        looked, turns = [], dict.fromkeys(ids, 0)
        for id_ in ids:
            self.note(stack(id_), at=0.0)
        for now in range(600, 3600 * 2 + 1, 600):
            due = [id_ for id_ in ids if self.is_due(stack(id_), now)]
            looked.append(len(due))
            for id_ in due:
                turns[id_] += 1
                self.note(stack(id_), at=float(now))
        self.assertEqual({2}, set(turns.values()))
        self.assertLess(max(looked), 150)
        self.assertGreater(min(looked), 60)

    def test_what_failed_is_due_and_keeps_what_was_found(self):
        self.note(stack())
        self.looks.failed(stack())
        self.assertTrue(self.is_due(stack()))
        self.assertTrue(self.looks.has_failed(stack()))
        self.assertTrue(self.looks.found('s', 'a'))
        self.note(stack())
        self.assertFalse(self.is_due(stack()))

    def test_what_was_misread_is_not_found_and_due(self):
        self.looks.misread('s', 'b')
        self.looks.misread('t', 'a')
        self.note(stack(), found=('a', 'b'))
        self.assertEqual(['a'], list(self.looks.last('s')))
        self.assertTrue(self.is_due(stack()))
        self.note(stack(), found=('a', 'b'))
        self.assertEqual(['a', 'b'], list(self.looks.last('s')))
        self.assertFalse(self.is_due(stack()))

    def test_what_was_misread_of_a_look_that_was_never_noted(self):
        for forget in (lambda: self.looks.drop('s'), self.looks.forget,
                       lambda: self.looks.keep({'t'})):
            self.looks.misread('s', 'a')
            forget()
            self.note(stack())
            self.assertFalse(self.is_due(stack()))

    def test_what_was_found(self):
        self.note(stack('s'), found=('a', 'b'))
        self.note(stack('t'), found=('c',))
        self.assertTrue(self.looks.found('s', 'b'))
        self.assertFalse(self.looks.found('s', 'c'))
        self.assertFalse(self.looks.found('other', 'a'))
        self.assertEqual(['a', 'b'], list(self.looks.last('s')))
        self.assertEqual({'a', 'b', 'c'}, self.looks.all_found())
        self.looks.keep({'t'})
        self.assertFalse(self.looks.found('s', 'b'))
        self.looks.drop('t')
        self.assertEqual(frozenset(), self.looks.all_found())

    def test_forget(self):
        self.note(stack())
        self.looks.forget()
        self.assertTrue(self.is_due(stack()))

    def test_an_older_look_that_comes_late(self):
        self.note(stack(), at=200.0, found=('new',))
        self.note(stack(status='UPDATE_COMPLETE'), found=('old',))
        self.assertTrue(self.looks.found('s', 'new'))
        self.assertFalse(self.is_due(stack(), now=200.0))

    def test_a_look_from_before_all_was_forgotten(self):
        era = self.looks.era
        self.looks.forget()
        self.looks.note(stack(), 100.0, THEN + 60, (), False, era)
        self.assertTrue(self.is_due(stack()))
        self.looks.note(stack(), 100.0, THEN + 60, (), False,
                        self.looks.era)
        self.assertFalse(self.is_due(stack()))
