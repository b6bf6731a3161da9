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

"""The contract of requests, as a program that is not ours meets it."""

import base64
import json
import re

from synchronizer import exception
from synchronizer.tests.functional import contract
from synchronizer.tests.functional import raw as raw_module

INSTANCE, ZONE = 'nova.instance', 'nova.zone'
PAGE = 65536
SECRET = 'I2Nsb3VkLWNvbmZpZwpwYXNzd29yZDogaHVudGVyMg=='
ODD = 'a"b\\c <ü> 日本 😀'


def stripped(value):
    """A record of Nova less links and what is secret."""
    if isinstance(value, dict):
        return {key: stripped(inner) for key, inner in value.items()
                if key not in ('links', 'OS-EXT-SRV-ATTR:user_data')}
    if isinstance(value, list):
        return [stripped(member) for member in value]
    return value


class RequestsCase(contract.ContractCase):

    sizes = {'servers': 60}

    @classmethod
    def prepare(cls):
        cloud = cls.cloud
        cls.odd = cloud.boot(ODD, metadata={f'k{i}': '😀"\\' * 80
                                            for i in range(3)})
        cls.nameless = cloud.boot('x')
        cloud.rename(cls.nameless, '')
        cls.large = cloud.boot('large', metadata={'m': 'm' * 2 * PAGE})
        for _ in range(30):
            cloud.boot(metadata={'text': '日本' * 200})
        view = cls._with_secret
        cls.server._routes = [
            (method, regex, template, service,
             view(handler) if '/servers' in template else handler)
            for method, regex, template, service, handler
            in cls.server._routes]

    @staticmethod
    def _with_secret(handler):
        """Every server has a user_data that nobody may see."""
        def shown(request, **names):
            reply = handler(request, **names)
            text = json.dumps(reply) if isinstance(reply, dict) else (
                reply.body.decode())
            text = re.sub(r'"OS-EXT-SRV-ATTR:user_data": ?null',
                          f'"OS-EXT-SRV-ATTR:user_data":"{SECRET}"', text)
            if isinstance(reply, dict):
                return json.loads(text)
            reply.body = text.encode()
            return reply
        return shown


