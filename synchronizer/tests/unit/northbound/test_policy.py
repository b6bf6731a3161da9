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

"""Who may ask for what: the files, the caller, and the requests."""

import importlib.metadata
import os
import pathlib
import tempfile

from oslo_config import cfg

from synchronizer import exception
from synchronizer.northbound import endpoint
from synchronizer.northbound import policies
from synchronizer.northbound import policy
from synchronizer.tests import base
from synchronizer.tests.unit.northbound import test_endpoint
from synchronizer.tests.unit.northbound.filled import CINDER
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA

ADMIN = {'roles': ['Admin'], 'project_id': 'p'}
READER = {'roles': ['reader'], 'project_id': 'p'}
NOBODY = {}


class PolicyCase(base.TestCase):

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.file = self.directory / 'policy.yaml'
        self.now = 100.0

    def conf(self, text='', named=False):
        path = self.directory / 'synchronizer.conf'
        path.write_text(text + (
            '[oslo_policy]\npolicy_file = policy.yaml\n' if named else ''))
        conf = cfg.ConfigOpts()
        policy.register_opts(conf)
        conf(['--config-file', str(path)], project='synchronizer')
        return conf

    def policy(self, text=None, **kwargs):
        if text is not None:
            self.write(text)
        return policy.Policy(self.conf(**kwargs), lambda: self.now)

    def write(self, text, path=None):
        path = path or self.file
        path.write_text(text)
        # two writes may fall into one tick of the file system's clock
        self.now += 1
        os.utime(path, (self.now, self.now))

    def may(self, permit, request, context, *types):
        try:
            permit.demand(request, context, types or None)
        except exception.Forbidden:
            return False
        return True


class RulesTest(PolicyCase):

    def test_without_a_file_everybody_may_everything(self):
        permit = self.policy()
        for request in policies.REQUESTS:
            self.assertTrue(self.may(permit, request, NOBODY))
            self.assertTrue(self.may(permit, request, NOBODY, NOVA, HEAT))

    def test_every_request_of_the_contract_has_a_rule(self):
        requests = {name for name in dir(endpoint.Endpoint)
                    if hasattr(getattr(endpoint.Endpoint, name), 'exposed')}
        self.assertEqual(requests | {policies.FRESH},
                         set(policies.REQUESTS))

    def test_rules_between_are_seen_through(self):
        permit = self.policy('"synchronizer:read": "rule:all"\n'
                             '"all": "rule:most"\n"most": "@"\n'
                             '"synchronizer:get": "rule:some"\n'
                             '"some": "role:admin"\n')
        self.assertTrue(self.may(permit, 'get_all', READER, NOVA))
        self.assertFalse(self.may(permit, 'get', READER, NOVA))
        self.assertTrue(self.may(permit, 'get', ADMIN, NOVA))

    def test_one_rule_stands_behind_all(self):
        permit = self.policy('"synchronizer:read": "role:admin"\n')
        for request in policies.REQUESTS:
            self.assertTrue(self.may(permit, request, ADMIN, NOVA))
            self.assertFalse(self.may(permit, request, READER, NOVA))
            self.assertFalse(self.may(permit, request, NOBODY, NOVA))

    def test_a_rule_of_its_own(self):
        permit = self.policy('"synchronizer:get_history": "role:admin"\n')
        self.assertFalse(self.may(permit, 'get_history', READER, NOVA))
        self.assertTrue(self.may(permit, 'get_all', READER, NOVA))

    def test_some_types_for_some(self):
        permit = self.policy(
            '"synchronizer:read": "role:admin or'
            " 'nova.flavor':%(type)s or 'cinder':%(plugin)s\"\n")
        self.assertTrue(self.may(permit, 'get', READER, 'nova.flavor'))
        self.assertTrue(self.may(permit, 'get', READER, CINDER))
        self.assertFalse(self.may(permit, 'get', READER, HEAT))
        self.assertFalse(self.may(permit, 'get', READER, CINDER, HEAT))
        # it names no type
        self.assertFalse(self.may(permit, 'describe', READER))
        self.assertTrue(self.may(permit, 'describe', ADMIN))
        self.assertEqual((CINDER,), permit.choose(
            'get_all', READER, [NOVA, CINDER, HEAT]))
        self.assertRaises(exception.Forbidden, permit.choose,
                          'get_all', READER, [NOVA, HEAT])

    def test_what_a_caller_says_of_himself(self):
        permit = self.policy(
            '"synchronizer:get": "project_id:p and user_id:u"\n'
            '"synchronizer:get_all": "is_admin:True"\n'
            '"synchronizer:get_at": "system_scope:all"\n')
        self.assertTrue(self.may(
            permit, 'get', {'project_id': 'p', 'user_id': 'u'}, NOVA))
        self.assertFalse(self.may(permit, 'get', {'project_id': 'p'}, NOVA))
        self.assertTrue(self.may(
            permit, 'get_all', {'is_admin': True}, NOVA))
        self.assertFalse(self.may(
            permit, 'get_all', {'is_admin': False}, NOVA))
        self.assertTrue(self.may(
            permit, 'get_at', {'system_scope': 'all'}, NOVA))

    def test_nonsense_makes_nobody_somebody(self):
        permit = self.policy('"synchronizer:read": "role:admin"\n')
        for context in (None, [], 'admin', {'roles': 'admin'},
                        {'roles': {'admin': 1}}, {'roles': 5},
                        {'roles': [['admin'], None]}):
            self.assertFalse(self.may(permit, 'get', context, NOVA))


