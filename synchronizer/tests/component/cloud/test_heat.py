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

"""The Heat plugin before a cloud that changes, hides and forgets."""

from synchronizer import exception
from synchronizer.model.entity import Relation
from synchronizer.plugins import heat as heat_plugin
from synchronizer.plugins.heat import scope
from synchronizer.tests.component.cloud import heat

ALL = tuple(kind.name for kind in heat_plugin.HeatPlugin.types)
SOME = ('heat.stack', 'heat.resource')


class TestTypes(heat.HeatCase):

    def setUp(self):
        super().setUp()
        for project in ('admin', 'demo', 'alpha'):
            self.stack = self.truth.create_stack(
                project=project, servers=2, volumes=1, nested=2, depth=2,
                config=True)
            self.truth.snapshot_stack(self.stack)

    def test_every_type_shows_the_truth(self):
        mine = {key for key, row in self.truth.table('heat.snapshot').items()
                if row['project_id'] == self.truth.projects['admin']}
        for name, kind in self.kinds().items():
            found, outcome = self.list(kind)
            truth = mine if name == 'heat.snapshot' else self.ids(name)
            self.assertEqual(truth, set(found), name)
            self.assertTrue(found, name)
            self.assertIsNone(outcome.reason)

    def test_attributes_are_what_the_api_says(self):
        for name in ('heat.stack', 'heat.resource', 'heat.service'):
            kind = self.kinds()[name]
            truth = self.truth.truth()[name]
            for id_, entity in self.list(kind)[0].items():
                for key, value in truth[id_].items():
                    if key not in ('links', *kind.volatile):
                        self.assertEqual(value, entity.attributes[key])

    def test_get_is_the_same_as_the_listing(self):
        details = ['stack', 'outputs', 'resource_data', 'resource_metadata']
        for plugin in (self.plugin, self.make_plugin(details=details)):
            for kind in self.kinds(plugin).values():
                if not kind.can_get:
                    continue
                for id_, entity in self.list(kind)[0].items():
                    page = self.get(kind, id_)
                    self.assertEqual(entity, kind.entity(page.records[0]))

    def test_page_size_changes_nothing(self):
        for name in ALL:
            small, large = (
                self.list(self.kinds(plugin)[name], plugin)[0] for plugin in (
                    self.make_plugin(page_size=2), self.make_plugin()))
            self.assertEqual(small, large)

    def test_the_policy_of_global_tenant_changes_nothing(self):
        for name in ALL:
            self.truth.heat_global_tenant = False
            closed = self.list(self.kinds()[name])
            self.truth.heat_global_tenant = True
            opened = self.list(self.kinds()[name])
            self.assertEqual(closed[0], opened[0])
            self.assertEqual(closed[1].reason, opened[1].reason)

    def test_relations(self):
        stack, (found, _) = self.stack, self.list(
            self.kinds()['heat.resource'])
        server = found[f'{stack}/server0']
        physical = server.attributes['physical_resource_id']
        self.assertIn(Relation('realized-by', 'nova.instance', physical),
                      server.relations)
        self.assertIn(Relation('contains', 'heat.stack', stack),
                      server.relations)
        attach = found[f'{stack}/attach-volume0']
        self.assertEqual(
            {Relation('contains', 'heat.stack', stack),
             Relation('depends-on', 'heat.resource', f'{stack}/server0'),
             Relation('depends-on', 'heat.resource', f'{stack}/volume0')},
            set(attach.relations))
        group = found[f'{stack}/group']
        nested = group.attributes['physical_resource_id']
        self.assertIn(Relation('realized-by', 'heat.stack', nested),
                      group.relations)
        inner = self.list(self.kinds()['heat.stack'])[0][nested]
        self.assertEqual((Relation('contains', 'heat.stack', stack),),
                         inner.relations)

    def test_the_root_of_a_nested_stack(self):
        stacks, _ = self.list(self.kinds()['heat.stack'])
        roots = {stack.attributes['root'] for stack in stacks.values()}
        self.assertEqual(
            {id_ for id_, stack in stacks.items()
             if stack.attributes['parent'] is None}, roots)
        self.assertEqual(12, len(stacks))


