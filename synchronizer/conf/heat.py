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

"""[heat]: what only the plugin for Heat has."""

from oslo_config import cfg
from oslo_config import types

DETAILS = ('stack', 'outputs', 'resource_data', 'resource_metadata', 'event',
           'config')

OPTS = [
    cfg.FloatOpt(
        'resource_round',
        default=3600, min=1,
        help='Seconds within which the resources of every stack are listed '
             'once, moved or not, spread evenly: a resource that is marked '
             'unhealthy or gets a signal leaves no trace on its stack. '
             'Raised, such is noticed later; lowered, Heat has more to do: '
             'one request for each stack in that time.'),
    cfg.FloatOpt(
        'follow_interval',
        default=5, min=0,
        help='Seconds after which a stack on which an action is under way '
             'is looked at again, and what lies in it; a tenth of the age of '
             'the action if that is longer. Raised, resources are seen to '
             'move later, and Heat has less to do; 0 never looks again, and '
             'waits for what tells of the end.'),
    cfg.ListOpt(
        'details',
        default=[],
        item_type=types.String(choices=DETAILS),
        help='Costly details that are added to entities, each one request '
             'for every stack, resource, event or config that changed: '
             'stack (parameters, capabilities, time-out), outputs (of '
             'stacks; Heat works them out each time), resource_data '
             '(attributes, which Heat asks the other services for), '
             'resource_metadata, event (the properties of its resource), '
             'config (its script, inputs and outputs).'),
    cfg.BoolOpt(
        'include_sensitive',
        default=False,
        help='Let out what is left out of entities because it may hold '
             'secrets: what is made of hidden parameters, what has a name '
             'or an assignment that speaks of a credential, what deployments '
             'print, contents of stack snapshots. All of it would be '
             'stored, and be sent to every consumer.'),
    cfg.IntOpt(
        'events_per_stack',
        default=100, min=1, max=10000,
        help='How many events of a stack, the newest, are kept as '
             'entities. Raised, more of the past is kept, and a stack that '
             'is seen for the first time costs more requests.'),
]