class FilesTest(PolicyCase):

    def refused(self, text, **kwargs):
        self.write(text)
        error = self.assertRaises(exception.ConfigurationError,
                                  policy.check, self.conf(**kwargs))
        self.assertNotIn('\n', str(error))
        self.assertIn('[oslo_policy] policy_file: policy.yaml', str(error))
        return str(error)

    def test_what_is_no_yaml(self):
        self.refused('"synchronizer:get": "role:admin\n')
        self.refused('- a list\n')

    def test_a_rule_that_cannot_be_understood(self):
        for rule in ('admin', 'role:admin or reader', 'not admin',
                     'role:admin or', ''):
            self.assertIn(
                'synchronizer:get cannot be understood',
                self.refused(f'"synchronizer:get": {rule}\n'))
        self.refused('"synchronizer:get": 5\n')

    def test_who_says_nobody_is_understood(self):
        permit = self.policy('"synchronizer:get": "!"\n'
                             '"synchronizer:get_at": "not ( ! or role:x )"\n')
        self.assertFalse(self.may(permit, 'get', ADMIN, NOVA))
        self.assertTrue(self.may(permit, 'get_at', ADMIN, NOVA))

    def test_a_rule_that_is_not_there(self):
        self.assertIn('synchronizer:get',
                      self.refused('"synchronizer:get": "rule:owner"\n'))
        self.assertIn('themselves', self.refused(
            '"a": "rule:b"\n"b": "rule:a"\n"synchronizer:get": "rule:a"\n'))

    def test_a_request_that_is_not_there(self):
        self.assertIn(
            'did you mean synchronizer:get_history?',
            self.refused('"synchronizer:get_histroy": "role:admin"\n'))

    def test_names_of_the_operator_s_own(self):
        permit = self.policy('"owner": "project_id:p"\n'
                             '"synchronizer:get": "rule:owner"\n')
        self.assertTrue(self.may(permit, 'get', READER, NOVA))

    def test_a_file_that_is_named_and_not_there(self):
        policy.check(self.conf())
        error = self.assertRaises(exception.ConfigurationError,
                                  policy.check, self.conf(named=True))
        self.assertIn('there is no such file', str(error))

    def test_the_library_says_nothing_beside_it(self):
        self.refused('"synchronizer:get": "admin"\n')
        self.assertEqual('', self.log.output)


class ChangedTest(PolicyCase):

    def test_a_changed_file_is_taken(self):
        permit = self.policy('"synchronizer:get": "!"\n')
        self.assertFalse(self.may(permit, 'get', ADMIN, NOVA))
        self.write('"synchronizer:get": "@"\n')
        self.assertTrue(self.may(permit, 'get', ADMIN, NOVA))
        self.assertIn('were read anew', self.log.output)

    def test_one_that_comes_later_is_taken(self):
        permit = self.policy()
        self.assertTrue(self.may(permit, 'get', ADMIN, NOVA))
        self.write('"synchronizer:get": "!"\n')
        self.assertFalse(self.may(permit, 'get', ADMIN, NOVA))

    def test_it_is_not_looked_for_with_each_request(self):
        permit = self.policy('"synchronizer:get": "!"\n')
        self.write('"synchronizer:get": "@"\n')
        self.now -= 1
        self.assertFalse(self.may(permit, 'get', ADMIN, NOVA))
        self.now += policy.LOOK
        self.assertTrue(self.may(permit, 'get', ADMIN, NOVA))

    def test_a_broken_one_changes_nothing_and_is_said_once(self):
        permit = self.policy('"synchronizer:get": "!"\n')
        self.write('"synchronizer:get": "admin"\n')
        for _ in range(3):
            self.assertFalse(self.may(permit, 'get', ADMIN, NOVA))
            self.assertTrue(self.may(permit, 'get_at', ADMIN, NOVA))
            self.now += policy.LOOK
        self.assertEqual(1, self.log.output.count('not taken'))
        self.write('"synchronizer:get": "role:admin"\n')
        self.assertTrue(self.may(permit, 'get', ADMIN, NOVA))

    def test_one_that_goes_opens_nothing(self):
        permit = self.policy('"synchronizer:get": "!"\n')
        self.file.unlink()
        self.now += policy.LOOK
        self.assertFalse(self.may(permit, 'get', ADMIN, NOVA))
        self.assertIn('is gone', self.log.output)
        # an editor has written it
        self.write('"synchronizer:get": "role:admin"\n')
        self.assertTrue(self.may(permit, 'get', ADMIN, NOVA))
        self.assertFalse(self.may(permit, 'get', READER, NOVA))

    def test_files_beside_it_count_too(self):
        more = self.directory / 'policy.d'
        more.mkdir()
        self.write('"synchronizer:get": "!"\n', more / 'a.yaml')
        permit = self.policy('"synchronizer:get": "@"\n')
        self.assertFalse(self.may(permit, 'get', ADMIN, NOVA))
        self.write('"synchronizer:get": "role:admin"\n', more / 'b.yaml')
        self.assertTrue(self.may(permit, 'get', ADMIN, NOVA))