class TestChanges(heat.HeatCase):
    """Through the collector: what is told is what is true."""

    def setUp(self):
        super().setUp()
        self.stacks = [
            self.truth.create_stack(project=project, servers=1, volumes=1,
                                    nested=2)
            for project in ('admin', 'demo', 'alpha', 'demo')]
        self.streams = heat.Streams(self, self.plugin)
        self.streams.sweep()

    def assert_true(self, *names):
        for name in names or SOME:
            truth, found = (self.truth.truth()[name],
                            self.streams.entities(name))
            self.assertEqual(set(truth), set(found))
            for id_, record in truth.items():
                for key in ('stack_status', 'resource_status', 'tags'):
                    if key in record:
                        self.assertEqual(
                            record[key], found[id_].attributes[key])

    def assert_live(self):
        for name in SOME:
            self.assertEqual(('live', None), self.streams.says(name))

    def test_an_idle_cloud_is_silent_and_cheap(self):
        heads = [self.streams.row(name).revision for name in heat.DEFAULT]
        for _ in range(20):
            self.assertEqual(5, self.streams.sweep())
        self.assertEqual(heads, [
            self.streams.row(name).revision for name in heat.DEFAULT])

    def test_what_moves_is_seen(self):
        self.truth.update_stack(self.stacks[0], grow=1, settle=False)
        self.streams.sweep()
        self.assert_true()
        self.truth.settle_stack(self.stacks[0])
        self.truth.check_stack(self.stacks[1])
        self.truth.create_stack(nested=3, depth=2)
        self.streams.sweep()
        self.assert_true()
        self.assert_live()

    def test_deleted(self):
        self.truth.delete_stack(self.stacks[0], settle=False)
        self.streams.sweep()
        self.assert_true()
        self.truth.finish_delete(self.stacks[0])
        self.truth.delete_stack(self.stacks[1])
        self.streams.sweep()
        self.assert_true()
        self.assert_live()

    def test_deleted_while_its_resources_are_listed(self):
        victim = self.stacks[1]
        self.truth.update_stack(victim, tags=['a'])

        def dies(path):
            if not self.truth.table('heat.stack')[victim]['deleted']:
                self.truth.delete_stack(victim)
        self.server.faults.add('call', f'{victim}/resources', fn=dies)
        self.streams.sweep('heat.resource')
        self.assertEqual(('live', None), self.streams.says('heat.resource'))
        self.streams.sweep()
        self.assert_true()
        self.assert_live()

    def test_purged_at_once(self):
        """No trace is left that says that it was deleted."""
        self.truth.delete_stack(self.stacks[0])
        for row in list(self.truth.rows('heat.stack')):
            if row['deleted']:
                del self.truth.table('heat.stack')[row['id']]
        self.streams.sweep()
        self.assert_true()
        self.assert_live()

    def test_a_mark_is_seen_by_the_slow_round(self):
        plugin = self.make_plugin(resource_round=3600)
        kind, now = plugin.kind(heat_plugin.Resource), [1000.0]
        kind._monotonic = lambda: now[0]
        self.drain(kind.list(self.plugin.session(kind)), kind)
        self.truth.mark_unhealthy(self.stacks[0], 'server0')
        seen, asked = [], []
        for _ in range(7):
            before = len(self.counted)
            found, outcome = self.drain(
                kind.list(self.plugin.session(kind)), kind)
            asked.append(len(self.counted) - before - 3)
            seen += [id_ for id_, entity in found.items()
                     if entity.state == 'CHECK_FAILED']
            self.assertTrue(outcome.complete)
            now[0] += 600
        self.assertIn(f'{self.stacks[0]}/server0', seen)

    def test_a_new_epoch_is_told_everything(self):
        self.streams.store.reset('heat.resource')
        self.streams.collectors['heat.resource'].open()
        self.streams.sweep()
        self.assert_true()

    def test_another_process_looks_at_everything_once(self):
        heads = [self.streams.row(name).revision for name in SOME]
        self.streams.use(self.make_plugin())
        self.assertEqual(5 + 8, self.streams.sweep())
        self.assertEqual(5, self.streams.sweep())
        self.assertEqual(
            heads, [self.streams.row(name).revision for name in SOME])

    def test_a_page_that_could_not_be_stored_is_read_again(self):
        self.truth.update_stack(self.stacks[0], grow=1)
        self.streams.store.fail_next(
            exception.StoreUnavailable('full'), 'commit')
        self.assertRaises(
            exception.StoreUnavailable,
            self.streams.collectors['heat.resource'].sweep)
        self.streams.sweep()
        self.assert_true()

    def test_many_vanish_from_one_stack_and_the_brake_holds(self):
        """Those that it holds back must be missing in the next sweep too,
        though their stack has not moved again."""
        stack = self.truth.create_stack(servers=0, volumes=60)
        self.streams.sweep()
        self.truth._begin(stack, 'UPDATE')
        for row in list(self.truth.resources(stack))[:50]:
            self.truth._drop_resource(row)
        self.truth.settle_stack(stack)
        self.streams.sweep('heat.resource')
        self.assertEqual('suspect', self.streams.says('heat.resource')[0])
        self.assertEqual(
            60, len([id_ for id_ in self.streams.entities('heat.resource')
                     if id_.startswith(stack)]))
        self.streams.sweep()
        self.assert_true()
        self.assert_live()


