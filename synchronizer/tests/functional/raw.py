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

"""A consumer that knows the contract and nothing of our code.

It speaks oslo.messaging, and knows of the project only the names of the
errors, as any other program may.
"""

import collections
import datetime
import itertools
import json
import statistics
import threading
import time

from oslo_config import cfg
import oslo_messaging

EXCHANGE = 'synchronizer'
REMOTE = ['synchronizer.exception']

ENTITY = {'type', 'id', 'name', 'project_id', 'user_id', 'state',
          'revision', 'sampled_at', 'relations', 'attributes'}
CHANGE = {'type', 'epoch', 'revision', 'action', 'entity', 'changed',
          'cause', 'committed_at'}
WHO = {'user_id', 'project_id', 'request_id'}
STREAM = {'type', 'plugin', 'epoch', 'revision', 'entities', 'collected_at',
          'state', 'error', 'owner', 'interval', 'oldest_revision'}
HEAD = {'epoch', 'revision', 'collected_at', 'state'}
STAMP = r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$'
FIELDS = ('name', 'project_id', 'user_id', 'state')


class Raw:
    """Requests, and what is cast."""

    def __init__(self, url):
        if cfg.CONF._args is None:
            cfg.CONF([], default_config_files=[], default_config_dirs=[])
        self.transport = oslo_messaging.get_rpc_transport(
            cfg.CONF, url, allowed_remote_exmods=REMOTE)
        self._client = oslo_messaging.get_rpc_client(
            self.transport, oslo_messaging.Target(
                exchange=EXCHANGE, topic='synchronizer', version='1.0'))

    def call(self, method, timeout=30, **arguments):
        return self._client.prepare(timeout=timeout).call(
            {}, method, **arguments)

    def describe(self, timeout=30):
        return {stream['type']: stream
                for stream in self.call('describe', timeout)['streams']}

    def state(self, type_):
        return self.describe()[type_]['state']

    def pages(self, **arguments):
        """Every page of a snapshot."""
        more = dict(arguments)
        while True:
            page = self.call('get_all', **more)
            yield page
            if page['marker'] is None:
                return
            more = {'marker': page['marker'],
                    'limit': arguments.get('limit', 1000)}

    def all(self, type_):
        """Entities by id, and the position they were read at."""
        entities = {}
        for page in self.pages(types=[type_]):
            entities.update((e['id'], e) for e in page['entities'])
        return entities, page['streams'][type_]

    def journal(self, type_, since=0, epoch=None, limit=1000):
        """All changes after a revision."""
        epoch = epoch or self.describe()[type_]['epoch']
        changes, more = [], True
        while more:
            reply = self.call('get_changes', type=type_, epoch=epoch,
                              since=since, limit=limit)
            changes += reply['changes']
            more = reply['more']
            since = changes[-1]['revision'] if changes else since
        return changes

    def sweep(self, *types):
        """A sweep that begins now, and all that it had to settle."""
        self.call('get_all', types=list(types), limit=1, max_age=0)


class Ear:
    """Hears one topic: a list of (when, method, arguments)."""

    target = oslo_messaging.Target(version='1.0')

    def __init__(self, raw, type_):
        self.heard, self._news = [], threading.Condition()
        self._server = oslo_messaging.get_rpc_server(
            raw.transport, oslo_messaging.Target(
                exchange=EXCHANGE, topic=f'synchronizer.changes.{type_}',
                server='raw', version='1.0'), [self],
            access_policy=oslo_messaging.DefaultRPCAccessPolicy)
        self._server.start(override_pool_size=1)

    def changed(self, ctxt, **arguments):
        self._hear('changed', arguments)

    def bookmark(self, ctxt, **arguments):
        self._hear('bookmark', arguments)

    def _hear(self, method, arguments):
        with self._news:
            self.heard.append((time.monotonic(), method, arguments))
            self._news.notify_all()

    def wait(self, condition, what, timeout=20):
        """Until it is true of all that was heard."""
        with self._news:
            if not self._news.wait_for(
                    lambda: condition(self.heard), timeout):
                raise AssertionError(f'not heard: {what}: {self.heard}')
            return list(self.heard)

    def wait_bookmarks(self, count):
        """So many more bookmarks than now, as (when, arguments)."""
        before = len(self.heard)

        def enough(heard):
            return len(_bookmarks(heard[before:])) >= count
        return _bookmarks(self.wait(enough, f'{count} bookmarks')[before:])

    def changes(self):
        """What was told of changes, in order."""
        return [change for _, method, said in list(self.heard)
                if method == 'changed' for change in said['changes']]

    def stop(self):
        self._server.stop()
        self._server.wait()


def _bookmarks(heard):
    return [(when, said) for when, method, said in heard
            if method == 'bookmark']


def rhythm(marks):
    """Seconds between two bookmarks: the median, for on a busy machine a
    single one may be late."""
    times = [when for when, _ in marks]
    return statistics.median(
        later - earlier for earlier, later in itertools.pairwise(times))


def seconds(stamp):
    """A time of the wire as seconds since 1970."""
    return datetime.datetime.fromisoformat(stamp).timestamp()


def differs(old, new):
    """What `changed` should say of two versions of an entity."""
    found = {name for name in FIELDS if old[name] != new[name]}
    if arrows(old) != arrows(new):
        found.add('relations')
    one, other = old['attributes'], new['attributes']
    return found | {
        f'attributes.{key}' for key in one.keys() | other.keys()
        if key not in one or key not in other
        or json.dumps(one[key], sort_keys=True)
        != json.dumps(other[key], sort_keys=True)}


def arrows(entity):
    return {(r['kind'], r['type'], r['id']) for r in entity['relations']}


class Copy:
    """One stream applied change by change; what breaks the rules is said."""

    def __init__(self, entities=(), epoch=None, revision=0):
        self.entities, self.faults = dict(entities), []
        self.epoch, self.revision = epoch, revision
        self.causes = collections.Counter()

    def apply(self, changes):
        for change in changes:
            self._apply(change)
        return self

    def _apply(self, change):
        entity = change['entity']
        held = self.entities.get(entity['id'])
        self.revision += 1
        self.causes[change['action'], change['cause']] += 1
        self._demand(change['revision'] == self.revision, 'dense', change)
        self._demand(set(change) - {'initiator'} == CHANGE, 'keys', change)
        self._demand(set(change.get('initiator', WHO)) == WHO, 'who', change)
        self._demand(set(entity) == ENTITY, 'keys of entity', change)
        self._demand(self.epoch in (None, change['epoch']), 'epoch', change)
        self._demand((held is None) == (change['action'] == 'created'),
                     'action', change)
        if change['action'] == 'deleted':
            self._demand(entity == held, 'the last one known', change)
            self.entities.pop(entity['id'], None)
        else:
            self._demand(entity['revision'] == change['revision'],
                         'revision of entity', change)
            self.entities[entity['id']] = entity
        wanted = set()
        if change['action'] == 'updated' and held:
            wanted = differs(held, entity)
            self._demand(bool(wanted), 'something differs', change)
        self._demand(sorted(change['changed']) == sorted(wanted),
                     f'changed is {wanted}', change)

    def _demand(self, holds, what, change):
        if not holds:
            self.faults.append((what, change))
