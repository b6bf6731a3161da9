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

"""How often Heat is asked, and what happens where it does not answer."""

import threading

from synchronizer import exception
from synchronizer.plugins.heat import sweep
from synchronizer.tests.component.cloud import heat

SOME = ('heat.stack', 'heat.resource')


class TestMany(heat.HeatCase):
    """1 000 stacks of 10 resources; nested ones are stacks as well."""

    def setUp(self):
        super().setUp()
        self.stacks = [self.truth.create_stack(servers=0, volumes=10)
                       for _ in range(999)]
        self.streams = heat.Streams(
            self, self.make_plugin(resource_round=10**9))
        self.first = self.streams.sweep()

    def test_counts(self):
        self.assertEqual(999, self.first - self.streams.sweep())
        self.assertEqual(10000 - 10, len(
            self.streams.entities('heat.resource')))
        idle = self.streams.sweep()
        self.assertEqual(5, idle)
        for stack in self.stacks[:10]:
            self.truth.update_stack(stack, tags=['new'])
        self.assertEqual(idle + 10, self.streams.sweep())
        # these are young: looked into once more
        for stack in self.stacks[10:20]:
            self.truth.delete_stack(stack)
        # and one to learn that global_tenant is refused
        self.assertEqual(idle + 21, self.streams.sweep())
        self.assertEqual(self.ids('heat.resource'), set(
            self.streams.entities('heat.resource')))
        for name in heat.DEFAULT:
            self.assertEqual(('live', None), self.streams.says(name))


class TestFaults(heat.HeatCase):

    def setUp(self):
        super().setUp()
        self.stacks = [self.truth.create_stack(servers=0, volumes=2)
                       for _ in range(6)]
        self.bad, self.good = self.stacks[:3], self.stacks[3:]
        self.streams = heat.Streams(self, self.plugin, SOME)
        self.streams.sweep()

    def change_all(self):
        for stack in self.stacks:
            self.truth.check_stack(stack)

    def states(self, stacks):
        return {entity.state for id_, entity in self.streams.entities(
            'heat.resource').items() if id_.partition('/')[0] in stacks}

    def fail(self, kind, **args):
        paths = '|'.join(f'{stack}/resources' for stack in self.bad)
        self.server.faults.add(kind, paths, **args)

    def check_recovery(self, *told):
        self.change_all()
        self.truth.delete_stack(self.good[0])
        self.streams.sweep()
        self.assertEqual({'CREATE_COMPLETE'}, self.states(self.bad))
        self.assertEqual({'CHECK_COMPLETE'}, self.states(self.good))
        self.assertEqual(set(), self.states(self.good[:1]))
        state, error = self.streams.says('heat.resource')
        self.assertEqual('degraded', state)
        for word in ('3 stacks could not be read', *told):
            self.assertIn(word, error)
        self.server.faults.clear()
        self.streams.sweep()
        self.assertEqual({'CHECK_COMPLETE'}, self.states(self.stacks))
        self.assertEqual(('live', None), self.streams.says('heat.resource'))

    def test_server_errors(self):
        self.fail('error', status=500)
        self.check_recovery('500')

    def test_refused(self):
        self.fail('refuse')
        self.check_recovery('403')

    def test_throttled(self):
        self.fail('throttle')
        self.check_recovery('429')

    def test_cut(self):
        self.fail('cut')
        self.check_recovery('the body was cut')

    def test_a_404_of_a_proxy(self):
        self.fail('error', status=404)
        self.check_recovery('404')

    def test_nothing_is_deleted_where_a_listing_is_empty(self):
        self.fail('empty')
        self.change_all()
        before = set(self.streams.entities('heat.resource'))
        self.server.faults.clear()
        self.streams.settle()
        self.streams.sweep()
        self.assertEqual(before, set(
            self.streams.entities('heat.resource')))

    def test_heat_is_down(self):
        """It is not asked for each stack, again and again."""
        for _ in range(60):
            self.truth.create_stack(servers=0, volumes=1)
        self.server.faults.add('error', '/resources', status=502)
        asked = self.streams.sweep('heat.resource')
        self.assertLess(asked, sweep.HOPELESS + 10)
        self.server.faults.clear()
        self.streams.sweep()
        self.assertEqual(self.ids('heat.resource'), set(
            self.streams.entities('heat.resource')))

    def test_those_that_fail_do_not_keep_others_from_their_turn(self):
        bad = [self.truth.create_stack(servers=0, volumes=1)
               for _ in range(40)]
        paths = '|'.join(f'{stack}/resources' for stack in bad)
        self.server.faults.add('error', paths, status=502)
        self.change_all()
        for _ in range(4):
            self.streams.sweep('heat.resource')
        self.assertEqual({'CHECK_COMPLETE'}, self.states(self.stacks))

    def test_the_listing_of_stacks_fails(self):
        self.server.faults.add('error', r'/stacks\?', status=502)
        self.truth.delete_stack(self.stacks[0])
        held = self.streams.entities('heat.resource')
        self.streams.sweep()
        self.assertEqual(held, self.streams.entities('heat.resource'))
        for name in SOME:
            self.assertIn('the last sweep failed', self.streams.says(name)[1])

    def test_a_marker_that_is_ignored(self):
        plugin = self.make_plugin(page_size=2)
        streams = heat.Streams(self, plugin, SOME)
        streams.sweep()
        held = {name: streams.entities(name) for name in SOME}
        self.assertEqual(6, len(held['heat.stack']))
        lost = IgnoreMarker(self)
        streams.sweep()
        for name in SOME:
            self.assertEqual(held[name], streams.entities(name))
            self.assertEqual('degraded', streams.says(name)[0])
        lost.end()
        streams.sweep()
        for name in SOME:
            self.assertEqual(held[name], streams.entities(name))
            self.assertEqual(('live', None), streams.says(name))


