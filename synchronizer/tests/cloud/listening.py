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

"""A service that learns of changes by notifications alone, and its mirror.

OS_CLOUD names the cloud, OS_CLOUD_BUS the broker of its notifications, as
``rabbit://USER:PASSWORD@HOST:5672//``. Our own messages go over a broker of
our own, so that nothing is left on the cloud's but what is deleted at the
end. Others may work on the cloud meanwhile.
"""

import contextlib
import json
import os
import pathlib
import shutil
import tempfile
import threading
import time
from typing import Any
import unittest
from unittest import mock
import uuid

import kombu
import openstack
from oslo_config import cfg

from synchronizer import client
from synchronizer.cloud import loader
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.plugins import cinder
from synchronizer.plugins import heat
from synchronizer.plugins import hints
from synchronizer.plugins import nova
from synchronizer.service import embedded
from synchronizer.service import options
from synchronizer.service import schema
from synchronizer.tests import base
from synchronizer.tests.functional import servers

OS_CLOUD = os.environ.get('OS_CLOUD')
BUS = os.environ.get('OS_CLOUD_BUS')
SETTINGS = '''
[DEFAULT]
transport_url = {own_bus}
state_path = {state}
host = {pool}
plugins = {plugins}
'''
PLUGIN = '''
[{name}]
poll_interval = 1000000
delta_interval = 0
notification_urls = {bus}
notification_pool = {pool}
'''
PLUGINS = {'nova': nova.NovaPlugin, 'cinder': cinder.CinderPlugin,
           'heat': heat.HeatPlugin}
PATIENCE = 60


