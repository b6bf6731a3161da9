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

"""What changes behind Heat's back is told, and nothing else is.

The cloud must have what the other tests use: the image tiny, flavors from
f.nano to f.small, the volume types fast and slow, a network called shared,
a zone besides nova. A volume with ``lab-fail`` in its name must fail.
"""

import contextlib
import dataclasses
import unittest
import uuid

from synchronizer.tests.cloud import drift_cases
from synchronizer.tests.cloud import drift_hands
from synchronizer.tests.cloud import drift_stacks
from synchronizer.tests.cloud import drift_work
from synchronizer.tests.cloud import drifting

ACTS = 'act = mark-unhealthy\nact_limit = 1\n'
NOWHERE = '[nova]\nendpoint_override = http://127.0.0.1:9\n'


class WatchedCase(drifting.DriftCase):
    """One service for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = drifting.World().open()
        cls.addClassCleanup(cls.world.close)
        cls.admin = drift_hands.Hands({}, cloud=drifting.ADMIN)

    def named(self) -> dict[str, str]:
        """What stacks and requests may name."""
        user, admin = drift_hands.Hands({}, cloud=drifting.USER), self.admin
        groups = user.ask('network', 'GET', '/security-groups?name=default')
        away = next(one for one in admin.ask(
            'compute', 'GET', '/os-services?binary=nova-compute')['services']
            if one['zone'] != 'nova' and one['state'] == 'up')
        return {
            'image': self.found(user, 'image', 'images', 'tiny'),
            'shared': self.found(user, 'network', 'networks', 'shared'),
            'default': groups['security_groups'][0]['id'],
            'project': user.raw.current_project.name,
            'own_project': admin.raw.current_project_id,
            'zone': away['zone'], 'host': away['host']}

    def found(self, hands, service, kind, name):
        return hands.ask(service, 'GET', f'/{kind}?name={name}')[kind][0][
            'id']

    def other_image(self):
        made = self.admin.ask('image', 'POST', '/images', {
            'name': f'{self.prefix}-image', 'disk_format': 'raw',
            'container_format': 'bare', 'visibility': 'public'})['id']
        self.addCleanup(
            self.admin.ask, 'image', 'DELETE', f'/images/{made}')
        self.admin.raw.image.put(
            f'/images/{made}/file', data=b'\0' * 1024,
            headers={'Content-Type': 'application/octet-stream'})
        return made

    def make_stacks(self, lanes):
        names = {**self.named(), 'other_image': self.other_image()}
        stacks = []
        for lane in lanes:
            hands = drift_hands.Hands(dict(names), cloud=(
                drifting.ADMIN if lane.is_admin else drifting.USER))
            stacks.append(drift_hands.Stack(
                hands, f'{self.prefix}-{lane.name}', lane.resources))
        self.addCleanup(drift_hands.in_parallel, *(
            stack.delete for stack in stacks))
        for stack in stacks:
            stack.create()
        for stack in stacks:
            stack.made()
        return stacks


class TestWays(WatchedCase):

    def test_each_is_told_and_undone_it_is_gone(self):
        lanes = _some(drift_cases.LANES)
        stacks = self.make_stacks(lanes)
        self.world.swept()
        self.assertEqual([], self.world.ever(self.prefix))
        wrong: list[str] = []
        drift_hands.in_parallel(*(
            Walk(self.world, stack, lane.ways, wrong).walk
            for stack, lane in zip(stacks, lanes, strict=True)))
        self.assertEqual([], wrong)
        self.assert_origins(stacks[0], stacks[1])

    def assert_origins(self, face, life):
        entity = self.first(face, 'server')
        self.assertEqual({'name'}, drifting.said(entity))
        self.assert_caused(entity, face.hands.names['server'], 'updated')
        self.assertEqual(
            face.hands.raw.current_user_id, entity.attributes['initiator'])
        self.assert_caused(self.first(life, 'other'),
                           life.hands.names['other'], 'deleted')

    def first(self, stack, resource):
        return next(one for one in self.world.ever(stack.name)
                    if one.name == resource)

    def assert_caused(self, entity, id_, action):
        cause = entity.attributes['caused_by']
        self.assertEqual(
            ('nova.instance', id_), (cause['type'], cause['id']))
        change = next(one for one in self.world.told if (
            one.type, one.id, one.revision) == (
                cause['type'], id_, cause['revision']))
        self.assertEqual(
            (action, entity.attributes['since']),
            (change.action, change.committed_at))


class Walk:
    """One stack, and the ways to change it one after the other."""

    def __init__(self, world, stack, ways, wrong):
        self.world, self.stack, self.ways = world, stack, ways
        self.wrong, self.lasting = wrong, {}

    def walk(self):
        for way in self.ways:
            before = len(self.world.ever(self.stack.name))
            expected = {**self.lasting, **way.expected}
            with self.noted(way):
                drift_cases.perform(self.stack.hands, way.do)
                self.world.becomes(self.stack.name, expected, way.name)
            if not way.undo:
                self.lasting = expected
            with self.noted(way):
                drift_cases.perform(self.stack.hands, way.undo)
                self.world.becomes(
                    self.stack.name, self.lasting, f'undone: {way.name}')
            self.check(way, self.world.ever(self.stack.name)[before:])

    @contextlib.contextmanager
    def noted(self, way):
        """The next one is to be tried all the same."""
        try:
            yield
        except (AssertionError, KeyError, ValueError) as error:
            self.wrong.append(f'{way.name}: {error!r}')

    def check(self, way, told):
        """On the way nothing else was said."""
        for entity in told:
            said = drifting.said(entity)
            wanted = way.expected.get(entity.name)
            if said != wanted and not (
                    isinstance(said, set) and isinstance(wanted, set)
                    and said <= wanted):
                self.wrong.append(f'{way.name}: {entity.name} was {said}')


def _some(lanes):
    """In the short form: some ways of each, and what cannot be undone."""
    if not drifting.SHORT:
        return lanes
    return [dataclasses.replace(lane, ways=[
        way for number, way in enumerate(lane.ways)
        if number < 2 or not way.undo]) for lane in lanes]


@unittest.skipIf(drifting.SHORT, 'OS_CLOUD_SHORT is set')
class TestUntouched(WatchedCase):

    def test_no_stack_ever_drifts(self):
        seed = uuid.uuid4().hex[:8]
        works = [drift_work.Work(
            drift_hands.Hands({}, cloud=drifting.USER),
            f'{self.prefix}-{number}', f'{seed}-{number}')
            for number in range(2)]
        for work in works:
            self.addCleanup(work.stack.delete)
        drift_hands.in_parallel(*(work.live for work in works))
        self.world.swept()
        self.assertEqual(
            [], self.world.ever(self.prefix), [seed, works[0].states])
        for work in works:
            self.assertLessEqual(
                {'UPDATE_COMPLETE', 'UPDATE_FAILED', 'SUSPEND_COMPLETE',
                 'RESUME_COMPLETE', 'CHECK_COMPLETE'},
                set(work.states), seed)


class TestActing(drifting.DriftCase):
    """Two servers, and a service of each test's own."""

    def setUp(self):
        super().setUp()
        self.stack = drift_hands.Stack(
            drift_hands.Hands({}, cloud=drifting.USER), self.prefix, {
                'one': drift_stacks.server(), 'two': drift_stacks.server()})
        self.addCleanup(self.stack.delete)
        self.stack.create()

    def open_world(self, more=''):
        self.useFixture(drifting.MarksOnly(self.prefix))
        self.stack.made()
        self.world = drifting.World(more).open()
        self.addCleanup(self.world.close)

    def delete_server(self, resource):
        self.stack.hands.ask('compute', 'DELETE', f'/servers/{{{resource}}}')

    def becomes(self, timeout=drifting.SOON, **wanted):
        self.world.becomes(self.prefix, wanted, timeout=timeout)

    def mark_of(self, resource):
        """The state of a resource, as Heat has it, and the reason."""
        shown = self.stack.shown()[resource]
        return shown['resource_status'], shown['resource_status_reason']

    def test_what_is_marked_an_update_repairs(self):
        self.open_world(ACTS)
        self.world.pause('nova.instance', True)
        self.delete_server('one')
        self.becomes(one='missing')
        self.world.swept()
        self.assertEqual('CREATE_COMPLETE', self.mark_of('one')[0])
        self.world.pause('nova.instance', False)
        drift_hands.until(lambda: self.mark_of('one')[0] == 'CHECK_FAILED',
                          'one is marked', 60)
        self.assertIn('synchronizer: ', self.mark_of('one')[1])
        self.delete_server('two')
        self.becomes(one='missing', two='missing')
        self.world.swept()
        self.assertEqual('CREATE_COMPLETE', self.mark_of('two')[0])
        self.stack.update(parameters={})
        self.assertEqual('UPDATE_COMPLETE', self.stack.settles())
        old = self.stack.hands.names['one']
        self.stack.made()
        self.assertNotEqual(old, self.stack.hands.names['one'])
        self.stack.hands.server_is('one', 'ACTIVE')
        self.becomes(two='missing')

    def test_what_nobody_can_see_is_not_missing(self):
        self.open_world()
        self.becomes()
        self.restart(NOWHERE)
        self.delete_server('two')
        self.becomes(one='unknown', two='unknown', timeout=60)
        self.assertIn('127.0.0.1:9', self.world.entity(
            self.prefix, 'two').attributes['reason'])
        self.assertEqual({'unknown'}, {
            one.state for one in self.world.ever(self.prefix)})
        self.restart('')
        self.becomes(two='missing')

    def restart(self, more):
        self.world.stop()
        self.world.configure(more)
        self.world.start()
