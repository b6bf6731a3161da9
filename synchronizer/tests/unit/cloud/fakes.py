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

"""A service behind requests-mock, and a clock that tests own."""

from keystoneauth1 import adapter
from keystoneauth1 import fixture as ksa_fixture
from keystoneauth1 import identity
from requests_mock.contrib import fixture as requests_fixture

from synchronizer.cloud import api
from synchronizer.cloud import patience
from synchronizer.cloud import session
from synchronizer.tests import base

AUTH = 'http://keystone/v3'
NOVA = 'http://nova/v2.1'
THINGS = f'{NOVA}/things'


class Clock:
    """Moves when somebody waits, and by what each request takes."""

    def __init__(self):
        self.now = 1000.0
        self.waited = []
        self.stops = False

    def monotonic(self):
        return self.now

    def wall(self):
        return 1800000000.0 + self.now

    # what Api uses of threading.Event
    def wait(self, seconds):
        self.waited.append(seconds)
        self.now += seconds
        return self.stops

    def is_set(self):
        return False


def token(region='RegionOne', url=NOVA):
    made = ksa_fixture.V3Token()
    made.set_project_scope()
    service = made.add_service('compute')
    service.add_standard_endpoints(public=url, region=region)
    return made


def version_document(low, high):
    return {'version': {
        'id': 'v2.1', 'status': 'CURRENT', 'version': high,
        'min_version': low, 'links': [{'rel': 'self', 'href': f'{NOVA}/'}]}}


class ApiTestCase(base.TestCase):
    """An Api of a service that requests-mock plays."""

    def setUp(self):
        super().setUp()
        self.http = self.useFixture(requests_fixture.Fixture())
        self.clock = Clock()
        self.counted = []
        self.http.post(f'{AUTH}/auth/tokens', json=token(),
                       headers={'X-Subject-Token': 'first'})
        self.offer('2.1', '2.104')
        self.api = self.make_api()

    def make_api(self, **given):
        auth = identity.V3Password(
            AUTH, username='sync', password='secret', project_name='admin',
            user_domain_id='default', project_domain_id='default')
        self.session = session.build(auth)
        http = adapter.Adapter(
            self.session, service_type='compute', interface='public')
        return api.Api('nova', http, **{
            'patience': patience.Patience(), 'stop': self.clock,
            'monotonic': self.clock.monotonic, 'wall': self.clock.wall,
            'rng': lambda low, high: high,
            'on_request': lambda *args: self.counted.append(args), **given})

    def offer(self, low, high):
        """The microversions that the service tells of."""
        document = version_document(low, high)
        self.http.get(NOVA, json=document)
        self.http.get(f'{NOVA}/', json=document)

    def play(self, *answers, url=THINGS, seconds=1.0):
        """Each answer is a dict of requests-mock; each takes a second."""
        def slow(answer):
            def body(request, context):
                self.clock.now += seconds
                context.status_code = answer.get('status_code', 200)
                context.headers.update(answer.get('headers', {}))
                return answer.get('text', '{"things": []}')
            return body
        self.http.get(url, [
            answer if 'exc' in answer else {'text': slow(answer)}
            for answer in answers])

    def sent(self, path='/v2.1/things'):
        return [request for request in self.http.request_history
                if request.path == path]

    def logins(self):
        return [request for request in self.http.request_history
                if request.method == 'POST']
