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

"""Every command of the user, from argv to output, over an in-memory bus."""

import csv
import io
import json
import pathlib
import queue
import sqlite3
import tempfile
import threading
from unittest import mock
from xml.etree import ElementTree

import fixtures
import testscenarios
import yaml

from synchronizer.bus import wire
from synchronizer.cmd.user import formats
from synchronizer.cmd.user import watch
from synchronizer.model.initiator import Initiator
from synchronizer.tests.component import user_command
from synchronizer.tests.component.user_command import DB
from synchronizer.tests.component.user_command import DISK
from synchronizer.tests.component.user_command import TYPES
from synchronizer.tests.component.user_command import WEB


class StatusTest(user_command.UserCommandTestCase):

    def test_every_stream_is_live_and_young(self):
        rows = self.json('status', '--check')
        self.assertEqual(list(TYPES), [row['type'] for row in rows])
        self.assertEqual({('live', None)}, {
            (row['state'], row['to_do']) for row in rows})
        self.assertTrue(all(0 <= row['age'] < 60 for row in rows))

    def test_who_asks_is_told_the_service(self):
        with mock.patch('synchronizer.northbound.policy.Everybody.demand',
                        autospec=True) as demand:
            code, _, _ = self.call('--as', 'roles=reader', '--as',
                                   'project_id=p', 'status')
        self.assertEqual(0, code)
        _, request, context = demand.call_args.args
        self.assertEqual(
            ('describe', ['reader'], 'p'),
            (request, context['roles'], context['project_id']))

    def test_a_paused_stream_says_what_to_do(self):
        self.service.store.set_paused('nova.host', True)
        row, = self.json('status', 'nova.host')
        self.assertEqual('synchronizer-manage stream resume nova.host',
                         row['to_do'])
        self.assertEqual(1, self.call('status', '--check')[0])
        self.assertEqual(0, self.call('status', '--check', 'nova.flavor')[0])

    def test_too_old(self):
        code, out, _ = self.call('status', '--check', '--max-age', '0')
        self.assertEqual(1, code)
        self.assertIn('no sweep has ended in time', out)

    def test_an_age_in_words(self):
        self.assertRegex(self.answer('status', 'nova.host'),
                         r'\| live  \| +1 \| +1 \| \d+ s')


class GetAllTest(user_command.UserCommandTestCase):

    def names(self, *arguments):
        return self.answer('get-all', *arguments, '-f', 'value', '-c',
                           'name').split()

    def test_all_types_in_order(self):
        rows = self.json('get-all')
        self.assertEqual(
            sorted((row['type'], row['id']) for row in rows),
            [(row['type'], row['id']) for row in rows])
        self.assertEqual(7, len(rows))

    def test_filters(self):
        for arguments, expected in (
                (['--project', 'p1'], ['web-1']),
                (['--project', 'p1', '--project', 'p2'], ['db-1', 'web-1']),
                (['--name', 'w*'], ['web-1']),
                (['--state', 'shutoff'], ['db-1']),
                (['--where', 'flavor.ram>=513'], ['db-1']),
                (['--attribute', 'metadata.role=web'], ['web-1']),
                (['--where', 'flavor.ram>1', '--where', 'name!=db-1'],
                 ['web-1']),
                (['--name', 'nobody'], [])):
            self.assertEqual(expected,
                             self.names('nova.instance', *arguments))

    def test_long_shows_the_entity_as_it_is(self):
        row, = self.json('get-all', 'nova.instance', '--long', '--name',
                         'web-1')
        stored = self.service.store.entities(
            'nova.instance', [WEB])[WEB][0]
        self.assertEqual(wire.entity_to_dict(stored), row)

    def test_columns_in_the_order_wanted(self):
        out = self.answer('get-all', 'nova.instance', '-f', 'csv', '-c',
                          'flavor', '-c', 'ID', '-c', 'flavor.ram')
        self.assertEqual([
            ['flavor', 'id', 'flavor.ram'],
            ['{"ram": 4096}', DB, '4096'], ['{"ram": 512}', WEB, '512']],
            list(csv.reader(io.StringIO(out))))

    def test_what_nobody_has_is_told_with_the_nearest(self):
        told = ['synchronizer: no entity here has flavor.rma; did you mean '
                'flavor.ram?']
        self.assertEqual(
            (0, 'None\nNone\n', told), self.call(
                'get-all', 'nova.instance', '-c', 'flavor.rma', '-f',
                'value'))
        self.assertEqual((0, '', told), self.call(
            'get-all', 'nova.instance', '--where', 'flavor.rma=5', '-f',
            'value'))

    def test_an_unknown_type_with_the_nearest(self):
        for wrong in ('nova.instanze', 'instance'):
            self.assert_refused(f'there is no type {wrong} here; did you '
                                'mean nova.instance?', 'get-all', wrong)

    def test_what_was_never_collected_is_said(self):
        streams = [{'type': 'x.y', 'collected_at': None}]
        with mock.patch('synchronizer.cmd.user.connection.Connection.streams',
                        return_value=streams):
            self.assertEqual(
                (0, '[]\n', ['synchronizer: never collected yet, so not '
                             'here: x.y']),
                self.call('get-all', 'x.y', '-f', 'json'))

    def test_what_is_too_old_is_looked_at_first(self):
        rows = self.service.store.streams
        before = rows()['nova.host'].collected_at
        code, out, _ = self.call('get-all', 'nova.host', '--max-age', '0')
        self.assertEqual(0, code)
        self.assertIn('cmp-1', out)
        self.assertGreater(rows()['nova.host'].collected_at, before)

    def test_what_cannot_be_sorted_is_shown_all_the_same(self):
        code, out, _ = self.call('get-all', '--long', '--sort-column',
                                 'relations', '-f', 'json')
        self.assertEqual((0, len(self.json('get-all'))),
                         (code, len(json.loads(out))))

    def test_sorted_by_what_is_not_shown(self):
        by_name = self.json('get-all', 'nova.instance', '--sort-column',
                            'name', '-c', 'name', '-c', 'id')
        self.assertEqual(
            [row['id'] for row in by_name],
            [row['id'] for row in self.json(
                'get-all', 'nova.instance', '--sort-column', 'name', '-c',
                'id')])
        self.assertEqual(sorted(row['name'] for row in by_name),
                         [row['name'] for row in by_name])

    def test_sorted(self):
        self.assertEqual(['web-1', 'db-1'], self.names(
            'nova.instance', '--sort-column', 'name', '--sort-descending'))


