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

"""The rules of who may ask for what, and what they are unless a file says
otherwise: everybody on the bus may ask for everything.
"""

from collections.abc import Mapping

from oslo_policy import policy

PREFIX = 'synchronizer:'
READ = PREFIX + 'read'
FRESH = 'get_all:max_age'
"""Not a request of its own, but what one may bring with it."""

REQUESTS: Mapping[str, tuple[str, str]] = {
    'describe': (
        'Ask which streams there are and how they are. It names no type.',
        'describe()'),
    'get_all': (
        'Take a snapshot. Without types a caller gets those that he may.',
        'get_all(types, limit, marker, max_age)'),
    FRESH: (
        'Have the cloud listed anew for a snapshot, besides get_all.',
        'get_all(max_age)'),
    'get': ('Get entities by their ids.', 'get(type, ids)'),
    'get_changes': (
        'Read the changes after a position; every mirror does.',
        'get_changes(type, epoch, since, limit)'),
    'get_history': (
        'Read what the journal has of one entity.',
        'get_history(type, id, limit)'),
    'get_at': (
        'Take a snapshot of an earlier time. Without types a caller gets '
        'those that he may.',
        'get_at(time, types, limit, marker)'),
    'get_entity_at': (
        'Get one entity as it was at an earlier time.',
        'get_entity_at(time, type, id)'),
}


def list_rules() -> list[policy.RuleDefault]:
    """For oslopolicy-sample-generator, and for whoever enforces them."""
    return [policy.RuleDefault(
        READ, '@', 'Whoever may read; what each rule below says unless it is '
        'changed. Of a rule that is asked for a type, %(type)s is its name, '
        'as nova.instance, and %(plugin)s its plugin, as nova.'),
        *(policy.DocumentedRuleDefault(
            PREFIX + name, f'rule:{READ}', text,
            [{'method': 'RPC', 'path': call}])
          for name, (text, call) in REQUESTS.items())]