def until(condition, what, timeout=PATIENCE):
    """Wait until it is true, and return what it was."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(
        f'not within {timeout} s: {what() if callable(what) else what}')


def _envelope(event, payload, ago, id_):
    stamp = time.strftime('%Y-%m-%d %H:%M:%S.000000',
                          time.gmtime(time.time() - ago))
    body = {'message_id': id_ or str(uuid.uuid4()), 'event_type': event,
            'publisher_id': 'nova-compute:nowhere', 'priority': 'INFO',
            'timestamp': stamp, 'payload': payload}
    return {'oslo.version': '2.0', 'oslo.message': json.dumps(body)}


class World:
    """A service, its mirror, and what both were told."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.pool = f'synchronizer-test-{uuid.uuid4().hex[:8]}'
        self.told: list[change_module.Change] = []
        self.heard: list[tuple[str, Any]] = []
        self._stack = contextlib.ExitStack()
        self._lock = threading.Lock()
        self.service = None

    def open(self) -> 'World':
        with contextlib.ExitStack() as self._stack:
            self._open()
            self._stack = self._stack.pop_all()
        return self

    def close(self) -> None:
        self._stack.close()

    def _open(self) -> None:
        state = pathlib.Path(tempfile.mkdtemp(prefix=f'{self.pool}-'))
        self._stack.callback(shutil.rmtree, state)
        own_bus = self._stack.enter_context(servers.RabbitServer())
        self.conf = self._configure(state, own_bus.url)
        self._stack.enter_context(mock.patch.object(
            hints, 'read', self._reading(hints.read)))
        self._stack.callback(self._delete_queues)
        self._stack.callback(self.stop)
        self.start()
        self.mirror = client.Mirror(self.conf, timeout=5)
        self.mirror.subscribe(self.told.append)
        self.mirror.start()
        self._stack.callback(self.mirror.stop)
        # level with a stream that was never collected: with nothing
        until(lambda: self.mirror.synced and all(
            self.mirror.state(type_) == 'live'
            for type_ in self.mirror.types), 'all streams live', 120)
        self.graph = self.mirror.graph
        self.plugins = {
            name: self._plugin(name) for name in self.names}

    def _configure(self, state, own_bus):
        text = SETTINGS.format(state=state, pool=self.pool, own_bus=own_bus,
                               plugins=','.join(self.names))
        text += ''.join(PLUGIN.format(name=name, bus=BUS, pool=self.pool)
                        for name in self.names)
        (state / 'conf').write_text(text)
        conf = options.make(options.register_cli_opts)
        conf(['--config-file', str(state / 'conf'), '--os-cloud', OS_CLOUD],
             project='synchronizer')
        if conf.problems():
            raise AssertionError(conf.problems())
        schema.prepare(conf)
        return conf

    def _plugin(self, name):
        conf = cfg.ConfigOpts()
        conf([])
        return PLUGINS[name](loader.load_cloud(conf, OS_CLOUD))

    def start(self) -> None:
        self.service = embedded.Embedded(self.conf)
        self.service.start()

    def stop(self) -> None:
        if self.service is not None:
            self.service.stop()
            self.service = None

    # --- the broker ------------------------------------------------------

    @contextlib.contextmanager
    def broker(self):
        """A channel to the cloud's broker."""
        with kombu.Connection(BUS.replace('rabbit', 'amqp', 1)) as link:
            yield link.channel()

    def _delete_queues(self) -> None:
        with self.broker() as channel:
            for name in self.names:
                channel.queue_delete(f'{self.pool}.{name}')

    def say(self, exchange, event, payload, times=1, ago=0, id_=None
            ) -> None:
        """Publish a versioned notification as the services do. `ago`: how
        many seconds old it is; `id_`: its message id, else each has its
        own."""
        with self.broker() as channel:
            producer = kombu.Producer(channel)
            for _ in range(times):
                producer.publish(
                    _envelope(event, payload, ago, id_), exchange=exchange,
                    routing_key='versioned_notifications.info',
                    serializer='json')

    def _reading(self, read):
        def note(table, event, payload, told_at):
            with self._lock:
                self.heard.append((event, payload))
            return read(table, event, payload, told_at)
        return note

    # --- what is there ---------------------------------------------------

    def kind(self, type_):
        plugin = self.plugins[type_.partition('.')[0]]
        found = next(one for one in plugin.types if one.name == type_)
        return plugin, plugin.kind(found)

    def truth(self, type_, id_):
        """The entity as the cloud has it now; None: it has none."""
        plugin, kind = self.kind(type_)
        session = plugin.session(kind)
        if kind.can_get:
            records = kind.get(session, id_).records
        else:
            records = [record for page in kind.list(session)
                       for record in page.records
                       if kind.record_id(record) == id_]
        return kind.entity(records[0]) if records else None

    def is_level(self, type_, id_) -> bool:
        """Whether the mirror holds just what the cloud has."""
        unordered = self.kind(type_)[1].unordered
        held, true = self.mirror.get(type_, id_), self.truth(type_, id_)
        if held is None or true is None:
            return held is true
        return (entity_module.digest(held, unordered)
                == entity_module.digest(true, unordered))

    def has_edge(self, start, kind, end) -> bool:
        return self.graph.nx.has_edge(start, end, kind)

    def payload(self, event, id_):
        """What was last said of a server by such an event."""
        return next(payload for said, payload in reversed(self.heard)
                    if said == event and id_ in json.dumps(payload))

    def events(self, id_, since=0):
        return [event for event, payload in self.heard[since:]
                if id_ in json.dumps(payload)]


