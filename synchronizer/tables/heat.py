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

"""The tables of Heat's types.

What is asked for only by an option has its columns all the same: they are
NULL, and the child tables empty, until the option is there.
"""

from synchronizer.tables import cells
from synchronizer.tables import declare
from synchronizer.tables import table
from synchronizer.tables.declare import boolean
from synchronizer.tables.declare import integer
from synchronizer.tables.declare import key
from synchronizer.tables.declare import text

_OF_STACK = 'stack_id'
_OF_RESOURCE = 'resource_id'

_STACK_COLUMNS = (
    text('stack_name'), text('description'), text('stack_status'),
    text('stack_status_reason'), text('creation_time'), text('updated_time'),
    text('deletion_time'), text('stack_owner'), text('parent'),
    text('root'), text('stack_user_project_id'),
    boolean('disable_rollback', 'detail/disable_rollback'),
    integer('timeout_mins', 'detail/timeout_mins'),
    text('template_description', 'detail/template_description'))

_STACK_CHILDREN = (
    declare.pairs('heat_stack_parameters', 'A parameter of a stack.',
                  _OF_STACK, 'detail/parameters'),
    declare.child(
        'heat_stack_outputs', 'An output of a stack.', _OF_STACK,
        'detail/outputs/#', key(text('output_key')), text('output_value'),
        text('description'), text('output_error')),
    declare.listed('heat_stack_tags', 'A tag of a stack.', _OF_STACK, 'tags',
                   'tag'),
    declare.listed('heat_stack_capabilities', 'A capability of a stack.',
                   _OF_STACK, 'detail/capabilities', 'capability'),
    declare.listed('heat_stack_notification_topics', 'Where a stack sends '
                   'notifications.', _OF_STACK, 'detail/notification_topics',
                   'topic'))

STACKS = declare.main(
    'heat.stack', 'heat_stacks', 'A stack, nested ones included.',
    declare.OWNED, _STACK_COLUMNS, _STACK_CHILDREN)

RESOURCES = declare.main(
    'heat.resource', 'heat_resources', 'A resource of a stack; its id is '
    '``<stack id>/<resource name>``.', declare.OWNED, (
        declare.related('stack_id', 'contains', 'heat.stack'),
        text('resource_name'), text('resource_type'),
        text('logical_resource_id'), text('physical_resource_id'),
        text('resource_status'), text('resource_status_reason'),
        text('creation_time'), text('updated_time'),
        text('description', 'data/description')), (
        declare.listed(
            'heat_resource_required_by', 'A resource of the same stack that '
            'needs this one.', _OF_RESOURCE, 'required_by', 'resource_name'),
        declare.pairs('heat_resource_data', 'A live attribute of a resource.',
                      _OF_RESOURCE, 'data/attributes'),
        declare.pairs('heat_resource_metadata', 'A key of a resource\'s '
                      'metadata.', _OF_RESOURCE, 'metadata')))



def _stack_of_event() -> table.Column:
    """An event is about a stack, or about a resource in one."""

    def get(item: table.Item) -> str | None:
        return next((arrow.id.partition('/')[0]
                     for arrow in item.entity.relations
                     if arrow.kind == 'about'), None)

    return table.Column(
        'stack_id', cells.TEXT, get, 'relation about, the stack in it')


EVENTS = declare.main(
    'heat.event', 'heat_events', 'An event of a stack.', declare.OWNED, (
        text('resource_name'), text('resource_type'),
        text('logical_resource_id'), text('physical_resource_id'),
        text('resource_status'), text('resource_status_reason'),
        text('event_time'),
        _stack_of_event(),
        declare.related('resource_id', 'about', 'heat.resource')), (
        declare.pairs('heat_event_properties', 'A property that the resource '
                      'had then.', 'event_id', 'resource_properties'),))

SNAPSHOTS = declare.main(
    'heat.snapshot', 'heat_snapshots', 'A snapshot of a stack.',
    declare.OWNED, (
        declare.related('stack_id', 'about', 'heat.stack'), text('action'),
        text('status'), text('status_reason'), text('creation_time')))

RESOURCE_TYPES = declare.main(
    'heat.resource_type', 'heat_resource_types', 'A type of resources that '
    'Heat offers.', declare.NAMED, (text('resource_type'),))

SOFTWARE_CONFIGS = declare.main(
    'heat.software_config', 'heat_software_configs', 'A script, or part of '
    'one.', ('name', 'project_id'), (
        text('config_group', 'group'), text('creation_time'),
        text('config', 'config/config')), (
        declare.child(
            'heat_software_config_inputs', 'An input of a config.',
            'config_id', 'config/inputs/#', key(text('name')), text('value'),
            text('type'), text('description'),
            text('default_value', 'default')),
        declare.child(
            'heat_software_config_outputs', 'An output of a config.',
            'config_id', 'config/outputs/#', key(text('name')), text('type'),
            text('description'), boolean('error_output')),
        declare.pairs('heat_software_config_options', 'An option of a '
                      'config.', 'config_id', 'config/options')))

SOFTWARE_DEPLOYMENTS = declare.main(
    'heat.software_deployment', 'heat_software_deployments', 'A config on '
    'its way to a server.', ('state',), (
        text('status'), text('status_reason'), text('action'),
        text('server_id'), text('config_id'), text('creation_time'),
        text('updated_time')), (
        declare.pairs('heat_software_deployment_input_values', 'What is put '
                      'into a deployment.', 'deployment_id', 'input_values'),
        declare.pairs('heat_software_deployment_output_values', 'What came '
                      'out of a deployment.', 'deployment_id',
                      'output_values')))

SERVICES = declare.main(
    'heat.service', 'heat_services', 'An engine of Heat.', declare.STATEFUL, (
        text('binary'), text('host'), text('hostname'), text('engine_id'),
        text('topic'), integer('report_interval'), text('status'),
        text('created_at'), text('deleted_at')))

DRIFT = declare.main(
    'heat.drift', 'heat_drift', 'A resource that is not what its stack says.',
    declare.OWNED, (
        text('verdict'), text('reason'), text('since'), text('stack_id'),
        text('stack_name'), text('resource_name'), text('resource_type'),
        text('physical_resource_id'), text('initiator'),
        text('caused_by_type', 'caused_by/type'),
        text('caused_by_id', 'caused_by/id'),
        integer('caused_by_revision', 'caused_by/revision')), (
        declare.child(
            'heat_drift_properties', 'A property that is another than the '
            'stack says.', _OF_RESOURCE, 'properties/#',
            key(text('property')), text('desired'), text('actual')),
        declare.child(
            'heat_drift_not_comparable', 'A property that cannot be '
            'compared.', _OF_RESOURCE, 'not_comparable/#',
            key(text('property')), text('reason'))))

TABLES = (STACKS, RESOURCES, EVENTS, SNAPSHOTS, RESOURCE_TYPES,
          SOFTWARE_CONFIGS, SOFTWARE_DEPLOYMENTS, SERVICES, DRIFT)