class TestScope(heat.HeatCase):

    def setUp(self):
        super().setUp()
        for project in ('admin', 'demo', 'demo', 'alpha'):
            self.truth.create_stack(project=project, servers=1, volumes=0,
                                    nested=1)

    def test_one_project_only_is_said(self):
        streams = heat.Streams(self, self.make_plugin(user='demo'), SOME)
        streams.sweep()
        demo = self.truth.projects['demo']
        for name in SOME:
            found = streams.entities(name)
            self.assertEqual({demo}, {
                entity.project_id for entity in found.values()})
            state, error = streams.says(name)
            self.assertEqual('live', state)
            self.assertIn(f'only project {demo} is seen', error)

    def test_in_one_project_what_is_deleted_is_deleted(self):
        streams = heat.Streams(self, self.make_plugin(user='demo'), SOME)
        streams.sweep()
        demo = self.truth.projects['demo']
        for row in self.truth.live('heat.stack'):
            if row['project_id'] == demo and row['parent'] is None:
                self.truth.delete_stack(row['id'])
        streams.sweep()
        for name in SOME:
            self.assertEqual({}, streams.entities(name))
            self.assertEqual('live', streams.says(name)[0])

    def assert_kept(self, streams, held):
        for name in SOME:
            self.assertEqual(held[name], streams.entities(name))

    def lost_and_found(self, lose):
        streams = heat.Streams(self, self.plugin, SOME)
        streams.sweep()
        held = {name: streams.entities(name) for name in SOME}
        give_back = lose(streams)
        for _ in range(3):
            streams.sweep()
            self.assert_kept(streams, held)
            for name in SOME:
                self.assertEqual('degraded', streams.says(name)[0])
        give_back(streams)
        streams.sweep()
        streams.sweep()
        self.assert_kept(streams, held)
        for name in SOME:
            self.assertEqual(('live', None), streams.says(name))

    def test_a_role_that_is_lost(self):
        for policy in (False, True):
            self.truth.heat_global_tenant = policy

            def lose(streams):
                found = self.lose_role()
                return lambda streams: found()
            self.lost_and_found(lose)

    def test_a_role_that_is_lost_while_the_service_is_down(self):
        def lose(streams):
            found = self.lose_role()
            streams.use(self.make_plugin())

            def give_back(streams):
                found()
            return give_back
        self.lost_and_found(lose)

    def test_a_role_that_is_lost_between_two_pages(self):
        for page_size in (1, 2, 3):
            plugin = self.make_plugin(page_size=page_size)
            kind = self.kinds(plugin)['heat.stack']
            session = plugin.session(kind)
            walk = scope.walk(session, '/stacks', 'stacks', **scope.WHOLE)
            next(walk)
            give_back = self.lose_role()
            sight = None
            while sight is None:
                try:
                    next(walk)
                except StopIteration as end:
                    sight = end.value
            self.assertFalse(sight.everywhere, page_size)
            self.assertIsNotNone(sight.reason)
            give_back()

    def test_absent_is_not_what_may_not_be_seen(self):
        mine = self.make_plugin(user='demo')
        foreign = next(row['id'] for row in self.truth.live('heat.stack')
                       if row['project_id'] == self.truth.projects['alpha'])
        self.assertRaises(exception.Undecided, self.get,
                          self.kinds(mine)['heat.stack'], foreign, mine)
        self.assertRaises(
            exception.Undecided, self.get, self.kinds(mine)['heat.resource'],
            f'{foreign}/server0', mine)
        nobody = '00000000-0000-4000-8000-000000000000'
        for name, id_ in (('heat.stack', nobody),
                          ('heat.resource', f'{nobody}/server0'),
                          ('heat.resource', f'{foreign}/nothing')):
            page = self.get(self.kinds()[name], id_)
            self.assertEqual((), page.records)

    def test_an_empty_heat(self):
        for row in list(self.truth.rows('heat.stack')):
            del self.truth.table('heat.stack')[row['id']]
        streams = heat.Streams(self, self.plugin, SOME)
        streams.sweep()
        for name in SOME:
            self.assertEqual(('live', None), streams.says(name))

    def test_services_are_for_administrators(self):
        mine = self.make_plugin(user='demo')
        self.assertRaises(exception.Refused, self.list,
                          self.kinds(mine)['heat.service'], mine)
