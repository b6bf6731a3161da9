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

"""[cinder]: what only the plugin for Cinder has."""

from oslo_config import cfg

from synchronizer.conf import partitions

OPTS = [
    cfg.FloatOpt(
        'capacity_step',
        default=5, min=0, max=100,
        help='Percent of its total by which a capacity of a pool must move '
             'to be a change: capacities are told rounded down to steps of '
             'at most that size. Raised, pools change less often and are '
             'known less exactly; 0 tells capacities as they are, and every '
             'move of them is a change.'),
    partitions.opt('cinder.volume', 'cinder-api'),
]
