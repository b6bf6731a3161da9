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

"""What is said of a resource, and when nothing is."""

import dataclasses
import datetime
from unittest import mock

import fixtures
import testtools

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import initiator as initiator_module
from synchronizer.model import stream
from synchronizer.plugins.reality import asking
from synchronizer.plugins.reality import desired
from synchronizer.plugins.reality import drift
from synchronizer.plugins.reality import judge as judge_module
from synchronizer.plugins.reality import masks
from synchronizer.plugins.reality import sight
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality import trust
from synchronizer.plugins.reality import verdict
from synchronizer.tests.unit.plugins.reality import fakes

EVENTS = '/stacks/app/stack-1/resources/server/events'
SERVER = ('nova.instance', 'server-1')


def _name(desired, actual, subject, around):
    return None if desired == actual.name else table.Difference(
        desired, actual.name)


def _metadata(desired, actual, subject, around):
    shown = actual.attributes.get('metadata', {})
    return None if desired == shown else table.Difference(desired, shown)


def _image(desired, actual, subject, around):
    if around.ask('image', f'/v2/images/{desired}') is None:
        raise table.NotComparable('the image is gone')


KIND = table.Kind(
    lambda subject, around: around.held(
        'nova.instance', subject.physical_id),
    (table.Property('name', _name, ('name',)),
     table.Property('metadata', _metadata, ('attributes.metadata',)),
     table.Property('image', _image)))


