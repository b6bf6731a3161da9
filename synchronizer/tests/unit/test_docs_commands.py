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

"""No command on any page rots: each is run by a test, or can be typed.

Whoever shows a new one has it run by a test of its page, or lets
``tests/command_lines.py`` see whether it is right, or says here why nobody
here can do either.
"""

import importlib
import pathlib
import re

import fixtures
import testtools

from synchronizer.tests import base
from synchronizer.tests import command_lines
from synchronizer.tests import pages

FUNCTIONAL = 'synchronizer.tests.functional.'

# pages of which a test types all commands; it reads them from the page
TYPED = {
    'doc/source/admin/notifications.rst':
        FUNCTIONAL + 'test_operator_pages.NotificationsPageTest',
    'doc/source/admin/operating.rst':
        FUNCTIONAL + 'test_operator_pages.OperatingPageTest',
    'doc/source/admin/security.rst':
        FUNCTIONAL + 'test_bus_access.AccessTest',
    'doc/source/contributor/plugin-tutorial.rst':
        FUNCTIONAL + 'test_plugin_page.PluginPageTest',
    'doc/source/tutorial.rst':
        FUNCTIONAL + 'test_tutorial_page.TutorialPageTest',
    'doc/source/user/command.rst':
        'synchronizer.tests.component.test_command_page.CommandPageTest',
}

# how a command begins that a test carries out in its own way, and the test
DONE = {
    'curl -s http://127.0.0.1:9758/': FUNCTIONAL + 'test_metrics.HealthTest',
    'kill -USR2 ': FUNCTIONAL + 'test_metrics.ReportTest',
    'oslo-config-validator ': FUNCTIONAL + 'test_packages.ConfigurationTest',
    'oslopolicy-': FUNCTIONAL + 'test_packages.PolicyToolsTest',
    'tempest ': 'synchronizer.tests.cloud.test_tempest.TempestTest',
}

# what is of others, and of the machine that it is typed at
OTHERS = frozenset((
    'cd cloud',
    'export OS_CLOUD=admin OS_CLOUD_BUS=rabbit://USER:PASSWORD@HOST:5672//',
    'openstack role add --project service --user synchronizer admin',
    'openstack user create --domain default --password-prompt synchronizer',
    'source /opt/stack/data/venv/bin/activate',
    'systemd-sysusers',
))


def _test_of(text):
    """The test that carries it out in its own way."""
    found = [test for start, test in DONE.items() if text.startswith(start)]
    return found[0] if found else None


def _every():
    return [command for page in pages.all_pages()
            for command in pages.commands(page)]


def _command(text):
    return pages.Command('a page', text, ())


@testtools.skipUnless(pages.DOCS.exists(), 'needs the source tree')
class CommandsTest(base.TestCase):

    def test_each_is_run_or_can_be_typed(self):
        rotten = [
            (command.page, command.text, problem)
            for command in _every()
            if command.page not in TYPED and command.text not in OTHERS
            and not _test_of(command.text)
            for problem in [command_lines.problem(command)] if problem]
        self.assertEqual([], rotten)

    def test_the_tests_that_run_them_are_there(self):
        for name in {*TYPED.values(), *DONE.values()}:
            module, _, test = name.rpartition('.')
            self.assertTrue(issubclass(
                getattr(importlib.import_module(module), test),
                base.TestCase), name)

    def test_those_that_type_a_page_read_it(self):
        for page, test in TYPED.items():
            module = importlib.import_module(test.rpartition('.')[0])
            source = pathlib.Path(module.__file__).read_text()
            self.assertIn(pathlib.PurePath(page).name, source)

    def test_nothing_is_excused_that_no_page_shows(self):
        shown = [command.text for command in _every()]
        self.assertEqual(set(), OTHERS - set(shown))
        for start in DONE:
            self.assertTrue(any(
                text.startswith(start) for text in shown), start)
        for page in TYPED:
            self.assertNotEqual([], pages.commands(page), page)


@testtools.skipUnless(pages.DOCS.exists(), 'needs the source tree')
class RottenTest(base.TestCase):
    """What is wrong is seen."""

    def test_of_ours(self):
        for text in ('synchronizer get-all --stage ACTIVE',
                     'synchronizer graf orphans',
                     'synchronizer-manage stream paws nova.zone',
                     'synchronizer-manage journal purge --kep 10',
                     'synchronizer-status upgrade czech',
                     'synchronizer-service --al-in-one',
                     '.venv/bin/synchronizer-manage db downgrade'):
            self.assertIsNotNone(
                command_lines.problem(_command(text)), text)

    def test_of_the_source_tree(self):
        for text in ('make dogs', 'tox -e dogs', 'tools/test.shh unit',
                     'pip install synchronizer[oracle]',
                     'python -m synchronizer.sandpit',
                     'stestr run test_flours', 'fortune',
                     'systemctl enable synchroniser',
                     "rabbitmqctl set_policy x '^(' '{}'"):
            self.assertIsNotNone(_problem(text), text)

    def test_what_is_right_is_right(self):
        for text in ('synchronizer --timeout 3 show nova.instance web-1',
                     'synchronizer get-all --at -5m > cloud.txt',
                     'synchronizer-manage --config-file x.conf stream list',
                     'synchronizer-status upgrade check',
                     'synchronizer-service --config-file /none/x.conf',
                     'make run ARGS="--for 3"', 'tox -e docs',
                     'tools/test.sh unit'):
            self.assertIsNone(command_lines.problem(_command(text)), text)


def _problem(text):
    """A pattern that is none is an error of its own kind."""
    try:
        return command_lines.problem(_command(text))
    except re.error as error:
        return str(error)


class PagesTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.tests.pages.ROOT', pathlib.Path(
                self.useFixture(fixtures.TempDir()).path)))

    def commands(self, text):
        (pages.ROOT / 'page.rst').write_text(text)
        return [(command.text, command.output)
                for command in pages.commands('page.rst')]

    def test_a_prompt(self):
        self.assertEqual(
            [('one', ('said', '  more')), ('two a b', ())],
            self.commands('.. code-block:: console\n\n'
                          '   $ one\n   said\n     more\n'
                          '   $ two a \\\n       b\n\nmake text\n'))

    def test_no_prompt(self):
        self.assertEqual([('make run', ()), ('.venv/bin/python -m x', ())],
                         self.commands('Do so::\n\n    make run\n\n'
                                       '    .venv/bin/python -m x\n'))

    def test_in_a_list(self):
        self.assertEqual([('make run', ())], self.commands(
            '#. Do so::\n\n     make run\n\n   make no mistake\n'))

    def test_what_is_no_command(self):
        self.assertEqual([], self.commands(
            'It says::\n\n  synchronizer-service: no\n  INFO make\n\n'
            '.. code-block:: ini\n\n   make = 1\n\n'
            '.. code-block:: console\n   :caption: file\n\n   $ make\n'))

    def test_a_file(self):
        (pages.ROOT / 'page.rst').write_text(
            '.. code-block:: ini\n   :caption: x.conf\n\n   [a]\n   b = 1\n')
        self.assertEqual({'x.conf': '[a]\nb = 1\n'},
                         pages.files('page.rst'))

    def test_words_end_with_a_pipe(self):
        self.assertEqual(['make', 'a b'], pages.Command(
            'x', "X=1 make 'a b' | less", ()).words)
