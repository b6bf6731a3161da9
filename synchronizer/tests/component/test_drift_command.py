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

"""synchronizer drift, from argv to output, over an in-memory bus."""

import csv
import io
import json
import queue
import threading
from unittest import mock

import fixtures
import yaml

from synchronizer import exception
from synchronizer.cmd.user import drift_watch
from synchronizer.plugins.reality import act
from synchronizer.tests.component import user_command
from synchronizer.tests.component.user_command import WEB

SINCE = '2026-11-20T10:00:00.000000Z'
CAUSE = {'type': 'nova.instance', 'id': WEB, 'revision': 4}
SIZE = 'x' * 80


class DriftTestCase(user_command.UserCommandTestCase):
    """A stack, two nested in it one in the other, and a foreign one."""

    def fill(self):
        super().fill()
        self.stack('s2', 'shop-tier', 's1')
        self.stack('s3', 'shop-tier-db', 's2')
        self.stack('s4', 'other')
        self.drift('s1/server', 'changed', [
            ('metadata', {'role': 'web'}, {'role': 'db'}),
            ('name', SIZE, None)], not_comparable=[
                {'property': 'user_data', 'reason': 'it is a secret'}],
            initiator='u1', caused_by=CAUSE)
        self.drift('s3/disk', 'missing', since='2026-11-20T09:00:00Z')
        self.drift('s4/net', 'unknown', reason='the cell is down')

    def stack(self, id_, name, parent=None, state='CREATE_COMPLETE'):
        self.service.put(
            'heat.stack', id_, name=name, state=state, relations=[
                ('contains', 'heat.stack', parent)] if parent else [])

    def drift(self, id_, verdict, properties=(), **fields):
        stack, name = id_.split('/')
        held = self.service.store.entities('heat.stack', [stack])
        self.service.put('heat.drift', id_, name=name, state=verdict,
                         project_id='p1', relations=[
                             ('about', 'heat.resource', id_)], attributes={
            'stack_id': stack, 'stack_name': held[stack][0].name,
            'resource_name': name, 'resource_type': 'OS::Nova::Server',
            'physical_resource_id': WEB, 'verdict': verdict, 'reason': None,
            'since': SINCE, 'caused_by': None, 'initiator': None,
            'properties': [
                {'property': name, 'desired': desired, 'actual': actual}
                for name, desired, actual in properties],
            'not_comparable': [], **fields})

    def names(self, *arguments):
        return [(row['stack_name'], row['resource_name'], row['property'])
                for row in self.json('drift', *arguments)]