class FormatsTest(testscenarios.TestWithScenarios,
                  user_command.UserCommandTestCase):
    """Each format of a list longer than what is held of it."""

    scenarios = [(name, {'format': name}) for name in (
        'json', 'noindent', 'yaml', 'csv', 'value', 'table')]

    COUNT = 10

    def fill(self):
        for number in range(self.COUNT):
            self.service.put('nova.flavor', f'f{number}', name='ä "x,\n',
                             attributes={'n': [number], 's': 'y' * number})

    def test_it(self):
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.formats.CHUNK', 4))
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.formats.FEW', 4))
        self.assertEqual(
            (4, 4), (formats.CHUNK, formats.FEW))
        getattr(self, f'check_{self.format}')()

    def write(self, format_, *more):
        return self.answer('get-all', '-c', 'id', '-c', 'name', '-c', 'n',
                           '-c', 's', '-f', format_, *more)

    def expected(self):
        return [{'id': f'f{number}', 'name': 'ä "x,\n', 'n': [number],
                 's': 'y' * number} for number in range(self.COUNT)]

    def check_json(self):
        self.assertEqual(self.expected(), json.loads(self.write('json')))

    def check_noindent(self):
        out = self.write('json', '--noindent')
        self.assertEqual(self.expected(), json.loads(out))
        self.assertEqual(1, out.count('\n'))

    def check_yaml(self):
        self.assertEqual(self.expected(), yaml.safe_load(self.write('yaml')))

    def check_csv(self):
        rows = list(csv.reader(io.StringIO(self.write('csv')), escapechar=(
            '\\')))
        self.assertEqual(['id', 'name', 'n', 's'], rows[0])
        self.assertEqual([[row['id'], row['name'], str(row['n']), row['s']]
                          for row in self.expected()], rows[1:])

    def check_value(self):
        lines = self.write('value').splitlines()
        self.assertEqual(2 * self.COUNT, len(lines))
        self.assertEqual(' [9] yyyyyyyyy', lines[-1])

    def check_table(self):
        lines = self.write('table').splitlines()
        cells = [line.split('|')[1].strip() for line in lines
                 if line.startswith('|')]
        self.assertEqual(['id', *(f'f{n}' for n in range(self.COUNT))],
                         [cell for cell in cells if cell])
        self.assertEqual(3, sum(line.startswith('+') for line in lines))


