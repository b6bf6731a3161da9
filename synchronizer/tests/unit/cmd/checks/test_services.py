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

"""Which services, versions and types the role is enough for."""

from synchronizer import exception
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import services
from synchronizer.model import reading
from synchronizer.plugins import registry
from synchronizer.service import enabled
from synchronizer.tests.unit.cmd.checks import fakes

PLUGINS = registry.load(('nova', 'cinder', 'heat'))
REFUSED = exception.Refused('nova GET: 403')


class Answer:

    def __init__(self, records):
        self._records = records

    def records(self, key):
        return self._records

    def page(self, records):
        return reading.Page(tuple(records), reading.Window(0, 1), 'now')


class Service:
    """A plugin and its session, which answer by a table."""

    microversion, project_id, page_size = '2.53', 'own', 2

    def __init__(self, plugin, answers=None):
        self.name = self.plugin = plugin
        self.answers = answers or {}
        self.asked = []
        self.versions = {}

    def kind(self, entity_type):
        return entity_type()

    def session(self, kind):
        error = self.versions.get(kind.name)
        if error:
            raise error
        return self

    def get(self, path, **query):
        self.asked.append(path)
        answer = self.answers.get(path, [])
        if callable(answer):
            answer = answer(query)
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer)


class ServicesTestCase(fakes.ChecksTestCase):

    def check(self, service, types=None, more='', **given):
        subject = self.subject(more=more)
        subject.problems = []
        subject.require_login = lambda: None
        subject.build = lambda plugin: service
        plugin = PLUGINS[service.name]
        kinds = enabled.registry.enabled_types(plugin, types)
        return services.service(subject, plugin, kinds, **given)


class NovaTest(ServicesTestCase):

    TYPES = ('nova.instance', 'nova.aggregate', 'nova.service')

    def test_all_is_well(self):
        service = Service('nova')
        self.assert_row(base.SUCCESS, self.check(service, self.TYPES))
        self.assertEqual(['/servers/detail', '/os-aggregates',
                          '/os-services'], service.asked)
        self.assertEqual(services.PAGE, service.page_size)

    def test_one_project_only(self):
        service = Service('nova', {'/servers/detail': REFUSED})
        self.assert_row(
            base.FAILURE, self.check(service, self.TYPES),
            'role is too small (nova GET: 403)', ', '.join(self.TYPES),
            'role admin')
        self.assertEqual(1, len(service.asked))

    def test_some_types_only(self):
        service = Service('nova', {'/os-services': REFUSED})
        self.assert_row(
            base.FAILURE, self.check(service, self.TYPES),
            'too small for nova.service,', '[nova] types',
            without=['nova.aggregate'])

    def test_a_service_that_is_away(self):
        service = Service('nova')
        service.versions['nova.instance'] = exception.Unreachable('gone')
        self.assert_row(base.FAILURE, self.check(service, self.TYPES),
                        'gone', 'region_name', '[nova]')

    def test_a_service_that_is_too_old_for_a_type(self):
        service = Service('nova')
        service.versions['nova.service'] = exception.Unsupported('too old')
        self.assert_row(base.FAILURE, self.check(service, self.TYPES),
                        'nova.service: too old', '[nova] types')

    def test_a_service_that_is_too_old_for_all(self):
        service = Service('nova')
        service.versions['nova.instance'] = exception.Unsupported('too old')
        self.assert_row(base.FAILURE, self.check(service, self.TYPES),
                        'too old: upgrade that service', without=['region'])

    def test_a_plugin_that_is_broken(self):
        service = Service('nova', {'/os-aggregates': KeyError('id')})
        self.assert_row(base.FAILURE, self.check(service, self.TYPES),
                        "nova.aggregate: its plugin is broken (KeyError('id'")

    def test_a_listing_that_fails(self):
        service = Service(
            'nova', {'/os-aggregates': exception.BrokenAnswer('500'),
                     '/os-services': REFUSED})
        self.assert_row(base.FAILURE, self.check(service, self.TYPES),
                        'nova.aggregate cannot be listed now: 500',
                        'too small for nova.service')
        del service.answers['/os-services']
        self.assert_row(base.WARNING, self.check(service, self.TYPES))

    def test_after_a_listing_that_takes_too_long_no_other_is_tried(self):
        service = Service(
            'nova', {'/os-aggregates': exception.Unreachable('timed out')})
        self.assert_row(base.WARNING, self.check(service, self.TYPES),
                        'nova.aggregate', 'timed out')
        self.assertNotIn('/os-services', service.asked)


    def test_a_slow_service_keeps_what_was_found(self):
        service = Service('nova', {'/os-aggregates': REFUSED})
        times = iter((0.0, 1.0, services.LOOKS, services.LOOKS + 0.1))
        self.assert_row(
            base.FAILURE,
            self.check(service, (*self.TYPES, 'nova.zone'),
                       timer=lambda: next(times)),
            'nova.service, nova.zone were not looked at: the service is slow',
            'too small for nova.aggregate,')
        self.assertNotIn('/os-services', service.asked)

    def test_what_was_begun_in_time_may_end(self):
        self.assertGreater(
            services.LIMIT, services.LOOKS + sum(services.subject_module
                                                 .TIMEOUT))


class CinderTest(ServicesTestCase):

    def test_one_project_only(self):
        service = Service('cinder', {'/snapshots/detail': [{'id': 'a'}]})
        self.assert_row(base.FAILURE, self.check(
            service, ['cinder.volume']), 'one project only', 'cinder.volume')

    def test_all_of_them(self):
        self.assert_row(base.SUCCESS, self.check(
            Service('cinder'), ['cinder.volume', 'cinder.service']))


class HeatTest(ServicesTestCase):

    def heat(self, global_=REFUSED, plain=(), services_=()):
        return Service('heat', {
            '/stacks': lambda query: global_ if 'global_tenant' in query
            else list(plain), '/services': services_})

    def test_the_policy_shows_all(self):
        self.assert_row(base.SUCCESS, self.check(self.heat(global_=[])))

    def test_an_administrator(self):
        self.assert_row(base.SUCCESS, self.check(
            self.heat(plain=[{'project': 'other'}])))

    def test_an_administrator_of_an_empty_heat(self):
        self.assert_row(base.SUCCESS, self.check(self.heat()))

    def test_somebody_of_one_project(self):
        service = self.heat(plain=[{}], services_=REFUSED)
        self.assert_row(
            base.WARNING, self.check(service, ['heat.stack']),
            'only the stacks of project own')
        self.assert_row(
            base.FAILURE, self.check(service, ['heat.stack',
                                               'heat.service']),
            'too small for heat.service,')

    def test_somebody_of_one_project_cannot_mark(self):
        self.assert_row(
            base.FAILURE, self.check(
                self.heat(plain=[{}]), ['heat.stack', 'heat.resource'],
                '[reality]\nenable_observer = true\nact = mark-unhealthy\n'),
            '[reality] act')