@unittest.skipUnless(OS_CLOUD, 'OS_CLOUD names no cloud')
@unittest.skipUnless(BUS, 'OS_CLOUD_BUS names no broker')
@unittest.skipIf(servers.RabbitServer.missing(), 'RabbitMQ is not installed')
class HintCase(base.TestCase):
    """One service for all tests of a class."""

    timeout = 180
    names: tuple[str, ...] = ('nova',)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = World(*cls.names).open()
        cls.addClassCleanup(cls.world.close)
        cls.raw = openstack.connect(cloud=OS_CLOUD)
        cls.prefix = f'hint-{uuid.uuid4().hex[:6]}'

    def setUp(self):
        super().setUp()
        self.since = len(self.world.told)

    def request(self, method, path, body=None, service='compute',
                microversion='2.96'):
        proxy = getattr(self.raw, service)
        more = {} if body is None else {'json': body}
        if service != 'orchestration':
            more['microversion'] = microversion
        answer = proxy.request(path, method, raise_exc=False, **more)
        self.assertLess(answer.status_code, 400, answer.text)
        return answer.json() if answer.text.startswith('{') else {}

    def changes(self, type_, id_, since=None):
        found = self.world.told[self.since if since is None else since:]
        return [change for change in found
                if (change.type, change.id) == (type_, id_)]

    def await_shown(self, type_, id_, wanted=bool, why='',
                    timeout=PATIENCE):
        """Until the mirror shows what is wanted, is level with the cloud,
        and has been told all of it because of hints."""
        def shown():
            held = self.world.mirror.get(type_, id_)
            told = self.changes(type_, id_)
            return (wanted(held) and told and told[-1].entity == held
                    and self.world.is_level(type_, id_))
        until(shown, lambda: (
            f'{why} {type_} {id_}: '
            f'{self.world.mirror.get(type_, id_)} but '
            f'{self.world.truth(type_, id_)}'), timeout)
        self.assertEqual({'hint'}, {
            change.cause for change in self.changes(type_, id_)}, why)

    def await_gone(self, type_, id_, causes=('hint',), timeout=PATIENCE):
        until(lambda: self.changes(type_, id_)[-1:] and self.changes(
            type_, id_)[-1].action == 'deleted',
            f'{type_} {id_} is gone', timeout)
        self.assertIn(self.changes(type_, id_)[-1].cause, causes)
        self.assertIsNone(self.world.mirror.get(type_, id_))

    def await_heard(self, event, id_, since=0):
        until(lambda: event in self.world.events(id_, since), lambda: (
            f'{event} in {self.world.events(id_, since)}'))

    # --- things of ours --------------------------------------------------

    def image(self):
        return self.raw.image.get('/images?name=tiny').json()[
            'images'][0]['id']

    def flavor(self, name='f.nano'):
        return next(one['id'] for one in self.request(
            'GET', '/flavors')['flavors'] if one['name'] == name)

    def make_server(self, name='server', state='ACTIVE', **more):
        body = {'name': f'{self.prefix}-{name}', 'networks': 'none',
                'imageRef': self.image(), 'flavorRef': self.flavor(), **more}
        id_ = self.request('POST', '/servers', {'server': body})[
            'server']['id']
        self.addCleanup(self.drop, f'/servers/{id_}')
        self.await_shown('nova.instance', id_, has(state=state), name)
        return id_

    def make_volume(self, name='volume', state='available', **more):
        body = {'name': f'{self.prefix}-{name}', 'size': 1,
                'volume_type': 'fast', **more}
        id_ = self.block('POST', '/volumes', {'volume': body})[
            'volume']['id']
        self.addCleanup(self.drop, f'/volumes/{id_}', 'block_storage')
        self.await_shown('cinder.volume', id_, has(state=state), name)
        return id_

    def block(self, method, path, body=None):
        return self.request(method, path, body, 'block_storage', '3.70')

    def drop(self, path, service='compute'):
        """Delete it, if it is there, and wait until it is not."""
        proxy = getattr(self.raw, service)
        proxy.delete(path, raise_exc=False)
        until(lambda: proxy.get(path, raise_exc=False).status_code == 404,
              f'{path} is deleted')


def has(**wanted):
    """Whether an entity, or its attributes, has just these values."""
    def check(entity):
        if entity is None:
            return False
        return all(getattr(entity, name) == value
                   if name in ('state', 'name')
                   else entity.attributes[name] == value
                   for name, value in wanted.items())
    return check