class ShowTest(user_command.UserCommandTestCase):

    def test_json_is_the_entity(self):
        stored = self.service.store.entities(
            'nova.instance', [WEB])[WEB][0]
        for name in (WEB, 'web-1'):
            self.assertEqual(wire.entity_to_dict(stored), self.json(
                'show', 'nova.instance', name))

    def test_a_table_is_flat(self):
        out = self.answer('show', 'nova.instance', 'web-1')
        self.assertRegex(out, r'\| attributes.flavor.ram +\| 512 ')
        self.assertIn('runs-on nova.host cmp-1', out)

    def test_one_column(self):
        self.assertEqual('512\n', self.answer(
            'show', 'nova.instance', WEB, '-f', 'value', '-c', 'flavor.ram'))

    def test_a_name_that_several_have(self):
        self.service.put('nova.instance', 'id-2', name='web-1')
        self.assert_refused(
            '2 of nova.instance are called web-1; name one by its id: '
            'id-2, id-web', 'show', 'nova.instance', 'web-1')

    def test_a_name_that_nobody_has(self):
        self.assert_refused(
            'there is no nova.instance with the id or name web-7; did you '
            'mean web-1?', 'show', 'nova.instance', 'web-7')


class PastTest(user_command.UserCommandTestCase):

    def setUp(self):
        super().setUp()
        self.service.put('nova.instance', WEB, name='web-1', state='ERROR')
        self.service.delete('nova.instance', DB)

    def at(self):
        """Between what was filled and what came then."""
        history = self.service.store.history('nova.instance', WEB, 1)
        return wire.text(wire.seconds(history[0].committed_at) - 1e-6)

    def test_get_all(self):
        rows = self.json('get-all', 'nova.instance', '--at', self.at())
        self.assertEqual([(DB, 'SHUTOFF'), (WEB, 'ACTIVE')],
                         [(row['id'], row['state']) for row in rows])

    def test_show(self):
        for name in (DB, 'db-1'):
            self.assertEqual('SHUTOFF', self.json(
                'show', 'nova.instance', name, '--at', self.at())['state'])
        self.assert_refused(f'nova.instance {DB} is not there any more: '
                            'deleted at 2', 'show', 'nova.instance', DB)
        self.assert_refused('there is no nova.instance', 'show',
                            'nova.instance', 'nobody', '--at', self.at())

    def test_graph_and_tables(self):
        self.assertEqual([DISK], [row['id'] for row in self.json(
            'graph', 'hangs-on', 'nova.instance', DB, '--at', self.at())])
        self.assertEqual([{'n': 2}], self.json(
            'sql', 'select count(*) n from nova_instances', '--at',
            self.at()))

    def test_differences(self):
        rows = self.json('graph', 'differences', '--at', self.at())
        self.assertEqual([('removed', DB), ('changed', WEB)],
                         [(row['what'], row['id']) for row in rows[:2]])
        self.assertIn('state', rows[1]['detail'])
        self.assertEqual([], self.json(
            'graph', 'differences', '--at', self.at(), '--to', self.at()))

    def test_beyond_the_journal(self):
        self.assert_refused('and no earlier', 'get-all', '--at', '-5d',
                            'nova.instance')

    def test_the_future(self):
        self.assert_refused('in the future', 'get-all', '--at', '2099-01-01')

    def test_no_time(self):
        self.assert_refused('-90s, -5m, -2h or -1d', 'get-all', '--at',
                            'soon', code=2)


