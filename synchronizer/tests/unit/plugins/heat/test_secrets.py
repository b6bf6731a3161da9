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

"""What never leaves the plugin."""

from synchronizer.plugins.heat import secrets
from synchronizer.plugins.heat import taint
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

CANARY = 'canary'


class TestPublic(base.TestCase):

    def test_names(self):
        for name in ('password', 'adminPass', 'admin_pass', 'OS_PASSWORD',
                     'private_key', 'SecretAccessKey', 'auth_token',
                     'deploy_stdout', 'deploy_stderr', 'user_data',
                     'deploy_signal_id', 'personality', 'apikey',
                     'console_urls', 'alarm_url', 'Credentials'):
            self.assertEqual({'a': [{'b': 1}]}, secrets.public(
                {'a': [{'b': 1, name: CANARY}]}), name)

    def test_names_that_are_none(self):
        record = {'key_name': 'x', 'flavor': 'y', 'user_data_format': 'RAW',
                  'name': 'web', 'deploy_status_code': 0, 'count': 3,
                  'value': 'z', 'passing': True, 'signal_transport': 'A'}
        self.assertEqual(record, secrets.public(record))

    def test_texts(self):
        for text in ('export PASSWORD=canary', '{"password": "canary"}',
                     'db_password: canary', '******',
                     'mysql://user:canary@host/db',
                     'https://h/?a=1&Signature=canary',
                     '-----BEGIN RSA PRIVATE KEY-----\ncanary',
                     "secret_key = 'canary'"):
            self.assertEqual({'ok': 1}, secrets.public(
                {'ok': 1, 'text': text}), text)
            self.assertEqual(['ok'], secrets.public(['ok', text]))
            self.assertIsNone(secrets.public(text))

    def test_texts_that_are_none(self):
        for text in ('#!/bin/sh\necho hi', 'the password was changed',
                     'http://host:5000/v3', 'a=b'):
            self.assertEqual(text, secrets.public(text))

    def test_what_calls_itself_a_secret(self):
        plain = {'name': 'a', 'type': 'String', 'value': 'b'}
        named = {'name': 'db_password', 'default': CANARY, 'value': CANARY}
        marked = {'name': 'c', 'type': 'String', 'hidden': True,
                  'value': CANARY}
        self.assertEqual(
            [plain, {'name': 'db_password'},
             {'name': 'c', 'type': 'String', 'hidden': True}],
            secrets.public([plain, named, marked]))
        config = {'config': CANARY, 'options': {'sensitive': 'true'},
                  'inputs': []}
        self.assertEqual({'options': {'sensitive': 'true'}, 'inputs': []},
                         secrets.public(config))

    def test_a_real_servers_metadata(self):
        shown = fakes.sample('heat.metadata')
        password = shown['metadata']['os-collect-config']['heat']['password']
        public = str(secrets.public(shown))
        self.assertNotIn(password, public)
        self.assertIn('os-collect-config', public)

    def test_attributes_that_are_secret_by_their_type(self):
        random = {'resource_type': 'OS::Heat::RandomString'}
        shown = {'attributes': {'value': CANARY, 'show': 1}}
        self.assertEqual({'attributes': {'show': 1}},
                         secrets.of_resource(random, shown))
        other = {'resource_type': 'OS::Heat::Value'}
        self.assertEqual(shown, secrets.of_resource(other, shown))


HIDDEN = {
    'parameters': {'open': {'type': 'string'},
                   'shy': {'type': 'string', 'hidden': True}},
    'resources': {
        'free': {'properties': {'value': {'get_param': 'open'}}},
        'direct': {'properties': {'a': [{'get_param': 'shy'}]}},
        'path': {'properties': {'a': {'get_param': ['shy', 'x']}}},
        'joined': {'properties': {'a': {'str_replace': {
            'template': 'x', 'params': {'x': {'get_param': 'shy'}}}}}},
        'after': {'properties': {'a': {'get_attr': ['direct', 'output']}}},
        'reference': {'properties': {'a': {'get_resource': 'free'}}}},
    'outputs': {'o': {'value': {'get_attr': ['after', 'output']}},
                'p': {'value': {'get_resource': 'free'}}}}


class TestTainted(base.TestCase):

    def test_hot(self):
        found = taint.tainted(HIDDEN)
        self.assertEqual({'direct', 'path', 'joined', 'after'},
                         found.resources)
        self.assertEqual({'o'}, found.outputs)

    def test_cfn(self):
        found = taint.tainted({
            'Parameters': {'Shy': {'NoEcho': 'true'}, 'Open': {}},
            'Resources': {
                'A': {'Properties': {'x': {'Ref': 'Shy'}}},
                'B': {'Properties': {'x': {'Fn::GetAtt': ['A', 'y']}}},
                'C': {'Properties': {'x': {'Fn::Sub': 'a-${A.y}-b'}}},
                'D': {'Properties': {'x': {'Ref': 'Open'}}}}})
        self.assertEqual({'A', 'B', 'C'}, found.resources)

    def test_a_real_one_that_uses_it_nowhere(self):
        self.assertEqual(taint.Tainted(),
                         taint.tainted(fakes.sample('heat.template')))

    def test_no_template(self):
        for body in (None, [], {}, {'resources': None}, {'parameters': []}):
            self.assertEqual(taint.Tainted(), taint.tainted(body))
