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

"""Real objects are taken apart and made again."""

from synchronizer.client import pending
from synchronizer.model import baseline
from synchronizer.model import position
from synchronizer.model import reading
from synchronizer.tests import base
from synchronizer.tests.unit.protocol import parts


def held(*claims):
    made = pending.Pending()
    for claim in claims:
        made.claim(*claim)
    return made


class PartTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.part = parts.Part(pending.Pending, ('_claims',),
                               ('_most', '_held'))

    def test_equal_contents_have_one_number(self):
        first = self.part.keep(held(('e1', 3, 1.0), ('e2', 1, 2.0)))
        self.assertEqual(first, self.part.keep(
            held(('e2', 1, 2.0), ('e1', 3, 1.0))))
        self.assertNotEqual(first, self.part.keep(held(('e1', 3, 1.0))))

    def test_what_is_made_again_shares_nothing(self):
        number = self.part.keep(held(('e1', 3, 1.0)))
        self.part.again(number).claim('e1', 4, 2.0)
        self.assertEqual({'e1': (3, 1.0)}, self.part.again(number)._claims)

    def test_times_are_an_order_and_nothing_else(self):
        first, now = self.part.renumber(held(('e1', 3, 17.5)), [99.0, None])
        self.assertEqual((1.0, 2.0, None), (now[17.5], now[99.0], now[None]))
        self.assertEqual(first, self.part.renumber(held(('e1', 3, 4.0)))[0])

    def test_also_those_in_windows(self):
        part = parts.Part(baseline.Baseline, (
            '_left', '_living', '_tombstones'))
        made = baseline.Baseline([('old', 'x')])
        made.accept(reading.Reading('new', 'x', reading.Window(5.0, 7.0)))
        again = part.again(part.renumber(made)[0])
        self.assertEqual(reading.Window(1.0, 2.0), again.entry('new').window)
        self.assertEqual(reading.BEFORE_THIS_RUN, again.entry('old').window)

    def test_an_attribute_that_nobody_thought_of(self):
        made = held()
        made.surprise = 1
        self.assertRaises(TypeError, self.part.keep, made)

    def test_what_has_no_content_to_compare(self):
        self.assertRaises(TypeError, parts.image, object())


class CutTest(base.TestCase):

    def test_a_guard_is_gone(self):
        careless = parts.without(
            pending.Pending, 'beyond', ('revision > position.revision',
                                        'True'))
        at = position.Position('e1', 7)
        self.assertTrue(careless().beyond(at))
        self.assertFalse(pending.Pending().beyond(at))

    def test_a_text_that_is_not_there_any_more(self):
        self.assertRaises(ValueError, parts.cut, pending.Pending, 'beyond',
                          ('revision >> position', ''))