class HistoryTest(user_command.UserCommandTestCase):

    def test_oldest_first_with_differences(self):
        self.service.put('nova.instance', WEB, name='web-1', state='ERROR',
                         attributes={'flavor': {'ram': 1024}})
        self.service.delete('nova.instance', WEB)
        rows = self.json('history', 'nova.instance', WEB)
        self.assertEqual(['created', 'updated', 'deleted'],
                         [row['action'] for row in rows])
        self.assertIn({'field': 'state', 'old': 'ACTIVE', 'new': 'ERROR'},
                      rows[1]['differences'])
        self.assertIn({'field': 'attributes.flavor.ram', 'old': 512,
                       'new': 1024}, rows[1]['differences'])
        self.assertIn({'field': 'attributes.metadata',
                       'old': {'role': 'web'}}, rows[1]['differences'])

    def test_by_whom(self):
        who = Initiator('demo-id', 'p1', 'req-1')
        self.service.put('nova.instance', WEB, name='web-1', state='ERROR',
                         initiator=who)
        self.service.delete('nova.instance', WEB)
        told = {'user_id': 'demo-id', 'project_id': 'p1',
                'request_id': 'req-1'}
        self.assertEqual([None, told, None], [
            row['by'] for row in self.json('history', 'nova.instance', WEB)])
        self.assertEqual('None\ndemo-id\nNone\n', self.answer(
            'history', 'nova.instance', WEB, '-f', 'value', '-c', 'by'))

    def test_only_the_last(self):
        self.service.put('nova.instance', WEB, name='web-1', state='ERROR')
        out = self.answer('history', 'nova.instance', 'web-1', '--limit',
                          '1')
        self.assertIn('state: ACTIVE -> ERROR', out)
        self.assertNotIn('created', out)

    def test_nobody(self):
        self.assert_refused('there is no nova.instance', 'history',
                            'nova.instance', 'nobody')