class ShapesTest(RequestsCase):

    def test_describe(self):
        answer = self.raw.call('describe')
        self.assertEqual({'service', 'streams'}, set(answer))
        self.assertEqual({'version', 'host'}, set(answer['service']))
        self.assertEqual('here', answer['service']['host'])
        self.assertEqual(set(contract.TYPES),
                         {s['type'] for s in answer['streams']})
        truth = self.cloud.truth(nova='2.104')
        for stream in answer['streams']:
            self.assertEqual(raw_module.STREAM, set(stream))
            self.assertEqual(
                ('nova', 'here', 600, 'live', None, 1),
                (stream['plugin'], stream['owner'], stream['interval'],
                 stream['state'], stream['error'],
                 stream['oldest_revision']))
            self.assertEqual(len(truth[stream['type']]), stream['entities'])
            self.assertRegex(stream['collected_at'], raw_module.STAMP)
            self.assertIsInstance(stream['epoch'], str)
            self.assertIs(int, type(stream['revision']))

    def test_entities_have_exactly_the_keys_of_the_contract(self):
        for page in self.raw.pages():
            self.assertEqual({'streams', 'entities', 'marker'}, set(page))
            for head in page['streams'].values():
                self.assertEqual(raw_module.HEAD, set(head))
            for entity in page['entities']:
                self.assertEqual(raw_module.ENTITY, set(entity))
                self.assertRegex(entity['sampled_at'], raw_module.STAMP)
                self.assertNotIn('', [entity[name]
                                      for name in raw_module.FIELDS])
                for arrow in entity['relations']:
                    self.assertEqual({'kind', 'type', 'id'}, set(arrow))

    def test_attributes_are_the_listing_less_links_and_secrets(self):
        truth = self.cloud.truth(nova='2.104')
        for type_ in (INSTANCE, 'nova.flavor', 'nova.aggregate',
                      'nova.server_group'):
            entities, _ = self.raw.all(type_)
            self.assert_same(
                {id_: stripped(row) for id_, row in truth[type_].items()},
                {id_: e['attributes'] for id_, e in entities.items()})

    def test_top_level_fields(self):
        truth = self.cloud.truth(nova='2.104')[INSTANCE]
        entities, _ = self.raw.all(INSTANCE)
        for id_, row in truth.items():
            self.assertEqual(
                (row['name'] or None, row['tenant_id'], row['user_id'],
                 row['status']),
                tuple(entities[id_][name] for name in raw_module.FIELDS))
        self.assertEqual(ODD, entities[self.odd]['name'])
        self.assertIsNone(entities[self.nameless]['name'])
        for type_, field, state in (('nova.host', 'hypervisor_hostname',
                                     {'up'}),
                                    (ZONE, 'zoneName', {'available'})):
            for id_, entity in self.raw.all(type_)[0].items():
                self.assertEqual((id_, id_), (
                    entity['name'], entity['attributes'][field]))
                self.assertIn(entity['state'], state)
        for entity in self.raw.all('nova.service')[0].values():
            row = entity['attributes']
            self.assertEqual(f'{row["binary"]}@{row["host"]}',
                             entity['name'])
        host = self.raw.all('nova.host')[0]['compute-0']
        self.assertLessEqual(
            {'status', 'disabled_reason', 'forced_down'},
            set(host['attributes']['service']))

    def test_relations(self):
        flavors = {row['name']: row['id'] for row in
                   self.cloud.truth()['nova.flavor'].values()}
        instances, _ = self.raw.all(INSTANCE)
        for entity in instances.values():
            row = entity['attributes']
            self.assertEqual({
                ('runs-on', 'nova.host',
                 row['OS-EXT-SRV-ATTR:hypervisor_hostname']),
                ('has-flavor', 'nova.flavor',
                 flavors[row['flavor']['original_name']])},
                raw_module.arrows(entity))
        hosts, _ = self.raw.all('nova.host')
        self.assertEqual(
            {('in-zone', ZONE, 'nova'), ('member-of', 'nova.aggregate', '1')},
            raw_module.arrows(hosts['compute-0']))
        for group in self.raw.all('nova.server_group')[0].values():
            self.assertEqual(
                {('member-of', INSTANCE, member)
                 for member in group['attributes']['members']},
                raw_module.arrows(group))

    def test_a_secret_is_nowhere(self):
        shown = json.dumps(list(self.raw.pages()))
        shown += json.dumps(self.raw.journal(INSTANCE))
        self.assertNotIn(SECRET, shown)
        self.assertNotIn('user_data', shown)
        for file in self.daemon.directory.iterdir():
            self.assertNotIn(SECRET.encode(), file.read_bytes(), file)

    def test_the_first_changes(self):
        for type_ in contract.TYPES:
            copy = raw_module.Copy().apply(self.raw.journal(type_))
            self.assertEqual([], copy.faults)
            self.assertEqual({('created', 'startup')}, set(copy.causes))
            entities, head = self.raw.all(type_)
            self.assertEqual(head['revision'], copy.revision)
            self.assert_same(entities, copy.entities)

    def test_get(self):
        entities, _ = self.raw.all(INSTANCE)
        wanted = [self.odd, 'no such', self.nameless]
        self.assertEqual(
            {id_: entities.get(id_) for id_ in wanted},
            self.raw.call('get', type=INSTANCE, ids=wanted))
        self.assertEqual(
            {self.odd: entities[self.odd]},
            self.raw.call('get', type=INSTANCE, ids=self.odd))
        self.assertEqual({}, self.raw.call('get', type=INSTANCE, ids=[]))
        ids = [str(number) for number in range(1000)]
        self.assertEqual(dict.fromkeys(ids),
                         self.raw.call('get', type=INSTANCE, ids=ids))

    def test_get_changes(self):
        epoch = self.raw.describe()[INSTANCE]['epoch']
        reply = self.raw.call('get_changes', type=INSTANCE, epoch=epoch,
                              since=0, limit=2)
        self.assertEqual({'epoch', 'revision', 'changes', 'more'},
                         set(reply))
        self.assertEqual((epoch, True), (reply['epoch'], reply['more']))
        self.assertEqual([1, 2], [c['revision'] for c in reply['changes']])
        for change in reply['changes']:
            self.assertEqual(raw_module.CHANGE, set(change))
            self.assertRegex(change['committed_at'], raw_module.STAMP)
        head = reply['revision']
        reply = self.raw.call('get_changes', type=INSTANCE, epoch=epoch,
                              since=head)
        self.assertEqual({'epoch': epoch, 'revision': head, 'changes': [],
                          'more': False}, reply)

    def test_get_history_of_what_never_was(self):
        self.assertEqual([], self.raw.call(
            'get_history', type=INSTANCE, id='no such'))


