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

"""A service that compares stacks with what is, and its mirror.

OS_CLOUD names the cloud as its administrator sees it, OS_CLOUD_NO_ADMIN as a
plain user does, OS_CLOUD_BUS the broker of its notifications. With
OS_CLOUD_SHORT a part of the ways is tried, which takes minutes less. Others
may work on the cloud meanwhile.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile
from typing import Any
import unittest
import uuid

import fixtures
import kombu

from synchronizer import client
from synchronizer.bus import transport
from synchronizer.plugins.reality import act
from synchronizer.service import embedded
from synchronizer.service import options
from synchronizer.service import parts
from synchronizer.service import schema
from synchronizer.tests import base
from synchronizer.tests.cloud import drift_hands

ADMIN = os.environ.get('OS_CLOUD')
USER = os.environ.get('OS_CLOUD_NO_ADMIN')
BUS = os.environ.get('OS_CLOUD_BUS')
SHORT = bool(os.environ.get('OS_CLOUD_SHORT'))
DRIFT = 'heat.drift'
SOON = 30
PLUGINS = {
    'nova': 'nova.instance,nova.server_group,nova.flavor,nova.aggregate',
    'cinder': 'cinder.volume,cinder.volume_type',
    'heat': 'heat.stack,heat.resource'}
# Heat tells what it does; the others change things without a word
INTERVALS = {'nova': 10, 'cinder': 10, 'heat': 60}
SETTINGS = '''
[DEFAULT]
state_path = {state}
plugins = {plugins}
[publisher]
bookmark_interval = 0.5
[reality]
enable_observer = true
poll_interval = 10
'''
PLUGIN = '''
[{name}]
types = {types}
poll_interval = {interval}
delta_interval = 0
notification_urls = {bus}
notification_pool = {pool}
'''


class World:
    """A service and its mirror; `more`: settings, of groups that are not
    set yet or as more of [reality]."""

    def __init__(self, more: str = '') -> None:
        self.pool = f'synchronizer-test-{uuid.uuid4().hex[:8]}'
        self.told: list[Any] = []
        self._more = more
        self._stack = contextlib.ExitStack()
        self._service: embedded.Embedded | None = None

    def open(self) -> 'World':
        with contextlib.ExitStack() as self._stack:
            self._open()
            self._stack = self._stack.pop_all()
        return self

    def close(self) -> None:
        self._stack.close()

    def _open(self) -> None:
        self._stack.callback(transport.forget_embedded)
        self.state = pathlib.Path(tempfile.mkdtemp(prefix=self.pool))
        self._stack.callback(shutil.rmtree, self.state)
        self.configure(self._more)
        schema.prepare(self.conf)
        self._stack.callback(self._delete_queues)
        self._stack.callback(self.stop)
        self.start()
        self.mirror = client.Mirror(self.conf, timeout=5)
        self.mirror.subscribe(self.told.append)
        self.mirror.start()
        self._stack.callback(self.mirror.stop)
        self.until_live()

    def configure(self, more: str = '') -> None:
        """Takes effect with the next start."""
        text = SETTINGS.format(state=self.state, plugins=','.join(PLUGINS))
        text += more + ''.join(
            PLUGIN.format(name=name, types=types, pool=self.pool, bus=BUS,
                          interval=INTERVALS[name])
            for name, types in PLUGINS.items())
        (self.state / 'conf').write_text(text)
        self.conf = options.make(options.register_cli_opts)
        self.conf(['--config-file', str(self.state / 'conf'),
                   '--all-in-one', '--os-cloud', ADMIN],
                  project='synchronizer')
        if self.conf.problems():
            raise AssertionError(self.conf.problems())

    def start(self) -> None:
        self._service = embedded.Embedded(self.conf)
        self._service.start()

    def stop(self) -> None:
        if self._service is not None:
            self._service.stop()
            self._service = None

    def until_live(self) -> None:
        drift_hands.until(lambda: self.mirror.synced and all(
            self.mirror.state(type_) == 'live'
            for type_ in self.mirror.types), lambda: {
                type_: self.mirror.state(type_)
                for type_ in self.mirror.types})

    def _delete_queues(self) -> None:
        with kombu.Connection(BUS.replace('rabbit', 'amqp', 1)) as link:
            channel = link.channel()
            for name in PLUGINS:
                channel.queue_delete(f'{self.pool}.{name}')

    def pause(self, type_: str, paused: bool) -> None:
        with parts.opened(self.conf) as store:
            store.set_paused(type_, paused)
        drift_hands.until(
            lambda: (self.mirror.state(type_) == 'paused') is paused,
            f'{type_} is paused: {paused}')

    def swept(self) -> None:
        """Wait until all has been judged once more."""
        with parts.opened(self.conf) as store:
            begun = store.streams()[DRIFT].collected_at
            drift_hands.until(
                lambda: store.streams()[DRIFT].collected_at != begun,
                'a sweep', SOON)

    # --- what it says ----------------------------------------------------

    def drift(self, stack: str) -> dict[str, Any]:
        """Of a stack, and those in it: resource -> verdict, or the
        properties that differ."""
        return {one.name: said(one) for one in self.mirror.all(DRIFT)
                if is_of(stack, one)}

    def entity(self, stack: str, resource: str) -> Any:
        return next(
            one for one in self.mirror.all(DRIFT)
            if one.name == resource and is_of(stack, one))

    def becomes(self, stack: str, wanted: dict[str, Any], why: str = '',
                timeout: float = SOON) -> None:
        drift_hands.until(lambda: self.drift(stack) == wanted, lambda: (
            f'{stack}: {why}: {self.drift(stack)} is not {wanted}'), timeout)

    def ever(self, stack: str) -> list[Any]:
        """What was ever said of a stack, and of those in it."""
        return [change.entity for change in list(self.told)
                if change.type == DRIFT and is_of(stack, change.entity)]


def is_of(stack: str, drift: Any) -> bool:
    """Whether it is of the stack, or of one in it; of a stack that is not
    known any more no drift has the name."""
    return (drift.attributes['stack_name'] or '').startswith(stack)


def said(entity: Any) -> Any:
    if entity.state != 'changed':
        return entity.state
    return {one['property'] for one in entity.attributes['properties']}


class MarksOnly(fixtures.Fixture):
    """The stacks of others are left alone, and their marks not counted."""

    def __init__(self, stack: str) -> None:
        super().__init__()
        self._stack = stack

    def _setUp(self) -> None:
        plan = act.plan
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.plugins.reality.act.plan',
            lambda drifts, *args: plan(
                [one for one in drifts if is_of(self._stack, one)], *args)))
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.plugins.reality.acting._is_ours',
            lambda resource, since: False))


@unittest.skipUnless(ADMIN, 'OS_CLOUD names no cloud')
@unittest.skipUnless(USER, 'OS_CLOUD_NO_ADMIN names no account')
@unittest.skipUnless(BUS, 'OS_CLOUD_BUS names no broker')
class DriftCase(base.TestCase):
    """Stacks with a name of their own."""

    timeout = 480

    def setUp(self):
        super().setUp()
        self.prefix = f'drift-{uuid.uuid4().hex[:6]}'
