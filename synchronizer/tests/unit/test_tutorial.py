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

"""The blocks of the plugin tutorial, executed as they stand."""

import pathlib
import random
import re
import sys
import textwrap
import tomllib
import types
import unittest
from unittest import mock

import fixtures
from keystoneauth1 import fixture as ksa_fixture
from keystoneauth1 import identity
from oslo_config import cfg
from requests_mock.contrib import fixture as requests_fixture
import testtools

import synchronizer
from synchronizer import conf as conf_module
from synchronizer import conformance
from synchronizer import exception
from synchronizer.cloud import cloud as cloud_module
from synchronizer.cloud import loader
from synchronizer.cloud import session as session_module
from synchronizer.collector import runner
from synchronizer.collector import settings
from synchronizer.plugins import hints
from synchronizer.plugins import registry
from synchronizer.store import base as store_base
from synchronizer.store import memory
from synchronizer.tests import base
from synchronizer.tests.unit.collector import doubles

PAGE = pathlib.Path(synchronizer.__file__).parents[1].joinpath(
    'doc', 'source', 'contributor', 'plugin-tutorial.rst')
BLOCK = re.compile(
    r'^\.\. code-block:: \w+\n   :caption: (?P<name>\S+)\n\n'
    r'(?P<text>(?:(?:   .*)?\n)+)', re.MULTILINE)
TYPE = 'neutron.port'
AUTH_URL = 'http://keystone/v3'


def blocks():
    """The text of each file on the page, by name."""
    return {found['name']: textwrap.dedent(found['text'])
            for found in BLOCK.finditer(PAGE.read_text())}


@testtools.skipUnless(PAGE.exists(), 'needs the source tree')
class TutorialTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.blocks = blocks()
        self.plugin = self.execute('synchronizer_neutron')
        self.tests = self.execute('test_synchronizer_neutron')

    def test_its_notifications_say_where_to_look(self):
        for event in ('create', 'update', 'delete'):
            found = hints.read(self.plugin.NeutronPlugin.hints,
                               f'port.{event}.end', {'port': {'id': 'p1'}},
                               told_at=None)
            self.assertEqual([(TYPE, 'p1', event == 'delete')], [
                (hint.type, hint.id, hint.gone) for hint in found])

    def execute(self, name):
        """A fresh module, which others may import until the test ends."""
        module = types.ModuleType(name)
        exec(compile(self.blocks[f'{name}.py'], name, 'exec'),
             module.__dict__)
        patcher = mock.patch.dict(sys.modules, {name: module})
        patcher.start()
        self.addCleanup(patcher.stop)
        return module


class PageTest(TutorialTestCase):

    def test_its_files(self):
        self.assertEqual(
            ['pyproject.toml', 'synchronizer_neutron.py',
             'test_synchronizer_neutron.py', 'test_conformance.py',
             'idle.py', 'synchronizer.conf'],
            list(self.blocks))

    def test_the_entry_point_names_the_plugin(self):
        project = tomllib.loads(self.blocks['pyproject.toml'])
        points = project['project']['entry-points'][registry.NAMESPACE]
        module, _, name = points['neutron'].partition(':')
        self.assertEqual({'neutron'}, set(points))
        found = getattr(sys.modules[module], name)
        self.assertEqual('neutron', found.name)
        self.assertEqual((self.plugin.Port,),
                         registry.enabled_types(found, None))

    def passed(self, module):
        """How many tests it has, which all pass."""
        suite = unittest.TestLoader().loadTestsFromModule(module)
        result = unittest.TestResult()
        suite.run(result)
        self.assertEqual(([], []), (result.failures, result.errors))
        return result.testsRun

    def test_its_own_tests_pass(self):
        self.assertEqual(7, self.passed(self.tests))

    def test_it_conforms(self):
        tests = [name for name in dir(conformance.PluginSuite)
                 if name.startswith('test_')]
        self.assertEqual(len(tests), self.passed(
            self.execute('test_conformance')))


class IdleTest(TutorialTestCase):

    def setUp(self):
        super().setUp()
        self.idle = self.execute('idle')
        self.port = self.tests.port
        self.neutron = self.tests.Neutron(
            *map(self.port, 'abc'), monotonic=doubles.Clock().advance)
        self.made = self.plugin.NeutronPlugin(_NoCloud())
        self.made.session = lambda kind: self.neutron

    def lint(self, **changed):
        """What is found where port b gets these fields meanwhile."""
        def wait():
            self.neutron.ports['b'] = {**self.neutron.ports['b'], **changed}
        return list(self.idle.lint(self.made, wait))

    def test_idle(self):
        self.assertEqual([], self.lint(
            revision_number=2, updated_at='2026-11-20T10:00:00Z'))

    def test_the_order_of_addresses_is_nothing(self):
        one, two = {'ip_address': '10.0.0.1'}, {'ip_address': '10.0.0.2'}
        self.neutron.ports['b']['fixed_ips'] = [one, two]
        self.assertEqual([], self.lint(fixed_ips=[two, one]))

    def test_not_idle(self):
        line = 'neutron.port b: attributes.beat'
        self.assertEqual([line, line], self.lint(beat=1))

    def test_a_listing_that_is_partial(self):
        self.neutron.page_size = 1
        self.neutron._page = lambda **query: {'ports': [self.port('a')]}
        error = self.assertRaises(exception.BrokenAnswer, self.lint)
        self.assertEqual('/v2.0/ports: a page came twice', str(error))


class _NoCloud:
    """Gives no way to any service."""

    def api(self, service, **options):
        return None


