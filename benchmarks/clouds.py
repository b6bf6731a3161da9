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

"""A simulated cloud of a given size, in a process of its own.

``python -m benchmarks.clouds`` is that process: a sandbox with so many
servers and volumes, a tenth as many stacks of ten resources (four servers,
three volumes and three attachments, which are among the others), and 200
hosts. The same seed makes the same cloud.
"""

import argparse
import contextlib
import os
import subprocess
import sys

from keystoneauth1 import identity
import requests

from synchronizer.cloud import cloud as cloud_module
from synchronizer.cloud import session as cloud_session
from synchronizer.sandbox import cloud as sandbox_cloud
from synchronizer.sandbox import http

HOSTS = 200
IN_A_STACK = {'servers': 4, 'volumes': 3}
RESOURCES = 10
AGE = 86400.0
"""Seconds since all was made: what is young is looked at again."""

USER = {'username': 'admin', 'password': sandbox_cloud.PASSWORD,
        'project_name': 'admin', 'user_domain_id': 'default',
        'project_domain_id': 'default'}


class Filled(sandbox_cloud.SandboxCloud):
    """A large cloud; nothing in it is nested."""

    def __init__(self, size, seed):
        super().__init__(seed, HOSTS, servers=0, volumes=0, stacks=0)
        now = self.now
        born = now() - AGE
        self.now = lambda: born
        stacks = max(1, size // RESOURCES)
        for number in range(stacks):
            self.create_stack(f'stack-{number}', self._owner(number),
                              **IN_A_STACK)
        servers = [self._server(number) for number in range(
            size - stacks * IN_A_STACK['servers'])]
        for number in range(size - stacks * IN_A_STACK['volumes']):
            volume = self.create_volume(
                f'volume-{number}', 1 + number % 5, self._owner(number))
            if number % 2:
                self.attach_volume(servers[number % len(servers)], volume)
        self.now = now
        self.journal.clear()

    def nested_stacks(self, stack):
        return []

    def _server(self, number):
        return self.boot(f'server-{number}', self._owner(number),
                         metadata={'n': str(number)})

    @staticmethod
    def _owner(number):
        return sandbox_cloud.PROJECTS[1 + number % 2]

    def touch(self, share, mark):
        """Change that share of servers, volumes and stacks, evenly."""
        for kind, change in (
                ('nova.instance', self._touch_server),
                ('cinder.volume', self._touch_volume),
                ('heat.stack', self._touch_stack)):
            for row in self.rows(kind)[::round(1 / share)]:
                change(row['id'], mark)

    def _touch_server(self, id_, mark):
        self.set_metadata(id_, {'mark': mark})

    def _touch_volume(self, id_, mark):
        self.set_volume_metadata(id_, {'mark': mark})

    def _touch_stack(self, id_, mark):
        self.update_stack(id_, tags=[mark])


class Cloud:
    """The way to such a cloud, from the process that is measured."""

    def __init__(self, size, seed):
        self.size = size
        self._stack = contextlib.ExitStack()
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'benchmarks.clouds', '--size', str(size),
             '--seed', str(seed)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self._stack.callback(self._process.wait)
        self._stack.callback(self._process.terminate)
        self.auth_url = self._process.stdout.readline().strip()
        if not self.auth_url:
            self.close()
            raise SystemExit('the simulated cloud did not start')
        self.root = self.auth_url.removesuffix('/identity/v3')

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """End its process."""
        self._stack.close()

    def client(self):
        """See below."""
        return client(self.auth_url)

    def bare(self):
        """A session of requests that nothing is around, with a token."""
        session = self._stack.enter_context(requests.Session())
        answer = session.post(f'{self.auth_url}/auth/tokens', json={'auth': {
            'identity': {'methods': ['password'], 'password': {'user': {
                'name': USER['username'], 'domain': {'id': 'default'},
                'password': USER['password']}}},
            'scope': {'project': {'name': USER['project_name'],
                                  'domain': {'id': 'default'}}}}})
        answer.raise_for_status()
        session.headers['X-Auth-Token'] = answer.headers['X-Subject-Token']
        self.project = answer.json()['token']['project']['id']
        return session

    def touch(self, share, mark):
        """Have that share of it changed."""
        print(f'{share} {mark}', file=self._process.stdin, flush=True)
        self._process.stdout.readline()

    def requests(self):
        """How many requests there were so far."""
        answer = requests.get(f'{self.root}/_sandbox/requests', timeout=60)
        return sum(count for path, count in answer.json()['requests'].items()
                   if '/_sandbox' not in path)

    def seconds(self):
        """The CPU that its process has used so far."""
        with open(f'/proc/{self._process.pid}/stat', encoding='ascii') as of:
            fields = of.read().rpartition(') ')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def client(auth_url):
    """The way to a cloud as the service has it, with a token of its own."""
    return cloud_module.Cloud(cloud_session.build(
        identity.V3Password(auth_url, **USER)))


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.clouds', description=__doc__)
    parser.add_argument('--size', type=int, default=10000)
    parser.add_argument('--seed', type=int, default=1)
    args = parser.parse_args(arguments)
    cloud = Filled(args.size, args.seed)
    with http.SandboxServer(cloud) as server:
        print(server.auth_url, flush=True)
        for line in sys.stdin:
            share, mark = line.split()
            cloud.touch(float(share), mark)
            print(flush=True)


if __name__ == '__main__':
    main()
