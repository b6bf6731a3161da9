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

"""What all tests have: a mirror of the service, and Heat."""

from collections.abc import Callable
from typing import Any

from tempest import config
from tempest.lib import exceptions
from tempest.lib.common.utils import data_utils
from tempest.lib.common.utils import test_utils
from tempest.scenario import manager

from synchronizer import client
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.tests.tempest.services import orchestration

CONF = config.CONF

SERVER, VOLUME = 'nova.instance', 'cinder.volume'
STACK, RESOURCE, DRIFT = 'heat.stack', 'heat.resource', 'heat.drift'
PAUSE = 0.2


class SynchronizerTest(manager.ScenarioTest):
    """A test that sees the cloud as the service tells it."""

    #: the types that it looks at
    types: tuple[str, ...] = ()

    # --- before all tests of a class -------------------------------------

    @classmethod
    def skip_checks(cls):
        super().skip_checks()
        if not CONF.service_available.synchronizer:
            raise cls.skipException('no synchronizer watches this cloud')
        if not CONF.synchronizer.transport_url:
            raise cls.skipException('[synchronizer] transport_url is not set')
        if VOLUME in cls.types and not CONF.service_available.cinder:
            raise cls.skipException('there is no Cinder')
        if DRIFT in cls.types and not CONF.synchronizer.observer:
            raise cls.skipException('[synchronizer] observer is off')

    @classmethod
    def setup_clients(cls):
        super().setup_clients()
        cls.stacks_client = cls.stacks_of(cls.os_primary)
        cls.asking = client.SynchronizerClient.from_url(
            CONF.synchronizer.transport_url,
            timeout=CONF.synchronizer.request_timeout)

    @classmethod
    def stacks_of(cls, clients: Any) -> orchestration.StacksClient:
        """Heat, for the user of some clients."""
        return orchestration.StacksClient(
            clients.auth_provider, CONF.synchronizer.stack_catalog_type,
            CONF.identity.region,
            build_interval=CONF.compute.build_interval,
            build_timeout=CONF.synchronizer.stack_timeout,
            **config.service_client_config())

    @classmethod
    def resource_setup(cls):
        super().resource_setup()
        cls.skip_what_is_off()
        cls.told: list[change_module.Change] = []
        cls.mirror = client.Mirror.from_url(
            CONF.synchronizer.transport_url, cls.types,
            timeout=CONF.synchronizer.request_timeout)
        cls.mirror.subscribe(cls.told.append)
        cls.mirror.start()
        cls.addClassResourceCleanup(cls.mirror.stop)
        until(lambda: cls.mirror.synced and all(
            cls.mirror.state(type_) == 'live' for type_ in cls.types),
            lambda: 'not all live: ' + str(
                {type_: cls.mirror.state(type_) for type_ in cls.types}),
            CONF.synchronizer.sync_timeout)

    @classmethod
    def skip_what_is_off(cls) -> None:
        """Not every service watches everything."""
        streams = {stream['type']
                   for stream in cls.asking.describe()['streams']}
        missing = set(cls.types) - streams
        if missing:
            raise cls.skipException(
                f'the service does not watch {", ".join(sorted(missing))}')

    # --- what the service tells ------------------------------------------

    def changes(self, type_: str, id_: str, after: int = 0
                ) -> list[change_module.Change]:
        """What was told of an entity after a revision."""
        return [change for change in list(self.told)
                if (change.type, change.id) == (type_, id_)
                and change.revision > after]

    def await_shown(self, type_: str, id_: str, after: int = 0, **wanted: Any
                    ) -> change_module.Change:
        """The first change that shows an entity so: by its state and name,
        and by attributes."""
        return self._await(type_, id_, after, lambda change: (
            change.action != change_module.DELETED
            and shows(change.entity, wanted)), f'{wanted}')

    def await_gone(self, type_: str, id_: str, after: int = 0
                   ) -> change_module.Change:
        """Its deletion."""
        return self._await(type_, id_, after, lambda change: (
            change.action == change_module.DELETED), 'gone')

    def _await(self, type_: str, id_: str, after: int,
               wanted: Callable[[change_module.Change], bool], what: str
               ) -> change_module.Change:
        def found() -> list[change_module.Change]:
            return [change for change in self.changes(type_, id_, after)
                    if wanted(change)]
        until(found, lambda: (
            f'{type_} {id_} was not told to be {what}, but: '
            f'{self.changes(type_, id_, after)}'),
            CONF.synchronizer.change_timeout)
        return found()[0]

    def assert_whole(self, type_: str) -> None:
        """No change of a type was left out or told twice."""
        revisions = [change.revision for change in list(self.told)
                     if change.type == type_]
        self.assertEqual(list(range(
            revisions[0], revisions[0] + len(revisions))), revisions)

    # --- stacks ----------------------------------------------------------

    def create_stack(self, template: dict[str, Any], **parameters: Any
                     ) -> tuple[str, str]:
        """The ``name/id`` and the id of a new stack that is complete."""
        name = data_utils.rand_name(
            type(self).__name__, prefix=CONF.resource_name_prefix)
        id_ = self.stacks_client.create_stack(
            name, template, parameters)['stack']['id']
        stack = f'{name}/{id_}'
        self.addCleanup(self.delete_stack, stack)
        self.await_stack(stack, 'CREATE_COMPLETE')
        return stack, id_

    def update_stack(self, stack: str, template: dict[str, Any],
                     **parameters: Any) -> None:
        """Make it what a template says, and wait until it is."""
        self.stacks_client.update_stack(stack, template, parameters)
        self.await_stack(stack, 'UPDATE_COMPLETE')

    def delete_stack(self, stack: str) -> None:
        """Delete it if it is there, and wait until it is not."""
        if not self.stacks_client.is_resource_deleted(stack):
            self.stacks_client.delete_stack(stack)
            self.stacks_client.wait_for_resource_deletion(stack)

    def await_stack(self, stack: str, status: str) -> None:
        """Wait for a status; a failure ends it at once."""
        def shown() -> dict[str, Any]:
            return self.stacks_client.show_stack(stack)['stack']
        until(lambda: shown()['stack_status'] == status
              or shown()['stack_status'].endswith('_FAILED'),
              f'{stack} is not {status}', CONF.synchronizer.stack_timeout,
              CONF.compute.build_interval)
        last = shown()
        self.assertEqual(status, last['stack_status'],
                         last['stack_status_reason'])

    def physical_id(self, stack: str, name: str) -> str:
        """What a resource is realized by."""
        return self.stacks_client.show_resource(stack, name)['resource'][
            'physical_resource_id']


def shows(entity: entity_module.Entity, wanted: dict[str, Any]) -> bool:
    """Whether the state, the name and attributes have just these values."""
    return all(getattr(entity, name) == value if name in ('state', 'name')
               else entity.attributes.get(name) == value
               for name, value in wanted.items())


def until(condition: Callable[[], Any], what: str | Callable[[], str],
          seconds: float, pause: float = PAUSE) -> None:
    """Wait until it is true; TimeoutException says what is not."""
    if not test_utils.call_until_true(condition, seconds, pause):
        raise exceptions.TimeoutException(what() if callable(what) else what)
