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

"""Whose doing it is, of several who were told of."""

import hypothesis
from hypothesis import strategies

from synchronizer.collector import credit
from synchronizer.model.initiator import Initiator
from synchronizer.tests import base

ONE, OTHER = Initiator('one'), Initiator('other')
WHO = {'one': ONE, 'other': OTHER, 'nobody': None}
STEPS = strategies.lists(strategies.sampled_from(
    [*WHO, 'ask', 'answer', 'failure']), max_size=12)


class CreditTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.credit = credit.Credit()

    def tell(self, *whom, under_way=False):
        for by in whom:
            self.credit.told(by, under_way)
        return self.credit.by

    def end(self, answered=True, once_more=False):
        if answered:
            self.credit.answered(once_more)
        self.credit.ended()
        return self.credit.by

    def test_the_last_one_counts(self):
        self.assertEqual(OTHER, self.tell(ONE, OTHER))

    def test_nobody_takes_it_from_one_whose_doing_was_not_read_yet(self):
        self.assertEqual(ONE, self.tell(None, ONE, None, None))

    def test_it_stands_still_while_it_is_asked_for(self):
        self.tell(ONE)
        self.assertEqual(ONE, self.tell(OTHER, None, under_way=True))
        self.assertEqual(OTHER, self.end(once_more=True))

    def test_nobody_who_comes_meanwhile_is_not_the_one_before(self):
        self.tell(ONE)
        self.tell(None, under_way=True)
        self.assertIsNone(self.end(once_more=True))

    def test_a_request_that_fails_meets_nothing(self):
        self.tell(ONE)
        self.tell(None, under_way=True)
        self.assertEqual(ONE, self.end(answered=False))
        self.tell(OTHER, under_way=True)
        self.assertEqual(OTHER, self.end(answered=False))

    def test_what_comes_to_rest_is_still_the_doing_of_who_began(self):
        self.tell(ONE)
        self.assertEqual(ONE, self.end())
        self.assertEqual(ONE, self.end())

    def test_one_in_doubt_comes_after_one_who_was_told_of(self):
        for under_way in (False, True):
            for told, expected in ((OTHER, OTHER), (None, ONE)):
                self.credit = credit.Credit()
                self.tell(told, under_way=under_way)
                self.credit.doubted(ONE, under_way)
                self.credit.doubted(None, under_way)
                if under_way:
                    self.end(once_more=True)
                self.assertEqual(expected, self.credit.by)

    def test_one_in_doubt_comes_before_one_who_was_met(self):
        self.tell(OTHER)
        self.end()
        self.credit.doubted(None, under_way=False)
        self.assertEqual(OTHER, self.credit.by)
        self.credit.doubted(ONE, under_way=False)
        self.assertEqual(ONE, self.credit.by)

    def test_until_something_else_goes_on(self):
        self.tell(ONE)
        self.end()
        self.assertIsNone(self.tell(None))
        self.assertEqual(OTHER, self.tell(OTHER, None))


class Model:
    """The same, with all who were told of in a list."""

    def __init__(self):
        self.unread, self.meanwhile, self.resting = [], [], None
        self.asking = self.once_more = False

    def by(self):
        return self.unread[-1] if self.unread else self.resting

    def told(self, by):
        if self.asking:
            self.once_more = True
            self.meanwhile += [by] if by else []
        elif by:
            self.unread.append(by)
        elif not self.unread:
            self.resting = None

    def answered(self):
        self.resting = None if self.once_more else self.by()
        self.unread = []

    def ended(self):
        self.unread += self.meanwhile
        self.meanwhile, self.asking, self.once_more = [], False, False


class PropertyTest(base.TestCase):

    @hypothesis.given(STEPS)
    @hypothesis.settings(deadline=None, database=None, max_examples=500)
    def test_it_is_as_if_all_were_remembered(self, steps):
        one, model = credit.Credit(), Model()
        for step in steps:
            if step in WHO:
                one.told(WHO[step], model.asking)
                model.told(WHO[step])
            elif step == 'ask':
                model.asking = True
            elif model.asking:
                if step == 'answer':
                    one.answered(model.once_more)
                    model.answered()
                one.ended()
                model.ended()
            assert one.by == model.by()


class CreditsTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.credits = credit.Credits()

    def test_a_sweep_shows_what_was_told_before_it(self):
        self.credits.told('a', ONE)
        self.credits.told('b', None)
        self.credits.begin(hinted=True)
        self.credits.told('c', OTHER)
        self.assertEqual([ONE, None, None],
                         [self.credits.by(id_) for id_ in 'abc'])
        self.credits.end()
        self.assertIsNone(self.credits.by('a'))
        self.credits.begin(hinted=True)
        self.assertEqual(OTHER, self.credits.by('c'))

    def test_one_that_nobody_told_of_names_nobody(self):
        self.credits.told('a', ONE)
        self.credits.begin(hinted=False)
        self.assertIsNone(self.credits.by('a'))
        self.credits.end()
        self.credits.begin(hinted=True)
        self.assertIsNone(self.credits.by('a'))

    def test_one_that_failed_is_made_up_for(self):
        self.credits.told('a', ONE)
        self.credits.begin(hinted=True)
        self.credits.told('b', OTHER)
        self.credits.begin(hinted=True)
        self.assertEqual([ONE, OTHER],
                         [self.credits.by(id_) for id_ in 'ab'])

    def test_what_the_next_sweep_decides(self):
        self.credits.told('a', ONE)
        self.credits.begin(hinted=True)
        self.credits.keep(['a', 'z'])
        self.credits.end()
        self.credits.begin(hinted=True)
        self.assertEqual([ONE, None],
                         [self.credits.by(id_) for id_ in 'az'])

    def test_only_so_many_wait(self):
        for number in range(credit.MOST + 1):
            self.credits.told(f'i{number}', ONE)
        self.credits.told('i0', OTHER)
        self.credits.begin(hinted=True)
        self.assertEqual([OTHER, None], [
            self.credits.by(id_) for id_ in ('i0', f'i{credit.MOST}')])

    def test_another_owner_makes_it_void(self):
        self.credits.told('a', ONE)
        self.credits.begin(hinted=True)
        self.credits.told('b', ONE)
        self.credits.forget()
        self.assertIsNone(self.credits.by('a'))
        self.credits.begin(hinted=True)
        self.assertIsNone(self.credits.by('b'))
