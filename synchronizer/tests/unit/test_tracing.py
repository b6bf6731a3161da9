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

"""Whatever is due to a request is in the trace of its id."""

import dataclasses
from unittest import mock
import uuid

from hypothesis import given
from hypothesis import strategies
from opentelemetry.sdk import trace as sdk
from opentelemetry.sdk.trace import export
from opentelemetry.sdk.trace.export import in_memory_span_exporter

from synchronizer import tracing
from synchronizer.collector import listener
from synchronizer.model.initiator import Initiator
from synchronizer.plugins.hints import Look
from synchronizer.tests import base
from synchronizer.tests.unit.collector import test_hint_runner
from synchronizer.tests.unit.collector.doubles import record
from synchronizer.tests.unit.northbound import test_publisher
from synchronizer.tests.unit.northbound.filled import NOVA

REQUEST = 'req-6fbb5a48-7ad3-4cd2-b4d8-0c1e5f0a9d11'
WHO = Initiator('u', 'p', REQUEST)


def collect(test):
    """Switch it on for a test; what is told then."""
    told = in_memory_span_exporter.InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(told))
    patcher = mock.patch.object(
        tracing.trace, 'get_tracer', provider.get_tracer)
    patcher.start()
    test.addCleanup(patcher.stop)
    test.addCleanup(tracing.switch, False)
    tracing.switch(True)
    return lambda: [(span.name, span.context.trace_id, dict(span.attributes))
                    for span in told.get_finished_spans()], told


class TellTest(base.TestCase):

    def setUp(self):
        super().setUp()
        _, self.told = collect(self)

    def spans(self):
        return self.told.get_finished_spans()

    def test_a_span(self):
        tracing.tell('hint', REQUEST, 100.5, 103, event='instance.update')
        (span,) = self.spans()
        self.assertEqual('synchronizer hint', span.name)
        self.assertEqual(2.5e9, span.end_time - span.start_time)
        self.assertEqual(
            {'openstack.request_id': REQUEST,
             'synchronizer.event': 'instance.update'}, dict(span.attributes))
        self.assertEqual(REQUEST.removeprefix('req-').replace('-', ''),
                         f'{span.context.trace_id:032x}')

    def test_all_of_one_request_have_one_parent(self):
        for name in ('hint', 'commit'):
            tracing.tell(name, REQUEST, 1, 2)
        first, second = self.spans()
        self.assertEqual(first.context.trace_id, second.context.trace_id)
        self.assertEqual(first.parent, second.parent)
        self.assertNotEqual(first.context.span_id, second.context.span_id)

    def test_a_clock_of_another_host(self):
        tracing.tell('hint', REQUEST, 200, 100)
        tracing.tell('hint', REQUEST, None, 100)
        self.assertEqual([(100e9, 100e9)] * 2, [
            (span.start_time, span.end_time) for span in self.spans()])

    def test_nothing_is_told_of_no_request_or_while_it_is_off(self):
        tracing.tell('hint', None, 1, 2)
        tracing.switch(False)
        tracing.tell('hint', REQUEST, 1, 2)
        self.assertEqual((), self.spans())

    @given(strategies.text(min_size=1))
    def test_any_id_names_a_trace_and_always_the_same(self, text):
        found = tracing.trace_id(text)
        self.assertEqual(found, tracing.trace_id(text))
        self.assertTrue(0 < found < 1 << 128)

    @given(strategies.uuids())
    def test_the_id_of_a_request_is_that_of_its_trace(self, id_):
        if id_.int:
            self.assertEqual(id_.int, tracing.trace_id(f'req-{id_}'))

    def test_zero_is_no_trace(self):
        self.assertTrue(tracing.trace_id(f'req-{uuid.UUID(int=0)}'))


class WithoutTest(base.TestCase):

    def test_without_the_library_it_stays_off(self):
        self.addCleanup(tracing.switch, False)
        with mock.patch.object(tracing, 'trace', None):
            tracing.switch(True)
            self.assertFalse(tracing.is_on())
            tracing.tell('hint', REQUEST, 1, 2)


class CollectorTest(test_hint_runner.RunnerCase):

    def test_from_the_notification_to_the_commit(self):
        spans, _ = collect(self)
        self.open('test.thing', 'a', 'b')
        self.thing.truth = {'a': record('a', 'SHUTOFF'),
                            'b': record('b', 'SHUTOFF')}
        heard = listener.Listener(
            'test', {'thing.*': (Look('test.thing', 'id'),)},
            self.runner.hint)
        heard.info({'user_id': 'u', 'request_id': REQUEST}, 'p',
                   'thing.stop', {'id': 'a'}, {})
        heard.info({}, 'p', 'thing.stop', {'id': 'b'}, {})
        self.settle(1)
        trace = tracing.trace_id(REQUEST)
        self.assertEqual([
            ('synchronizer hint', trace, {
                'openstack.request_id': REQUEST,
                'synchronizer.event': 'thing.stop',
                'synchronizer.plugin': 'test'}),
            ('synchronizer commit', trace, {
                'openstack.request_id': REQUEST,
                'synchronizer.type': 'test.thing', 'synchronizer.id': 'a',
                'synchronizer.action': 'updated',
                'synchronizer.cause': 'hint', 'synchronizer.revision': 3}),
        ], spans())


class PublisherTest(test_publisher.PublisherTest):

    def test_from_the_commit_to_the_bus(self):
        spans, _ = collect(self)
        self.step()
        known, unknown = self.filled.commit('created', NOVA, 'a', 'b')
        self.publisher.wake(NOVA)
        known = dataclasses.replace(known, initiator=WHO)
        with mock.patch.object(self.store, 'changes_since',
                               return_value=(2, [known, unknown])):
            self.step()
        self.assertEqual([
            ('synchronizer publish', tracing.trace_id(REQUEST), {
                'openstack.request_id': REQUEST, 'synchronizer.type': NOVA,
                'synchronizer.id': 'a', 'synchronizer.revision': 1})],
            spans())
