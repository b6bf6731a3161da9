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

"""[reality]: whether stacks are compared with what is, and what then."""

from oslo_config import cfg

from synchronizer.conf import plugin

REPORT, MARK = 'report', 'mark-unhealthy'

OPTS = [
    cfg.BoolOpt(
        'enable_observer',
        default=False,
        help='Compare every resource of every stack with what there is, all '
             'the time, and tell of each that differs as an entity of '
             'heat.drift. Needs the types heat.stack and heat.resource. It '
             'costs Heat two requests for each change of a resource, and '
             'each service one for each difference. Without it the plugin '
             'reality is not run. SIGHUP switches it on or off.'),
    cfg.StrOpt(
        'act',
        default=REPORT,
        choices=[
            (REPORT, 'differences are told, and nothing else is done'),
            (MARK, 'a resource that is missing, or changed in a property '
                   'that Heat would put right, is marked unhealthy in Heat '
                   'once, so that the next update of its stack replaces it')],
        help='What is done about a difference. To mark, the user of '
             '[service_credentials] must be allowed to '
             'resource:mark_unhealthy in stacks of every project.'),
    cfg.IntOpt(
        'act_limit',
        default=10, min=0,
        help='How many resources are marked unhealthy within an hour at '
             'most. Raised, a fault that makes many resources look changed '
             'does more harm; 0 marks none.'),
    cfg.BoolOpt(
        'act_dry_run',
        default=False,
        help='Only log what `act` would do, and do nothing.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options of the group known to `conf`."""
    plugin.register_opts(conf, 'reality', own=OPTS, derived=True)


def list_opts() -> list[tuple]:
    """For oslo-config-generator."""
    return [(plugin.group('reality'),
             plugin.all_opts('reality', own=OPTS, derived=True))]