class DriftTest(DriftTestCase):

    def test_a_row_for_each_property_by_stack_and_resource(self):
        rows = self.json('drift')
        self.assertEqual([
            ('other', 'net', None), ('shop', 'server', 'metadata'),
            ('shop', 'server', 'name'), ('shop-tier-db', 'disk', None)],
            [(row['stack_name'], row['resource_name'], row['property'])
             for row in rows])
        self.assertEqual({
            'stack_name': 'shop', 'resource_name': 'server',
            'resource_type': 'OS::Nova::Server', 'verdict': 'changed',
            'property': 'metadata', 'desired': {'role': 'web'},
            'actual': {'role': 'db'}, 'since': SINCE, 'initiator': 'u1',
            'reason': None}, rows[1])
        self.assertEqual(('unknown', 'the cell is down'),
                         (rows[0]['verdict'], rows[0]['reason']))

    def test_a_table_cuts_what_is_wide(self):
        lines = self.answer('drift').splitlines()
        metadata, name = (line for line in lines if '| server ' in line)
        self.assertIn('| {"role": "web"} ', metadata)
        self.assertIn('| {"role": "db"} ', metadata)
        self.assertIn(f'| {"x" * 47}... | null ', name)
        self.assertIn(f'| {SINCE} | u1 ', name)

    def test_a_value_with_ends_of_lines_is_one_line(self):
        self.drift('s1/server', 'changed', [('name', 'a\nb', '\x1b[2J')])
        line, = (line for line in self.answer('drift').splitlines()
                 if '| server ' in line)
        self.assertIn(r'| a\nb    | \u001b[2J ', line)

    def test_other_formats_tell_all_of_it(self):
        self.assertIn(SIZE, self.answer('drift', '-f', 'value'))
        self.assertEqual(self.json('drift'), yaml.safe_load(
            self.answer('drift', '-f', 'yaml')))
        rows = list(csv.DictReader(io.StringIO(
            self.answer('drift', 'shop', '-f', 'csv')), escapechar='\\'))
        self.assertEqual([SIZE], [row['desired'] for row in rows
                                  if row['property'] == 'name'])

    def test_a_stack_with_all_that_is_nested_in_it(self):
        expected = [('shop', 'server', 'metadata'),
                    ('shop', 'server', 'name'),
                    ('shop-tier-db', 'disk', None)]
        for name in ('shop', 's1'):
            self.assertEqual(expected, self.names(name))
        for name in ('shop-tier', 's2', 's3'):
            self.assertEqual(expected[2:], self.names(name))

    def test_a_stack_that_is_not_one(self):
        self.assert_refused(
            'there is no heat.stack with the id or name shob; did you mean '
            'shop?', 'drift', 'shob')
        self.stack('s5', 'shop')
        self.assert_refused(
            '2 of heat.stack are called shop; name one by its id: s1, s5',
            'drift', 'shop')
        self.service.delete('heat.stack', 's5')
        self.assert_refused('s5 is not there any more: deleted at 2',
                            'drift', 's5')

    def test_verdicts(self):
        self.assertEqual([('shop-tier-db', 'disk', None)],
                         self.names('--verdict', 'missing'))
        self.assertEqual(4, len(self.names(
            '--verdict', 'missing', '--verdict', 'unknown', '--verdict',
            'changed')))
        self.assert_refused('invalid choice', 'drift', '--verdict', 'x',
                            code=2)

    def test_long(self):
        rows = self.json('drift', 'shop', '--long')
        self.assertEqual(
            ('p1', 's1', WEB, CAUSE), tuple(rows[0][name] for name in (
                'project_id', 'stack_id', 'physical_resource_id',
                'caused_by')))
        self.assertEqual(
            [('user_data', 'not-comparable', 'it is a secret')],
            [(row['property'], row['verdict'], row['reason'])
             for row in rows if row['property'] not in (
                 None, 'metadata', 'name')])
        self.assertIn(f'| nova.instance {WEB} 4 |',
                      self.answer('drift', '--long'))

    def test_one_column(self):
        self.assertEqual(f'{WEB}\n', self.answer(
            'drift', 's2', '-c', 'physical_resource_id', '-f', 'value'))
        self.assert_refused('did you mean desired?', 'drift', '-c',
                            'desird')

    def test_none(self):
        for stack in ('s1/server', 's3/disk', 's4/net'):
            self.service.delete('heat.drift', stack)
        self.assertEqual('no drift\n', self.answer('drift'))
        self.assertEqual('no drift\n', self.answer('drift', '--dry-run'))
        self.assertEqual([], self.json('drift', '--fail'))
        self.assertEqual('', self.answer('drift', '-f', 'value'))

    def test_a_code_for_scripts(self):
        for arguments, code in (
                ([], 0), (['--fail'], 1), (['--fail', 'other'], 0),
                (['--fail', '--verdict', 'unknown'], 0),
                (['--fail', 'shop-tier'], 1), (['--fail', '--dry-run'], 1)):
            self.useFixture(fixtures.MonkeyPatch(
                'synchronizer.plugins.reality.repairable',
                lambda type_, name: True))
            self.assertEqual(code, self.call('drift', *arguments)[0],
                             arguments)

    def test_as_it_was(self):
        history = self.service.store.history('heat.drift', 's4/net', 1)
        self.service.delete('heat.drift', 's4/net')
        self.assertEqual(
            [('other', 'net', None)],
            self.names('other', '--at', history[0].committed_at))
        self.assertEqual([], self.names('other', '--at', '-0s'))

    def test_what_says_nothing_is_refused(self):
        for arguments, words, code in (
                (['--at', '-1s', '--watch'], 'not allowed with', 2),
                (['--act-limit', '1'], 'only with --dry-run', 1),
                (['--watch', '-f', 'csv'], 'an object a line', 1),
                (['--watch', '--fail'], 'takes no --fail', 1),
                (['--watch', '-c', 'since'], 'takes no --fail', 1)):
            self.assert_refused(words, 'drift', *arguments, code=code)