class StreamTest(TutorialTestCase):
    """Through runner and store; no thread is started."""

    def setUp(self):
        super().setUp()
        clock = doubles.Clock()
        self.port = self.tests.port
        self.neutron = self.tests.Neutron(
            *map(self.port, 'abc'), monotonic=clock.advance)
        made = self.plugin.NeutronPlugin(_NoCloud())
        made.session = lambda kind: self.neutron
        self.store = memory.MemoryStore(clock.wall)
        self.store.ensure([store_base.StreamSpec(TYPE, 'neutron', 600)])
        self.told = []
        self.runner = runner.Runner(
            made, [made.kind(kind) for kind in made.types], self.store,
            'here', self.told.append,
            settings.Settings(poll_interval=600, delta_interval=0),
            clock, random.Random(1))
        self.poller = self.runner.pollers[TYPE]
        self.clock = clock
        self.sweep()

    def sweep(self):
        """One sweep, and the refetches that it asks for."""
        self.poller.sweep_soon()
        while self.poller.step() <= self.clock.monotonic():
            continue
        while self.runner._refetcher.step():
            continue
        self.runner.watch()

    def row(self):
        return self.store.streams([TYPE])[TYPE]

    def changes(self, since):
        _, changes = self.store.changes_since(
            TYPE, self.row().epoch, since, 100, 1 << 20)
        return [(change.revision, change.action, change.id, change.changed,
                 change.cause) for change in changes]

    def test_the_first_sweep_creates(self):
        self.assertEqual(
            [(1, 'created', 'a', (), 'startup'),
             (2, 'created', 'b', (), 'startup'),
             (3, 'created', 'c', (), 'startup')], self.changes(0))
        row = self.row()
        self.assertEqual(('live', None, 3),
                         (row.state, row.error, row.entities))
        self.assertIn(TYPE, self.told)

    def test_an_update(self):
        self.neutron.ports['b'] = self.port(
            'b', status='DOWN', device_id='s', device_owner='compute:nova')
        self.sweep()
        self.assertEqual([(4, 'updated', 'b', (
            'state', 'relations', 'attributes.device_id',
            'attributes.device_owner', 'attributes.status'), 'sweep')],
            self.changes(3))

    def test_what_is_volatile_or_secret_is_no_change(self):
        for port in self.neutron.ports.values():
            port.update({'revision_number': 9, 'updated_at': 'later',
                         'binding:profile': {'key': 'x'}})
        self.sweep()
        self.assertEqual([], self.changes(3))

    def test_a_deletion_is_proved_between_two_requests(self):
        del self.neutron.ports['b']
        self.neutron.asked.clear()
        self.sweep()
        self.assertEqual(
            [(4, 'deleted', 'b', (), 'sweep')], self.changes(3))
        self.assertEqual(
            ['/v2.0/ports', '/v2.0/ports', '/v2.0/quotas', '/v2.0/ports/b',
             '/v2.0/quotas', '/v2.0/ports/b'],
            [path for path, _ in self.neutron.asked])
        self.assertEqual(('live', 2),
                         (self.row().state, self.row().entities))

    def test_without_the_role_nothing_is_deleted(self):
        self.neutron.ports = {}
        self.neutron.is_admin = False
        self.sweep()
        self.assertEqual([], self.changes(3))
        row = self.row()
        self.assertEqual(
            ('degraded', 'the last sweep failed: quotas: 403', 3),
            (row.state, row.error, row.entities))


class ConfigurationTest(TutorialTestCase):
    """The plain adapter finds Neutron by what the page configures."""

    def setUp(self):
        super().setUp()
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path, 'x')
        path.write_text(self.blocks['synchronizer.conf'])
        self.conf = cfg.ConfigOpts()
        conf_module.register_opts(self.conf)
        plugin = self.plugin.NeutronPlugin
        conf_module.register_plugin(
            self.conf, plugin.name, plugin.service_type, plugin.opts)
        self.conf(['--config-file', str(path)])
        self.http = self.useFixture(requests_fixture.Fixture())
        token = ksa_fixture.V3Token()
        token.set_project_scope()
        token.add_service('network').add_standard_endpoints(
            internal='http://neutron:9696', region='R')
        self.http.post(f'{AUTH_URL}/auth/tokens', json=token,
                       headers={'X-Subject-Token': 't'})

    def session(self, **changed):
        way = session_module.build(identity.V3Password(
            AUTH_URL, username='u', password='p', user_domain_id='d',
            project_name='p', project_domain_id='d'))
        self.addCleanup(way.session.close)
        options = loader.adapter_options(self.conf, 'neutron')
        made = self.plugin.NeutronPlugin(
            cloud_module.Cloud(way), self.conf.neutron.page_size,
            dict(self.conf.neutron), **{**options, **changed})
        return made.session(self.plugin.Port())

    def test_it_is_on(self):
        self.assertEqual(['nova', 'cinder', 'heat', 'neutron'],
                         self.conf.plugins)
        self.assertEqual([], conf_module.check(self.conf))

    def test_a_get(self):
        self.http.get('http://neutron:9696/v2.0/ports/a',
                      json={'port': self.tests.port('a')})
        page = self.plugin.Port().get(self.session(), 'a')
        self.assertEqual((self.tests.port('a'),), page.records)

    def test_a_lost_marker_as_neutron_says_it(self):
        self.http.get('http://neutron:9696/v2.0/ports/a', status_code=404,
                      json={'NeutronError': {'type': 'PortNotFound',
                                             'message': 'no', 'detail': ''}})
        error = self.assertRaises(
            exception.NotFound, self.session().get, '/v2.0/ports/a')
        self.assertEqual(404, error.status)

    def test_without_the_service_type_it_is_not_found(self):
        session = self.session(service_type='neutron')
        error = self.assertRaises(
            exception.Unreachable, session.get, '/v2.0/ports')
        self.assertIn('the catalogue has no such endpoint', str(error))
