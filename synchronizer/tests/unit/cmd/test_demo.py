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
"""The demonstration: what it is told to do, what it shows, who speaks."""

import contextlib
import io
import queue
from unittest import mock

import fixtures
from oslo_config import cfg

from synchronizer import sandbox
from synchronizer.bus import transport
from synchronizer.cmd import demo
from synchronizer.cmd import demo_check
from synchronizer.cmd import demo_view
from synchronizer.cmd import demo_voice
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model.initiator import Initiator
from synchronizer.tests import base


def change(cause, action=change_module.CREATED, **more):
    thing = entity_module.Entity('nova.zone', 'z', name='here')
    return change_module.Change(action, thing, cause, revision=7, **more)


class ParseTest(base.TestCase):

    def test_listings_are_rare_enough_for_hints_to_come_first(self):
        args = demo.parse([])
        self.assertEqual((30, None), (args.poll, vars(args)['for']))
        self.assertEqual(10, demo.DELTA_INTERVAL)

    def test_what_cannot_be(self):
        for argv in (['--poll', '0'], ['--hosts', '0'], ['--for', '-1'],
                     ['--rate', '-1']):
            with contextlib.redirect_stderr(io.StringIO()) as told:
                self.assertRaises(SystemExit, demo.parse, argv)
            self.assertIn('numbers are positive', told.getvalue())


class ViewTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.out = self.useFixture(fixtures.StringStream('out')).stream
        self.useFixture(fixtures.MonkeyPatch('sys.stdout', self.out))
        self.view = demo_view.Plain()

    def test_a_line_says_who_did_it(self):
        for who, shown in ((None, '(hint)'),
                           (Initiator(project_id='p'), '(hint)'),
                           (Initiator('69906be4533a46b1'),
                            '(hint by 69906be4)')):
            self.assertEqual(
                f'nova.zone created here #7 {shown}',
                demo_view.line(change('hint', initiator=who)))

    def told(self):
        self.out.seek(0)
        return self.out.read()

    def test_causes_most_often_first(self):
        for cause in ('delta', 'hint', 'hint', 'sweep', 'hint', 'delta'):
            self.view.told(change(cause))
        self.assertEqual('3 by hint, 2 by delta, 1 by sweep',
                         self.view.causes())

    def test_a_change_is_shown_with_its_cause(self):
        self.view.told(change('hint', change_module.UPDATED,
                              changed=('attributes.hosts', 'state')))
        self.assertEqual('nova.zone updated here #7 (hint) hosts, state\n',
                         self.told())

    def test_the_first_snapshot_is_counted_and_not_shown(self):
        self.view.told(change('startup'))
        self.assertEqual('', self.told())
        self.assertEqual('1 by startup', self.view.causes())

    def test_the_closing_lines(self):
        mirror = mock.Mock(types=['nova.zone'])
        mirror.all.return_value = [1, 2]
        self.assertTrue(demo_check.summary(mirror, self.view, []).startswith(
            '0 changes were told; 2 entities'))
        self.view.told(change('hint'))
        self.assertEqual(
            '1 changes were told, found 1 by hint; 2 entities in 1 streams '
            'are held.\nThe mirror equals the cloud.',
            demo_check.summary(mirror, self.view, []))
        self.assertIn('DIFFERS', demo_check.summary(
            mirror, self.view, ['nova.zone z differs']))


class VoiceTest(base.TestCase):

    def test_the_meter_reads_what_the_voice_says_and_nobody_else_does(self):
        transport.forget_embedded()
        self.addCleanup(transport.forget_embedded)
        read = queue.Queue()
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.demo_voice._Endpoint.info',
            lambda self, *one: read.put(one[2])))
        conf = cfg.ConfigOpts()
        conf([], project='test', default_config_files=[])
        cloud = sandbox.SandboxCloud(hosts=1, servers=1, volumes=0, stacks=0)
        meter, voice = demo_voice.Meter(conf), demo_voice.make(cloud)
        meter.start()
        self.addCleanup(meter.stop)
        voice.start()
        self.addCleanup(voice.stop)
        cloud.stop(cloud.rows('nova.instance')[0]['id'])
        cloud.create_volume()
        self.assertEqual(
            {'instance.update', 'compute.instance.update',
             'instance.power_off.end', 'compute.instance.power_off.end',
             'volume.create.end'},
            {read.get(timeout=10) for _ in range(5)})
