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

"""Pages, and what can be wrong with them."""

from synchronizer import exception
from synchronizer.plugins import paging
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

NEXT = [{'rel': 'next', 'href': 'http://nova/things?marker=x'}]


def page(*ids, link=False):
    body = {'things': [{'id': id_} for id_ in ids]}
    return {**body, 'things_links': NEXT} if link else body


class PagingTestCase(base.TestCase):

    def walk(self, *bodies, by=paging.by_marker, page_size=2, **given):
        self.session = fakes.Session(page_size=page_size).on(
            '/things', *bodies)
        walk, found = by(self.session, '/things', 'things', **given), []
        while True:
            try:
                found.append([r['id'] for r in next(walk)[1]])
            except StopIteration as end:
                return found, end.value

    def queries(self):
        return self.session.queries('/things')


class TestByMarker(PagingTestCase):

    def test_follows_the_link_and_asks_with_the_last_id(self):
        self.assertEqual(([['a', 'b'], ['c']], None), self.walk(
            page('a', 'b', link=True), page('c'), all_tenants=1))
        self.assertEqual(
            [{'limit': 2, 'all_tenants': 1},
             {'limit': 2, 'all_tenants': 1, 'marker': 'b'}], self.queries())

    def test_a_full_page_without_a_link_is_not_the_last(self):
        self.assertEqual(([['a', 'b'], ['c']], None), self.walk(
            page('a', 'b'), page('c')))

    def test_a_limit_lower_than_ours(self):
        self.assertEqual(([['a'], ['b']], None), self.walk(
            page('a', link=True), page('b'), page_size=1000))

    def test_an_empty_first_page_is_shown_for_the_time_it_tells(self):
        self.assertEqual(([[]], None), self.walk(page()))

    def test_an_empty_page_is_the_end_even_with_a_link(self):
        self.assertEqual(([['a', 'b']], None), self.walk(
            page('a', 'b', link=True), page(link=True)))

    def test_to_the_end_asks_until_a_page_is_empty(self):
        self.assertEqual(([['a'], ['b']], None), self.walk(
            page('a'), page('b'), page(), to_the_end=True))

    def test_a_page_that_comes_twice(self):
        found, reason = self.walk(page('a', 'b'), page('b', 'a'))
        self.assertEqual([['a', 'b']], found)
        self.assertEqual('/things: a page came twice', reason)

    def test_a_marker_that_comes_twice(self):
        found, reason = self.walk(page('a', 'b'), page('c', 'b'))
        self.assertEqual([['a', 'b'], ['c', 'b']], found)
        self.assertEqual('/things: a marker came twice', reason)

    def test_a_doubled_id_is_shown_again(self):
        self.assertEqual(([['a', 'b'], ['a', 'c']], None), self.walk(
            page('a', 'b'), page('a', 'c'), page()))

    def test_a_lost_marker_restarts(self):
        self.assertEqual(
            ([['a', 'b'], ['a', 'c'], ['d']], None),
            self.walk(page('a', 'b'), fakes.LOST, page('a', 'c'),
                      page('d')))
        self.assertEqual([None, 'b', None, 'c'],
                         [query.get('marker') for query in self.queries()])

    def test_not_for_ever(self):
        error = self.assertRaises(
            exception.BrokenAnswer, self.walk,
            *[page('a', 'b'), fakes.LOST] * 4, page('a'))
        self.assertEqual('/things: the marker was lost 4 times', str(error))

    def test_the_status_of_a_lost_marker_is_the_services_own(self):
        missing = fakes.failure(exception.NotFound, 404)
        self.assertEqual(([['a', 'b'], ['c']], None), self.walk(
            page('a', 'b'), missing, page('c'), lost=404))
        self.assertRaises(exception.NotFound, self.walk,
                          page('a', 'b'), missing, page('c'))

    def test_a_bad_request_without_a_marker_is_what_it_is(self):
        error = self.assertRaises(
            exception.BrokenAnswer, self.walk, fakes.LOST)
        self.assertEqual(400, error.status)

    def test_an_error_between_pages(self):
        self.assertRaises(
            exception.Refused, self.walk, page('a', 'b'),
            fakes.failure(exception.Refused, 403))

    def test_misshapen(self):
        for body in ({}, {'things': None}, {'things': [{'x': 1}]}, []):
            self.assertRaises(exception.BrokenAnswer, self.walk, body)

    def test_whole_takes_no_part(self):
        session = fakes.Session().on(
            '/things', page('a', 'b'), page('b', 'a'))
        walk = paging.whole(paging.by_marker(session, '/things', 'things'))
        self.assertRaises(exception.BrokenAnswer, list, walk)


class TestByOffset(PagingTestCase):

    def test_until_a_page_is_empty(self):
        self.assertEqual(([['a', 'b'], ['c']], None), self.walk(
            page('a', 'b'), page('c'), page(), by=paging.by_offset))
        self.assertEqual([0, 2, 3],
                         [query['offset'] for query in self.queries()])

    def test_a_page_that_comes_twice(self):
        self.assertEqual(
            ([['a']], '/things: a page came twice'),
            self.walk(page('a'), page('a'), by=paging.by_offset))


class PageTest(PagingTestCase):

    def test_the_next_one_is_expected_to_take_as_long(self):
        session = fakes.Session().on('/things', page('a'))
        answer = session.get('/things')
        found = paging.page(answer, answer.records('things'))
        self.assertEqual(({'id': 'a'},), found.records)
        self.assertEqual(answer.window, found.window)
        self.assertEqual(
            answer.window.end - answer.window.start, found.soon)
