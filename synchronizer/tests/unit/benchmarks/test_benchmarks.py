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

"""The figures of benchmarks, and how the documents show them."""

import pathlib
from unittest import mock
from xml.etree import ElementTree

import fixtures
import testtools

from benchmarks import __main__ as program
from benchmarks import report
from benchmarks import results
from synchronizer.tests import base
from synchronizer.tests import pages

SVG = '{http://www.w3.org/2000/svg}'
OPTIONS = results.Options((10,))


def result(size=10, figure=3.0, floor=2.0, bound=1.5, **more):
    return results.Result(1, 'a sweep', size, figure, 's', floor, bound,
                          **more)


@testtools.skipUnless(pages.DOCS.exists(), 'needs the source tree')
class ResultTest(base.TestCase):

    def test_a_cost_may_be_so_many_times_its_floor(self):
        self.assertEqual(1.5, result().ratio)
        self.assertTrue(result().holds)
        self.assertFalse(result(figure=3.1).holds)

    def test_a_rate_must_be_such_a_part_of_its_floor(self):
        self.assertTrue(result(bound=0.7, least=True).holds)
        self.assertFalse(result(figure=1, bound=0.7, least=True).holds)

    def test_without_a_floor_the_figure_itself_is_bound(self):
        self.assertTrue(result(floor=None, bound=3).holds)
        self.assertFalse(result(floor=None, bound=2).holds)

    def test_without_a_bound_nothing_is_judged(self):
        self.assertIsNone(result(bound=None).holds)

    def test_a_line_says_all_of_it(self):
        self.assertEqual(
            ['1', '10', 'a', 'sweep', '4', 's', 'floor', '2,', '2.00',
             'times', 'at', 'most', '1.5:', 'NO'],
            str(result(figure=4)).split())

    def test_calls_are_measured_in_turns(self):
        called = []
        costs = results.in_turns(
            2, lambda: called.append('ours'), lambda: called.append('bare'))
        self.assertEqual(['ours', 'bare'] * 2, called)
        self.assertEqual(2, len(costs))

    def test_what_is_kept_is_read_again(self):
        self.useFixture(fixtures.MonkeyPatch(
            'benchmarks.results.HERE',
            pathlib.Path(self.useFixture(fixtures.TempDir()).path, 'kept')))
        results.save('sweeps', [result(), result(20)], OPTIONS)
        (told, found), = results.load()
        self.assertEqual('sweeps', told['name'])
        self.assertEqual([result(), result(20)], found)


@testtools.skipUnless(pages.DOCS.exists(), 'needs the source tree')
class ReportTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.place = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.useFixture(fixtures.MonkeyPatch(
            'benchmarks.results.HERE', self.place / 'kept'))

    def _write(self, *found):
        results.save('sweeps', found, OPTIONS)
        report.write(self.place)

    def test_a_table_has_a_row_for_each(self):
        self._write(result(), result(1000, figure=4))
        table = (self.place / 'table.inc').read_text()
        self.assertEqual(3, table.count('   * - '))
        self.assertIn('     - <= 1.5\n', table)
        self.assertIn('     - <= 1.5 **missed**\n', table)
        self.assertIn('     - 1 000\n', table)

    def test_what_has_several_sizes_is_drawn(self):
        self._write(result(), result(100), result(1000))
        root = ElementTree.parse(self.place / 'sweeps.svg').getroot()
        self.assertEqual(1, len(root.findall(f'{SVG}polyline')))
        self.assertEqual(3, len(root.findall(f'{SVG}circle')))
        self.assertIn(f'{self.place.name}/sweeps.svg',
                      (self.place / 'plots.inc').read_text())

    def test_what_grows_as_the_cloud_runs_along_a_dotted_line(self):
        self._write(result(10, 1.0), result(100, 10.0))
        root = ElementTree.parse(self.place / 'sweeps.svg').getroot()
        dotted = [line for line in root.iter(f'{SVG}line')
                  if line.get('stroke-dasharray')]
        ends = [(dotted[0].get('x1'), dotted[0].get('y1')),
                (dotted[0].get('x2'), dotted[0].get('y2'))]
        points = root.find(f'{SVG}polyline').get('points').split()
        self.assertEqual([','.join(end) for end in ends], points)

    def test_what_has_one_size_is_not_drawn(self):
        self._write(result())
        self.assertFalse((self.place / 'sweeps.svg').exists())
        self.assertEqual('', (self.place / 'plots.inc').read_text())


@testtools.skipUnless(pages.DOCS.exists(), 'needs the source tree')
class ProgramTest(base.TestCase):

    def _run(self, *arguments, holds):
        found = [result(figure=3 if holds else 4)]
        with mock.patch('importlib.import_module') as load:
            load.return_value.run.return_value = found
            self.useFixture(fixtures.MonkeyPatch(
                'sys.stdout', mock.Mock()))
            return program.main(['--dry', *arguments])

    def test_a_bound_that_is_missed_is_told(self):
        self.assertEqual(0, self._run('sweeps', holds=True))
        self.assertEqual(1, self._run('sweeps', holds=False))

    def test_a_short_form_judges_nothing(self):
        self.assertEqual(0, self._run('sweeps', '--short', holds=False))

    def test_one_that_is_not_there_is_refused(self):
        self.assertRaises(SystemExit, program.main, ['--dry', 'nothing'])

    def test_each_is_explained(self):
        page = (pages.ROOT / 'benchmarks' / 'README.rst').read_text()
        for name in program.NAMES:
            self.assertIn(f'``{name}``', page)
            self.assertTrue(
                (pages.ROOT / 'benchmarks' / f'{name}.py').exists(), name)