class PagesTest(RequestsCase):

    def test_order_positions_and_bytes(self):
        for limit in (7, 1000, 10 ** 9):
            pages = list(self.raw.pages(limit=limit))
            entities = [e for page in pages for e in page['entities']]
            keys = [(e['type'], e['id']) for e in entities]
            self.assertEqual(sorted(set(keys)), keys)
            self.assertEqual(
                sum(s['entities'] for s in self.raw.describe().values()),
                len(keys))
            for page in pages:
                self.assertEqual(pages[0]['streams'], page['streams'])
                self.assertLessEqual(len(page['entities']), limit)
                if len(page['entities']) > 1:
                    self.assertLessEqual(len(json.dumps(page)), PAGE)
            self.assertIn(self.large, [id_ for _, id_ in keys])

    def test_get_changes_is_bounded_like_pages(self):
        epoch = self.raw.describe()[INSTANCE]['epoch']
        since, more = 0, True
        while more:
            reply = self.raw.call('get_changes', type=INSTANCE, epoch=epoch,
                                  since=since)
            if len(reply['changes']) > 1:
                self.assertLessEqual(len(json.dumps(reply)), PAGE)
            more, since = reply['more'], reply['changes'][-1]['revision']
        self.assertEqual(reply['revision'], since)

    def test_a_limit_that_ends_with_the_stream_ends_the_snapshot(self):
        count = self.raw.describe()[ZONE]['entities']
        page = self.raw.call('get_all', types=[ZONE], limit=count)
        self.assertEqual((count, None),
                         (len(page['entities']), page['marker']))

    def test_with_a_marker_types_are_the_same_or_left_out(self):
        types = [INSTANCE, ZONE]
        page = self.raw.call('get_all', types=types, limit=1)
        marker = page['marker']
        following = self.raw.call('get_all', marker=marker, limit=1)
        for asked in (types, types[::-1], types * 2):
            self.assertEqual(following, self.raw.call(
                'get_all', types=asked, marker=marker, limit=1))
        for asked in ([INSTANCE], [*types, 'nova.host'], ['nova.host']):
            self.refused(exception.InvalidMarker, 'get_all', types=asked,
                         marker=marker)
        # with a marker, max_age says nothing: no sweep is asked for
        before = self.asked('/os-availability-zone/detail')
        self.assertEqual(following, self.raw.call(
            'get_all', marker=marker, limit=1, max_age=0))
        self.assertEqual(before, self.asked('/os-availability-zone/detail'))

    def test_altered_and_cut_markers(self):
        marker = self.raw.call('get_all', limit=1)['marker']
        bad = [marker[:-1], marker[:-4], marker[1:], marker + 'A',
               marker + '=', marker + '\n', ' ' + marker, marker.swapcase(),
               '', '=', 'ü', '\ud800', 'AAAA', marker * 2]
        body = bytearray(base64.urlsafe_b64decode(marker))
        for place in (0, 31, 32, len(body) // 2, len(body) - 1):
            other = bytearray(body)
            other[place] ^= 1
            bad.append(base64.urlsafe_b64encode(other).decode())
        for text in bad:
            self.refused(exception.InvalidMarker, 'get_all', marker=text)

    def test_a_marker_is_good_at_every_worker(self):
        marker = self.raw.call('get_all', limit=5)['marker']
        replies = [self.raw.call('get_all', marker=marker, limit=5)
                   for _ in range(6)]
        self.assertEqual([replies[0]] * 6, replies)