class JudgeTest(testtools.TestCase):
    """One resource that is a server."""

    def setUp(self):
        super().setUp()
        self.streams = fakes.Streams(
            'heat.stack', 'heat.resource', 'nova.instance')
        self.time, self.images, self.image_error = 100.0, {}, None
        self.trust = trust.Trust(lambda: self.time, lambda: 0)
        self.eyes = sight.Eyes(self.streams, asking.Asking(
            self.streams, self._get, 60, lambda: self.time), self.trust)
        self.judge = judge_module.Judge(
            self.eyes, desired.Wishes(self.streams),
            masks.Masks(self.streams), {
                'OS::Nova::Server': KIND}.get, lambda: fakes.NOW)
        self.kind = drift.Drift(self.streams, self.judge, self.trust, 2,
                                lambda: self.time)
        self.trust.heed(self.streams.rows())
        self._wants(name='web')
        for entity in (fakes.stack(), fakes.resource(), fakes.server()):
            self.streams.put(entity)
        self.streams.heat.answers['/stacks/app/stack-1/template'] = {}

    def _get(self, service, path, **query):
        if self.image_error:
            raise self.image_error
        if path not in self.images:
            raise exception.NotFound(path)
        return self.images[path]

    def _wants(self, physical='server-1', **properties):
        self.streams.heat.answers.update({
            EVENTS: {'events': [
                {'id': 'ev-1', 'physical_resource_id': physical,
                 'resource_status': 'CREATE_COMPLETE'}]},
            f'{EVENTS}/ev-1': {'event': {
                'resource_properties': properties}}})

    def _judged(self):
        """The entity that is published then, and stored, or None."""
        page = self.kind.get(None, fakes.RESOURCE_ID)
        found = None
        if page.records:
            found = self.kind.entity(page.records[0])
            self.streams.put(found)
        else:
            self.streams.entities.pop(
                ('heat.drift', fakes.RESOURCE_ID), None)
        return found

    def _fails(self, thing, error):
        self.streams.cloud[thing] = error

    # --- in sync, changed, missing ---------------------------------------

    def test_what_is_as_it_should_be_has_no_entity_and_asks_nobody(self):
        self.assertIsNone(self._judged())
        self.assertEqual([], self.streams.asked)

    def test_a_changed_property_is_told_with_both_sides(self):
        self.streams.put(fakes.server(name='other'))
        found = self._judged()
        self.assertEqual(
            ('heat.drift', fakes.RESOURCE_ID, 'server', 'changed',
             fakes.PROJECT),
            (found.type, found.id, found.name, found.state,
             found.project_id))
        self.assertEqual([('about', 'heat.resource', fakes.RESOURCE_ID)], [
            (arrow.kind, arrow.type, arrow.id)
            for arrow in found.relations])
        self.assertEqual({
            'stack_id': 'stack-1', 'stack_name': 'app',
            'resource_name': 'server', 'resource_type': 'OS::Nova::Server',
            'physical_resource_id': 'server-1', 'verdict': 'changed',
            'reason': None, 'since': fakes.NOW, 'caused_by': None,
            'initiator': None, 'not_comparable': [],
            'properties': [{'property': 'name', 'desired': 'web',
                            'actual': 'other'}]}, found.attributes)

    def test_undone_it_is_gone(self):
        self.streams.put(fakes.server(name='other'))
        self._judged()
        self.streams.put(fakes.server())
        self.assertIsNone(self._judged())

    def test_what_is_not_there_is_missing(self):
        del self.streams.entities[SERVER]
        found = self._judged()
        self.assertEqual('missing', found.state)
        self.assertEqual([], found.attributes['properties'])
        self.assertIn('server-1', found.attributes['reason'])

    def test_only_what_the_template_sets_is_compared(self):
        self.streams.put(fakes.server(metadata={'by': 'the service'}))
        self.assertIsNone(self._judged())

    def test_a_type_without_a_table_has_no_entity(self):
        self.streams.put(fakes.resource(resource_type='OS::Heat::Value'))
        self.assertIsNone(self._judged())
        self.assertEqual([], self.streams.heat.asked)

    def test_a_type_whose_stream_is_off_has_no_entity(self):
        self.streams.put(fakes.server(name='other'))
        del self.streams.streams['nova.instance']
        self.trust.heed(self.streams.rows())
        self.assertIsNone(self._judged())

    def test_what_cannot_be_compared_is_told_beside_what_differs(self):
        self._wants(name='web', image='gone')
        self.streams.put(fakes.server(name='other'))
        self.assertEqual(
            [{'property': 'image', 'reason': 'the image is gone'}],
            self._judged().attributes['not_comparable'])

    def test_alone_it_makes_no_entity(self):
        self._wants(name='web', image='gone')
        self.assertIsNone(self._judged())

    # --- at rest, and as the services show it ----------------------------

    def test_what_is_worked_on_is_not_judged(self):
        self.streams.put(fakes.server(name='other'))
        for one in (fakes.stack('UPDATE_IN_PROGRESS'),
                    fakes.resource('UPDATE_IN_PROGRESS')):
            before = self.streams.entities[one.type, one.id]
            self.streams.put(one)
            self.assertIsNone(self._judged())
            self.streams.put(before)

    def test_what_was_said_stays_while_it_is_worked_on(self):
        self.streams.put(fakes.server(name='other'))
        said = self._judged()
        self.streams.put(fakes.stack('UPDATE_IN_PROGRESS'))
        self.streams.put(fakes.server(name='third'))
        self.assertEqual(said.attributes, self._judged().attributes)

    def test_what_failed_half_way_is_not_judged(self):
        self.streams.put(fakes.server(name='other'))
        for state in ('CREATE_FAILED', 'UPDATE_FAILED', 'DELETE_FAILED',
                      'INIT_COMPLETE', 'DELETE_COMPLETE', 'RESUME_FAILED'):
            self.streams.put(fakes.resource(state))
            self.assertIsNone(self._judged(), state)

    def test_what_is_marked_unhealthy_is_still_judged(self):
        self.streams.put(fakes.server(name='other'))
        self.streams.put(fakes.resource('CHECK_FAILED'))
        self.assertEqual('changed', self._judged().state)

    def test_a_stream_that_lags_behind_is_no_drift(self):
        self._wants(name='new')
        self.streams.cloud[SERVER] = fakes.server(name='new')
        self.assertIsNone(self._judged())
        self.assertEqual([SERVER], self.streams.looks)

    def test_a_stream_that_has_not_seen_the_end_is_no_absence(self):
        self.streams.cloud['nova.instance', 'server-1'] = fakes.server()
        del self.streams.entities[SERVER]
        self.assertIsNone(self._judged())

    def test_a_stack_that_began_to_move_is_not_judged(self):
        self.streams.put(fakes.server(name='other'))
        self.streams.cloud['heat.stack', 'stack-1'] = fakes.stack(
            'UPDATE_IN_PROGRESS')
        self.assertIsNone(self._judged())

    def test_a_stack_that_moved_meanwhile_is_not_judged_by_old_wishes(self):
        self.streams.put(fakes.server(name='other'))
        self.streams.cloud['heat.stack', 'stack-1'] = fakes.stack(
            'UPDATE_COMPLETE', updated_time='2026-11-20T11:00:00Z')
        self.assertIsNone(self._judged())
        self.assertIn(('heat.stack', 'stack-1'), self.streams.looks)

    def test_the_thing_is_read_before_the_stack(self):
        self.streams.put(fakes.server(name='other'))
        self._judged()
        self.assertEqual(
            [SERVER, ('heat.resource', fakes.RESOURCE_ID),
             ('heat.stack', 'stack-1')], self.streams.asked)

    def test_what_is_published_already_asks_nobody(self):
        self.streams.put(fakes.server(name='other'))
        self._judged()
        self.streams.asked.clear()
        self._judged()
        self.assertEqual([], self.streams.asked)

    def test_a_resource_that_is_gone_has_no_entity(self):
        self.streams.put(fakes.server(name='other'))
        self._judged()
        del self.streams.entities['heat.resource', fakes.RESOURCE_ID]
        self.assertIsNone(self._judged())

    def test_what_was_missing_is_so_until_it_is_there(self):
        del self.streams.entities[SERVER]
        said = self._judged()
        self.streams.put(fakes.resource('UPDATE_FAILED'))
        self.assertEqual(said.attributes, self._judged().attributes)
        self.streams.put(fakes.server())
        self.assertIsNone(self._judged())

    def test_what_was_unknown_is_not_once_heat_failed_with_it(self):
        self.streams.heat.error = exception.Refused('heat: 403')
        self.assertEqual('unknown', self._judged().state)
        self.streams.put(fakes.resource('UPDATE_FAILED'))
        self.assertIsNone(self._judged())

    def test_what_was_given_to_heat_is_only_there(self):
        self.streams.heat.answers[f'{EVENTS}/ev-1'] = {
            'event': {'resource_properties': {}}}
        self.streams.heat.answers.update({
            '/stacks/app/stack-1': {'stack': {'parameters': {}}},
            '/stacks/app/stack-1/template': {'resources': {'server': {
                'external_id': 'server-1', 'properties': {'name': 'x'}}}}})
        self.assertIsNone(self._judged())
        del self.streams.entities[SERVER]
        self.assertEqual('missing', self._judged().state)

    # --- what is not known -----------------------------------------------

    def test_a_shape_that_nobody_knows_costs_its_own_verdict_only(self):
        log = self.useFixture(fixtures.FakeLogger())
        self.streams.put(fakes.server(metadata=None))
        self._wants(metadata={'a': 1}, name=object)
        with mock.patch.object(table, 'compare', side_effect=TypeError('x')):
            found = self._judged()
        self.assertEqual(
            ('unknown', 'it cannot be compared (TypeError)'),
            (found.state, found.attributes['reason']))
        self.assertIn('cannot be compared', log.output)

    def test_an_endpoint_that_was_there_is_missed(self):
        self._wants(name='web', image='i-1')
        self.images['/v2/images/i-1'] = {}
        self.assertIsNone(self._judged())
        self.time += 61
        self.image_error = exception.Unreachable('no endpoint', final=True)
        self.assertEqual('unknown', self._judged().state)

    def test_an_error_is_unknown_with_its_reason(self):
        for error in (exception.Refused('nova: 403'),
                      exception.Undecided('in a cell that does not answer'),
                      exception.BrokenAnswer('nova: 500'),
                      exception.Unreachable('nova: no answer')):
            del self.streams.entities[SERVER]
            self._fails(SERVER, error)
            found = self._judged()
            self.assertEqual(
                ('unknown', str(error), [], 'app'),
                (found.state, *(found.attributes[name] for name in (
                    'reason', 'properties', 'stack_name'))))
            self.assertEqual(drift.AGAIN, self.kind.follow(found))
            self.time += asking.REST
            del self.streams.cloud[SERVER]
            self.streams.put(fakes.server())
            self.assertIsNone(self._judged())

    def test_a_stale_stream_is_asked_past(self):
        self.streams.set_row('nova.instance', collected_state=stream.DEGRADED,
                             error='403')
        self.trust.heed(self.streams.rows())
        self.assertIsNone(self._judged())
        self.assertEqual([], self.streams.asked)
        self.time += trust.GRACE
        self.assertTrue(self.trust.heed(self.streams.rows()))
        self.assertIsNone(self._judged())
        self.assertEqual([SERVER], self.streams.asked)
        self._fails(SERVER, exception.Refused('nova: 403'))
        self.time += 61
        self.assertEqual('unknown', self._judged().state)

    def _doubts(self):
        self.streams.set_row('nova.instance', collected_state=stream.SUSPECT,
                             error='9 are missing')
        self.trust.heed(self.streams.rows())
        self.time += trust.GRACE
        self.trust.heed(self.streams.rows())

    def _spend(self):
        """No more may be asked for in this minute."""
        for number in range(asking.MOST):
            try:
                self.eyes.asking.doubted('nova.instance', f'x{number}', 0, '')
            except table.Unknowable:
                return

    def test_of_a_stale_stream_only_so_many_are_asked_for(self):
        self._doubts()
        self._spend()
        found = self._judged()
        self.assertEqual(
            ('unknown', 'nova.instance is suspect: 9 are missing'),
            (found.state, found.attributes['reason']))
        self.time += 60
        self.assertIsNone(self._judged())

    def test_what_was_answered_holds_where_no_more_may_be_asked(self):
        self._doubts()
        self.assertIsNone(self._judged())
        asked = self.streams.asked.count(SERVER)
        self.time += 61
        self._spend()
        self.assertIsNone(self._judged())
        self.assertEqual(asked, self.streams.asked.count(SERVER))

    def test_it_does_not_hold_for_what_the_stream_shows_as_changed(self):
        self._doubts()
        self.assertIsNone(self._judged())
        self.streams.put(dataclasses.replace(
            fakes.server(name='other'), revision=8))
        self.assertEqual('changed', self._judged().state)

    def test_wishes_that_cannot_be_read_are_unknown(self):
        self.streams.heat.error = exception.Refused('heat: 403')
        found = self._judged()
        self.assertEqual('unknown', found.state)
        self.assertIn('heat: 403', found.attributes['reason'])

    def test_what_is_no_stream_is_asked_for_once_in_a_while(self):
        self._wants(image='i-1')
        self.images['/v2/images/i-1'] = {}
        self.assertIsNone(self._judged())
        self.image_error = exception.Refused('glance: 403')
        self.assertIsNone(self._judged())
        self.time += 61
        self.assertEqual('unknown', self._judged().state)

    def test_a_service_that_the_cloud_has_not_is_not_comparable(self):
        self._wants(name='web', image='i-1')
        self.streams.put(fakes.server(name='other'))
        self.image_error = exception.Unreachable(
            'no such endpoint', final=True)
        self.assertEqual(
            [{'property': 'image',
              'reason': 'this cloud has no service image'}],
            self._judged().attributes['not_comparable'])

    # --- where it comes from ---------------------------------------------

    def test_it_tells_which_change_made_it_and_who(self):
        renamed = fakes.server(name='other')
        self.streams.put(renamed)
        self.streams.changes[SERVER] = [
            fakes.change('updated', renamed, 9, ('attributes.host',)),
            fakes.change('updated', renamed, 8, ('name',),
                         initiator=initiator_module.Initiator(
                             'user-1', 'project-2', 'req-3')),
            fakes.change('created', fakes.server(), 2)]
        shown = self._judged().attributes
        self.assertEqual(
            {'type': 'nova.instance', 'id': 'server-1', 'revision': 8},
            shown['caused_by'])
        self.assertEqual('user-1', shown['initiator'])
        self.assertEqual(fakes.EARLIER, shown['since'])

    def test_a_deletion_is_the_cause_of_what_is_missing(self):
        del self.streams.entities[SERVER]
        self.streams.changes[SERVER] = [
            fakes.change('deleted', fakes.server(), 8),
            fakes.change('created', fakes.server(), 2)]
        self.assertEqual(
            {'type': 'nova.instance', 'id': 'server-1', 'revision': 8},
            self._judged().attributes['caused_by'])

    def test_one_more_property_has_another_cause_and_the_same_age(self):
        self._wants(name='web', metadata={})
        self.streams.put(fakes.server(name='other'))
        first = self._judged().attributes
        both = fakes.server(name='other', metadata={'a': '1'})
        self.streams.put(both)
        self.streams.changes[SERVER] = [fakes.change(
            'updated', both, 9, ('attributes.metadata',),
            cause=change_module.DELTA)]
        second = self._judged().attributes
        self.assertEqual(first['since'], second['since'])
        self.assertEqual(9, second['caused_by']['revision'])
        self.assertEqual(['metadata', 'name'], [
            one['property'] for one in second['properties']])

    # --- what is not to be told ------------------------------------------

    def test_what_is_made_of_a_hidden_parameter_is_masked(self):
        self.streams.heat.answers['/stacks/app/stack-1/template'] = {
            'parameters': {'pw': {'hidden': True}},
            'resources': {'server': {'properties': {
                'metadata': {'x': {'get_param': 'pw'}}, 'name': 'web'}}}}
        self._wants(name='web', metadata={'x': 'hush'})
        self.streams.put(fakes.server(name='other', metadata={'x': 'hush2'}))
        self.assertEqual(
            [{'property': 'metadata', 'desired': '******',
              'actual': '******'},
             {'property': 'name', 'desired': 'web', 'actual': 'other'}],
            self._judged().attributes['properties'])

    def test_nor_is_it_told_why_it_cannot_be_compared(self):
        self.streams.heat.answers['/stacks/app/stack-1/template'] = {
            'parameters': {'pw': {'hidden': True}},
            'resources': {'server': {'properties': {
                'image': {'get_param': 'pw'}, 'name': 'web'}}}}
        self._wants(name='web', image='hush')
        self.streams.put(fakes.server(name='other'))
        self.assertEqual(
            [{'property': 'image', 'reason': masks.UNTOLD}],
            self._judged().attributes['not_comparable'])

    def test_a_credential_in_metadata_is_masked(self):
        self._wants(metadata={'password': 'a', 'b': '1'})
        self.streams.put(fakes.server(metadata={'password': 'a', 'b': '2'}))
        self.assertEqual(
            [{'property': 'metadata',
              'desired': {'password': '******', 'b': '1'},
              'actual': {'password': '******', 'b': '2'}}],
            self._judged().attributes['properties'])

    def test_all_is_masked_while_the_template_cannot_be_read(self):
        del self.streams.heat.answers['/stacks/app/stack-1/template']
        self.streams.put(fakes.server(name='other'))
        self.assertEqual('******', self._judged().attributes[
            'properties'][0]['actual'])

    # --- sweeps, and who is told of what ---------------------------------

    def _swept(self):
        pages = list(self.kind.list(None))
        return {record['id']: record for page in pages
                for record in page.records}

    def test_a_sweep_judges_all(self):
        self.streams.put(fakes.resource(name='other', physical='server-2'))
        self.streams.heat.answers.update({
            '/stacks/app/stack-1/resources/other/events': {'events': [
                {'id': 'ev-2', 'physical_resource_id': 'server-2',
                 'resource_status': 'CREATE_COMPLETE'}]},
            '/stacks/app/stack-1/resources/other/events/ev-2': {
                'event': {'resource_properties': {'name': 'x'}}}})
        found = self._swept()
        self.assertEqual('missing', found['stack-1/other']['verdict'])
        self.assertIn(verdict.GONE, found[fakes.RESOURCE_ID])

    def test_a_sweep_says_that_a_drift_without_its_resource_is_gone(self):
        self.streams.put(fakes.server(name='other'))
        self._judged()
        del self.streams.entities['heat.resource', fakes.RESOURCE_ID]
        self.assertIn(verdict.GONE, self._swept()[fakes.RESOURCE_ID])

    def test_it_waits_until_all_was_collected_once(self):
        self.streams.set_row('nova.instance', collected_at=None,
                             collected_state=stream.STARTING)
        self.assertEqual({}, self._swept())
        self.assertRaises(exception.Undecided, self._judged)
        self.time += trust.PATIENCE
        self.assertEqual({fakes.RESOURCE_ID}, set(self._swept()))

    def test_wishes_are_asked_for_once_for_each_change(self):
        self._judged()
        asked = len(self.streams.heat.asked)
        self._judged()
        self._swept()
        self.assertEqual(asked, len(self.streams.heat.asked))
        self.streams.put(dataclasses.replace(
            fakes.resource(), state='UPDATE_COMPLETE'))
        self._judged()
        self.assertEqual(2 * asked, len(self.streams.heat.asked))

    def test_what_is_gone_is_forgotten(self):
        self._judged()
        del self.streams.entities['heat.resource', fakes.RESOURCE_ID]
        self._judged()
        self.assertEqual(set(), self.eyes.index.of(SERVER))
        self.assertEqual(set(), self.eyes.index.of(
            ('heat.resource', fakes.RESOURCE_ID)))

    def test_what_is_unknown_for_long_is_looked_at_less_often(self):
        self.streams.heat.error = exception.Refused('403')
        found = self._judged()
        for age, pause in ((0, drift.AGAIN), (14, drift.AGAIN), (60, 60),
                           (86400, drift.LATEST)):
            moment = datetime.datetime.fromisoformat(
                fakes.NOW) + datetime.timedelta(seconds=age)
            self.assertEqual(pause, self.kind.follow(dataclasses.replace(
                found, sampled_at=moment.isoformat())))

    def test_the_index_knows_whom_a_thing_concerns(self):
        self._judged()
        for thing in (SERVER, ('heat.stack', 'stack-1')):
            self.assertEqual({fakes.RESOURCE_ID}, self.eyes.index.of(thing))

    def test_what_two_are_judged_by_leads_to_both(self):
        other = fakes.resource(name='other')
        events = '/stacks/app/stack-1/resources/other/events'
        self.streams.heat.answers.update({
            events: self.streams.heat.answers[EVENTS],
            f'{events}/ev-1': self.streams.heat.answers[f'{EVENTS}/ev-1']})
        self.streams.put(dataclasses.replace(other, relations=()))
        self._swept()
        self.assertEqual({fakes.RESOURCE_ID, other.id},
                         self.eyes.index.of(SERVER))