class DoubtTest(DriftTestCase):

    def test_a_stream_that_is_not_live(self):
        self.service.store.set_paused('heat.drift', True)
        code, out, err = self.call('drift', '-f', 'json')
        self.assertEqual((0, 4), (code, len(json.loads(out))))
        line, = err
        self.assertIn('heat.drift is paused', line)
        self.assertIn('was seen whole at 2', line)

    def test_never_collected_is_not_no_drift(self):
        streams = [{'type': type_, 'collected_at': None, 'state': 'starting',
                    'error': None, 'entities': 0}
                   for type_ in ('heat.drift', 'heat.stack')]
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.connection.Connection.streams',
            lambda connection, types=(): streams))
        code, out, err = self.call('drift')
        self.assertEqual((0, 1), (code, len(err)))
        self.assertNotIn('no drift', out)
        self.assertIn('never collected yet', err[0])
        self.assertEqual(1, self.call('drift', '--fail')[0])


class OffTest(user_command.UserCommandTestCase):

    def setUp(self):
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.tests.component.user_command.TYPES',
            ('heat.stack',)))
        super().setUp()

    def fill(self):
        """Nothing."""

    def test_it_says_how_to_switch_it_on(self):
        self.assert_refused('"enable_observer = true" under [reality]',
                            'drift')


class DryRunTest(DriftTestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.plugins.reality.repairable',
            lambda type_, name: name in ('metadata', act.ITSELF)))
        self.service.put('heat.resource', 's3/disk', name='disk',
                         state='CREATE_COMPLETE')

    def plan(self, *arguments):
        return {row['resource_name']: (row['act'], row['why'])
                for row in self.json('drift', '--dry-run', *arguments)}

    def test_what_would_be_done_and_why_not(self):
        self.assertEqual({
            'disk': (True, 'it is missing'),
            'server': (True, 'an update repairs metadata'),
            'net': (False, 'nobody knows how it is')}, self.plan())
        rows = self.json('drift', '--dry-run')
        self.assertEqual(['disk', 'server', 'net'],
                         [row['resource_name'] for row in rows])
        self.assertEqual('synchronizer: changed behind Heat: metadata',
                         rows[1]['reason'])
        self.assertIn('| yes | it is missing',
                      self.answer('drift', '--dry-run'))

    def test_the_limit_counts_those_that_are_not_shown(self):
        self.assertEqual(
            {'server': (False, 'act_limit of 1 an hour is reached')},
            self.plan('--act-limit', '1', '--verdict', 'changed'))

    def test_the_cloud_as_it_is_decides(self):
        self.stack('s3', 'shop-tier-db', 's2', state='UPDATE_IN_PROGRESS')
        self.service.put('heat.resource', 's1/server', name='server',
                         state='CHECK_FAILED')
        self.assertEqual({
            'disk': (False, 'the stack is being worked on '
                     '(UPDATE_IN_PROGRESS)'),
            'server': (False, 'it is marked already')}, self.plan('shop'))

    def test_of_a_stream_that_is_not_live_nothing_is_done(self):
        self.service.store.set_paused('heat.resource', True)
        self.assertEqual(
            {(False, 'the stream heat.resource is paused')},
            set(self.plan('shop').values()))


class Pipe(io.StringIO):
    """What a watch writes, to be waited for; the last of it ends it."""

    def __init__(self):
        super().__init__()
        self.lines = queue.Queue()

    def write(self, text):
        self.lines.put(text)
        if 'last' in text:
            raise KeyboardInterrupt
        return len(text)


