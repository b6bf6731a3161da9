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

"""The kit: a sound plugin passes, and each way to be wrong is named."""

import copy
import logging
import time
import unittest

from oslo_config import cfg

from synchronizer import conformance
from synchronizer import exception
from synchronizer.cloud import answer
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import base as plugin_base
from synchronizer.plugins import hints
from synchronizer.plugins import paging
from synchronizer.tests import base

SENT = '2026-11-20T10:00:00.000000Z'


def thing(id_, **more):
    return {'id': id_, 'name': f'name of {id_}', 'status': 'ACTIVE',
            'links': [{'rel': 'self', 'href': 'http://h/'}], 'seen': 1,
            'tags': ['x', 'y'], 'password': 'p', 'owner': 'o',
            'updated': SENT, **more}


class Shop:
    """A service of things, as an HTTP session shows it."""

    microversion = project_id = None
    page_size = 2

    def __init__(self, is_admin=True):
        self.things = {id_: thing(id_) for id_ in 'abcde'}
        self.is_admin = is_admin

    def get(self, path, **query):
        start = time.monotonic()
        try:
            body = self.body(path, **query)
        except exception.NotFound as error:
            error.window = reading.Window(start, time.monotonic())
            error.sampled_at = SENT
            raise
        return answer.Answer(
            path, copy.deepcopy(body),
            reading.Window(start, time.monotonic()), SENT, 0.0)

    def body(self, path, limit=2, marker='', **query):
        if path == '/role':
            if not self.is_admin:
                raise exception.Refused('403', status=403)
            return {}
        if path != '/things':
            return {'thing': {**self.one(path.removeprefix('/things/')),
                              'only_shown': True}}
        if marker:
            self.one(marker)
        found = [one for id_, one in sorted(self.things.items())
                 if id_ > marker and (self.is_admin or id_ < 'c')]
        return {'things': found[:limit], 'things_links': [
            {'rel': 'next', 'href': 'http://h/'}] if found[limit:] else []}

    def one(self, id_):
        if id_ not in self.things or not (self.is_admin or id_ < 'c'):
            raise exception.NotFound('404', status=404)
        return self.things[id_]


class Thing(plugin_base.EntityType):
    """Nothing is wrong with it."""

    name = 'shop.thing'
    volatile = ('seen',)
    secrets = ('password',)
    unordered = ('tags',)
    stamp = 'updated'
    can_get = can_list_since = True

    def list(self, session):
        walk = paging.by_marker(session, '/things', 'things', lost=404)
        while True:
            try:
                page, records = next(walk)
            except StopIteration as end:
                session.get('/role')
                return reading.Outcome(end.value)
            yield page.page(records)

    def list_since(self, session, when):
        return self.list(session)

    def get(self, session, id_):
        try:
            found = session.get(f'/things/{id_}')
        except exception.NotFound as error:
            session.get('/role')
            return reading.Page((), error.window, error.sampled_at)
        record = found.record('thing')
        record.pop('only_shown')
        return found.page([record])

    def entity(self, record):
        return self.make(record, name=record['name'], state=record['status'],
                         relations=[Relation('of', 'shop.owner', 'o')])


class ShopPlugin(plugin_base.Plugin):
    name = 'shop'
    types = (Thing,)
    hints = {'thing.*': (hints.Look('shop.thing', 'id', stamp='at'),)}


class Suite(conformance.PluginSuite):
    plugin = ShopPlugin
    marker_lost = 404

    def session(self, kind):
        return Shop()

    def without_role(self, kind):
        return Shop(is_admin=False)


class SoundTest(Suite, base.TestCase):
    """It passes everything."""


class NoMarkersTest(base.TestCase):

    def test_who_pages_by_markers_has_to_say_so(self):
        class Silent(Suite):
            marker_lost = None
        self.assertIn('marker_lost', found(Silent, 'lost_markers'))

    def test_a_path_that_cannot_be_shown_is_excused(self):
        class Rare(Thing):
            volatile = ('seen', 'rare/field')

        class Excused(suite(Rare)):
            unproved = ('rare/*',)
        self.assertIn('no record has rare/field',
                      found(suite(Rare), 'declarations'))
        self.assertEqual('', found(Excused, 'declarations'))


