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

"""The bare pages: `requests` and `json.loads`, and nothing else.

What any client must fetch, asked for as ours asks for it.
"""

import json

NOVA = {'OpenStack-API-Version': 'compute 2.104'}
CINDER = {'OpenStack-API-Version': 'volume 3.71'}
LIMIT = 1000


class Pages:
    """Reads pages over one connection, and throws them away."""

    def __init__(self, cloud):
        self._session = cloud.bare()
        self._compute = f'{cloud.root}/compute/v2.1'
        self._volume = f'{cloud.root}/volume/v3/{cloud.project}'
        self._heat = f'{cloud.root}/heat/v1/{cloud.project}'

    def _get(self, url, headers=None, **query):
        answer = self._session.get(url, headers=headers, params=query)
        if answer.status_code != 200 and 'synchronizer' not in query:
            raise SystemExit(f'{url}: {answer.status_code}')
        return json.loads(answer.content)

    def _walk(self, url, key, links, headers=None, **query):
        """The records of all pages, page by page."""
        marker = {}
        while True:
            body = self._get(url, headers, limit=LIMIT, **query, **marker)
            yield body[key]
            if not body.get(links) or not body[key]:
                return
            marker = {'marker': body[key][-1]['id']}

    def servers(self, **query):
        for _ in self._walk(f'{self._compute}/servers/detail', 'servers',
                            'servers_links', NOVA, all_tenants=1, **query):
            pass

    def volumes(self, **query):
        for _ in self._walk(f'{self._volume}/volumes/detail', 'volumes',
                            'volumes_links', CINDER, all_tenants=1,
                            **query):
            pass

    def look(self):
        """Nothing was written since tomorrow."""
        self.servers(**{'changes-since': '2099-01-01T00:00:00Z'})
        self.volumes(updated_at='gte:2099-01-01T00:00:00Z')
        self._get(f'{self._volume}/snapshots/detail', CINDER, all_tenants=1,
                  limit=1, synchronizer='scope')

    def stacks(self):
        """Of each its name and id, for what follows."""
        return [(stack['stack_name'], stack['id'])
                for page in self._walk(
                    f'{self._heat}/stacks', 'stacks', 'links',
                    show_nested=True, show_hidden=True) for stack in page]

    def resources(self, stacks):
        for name, id_ in stacks:
            self._get(f'{self._heat}/stacks/{name}/{id_}/resources')

    def listings(self):
        """What must be fetched where nothing changed."""
        self.servers()
        self.volumes()
        return self.stacks()

    def everything(self):
        """What must be fetched the first time."""
        self.resources(self.listings())