class IgnoreMarker:
    """Heat answers with the first page, whatever the marker."""

    def __init__(self, case):
        service = next(service for *_, service, _ in case.server._routes
                       if service.prefix == '/heat')
        self._service, self._in_order = service, service._in_order
        service._in_order = self._first_page

    def _first_page(self, request, rows):
        rows.sort(key=lambda row: row['order'])
        return rows

    def end(self):
        self._service._in_order = self._in_order


class TestHang(heat.HeatCase):

    read_timeout = 0.2

    def test_stacks_that_do_not_answer(self):
        stacks = [self.truth.create_stack(servers=0, volumes=1)
                  for _ in range(8)]
        streams = heat.Streams(self, self.plugin, SOME)
        paths = '|'.join(f'{stack}/resources' for stack in stacks[:4])
        self.server.faults.add('hang', paths)
        streams.sweep()
        self.assertEqual(4, len(streams.entities('heat.resource')))
        # never collected: it must not look as if it were
        self.assertEqual('starting', streams.says('heat.resource')[0])
        self.server.faults.clear()
        streams.sweep()
        self.assertEqual(8, len(streams.entities('heat.resource')))
        self.assertEqual(('live', None), streams.says('heat.resource'))


class TestConcurrency(heat.HeatCase):

    def test_never_more_at_once_than_configured(self):
        for _ in range(30):
            self.truth.create_stack(servers=0, volumes=1)
        for limit in (1, 3):
            self.assertEqual(limit, self.most_at_once(limit))

    def most_at_once(self, limit):
        plugin = self.make_plugin(concurrency=limit, details=['stack'])
        kinds = [self.kinds(plugin)[name] for name in SOME]
        running, most, lock = [0], [0], threading.Lock()
        get = plugin.api.get

        def counted(*args, **kwargs):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            try:
                return get(*args, **kwargs)
            finally:
                with lock:
                    running[0] -= 1
        plugin.api.get = counted
        threads = [threading.Thread(target=self.list, args=(kind, plugin))
                   for kind in kinds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return most[0]

    def test_a_listing_that_is_given_up_asks_no_more(self):
        for _ in range(2 * sweep.AT_ONCE):
            self.truth.create_stack(servers=0, volumes=1)
        kind = self.kinds()['heat.resource']
        listing = self.listing(kind)
        next(listing)
        listing.close()
        self.assertLess(len(self.counted), sweep.AT_ONCE + 10)

    def test_an_error_of_ours_is_no_error_of_heat(self):
        self.truth.create_stack(servers=0, volumes=1)
        kind = self.kinds()['heat.resource']
        self.server.faults.add('garbage', '/resources')
        found, outcome = self.list(kind)
        self.assertEqual({}, found)
        self.assertIn('1 stacks could not be read', outcome.reason)
        self.assertRaises(
            exception.BrokenAnswer, self.get, kind,
            f'{self.truth.live("heat.stack")[0]["id"]}/volume0')
