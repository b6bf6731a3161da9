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

"""Options of the tests: how they reach the service, and how patient they are.
"""

from oslo_config import cfg

AVAILABLE = cfg.BoolOpt(
    'synchronizer',
    default=True,
    help='Whether a synchronizer watches this cloud.')

GROUP = cfg.OptGroup(name='synchronizer', title='The synchronizer')

OPTS = [
    cfg.StrOpt(
        'transport_url',
        secret=True,
        help='The bus that the service answers and announces on, as '
             'rabbit://USER:PASSWORD@HOST:5672//. Without it all tests are '
             'skipped.'),
    cfg.IntOpt(
        'request_timeout',
        default=60, min=1,
        help='Seconds for one request to the service.'),
    cfg.IntOpt(
        'sync_timeout',
        default=120, min=1,
        help='Seconds within which every stream that a test looks at must be '
             'live.'),
    cfg.IntOpt(
        'change_timeout',
        default=120, min=1,
        help='Seconds within which a change must be told. Where the service '
             'hears no notifications that is more than its poll_interval.'),
    cfg.IntOpt(
        'stack_timeout',
        default=300, min=1,
        help='Seconds that Heat may take for a stack.'),
    cfg.StrOpt(
        'stack_catalog_type',
        default='orchestration',
        help='What Heat is called in the catalog.'),
    cfg.BoolOpt(
        'observer',
        default=False,
        help='Whether the service compares stacks with what there is: '
             'enable_observer under its [reality].'),
]