class RequestTest(test_endpoint.EndpointTest):
    """What the endpoint asks, and what its caller is told."""

    def setUp(self):
        super().setUp()
        self.fill()
        self.asked = []
        self.refuse = set()
        self.endpoint._permit = self

    def demand(self, request, context, types=None):
        types = [None] if types is None else list(types)
        self.asked += [(request, type_) for type_ in types]
        if self.refuse & {request, *types}:
            raise exception.Forbidden(request)

    def choose(self, request, context, types):
        self.asked += [(request, type_) for type_ in types]
        return tuple(type_ for type_ in types if type_ not in self.refuse)

    def calls(self):
        """One of each that names a type."""
        epoch = self.call('get_all')['streams'][NOVA]['epoch']
        time = '1970-01-01T00:16:40Z'
        return {
            'get_all': {'types': [NOVA]},
            'get': {'type': NOVA, 'ids': ['a']},
            'get_changes': {'type': NOVA, 'epoch': epoch, 'since': 0},
            'get_history': {'type': NOVA, 'id': 'a'},
            'get_at': {'time': time, 'types': [NOVA]},
            'get_entity_at': {'time': time, 'type': NOVA, 'id': 'a'}}

    def test_each_request_is_asked_for_with_its_type(self):
        for request, arguments in self.calls().items():
            self.asked.clear()
            self.refuse = {request}
            self.refused(exception.Forbidden, request, **arguments)
            self.assertEqual([(request, NOVA)], self.asked)
        self.refuse = {'describe'}
        self.refused(exception.Forbidden, 'describe')

    def test_nothing_is_read_before_it_is_permitted(self):
        calls, self.store = self.calls(), None
        self.endpoint._store = self.endpoint._streams = None
        self.endpoint._past = self.endpoint._freshness = None
        for request, arguments in calls.items():
            self.refuse = {request}
            self.refused(exception.Forbidden, request, **arguments)

    def test_what_does_not_exist_is_said_first(self):
        self.refuse = {'get'}
        self.refused(exception.UnknownType, 'get', type='x.y', ids=['a'])
        self.refused(exception.InvalidArgument, 'get', type=NOVA, ids=5)

    def test_without_types_one_gets_those_that_one_may(self):
        self.refuse = {HEAT}
        answer = self.call('get_all')
        self.assertEqual({NOVA, CINDER}, answer['streams'].keys())
        self.assertEqual({NOVA}, {e['type'] for e in answer['entities']})

    def test_a_marker_opens_nothing(self):
        marker = self.call('get_all', limit=1)['marker']
        self.refuse = {HEAT}
        self.refused(exception.Forbidden, 'get_all', marker=marker)

    def test_a_listing_is_asked_for_besides(self):
        self.refuse = {policies.FRESH}
        self.call('get_all')
        self.refused(exception.Forbidden, 'get_all', max_age=0)


class ListingTest(base.TestCase):

    def test_the_rules_have_what_a_sample_needs(self):
        rules = policies.list_rules()
        self.assertEqual(
            {'synchronizer:read', *(f'synchronizer:{name}'
                                    for name in policies.REQUESTS)},
            {rule.name for rule in rules})
        for rule in rules:
            self.assertTrue(rule.description)

    def test_it_is_found_by_the_sample_generator(self):
        (point,) = importlib.metadata.entry_points(
            group='oslo.policy.policies', name='synchronizer')
        self.assertEqual(policies.list_rules, point.load())