def suite(kind=None, **declared):
    """Of a plugin with that type, or with other declarations."""
    plugin_ = type('Other', (ShopPlugin,), {
        **({'types': (kind,)} if kind else {}), **declared})
    return type('OtherSuite', (Suite,), {'plugin': plugin_})


def found(suite_, test):
    """What it says, or nothing."""
    case = type('Case', (suite_, unittest.TestCase), {})(
        f'test_conformance_{test}')
    result = unittest.TestResult()
    case.run(result)
    if result.errors:
        raise AssertionError(result.errors[0][1])
    return result.failures[0][1] if result.failures else ''


class BrokenTest(base.TestCase):

    def assert_found(self, what, test, kind=None, **declared):
        self.assertIn(what, found(suite(kind, **declared), test))

    def entity(self, change):
        """A type whose entities are made otherwise."""
        class Changed(Thing):
            def entity(self, record):
                return change(self, record)
        return Changed

    # --- declarations ----------------------------------------------------

    def test_the_plugin(self):
        self.assert_found('name:', 'plugin', name='My Shop')
        self.assert_found('stands there twice', 'plugin',
                          types=(Thing, Thing))
        self.assert_found('none of its types', 'plugin',
                          default_types=('shop.other',))
        self.assert_found('has no help', 'plugin',
                          opts=(cfg.StrOpt('colour'),))
        self.assert_found('every plugin has', 'plugin', opts=(
            cfg.StrOpt('poll_interval', help='twice'),))

    def test_hints(self):
        def looks(*args, **kwargs):
            return {'e': (hints.Look(*args, **kwargs),)}
        for what, table in (
                ('tuple of', {'e': [hints.Look('shop.thing', 'id')]}),
                ('none of its types', looks('shop.other', 'id')),
                ('is no path', looks('shop.thing', 'a//b')),
                ('means nothing', looks('shop.thing', 'id', shows='x')),
                ('there is no id', looks('shop.thing', stamp='at')),
                ('for whole types', looks('shop.thing', 'id', about='id')),
                ('no list_part', looks('shop.thing', 'id', part=True))):
            self.assert_found(what, 'hints', hints=table)

        class Unstamped(Thing):
            stamp = None
        self.assert_found('declares none', 'hints', Unstamped)

    def test_types(self):
        for what, declared in (
                ('service.noun', {'name': 'Thing'}),
                ('no microversion', {'microversion': 'new'}),
                ('is above', {'least': '2.9', 'microversion': '2.1'}),
                ('never asked for', {'least': '2.9'}),
                ('but get is there', {'can_get': False}),
                ('no record has sean', {'volatile': ('sean',)}),
                ('stamp: no record', {'stamp': 'changed'}),
                ('nothing that a change', {'untold': ('seen',)})):
            self.assert_found(what, 'declarations',
                              type('Other', (Thing,), declared))

    # --- entities --------------------------------------------------------

    def test_a_record_is_changed(self):
        def entity(kind, record):
            record.pop('status')
            return kind.make(record)
        self.assert_found('changes its record', 'entities',
                          self.entity(entity))

    def test_another_the_second_time(self):
        self.assert_found('the second time', 'entities', self.entity(
            lambda kind, record: kind.make(record, name=repr(time.time_ns()))))

    def test_the_order_of_keys(self):
        self.assert_found('order of keys', 'entities', self.entity(
            lambda kind, record: kind.make(record, name=next(iter(record)))))

    def test_an_id_of_its_own(self):
        def entity(kind, record):
            made = kind.make(record)
            return type(made)(kind.name, f'x-{made.id}')
        self.assert_found('record_id says', 'entities', self.entity(entity))

    def test_fields_of_another_kind(self):
        self.assert_found('it is a text', 'entities', self.entity(
            lambda kind, record: kind.make(record, name=5)))

    def test_arrows_to_nowhere(self):
        self.assert_found('leads nowhere', 'entities', self.entity(
            lambda kind, record: kind.make(
                record, relations=[Relation('of', 'owner', '')])))

    def attributes(self, change, **declared):
        class Changed(Thing):
            def attributes(self, record):
                kept = super().attributes(record)
                change(kept, record)
                return kept
        for name, value in declared.items():
            setattr(Changed, name, value)
        return Changed

    def test_links(self):
        self.assert_found('links of the API', 'entities', self.attributes(
            lambda kept, record: kept.update(links=record['links'])))

    def test_what_is_volatile(self):
        self.assert_found('seen still moves', 'entities', self.attributes(
            lambda kept, record: kept.update(count=record['seen'])))

    def test_what_has_no_order(self):
        self.assert_found('order of tags', 'entities', self.attributes(
            lambda kept, record: kept.update(first=record['tags'][0])))

    def test_secrets(self):
        self.assert_found('password is in the entity', 'entities',
                          self.attributes(lambda kept, record: kept.update(
                              hint=record['password'])))
        self.assert_found('from the digest', 'entities',
                          self.attributes(lambda kept, record: kept.update(
                              length=len(record['password']))))

        def entity(kind, record):
            logging.getLogger('shop').debug('read %s', record)
            return kind.make(record)
        self.assert_found('in the log', 'entities', self.entity(entity))

    # --- listings --------------------------------------------------------

    def test_what_moves_where_nothing_happens(self):
        self.assert_found('as updated (attributes.now)', 'idle',
                          self.attributes(lambda kept, record: kept.update(
                              now=time.time_ns())))

    def test_nothing_to_look_at(self):
        class Empty(Thing):
            def list(self, session):
                session.get('/role')
                return reading.COMPLETE
                yield
        self.assert_found('shows nothing', 'idle', Empty)

    def test_a_get_of_another_form(self):
        class Raw(Thing):
            def get(self, session, id_):
                found = session.get(f'/things/{id_}')
                return found.page([found.record('thing')])
        self.assert_found('another form', 'get', Raw)
        self.assert_found('it is a page without a record', 'absent', Raw)

    def test_what_is_taken_for_absence(self):
        class Trusting(Thing):
            def get(self, session, id_):
                try:
                    return super().get(session, id_)
                except exception.CloudError:
                    now = time.monotonic()
                    return reading.Page((), reading.Window(now, now), SENT)
        for name in ('no connection', '403', '500', '503'):
            self.assert_found(f'answered by {name}', 'absent', Trusting)
        self.assert_found('only the role', 'role', Trusting)

    def walking(self, step, done=lambda session: None):
        """A type that pages by itself, as `step` says."""
        class Walking(Thing):
            def list(self, session):
                last = None
                while True:
                    query = {'marker': last} if last else {}
                    try:
                        found = session.get('/things', limit=2, **query)
                        records = found.records('things')
                    except exception.CloudError as error:
                        if step(error):
                            break
                        raise
                    yield found.page(records)
                    if not records or step(records):
                        break
                    last = records[-1]['id']
                done(session)
                return reading.COMPLETE
        return Walking

    def test_an_error_that_ends_a_listing(self):
        kind = self.walking(lambda what: isinstance(what, Exception))
        self.assert_found('fails with 500, and lacks', 'errors', kind)
        self.assert_found('an empty object, and lacks', 'cut_answers', kind)
        self.assert_found('a marker is gone, and lacks', 'lost_markers', kind)

    def test_a_page_for_ever(self):
        self.assert_found('does not end', 'repeated_pages',
                          self.walking(lambda what: False))
        seen = []

        def ends(what):
            seen.append(what)
            return len(seen) % 3 == 0
        self.assert_found('one page for ever, and lacks', 'repeated_pages',
                          self.walking(ends))

    def test_a_role_that_is_lost(self):
        self.assert_found('lost its role, and lacks', 'role',
                          self.walking(lambda what: False))

    def test_what_moved_is_shown_otherwise(self):
        class Odd(Thing):
            def list_since(self, session, when):
                for page in self.list(session):
                    yield reading.Page(
                        tuple({**record, 'more': 1}
                              for record in page.records),
                        page.window, page.sampled_at)
                return reading.COMPLETE
        self.assert_found('(attributes.more)', 'since', Odd)

        class More(Thing):
            def list_since(self, session, when):
                yield session.get('/role').page([thing('z')])
                return reading.COMPLETE
        self.assert_found('shows z, which', 'since', More)

    def test_who_only_looks_writes_nothing(self):
        class Writing(Thing):
            def list(self, session):
                session.patch('/things/a', {})
                return reading.COMPLETE
                yield
        self.assert_found('it writes to /things/a', 'idle', Writing)
