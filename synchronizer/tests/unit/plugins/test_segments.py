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


"""A listing in parts loses nothing, whatever happens between its pages."""

import random
import threading

import fixtures

from synchronizer import exception
from synchronizer.plugins import paging
from synchronizer.plugins import segments
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

PATH = '/servers/detail'


class Cloud:
    """Nova, as its listing is: servers in the order in which they were made,
    the newest first, with what is being built before all; markers that are
    deleted, and those that are archived. One thing happens before each page.
    """

    def __init__(self, rng, count, calm=False):
        self.rng, self.calm = rng, calm
        self.page_size = rng.randint(1, 4)
        self.limit = rng.choice([self.page_size, 2])
        self.lock = threading.Lock()
        self.rows, self.building, self.dead = [], [], {}
        self.number = self.requests = 0
        for _ in range(count):
            self.boot()
            if not calm and rng.random() < 0.1:
                self.build()
        self.through = set(self.ids())

    # what happens

    def row(self):
        self.number += 1
        # several in one second
        return {'id': f's{self.number}', 'number': self.number,
                'created': f'2026-11-29T00:{self.number // 3:04}Z'}

    def boot(self):
        self.rows.insert(0, self.row())

    def build(self):
        """It may be waited for long, while others are made."""
        self.building.insert(0, self.row())

    def built(self):
        """It becomes a row, made now."""
        if self.building:
            old = self.building.pop(self.rng.randrange(len(self.building)))
            self.rows.insert(0, {**self.row(), 'id': old['id']})
            # no walk is promised what jumps to the head, nor, where the
            # marker did, what was behind it there
            self.through -= {row['id'] for row in (old, *self.building)}

    def delete(self):
        if self.rows:
            id_ = self.rng.choice(self.rows)['id']
            # of one that has moved, the old row: it has jumped to the head
            self.through.discard(id_)
            at = max(number for number, row in enumerate(self.rows)
                     if row['id'] == id_)
            gone = self.rows.pop(at)
            self.dead[gone['id']] = gone['number']

    def archive(self):
        self.dead.clear()

    def move(self):
        """To another cell: for a while there are two rows."""
        if self.rows:
            one = self.rng.choice(self.rows)
            if sum(row['id'] == one['id'] for row in self.rows) == 1:
                self.rows.insert(0, {**self.row(), 'id': one['id']})

    def happen(self):
        if not self.calm:
            self.rng.choices(
                [self.boot, self.build, self.built, self.delete,
                 self.archive, self.move, lambda: None],
                [3, 2, 2, 3, .3, 1, 9])[0]()
            self.through &= self.ids()

    def ids(self):
        return {row['id'] for row in (*self.rows, *self.building)}

    # what is asked

    def get(self, path, limit, marker=None):
        with self.lock:
            self.happen()
            self.requests += 1
            rows = self.behind(marker)
            page = rows[:min(limit, self.limit)]
            body = {'servers': [
                {'id': row['id'], 'created': row['created']}
                for row in page]}
            if len(page) == min(limit, self.limit):
                body['servers_links'] = [{'rel': 'next', 'href': 'x'}]
            return fakes.answer.Answer(
                path, body, fakes.window(self.requests), 'now', 0.0)

    def behind(self, marker):
        if marker is None:
            return [*self.building, *self.rows]
        for number, row in enumerate(self.building):
            if row['id'] == marker:
                return [*self.building[number + 1:], *self.rows]
        at = [row['number'] for row in self.rows if row['id'] == marker]
        at = max(at) if at else self.dead.get(marker)
        if at is None:
            raise fakes.failure(exception.BrokenAnswer, 400)
        return [row for row in self.rows if row['number'] < at]


def drain(walk):
    seen = []
    while True:
        try:
            seen += [record['id'] for record in next(walk)[1]]
        except StopIteration as end:
            return seen, end.value


class SimulationTest(base.TestCase):

    def histories(self, count=400, most=None):
        """Of each: what was missed, by listings that called themselves
        whole; and how many of them were cut."""
        missed, cut, whole = [], 0, 0
        for seed in range(count):
            cloud = Cloud(random.Random(seed), 12 + seed % 30)
            parts = segments.Parts(
                most or 2 + seed % 4, 'created')
            for _ in range(3):
                cloud.through = set(cloud.ids())
                cut += bool(parts.cuts)
                try:
                    seen, reason = drain(parts.walk(cloud, PATH, 'servers'))
                except exception.BrokenAnswer:
                    # the marker was lost too often
                    continue
                if reason is None:
                    whole += 1
                    missed += [seed] if cloud.through - set(seen) else []
        return missed, cut, whole

    def test_nothing_that_lived_all_the_time_is_missed(self):
        missed, cut, whole = self.histories()
        self.assertEqual([], missed)
        # and it was tried
        self.assertGreater(cut, 300)
        self.assertGreater(whole, 500)

    def test_no_more_is_promised_than_of_a_plain_walk(self):
        missed, cut, whole = self.histories(most=1)
        self.assertEqual(([], 0), (missed, cut))
        self.assertGreater(whole, 500)

    def mutant(self, has):
        self.useFixture(fixtures.MockPatchObject(
            segments._Part, 'has', has))
        # a seed does not choose the order of threads
        tries = (self.histories()[0] for _ in range(10))
        return next(filter(None, tries), [])

    def test_it_catches_those_who_go_by_the_id_alone(self):
        self.assertNotEqual([], self.mutant(
            lambda part, record: record.marker in part._seen))

    def test_it_catches_those_who_go_by_the_position_alone(self):
        self.assertNotEqual([], self.mutant(
            lambda part, record: part.first is not None
            and record.position < part.first.position))

    def test_a_quiet_cloud_costs_some_requests_more_and_not_more(self):
        for seed in range(50):
            cloud = Cloud(random.Random(seed), 80, calm=True)
            plain = drain(paging.by_marker(cloud, PATH, 'servers'))
            asked = cloud.requests
            parts = segments.Parts(4, 'created')
            drain(parts.walk(cloud, PATH, 'servers'))
            cloud.requests = 0
            seen, reason = drain(parts.walk(cloud, PATH, 'servers'))
            self.assertEqual((set(plain[0]), None), (set(seen), reason))
            self.assertEqual(3, len(parts.cuts))
            # a part that is far behind is walked by the one before it, so
            # where the order of threads is unkind each walks to the end
            self.assertLessEqual(cloud.requests, 4 * (asked + 1))


class PartsTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = fakes.Session(page_size=2)
        self.parts = segments.Parts(2, 'created')

    def page(self, *ids, link=True):
        return {'servers': [{'id': id_, 'created': id_[1:]} for id_ in ids],
                'servers_links': [{'rel': 'next', 'href': 'x'}] * link}

    def serve(self, pages):
        """A page for each marker."""
        def get(path, limit, marker=None):
            self.asked.append(marker)
            found = pages[marker]
            if isinstance(found, Exception):
                raise found
            return fakes.answer.Answer(
                path, found, fakes.window(1), 'now', 0.0)
        self.asked = []
        self.session.get = get

    def walk(self):
        return drain(self.parts.walk(self.session, PATH, 'servers'))

    def whole(self):
        return {None: self.page('i9', 'i8'), 'i8': self.page('i7', 'i6'),
                'i6': self.page('i5', 'i4'),
                'i4': self.page('i3', link=False)}

    def learn(self):
        self.serve(self.whole())
        seen, reason = self.walk()
        self.assertEqual((7, None), (len(seen), reason))
        self.assertEqual([None, 'i8', 'i6', 'i4'], self.asked)
        self.assertEqual([segments.Cut('i6', '6')], self.parts.cuts)

    def test_one_part_is_a_plain_walk(self):
        self.parts = segments.Parts(1, 'created')
        self.serve(self.whole())
        for _ in range(2):
            self.walk()
            self.assertEqual([], self.parts.cuts)

    def test_the_first_listing_shows_where_to_cut(self):
        self.learn()
        self.asked.clear()
        seen, reason = self.walk()
        self.assertEqual(({f'i{n}' for n in range(3, 10)}, None),
                         (set(seen), reason))
        self.assertEqual({None, 'i8', 'i6', 'i4'}, set(self.asked))

    def test_a_begin_that_is_lost_is_left_to_the_part_before(self):
        self.learn()
        lost = fakes.failure(exception.BrokenAnswer, 400)
        pages = self.whole() | {
            'i8': self.page('i7', 'i5'), 'i5': self.page('i4', 'i3'),
            'i3': self.page('i2', link=False), 'i6': lost}
        self.serve(pages)
        seen, reason = self.walk()
        self.assertEqual((['i9', 'i8', 'i7', 'i5', 'i4', 'i3', 'i2'], None),
                         (seen, reason))

    def test_a_marker_lost_on_the_way_begins_the_plain_walk(self):
        self.learn()
        lost = fakes.failure(exception.BrokenAnswer, 400)
        pages = self.whole()
        self.serve(pages | {'i4': lost})
        walk = self.parts.walk(self.session, PATH, 'servers')
        found = []
        while lost not in found:
            # until somebody has met it
            found += [record['id'] for record in next(walk)[1]]
            if 'i4' in self.asked:
                found.append(lost)
        self.serve(pages)
        seen, reason = drain(walk)
        self.assertIsNone(reason)
        self.assertLessEqual(
            {f'i{n}' for n in range(3, 10)}, {*found, *seen} - {lost})

    def test_a_service_that_passes_over_markers_is_found_out(self):
        self.learn()
        self.serve(self.whole() | {'i6': self.page('i9', 'i8')})
        _, reason = self.walk()
        # the first part would notice as well
        self.assertIn(reason, [
            f'{PATH}: a page that is not behind its marker',
            f'{PATH}: a page came twice'])
        # and the next one is not cut
        self.assertEqual([], self.parts.cuts)

    def test_an_error_of_any_part_is_that_of_the_listing(self):
        self.learn()
        self.serve(self.whole() | {
            'i4': fakes.failure(exception.Refused, 403)})
        self.assertRaises(exception.Refused, self.walk)
        self.assertEqual([], self.parts.cuts)

    def test_nobody_goes_on_for_who_does_not_read(self):
        self.learn()
        before = threading.active_count()
        walk = self.parts.walk(self.session, PATH, 'servers')
        next(walk)
        ours = [thread for thread in threading.enumerate()
                if thread.name.startswith(PATH)]
        walk.close()
        for thread in ours:
            thread.join(30)
            self.assertFalse(thread.is_alive())
        self.assertLessEqual(threading.active_count(), before)

    def test_a_short_listing_is_not_cut(self):
        self.serve({None: self.page('i2', link=False)})
        self.walk()
        self.assertEqual([], self.parts.cuts)
