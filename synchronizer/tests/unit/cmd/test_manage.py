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

"""synchronizer-manage: what it does, and what it asks first."""

import contextlib
import datetime
import io
import re

import fixtures

from synchronizer.cmd import manage
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.service import options
from synchronizer.service import parts
from synchronizer.service import schema
from synchronizer.store import base
from synchronizer.store import sql
from synchronizer.tests.unit.cmd import test_programs
from synchronizer.tests.unit.service.test_options import CREDENTIALS

RESET = test_programs.RESET


class ManageTest(test_programs.ProgramTestCase):

    def setUp(self):
        super().setUp()
        self.conf = options.make()
        self.conf(['--config-file', str(self.path)], project='synchronizer')
        schema.upgrade(self.conf)
        with parts.opened(self.conf) as store:
            store.ensure([parts.store_base.StreamSpec(
                name, 'nova', 600) for name in ('nova.host', 'nova.zone')])

    def row(self, type_='nova.zone'):
        with parts.opened(self.conf) as store:
            return store.streams()[type_]

    def test_db(self):
        self.assertEqual(0, self.call(manage, 'db', 'upgrade'))
        self.assertIn('already', self.out.getvalue())
        self.assertEqual(0, self.call(manage, 'db', 'version'))
        self.assertIn('this version: ', self.out.getvalue())

    def test_stream_list(self):
        self.assertEqual(0, self.call(manage, 'stream', 'list'))
        head, *rows = self.out.getvalue().splitlines()
        self.assertEqual('Type', head.split()[0])
        self.assertEqual(['nova.host', 'nova.zone'],
                         [row.split()[0] for row in rows])
        self.assertIn('starting', rows[0])

    def test_pause_and_resume(self):
        self.assertEqual(0, self.call(manage, 'stream', 'pause', 'nova.zone'))
        self.assertTrue(self.row().paused)
        self.assertFalse(self.row('nova.host').paused)
        self.assertEqual(0, self.call(
            manage, 'stream', 'resume', 'nova.zone'))
        self.assertFalse(self.row().paused)

    def test_an_unknown_type_touches_none(self):
        self.assertEqual(1, self.call(
            manage, 'stream', 'pause', 'nova.zone', 'nova.hots'))
        self.assertEqual(
            ['synchronizer-manage: there is no stream nova.hots; did you '
             'mean nova.host?'], self.said())
        self.assertFalse(self.row().paused)

    def answer(self, text, terminal=True):
        """What somebody will say when he is asked."""
        stdin = io.StringIO(text)
        stdin.isatty = lambda: terminal
        self.useFixture(fixtures.MonkeyPatch('sys.stdin', stdin))

    def commit(self, *times):
        """A change at each of these times, in hours ago."""
        for number, hours in enumerate(times):
            moment = (datetime.datetime.now(datetime.UTC)
                      - datetime.timedelta(hours=hours))
            store = sql.SqlStore.from_conf(
                self.conf, lambda moment=moment: moment)
            with contextlib.closing(store):
                entity = entity_module.Entity('nova.zone', str(number))
                store.commit(store.claim('nova.zone', 'here'), [base.Write(
                    entity, base.Stored('', ''),
                    change_module.Change('created', entity, 'sweep'))])

    # --- reset -----------------------------------------------------------

    def test_reset_asks(self):
        self.commit(0)
        before = self.row()
        for text, code in (('no\n', 1), ('', 1), ('yes\n', 0)):
            self.answer(text)
            self.assertEqual(code, self.call(manage, *RESET))
            self.assertEqual(code == 0, self.row().epoch != before.epoch)
        self.assertIn('nova.zone: 1 entities and 1 changes, up to revision '
                      '1, are forgotten', self.out.getvalue())
        self.assertEqual(['Nothing was changed.'] * 2, self.said())

    def test_reset_needs_somebody_to_ask(self):
        before = self.row()
        self.answer('yes\n', terminal=False)
        self.assertEqual(1, self.call(manage, *RESET))
        (line,) = self.said()
        self.assertIn('--yes', line)
        self.assertEqual(before, self.row())

    def test_reset_without_asking(self):
        before = self.row()
        self.assertEqual(0, self.call(manage, *RESET, '--yes'))
        self.assertNotEqual(before.epoch, self.row().epoch)

    def test_reset_may_be_looked_at_first(self):
        before = self.row()
        self.assertEqual(0, self.call(manage, *RESET, '--dry-run', '--yes'))
        self.assertEqual(before, self.row())
        self.assertIn('Nothing was changed.', self.out.getvalue())

    # --- sweep -----------------------------------------------------------

    def test_sweep(self):
        self.call(manage, 'stream', 'pause', 'nova.host')
        self.assertEqual(0, self.call(
            manage, 'stream', 'sweep', 'nova.zone', 'nova.host'))
        self.assertEqual((1, 1), (self.row().sweeps_requested,
                                  self.row('nova.host').sweeps_requested))
        self.assertIn('a sweep of nova.zone', self.out.getvalue())
        self.assertIn('nova.host is paused', self.out.getvalue())

    # --- purge -----------------------------------------------------------

    def test_purge_says_what_goes(self):
        self.commit(5, 3, 1)
        for option, value, count in (('--hours', '4', 1), ('--hours', '2', 2),
                                     ('--hours', '9', 0), ('--keep', '1', 2),
                                     ('--keep', '0', 3)):
            self.out.truncate(0)
            self.assertEqual(0, self.call(
                manage, 'journal', 'purge', option, value, '--dry-run',
                'nova.zone'))
            words = (f'{count} of 3 changes are dropped; a consumer that is '
                     f'behind revision {count} takes' if count
                     else 'none of 3 changes is dropped')
            self.assertIn(f'nova.zone: {words}', self.out.getvalue())
        self.assertEqual(1, self.row().oldest_revision)
        self.assertEqual(0, self.call(
            manage, 'journal', 'purge', '--hours', '2', '--yes'))
        self.assertIn('Dropped 2 changes.', self.out.getvalue())
        self.assertEqual(3, self.row().oldest_revision)

    def test_purge_by_other_limits_asks(self):
        self.commit(0)
        self.answer('no\n')
        self.assertEqual(1, self.call(
            manage, 'journal', 'purge', '--keep', '0'))
        self.answer('yes\n', terminal=False)
        self.assertEqual(1, self.call(
            manage, 'journal', 'purge', '--keep', '0'))
        self.assertEqual(1, self.row().oldest_revision)
        self.answer('yes\n')
        self.assertEqual(0, self.call(
            manage, 'journal', 'purge', '--keep', '0'))
        self.assertEqual(2, self.row().oldest_revision)

    def test_purge_by_the_limits_of_the_service_does_not_ask(self):
        self.commit(25, 1)
        self.answer('', terminal=False)
        self.assertEqual(0, self.call(manage, 'journal', 'purge'))
        self.assertEqual('Dropped 1 changes.\n', self.out.getvalue())

    def test_journal_purge(self):
        self.assertEqual(0, self.call(manage, 'journal', 'purge'))
        self.assertEqual('Dropped 0 changes.\n', self.out.getvalue())
        self.assertEqual(2, self.call(
            manage, 'journal', 'purge', '--keep', '-1'))
        self.assertEqual(1, self.call(
            manage, 'journal', 'purge', 'nova.hots'))

    def test_journal_purge_within_limits(self):
        for hours in ('0', '0.5', '1000000'):
            self.assertEqual(0, self.call(
                manage, 'journal', 'purge', '--hours', hours, '--yes'))
        for option, value, limits in (
                *(('--hours', value, 'from 0 to 1000000') for value in (
                    'inf', '1e9', 'nan', '-1', 'many')),
                *(('--keep', value, 'a whole number of 0 or more')
                  for value in ('-1', '1.5', 'many'))):
            self.assert_refused(
                2, option, limits, program=manage,
                arguments=['journal', 'purge', option, value])

    def test_journal_purge_with_a_setting_beyond_all_limits(self):
        self.write(CREDENTIALS + '[journal]\nretention_hours = 1e9\n')
        self.assert_refused(1, 'retention_hours', '1e+06',
                            program=manage, arguments=['journal', 'purge'])

    def test_no_command(self):
        self.assertEqual(2, self.call(manage))
        self.assertEqual(2, self.call(manage, 'stream'))



class HelpTest(test_programs.ProgramTestCase):

    COMMANDS = (('db', 'upgrade'), ('db', 'version'), ('journal', 'purge'),
                ('stream', 'list'), ('stream', 'pause'),
                ('stream', 'resume'), ('stream', 'sweep'),
                ('stream', 'reset'))

    def test_every_command_has_an_example_of_itself(self):
        for command in self.COMMANDS:
            self.out.truncate(0)
            self.assertEqual(0, self.call(manage, *command, '--help'))
            text = ' '.join(self.out.getvalue().split())
            self.assertIn(
                f'Example: synchronizer-manage {" ".join(command)}', text)

    def test_there_is_no_other(self):
        found = []
        for group in ('db', 'journal', 'stream'):
            self.out.truncate(0)
            self.call(manage, group, '--help')
            (names,) = re.findall(r'\{([a-z,]+)\} \.\.\.',
                                  self.out.getvalue())
            found += [(group, name) for name in names.split(',')]
        self.assertEqual(sorted(self.COMMANDS), sorted(found))
