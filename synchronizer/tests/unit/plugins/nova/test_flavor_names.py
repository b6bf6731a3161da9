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

"""How seldom the flavors are asked for, and what is remembered."""

from synchronizer import exception
from synchronizer.plugins.nova import flavor_names
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

FLAVORS = '/flavors/detail'


def flavors(**ids):
    return {'flavors': [{'id': id_, 'name': name}
                        for name, id_ in ids.items()]}


class TestFlavorNames(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.names = flavor_names.FlavorNames(lambda: self.now)
        self.session = fakes.Session(page_size=10).on(
            FLAVORS, flavors(small='1'))

    def id_of(self, name):
        return self.names.id_of(self.session, name)

    def asked(self):
        return len(self.session.asked)

    def test_asked_once(self):
        self.assertEqual('1', self.id_of('small'))
        self.assertEqual('1', self.id_of('small'))
        self.assertEqual(1, self.asked())

    def test_no_name_no_question(self):
        self.assertIsNone(self.id_of(None))
        self.assertEqual(0, self.asked())

    def test_asked_again_after_a_while(self):
        self.id_of('small')
        self.now = 61.0
        self.session.on(FLAVORS, flavors(small='2'))
        self.assertEqual('2', self.id_of('small'))

    def test_asked_again_for_one_made_since(self):
        self.id_of('small')
        self.session.on(FLAVORS, flavors(small='1', big='2'))
        self.assertEqual('2', self.id_of('big'))

    def test_one_that_is_gone_is_looked_for_once_a_while(self):
        self.id_of('small')
        for _ in range(5):
            self.assertIsNone(self.id_of('gone'))
        self.assertEqual(2, self.asked())
        self.now = 61.0
        self.assertIsNone(self.id_of('gone'))
        self.assertEqual(4, self.asked())

    def test_whole_or_not_at_all(self):
        self.id_of('small')
        page = flavors(**{str(number): str(number) for number in range(10)})
        self.session.on(FLAVORS, page, page)
        self.assertRaises(exception.BrokenAnswer,
                          self.names.refresh, self.session)
        self.assertEqual('1', self.id_of('small'))