class WatchTest(DriftTestCase):

    def watch(self, *arguments):
        """Starts in this thread; the cloud moves in another one."""
        synced = threading.Event()
        tell = drift_watch.Following._begin

        def begin(following, mirror):
            tell(following, mirror)
            synced.set()

        def move():
            synced.wait(30)
            self.drift('s1/server', 'missing')
            self.service.delete('heat.drift', 's4/net')
            self.stack('s9', 'new-below', 's3')
            self.drift('s9/new', 'changed', [('size', 1, 2)],
                       not_comparable=[{'property': 'image',
                                        'reason': 'gone'}],
                       caused_by=CAUSE)
            self.service.delete('heat.drift', 's3/disk')
            self.drift('s1/last', 'changed')

        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.drift_watch.Following._begin', begin))
        mover = threading.Thread(target=move)
        mover.start()
        pipe = Pipe()
        code, _, err = self.call('drift', '--watch', *arguments, stdout=pipe)
        mover.join()
        self.assertEqual(130, code)
        self.told = err
        return [pipe.lines.get() for _ in range(pipe.lines.qsize())]

    def cut(self, lines):
        """Without the times, the first lines only."""
        return [line.split('\n')[0][20:] for line in lines]

    def test_what_there_is_and_then_what_happens(self):
        lines = self.watch()
        self.assertEqual([
            'there shop/server OS::Nova::Server changed by u1',
            'there shop-tier-db/disk OS::Nova::Server missing',
            'there other/net OS::Nova::Server unknown (the cell is down)',
            'changes shop/server OS::Nova::Server missing',
            'goes other/net OS::Nova::Server unknown (the cell is down)',
            'appears new-below/new OS::Nova::Server changed',
            'goes shop-tier-db/disk OS::Nova::Server missing',
            'appears shop/last OS::Nova::Server changed'], self.cut(lines))
        self.assertIn('\n    metadata: {"role": "web"} -> {"role": "db"}\n',
                      lines[0])
        self.assertRegex(lines[0], r'^2026-11-\d\d \d\d:\d\d:00 there')
        self.assertTrue(lines[5].endswith('\n    size: 1 -> 2\n'))
        self.assertEqual(['synchronizer: watching; in drift now: 3'],
                         self.told)

    def test_of_one_stack_new_nested_ones_too(self):
        self.assertEqual([
            'there shop-tier-db/disk OS::Nova::Server missing',
            'appears new-below/new OS::Nova::Server changed',
            'goes shop-tier-db/disk OS::Nova::Server missing'],
            self.cut(self.of_tier())[:-1])

    def of_tier(self):
        """Only what lies in it, and the end."""
        takes = drift_watch.Following.__init__

        def made(following, command, chosen, *rest):
            takes(following, command, lambda drift: (
                drift.name == 'last' or chosen(drift)), *rest)

        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.drift_watch.Following.__init__', made))
        return self.watch('shop-tier')

    def test_long(self):
        new = self.watch('--long')[5].split('\n')[1:-1]
        self.assertEqual([
            f'    caused by nova.instance {WEB}, revision 4',
            '    size: 1 -> 2', '    image: not comparable: gone'], new)

    def test_json_with_a_verdict(self):
        """What was of that verdict and is not any more is told, too."""
        lines = self.watch('-f', 'json', '--verdict', 'changed')
        told = [json.loads(line) for line in lines]
        self.assertEqual([
            ('created', 's1/server', False), ('updated', 's1/server', True),
            ('created', 's9/new', True), ('created', 's1/last', True)],
            [(one['action'], one['entity']['id'], bool(one['committed_at']))
             for one in told])
        self.assertEqual(('changed', None),
                         (told[1]['old']['state'], told[0]['old']))
        self.assertTrue(all(line.count('\n') == 1 for line in lines))


class UnplacedTest(DriftTestCase):

    def test_what_nobody_can_place_now_is_shown(self):
        self.service.put('heat.drift', 'gone/x', state='missing')
        ask = mock.Mock(side_effect=exception.BusError('no answer'))
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.connection.Connection.ask', _either(ask)))
        self.assertIn((None, None, None), self.names('shop'))

    def test_a_stack_that_is_gone_is_in_no_other(self):
        self.service.put('heat.drift', 'gone/x', state='missing')
        self.assertEqual(3, len(self.names('shop')))


def _either(ask):
    """Only questions for one stack fail."""
    from synchronizer.cmd.user import connection
    asked = connection.Connection.ask

    def answer(self, method, *args, **kwargs):
        return (ask if method == 'get' else asked.__get__(self))(
            method, *args, **kwargs)
    return answer


