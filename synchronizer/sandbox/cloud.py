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

"""The true cloud: people, sizes, settings, and every verb in one place."""

from collections.abc import Callable
import time
from typing import Any

from synchronizer.sandbox import block
from synchronizer.sandbox import compute
from synchronizer.sandbox import stacks as heat_stacks
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.state import SandboxError
from synchronizer.sandbox.truth import Truth

PASSWORD = 'sandbox'  # nosec: of a cloud that is not there
PROJECTS = ('admin', 'demo', 'alpha')
# user: (home project, roles, every project?)
USERS = {'admin': ('admin', ('admin', 'member', 'reader'), True),
         'demo': ('demo', ('member', 'reader'), False),
         'alice': ('alpha', ('member', 'reader'), False)}
FLAVORS = (('f.nano', 1, 64, 1), ('f.tiny', 1, 512, 1),
           ('f.small', 1, 2048, 20), ('f.medium', 2, 4096, 40),
           ('f.large', 4, 8192, 80))


class SandboxCloud(compute.ComputeVerbs, block.VolumeVerbs,
                   heat_stacks.StackVerbs):
    """What is true; the endpoints only show it.

    The same seed, sizes and clock make the same cloud. `cloud.call(verb)`
    refuses what is not a verb.
    """

    def __init__(self, seed: int = 1, hosts: int = 5, servers: int = 40,
                 volumes: int = 20, stacks: int = 8, cells: int = 2,
                 now: Callable[[], float] = time.time,
                 page_limit: int = 1000,
                 token_lifetime: float = 3600.0) -> None:
        super().__init__(seed, now)
        self.page_limit = page_limit
        self.token_lifetime = token_lifetime
        self.nova_max_version = '2.104'
        self.cinder_max_version = '3.71'
        self.heat_global_tenant = False
        # users whom a rule of Nova lets list the servers of all projects,
        # and nothing else of an administrator's
        self.nova_listers: frozenset[str] = frozenset()
        self.url = 'http://127.0.0.1'
        self.image = self.new_id()
        self.projects = {name: self.new_id().replace('-', '')
                         for name in PROJECTS}
        self.users = {name: self.new_id().replace('-', '')
                      for name in USERS}
        self._found(hosts, cells)
        self._fill(servers, volumes, stacks)

    def project_id(self, project: str | None) -> str:
        """The id of a project by name or id; the demo project for None."""
        if project in self.projects.values():
            return str(project)
        try:
            return self.projects[project or 'demo']
        except KeyError:
            raise SandboxError(f'no project {project}') from None

    def user_name_of(self, project: str | None) -> str:
        """Who works in a project."""
        home = self.project_id(project)
        return next(name for name, user in USERS.items()
                    if self.projects[user[0]] == home)

    def user_of(self, project: str | None) -> str:
        """The id of who works in a project."""
        return self.users[self.user_name_of(project)]

    def call(self, verb: str, **args: Any) -> Any:
        """Do one verb by its name."""
        if verb not in VERBS:
            raise SandboxError(f'no verb {verb}')
        try:
            return getattr(self, verb)(**args)
        except TypeError as exc:
            raise SandboxError(str(exc)) from exc

    def truth(self, nova: str | None = None, cinder: str | None = None
              ) -> dict[str, dict[str, Row]]:
        """All records by type and id, as the listings would show them."""
        return Truth(self, nova, cinder).everything()

    def history(self, kind: str | None = None, nova: str | None = None,
                cinder: str | None = None
                ) -> list[tuple[float, str, str, Row | None]]:
        """(time, type, id, record or None) of all that ever happened."""
        return Truth(self, nova, cinder).history(kind)

    def _found(self, hosts: int, cells: int) -> None:
        for binary in ('nova-scheduler', 'nova-conductor'):
            self.add_service(binary, block.CONTROL)
        names = [self.add_host(f'compute-{i}', f'cell{1 + i % cells}')
                 for i in range(hosts)]
        self.create_aggregate('rack1', hosts=names[:(hosts + 1) // 2])
        self.create_aggregate('rack2', 'az2', names[(hosts + 1) // 2:])
        for flavor in FLAVORS:
            self.create_flavor(*flavor)
        self.create_flavor('f.private', 8, 16384, 160, is_public=False)
        self.add_cinder_service('cinder-scheduler', block.CONTROL)
        self.add_cinder_service('cinder-backup', block.CONTROL)
        for backend in ('fast', 'slow'):
            self.add_backend(backend)
        for kind in heat_stacks.TYPES:
            self.put('heat.resource_type', kind, {'name': kind})
        for _ in range(2):
            key = self.new_id()
            self.put('heat.service', key, {
                'id': key, 'engine_id': self.new_id(), 'up': True,
                'created': self.now(), 'seen': self.now()})

    def _fill(self, servers: int, volumes: int, stacks: int) -> None:
        """What the sizes ask for; a stack's own servers come on top."""
        now, total = self.now, servers + volumes + stacks
        clock = iter(range(int(now()) - total, int(now()) + 1))
        self.now = lambda: float(self._birth)
        for verb, count in ((self._fill_server, servers),
                            (self._fill_volume, volumes),
                            (self._fill_stack, stacks)):
            for i in range(count):
                self._birth = next(clock)
                verb(i)
        self.now = now

    def _fill_server(self, i: int) -> None:
        project = PROJECTS[1 + i % 2]
        server = self.boot(f'server-{i}', project, metadata={'n': str(i)})
        if i % 20 == 0:
            self.create_server_group(f'group-{i}', members=[server])
        elif i % 20 == 2:
            self.join_group(self.rows('nova.server_group')[-1]['id'], server)

    def _fill_volume(self, i: int) -> None:
        servers = self.rows(compute.SERVER) if i % 2 else []
        volume = self.create_volume(f'volume-{i}', 1 + i % 5,
                                    PROJECTS[1 + i % 2])
        if servers:
            self.attach_volume(servers[i % len(servers)]['id'], volume)
        if i % 5 == 0:
            self.create_snapshot(volume)
        if i % 10 == 0:
            self.create_backup(volume)

    def _fill_stack(self, i: int) -> None:
        self.create_stack(f'stack-{i}', PROJECTS[1 + i % 2],
                          nested=2 if i % 2 else 0, depth=1 + i % 4 // 3,
                          config=i % 4 == 0, tags=['seeded'] if i % 3 else
                          None)


VERBS = frozenset(
    name for base in (compute.ComputeVerbs, compute.hosts.HostVerbs,
                      block.VolumeVerbs, heat_stacks.StackVerbs)
    for name, value in vars(base).items()
    if callable(value) and not name.startswith('_'))