class GraphTest(user_command.UserCommandTestCase):

    def ids(self, *arguments):
        return [row['id'] for row in self.json('graph', *arguments)]

    def test_runs_on(self):
        row, = self.json('graph', 'runs-on', 'nova.instance', 'web-1')
        self.assertEqual(
            ('cmp-1', 'nova.instance web-1', 'runs-on ->'),
            (row['id'], row['before'], row['relation']))

    def test_hangs_on(self):
        rows = self.json('graph', 'hangs-on', 'nova.host', 'cmp-1')
        self.assertEqual({DB: 'lost', WEB: 'lost', DISK: 'touched',
                          's1': 'impaired', 's1/server': 'impaired'},
                         {row['id']: row['harm'] for row in rows})

    def test_path(self):
        rows = self.json('graph', 'path', 'cinder.volume', 'disk',
                         'nova.instance', 'web-1')
        self.assertEqual(['attached-to', 'runs-on', 'runs-on'],
                         [row['relation'] for row in rows])
        self.assert_refused('no relations lead from', 'graph', 'path',
                            'nova.flavor', 'small', 'nova.host', 'cmp-1')

    def test_orphans(self):
        self.service.delete('nova.instance', DB)
        self.assertEqual([DISK], self.ids('orphans'))
        self.assertEqual([], self.ids('orphans', '--kind', 'bodiless'))

    def test_unknown(self):
        self.assert_refused('did you mean web-1?', 'graph', 'runs-on',
                            'nova.instance', 'web-l')
        self.assert_refused('did you mean nova.host?', 'graph', 'runs-on',
                            'nova.hosts', 'cmp-1')

    def test_export(self):
        node_link = json.loads(self.answer('graph', 'export', '-f', 'json'))
        self.assertEqual(7, len(node_link['nodes']))
        dot = self.answer('graph', 'export', '-f', 'dot', '--around',
                          'nova.host', 'cmp-1', '--depth', '1')
        self.assertIn('"nova.instance/id-web"', dot)
        self.assertNotIn('heat.stack', dot)

    def test_export_to_a_file(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        for name in ('c.svg', 'c.graphml', 'c.html', 'c.dot', 'c.json'):
            self.assertEqual('', self.answer(
                'graph', 'export', '-o', str(folder / name)))
            self.assertEqual(0o600, (folder / name).stat().st_mode & 0o777)
        for name in ('c.svg', 'c.graphml'):
            ElementTree.parse(folder / name)
        self.assertIn('web-1', (folder / 'c.html').read_text())

    def test_export_that_cannot_be(self):
        self.assert_refused('say the form: -f json|', 'graph', 'export')
        self.assert_refused('/nowhere/c.dot cannot be written: No such file',
                            'graph', 'export', '-o', '/nowhere/c.dot')

    def test_the_group_alone_names_its_commands(self):
        self.assert_refused('graph hangs-on, graph orphans', 'graph', code=2)


class TablesTest(user_command.UserCommandTestCase):

    def test_the_list(self):
        names = [row['name'] for row in self.json('table')]
        self.assertIn('nova_instance_metadata', names)
        self.assertNotIn('nova_zones', names)

    def test_rows(self):
        self.assertEqual(
            [{'instance_id': WEB, 'key': 'role', 'value': 'web'}],
            self.json('table', 'nova_instance_metadata'))
        self.assertEqual(5, len(self.json('table', 'relations')))

    def test_no_such_table(self):
        self.assert_refused('did you mean nova_instances?', 'table',
                            'nova_instanzes')
        self.assert_refused('which is off here', 'table', 'nova_zones')
        self.assert_refused('select * from entities', 'table', 'entities')

    def test_no_such_column(self):
        self.assert_refused(
            'there is no column nmae; did you mean name?', 'table',
            'nova_instances', '-c', 'nmae')

    def test_a_join(self):
        self.assertEqual(
            [{'name': 'db-1', 'name_2': 'cmp-1'},
             {'name': 'web-1', 'name_2': 'cmp-1'}],
            self.json('sql', 'select i.name, h.name from nova_instances i '
                      'join nova_hosts h on h.id = i.hypervisor_hostname '
                      'order by 1'))

    def test_only_what_is_asked_for_is_loaded(self):
        with mock.patch('synchronizer.client.rpc.SynchronizerClient.get_all',
                        return_value=()) as get_all:
            self.json('sql', 'select * from nova_hosts')
        self.assertEqual(['nova.host'], get_all.call_args.args[0])

    def test_a_query_that_is_wrong(self):
        self.assert_refused('no such column: nmae; perhaps name', 'sql',
                            'select nmae from nova_instances')
        self.assert_refused('never written', 'sql',
                            'delete from nova_instances')
        self.assert_refused('a query is missing', 'sql')

    def test_output(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        file = folder / 'cloud.sqlite'
        for target in (file, folder / 'csv'):
            self.assertEqual(
                (0, '', [f'synchronizer: written: {target}']),
                self.call('sql', '--output', str(target)))
        with sqlite3.connect(file) as connection:
            self.assertEqual([(2,)], connection.execute(
                'select count(*) from nova_instances').fetchall())
        self.assertIn('web-1',
                      (folder / 'csv' / 'nova_instances.csv').read_text())
        self.assert_refused('is there already', 'sql', '--output', str(file))


class Pipe(io.StringIO):
    """What a watch writes, line by line, to be waited for."""

    def __init__(self):
        super().__init__()
        self.lines = queue.Queue()

    def write(self, text):
        self.lines.put(text)
        if 'last' in text:
            raise KeyboardInterrupt
        return len(text)


class WatchTest(user_command.UserCommandTestCase):

    def watch(self, *arguments):
        """Starts in this thread; the cloud moves in another one."""
        synced = threading.Event()
        tell = watch.Watch.tell

        def told(command, text):
            tell(command, text)
            synced.set()

        def move():
            synced.wait(30)
            self.service.put('nova.instance', WEB, name='web-1',
                             project_id='p1', state='ERROR',
                             initiator=Initiator('demo-id'))
            self.service.put('nova.host', 'cmp-2', name='cmp-2', state='up')
            self.service.delete('nova.instance', DB)
            self.service.put('nova.instance', 'x', name='last',
                             project_id='p1')

        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.watch.Watch.tell', told))
        mover = threading.Thread(target=move)
        mover.start()
        pipe = Pipe()
        code, _, err = self.call('watch', *arguments, stdout=pipe)
        mover.join()
        self.assertEqual(130, code)
        self.assertIn('watching', err[0])
        return [pipe.lines.get() for _ in range(pipe.lines.qsize())]

    def test_old_and_new(self):
        first, deleted, _ = self.watch('nova.instance')
        self.assertIn(' updated nova.instance web-1 id-web (hint)\n', first)
        self.assertIn('\n    state: ACTIVE -> ERROR\n', first)
        self.assertIn(f' deleted nova.instance db-1 {DB} (hint)\n', deleted)

    def test_json_with_a_filter(self):
        lines = self.watch('--json', '--project', 'p1')
        first, last = map(json.loads, lines)
        self.assertEqual(('updated', 'ERROR', 'ACTIVE'), (
            first['action'], first['entity']['state'],
            first['old']['state']))
        self.assertEqual(('created', None), (last['action'], last['old']))
        self.assertEqual('demo-id', first['initiator']['user_id'])
        self.assertNotIn('initiator', last)
        self.assertTrue(all(line.count('\n') == 1 for line in lines))


class CompletionTest(user_command.UserCommandTestCase):

    def test_bash(self):
        out = self.answer('complete')
        self.assertIn('cmds_graph=', out)
        for word in ('get-all', 'history', 'export', '--where'):
            self.assertIn(word, out)
