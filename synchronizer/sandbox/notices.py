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
"""What a change of a row makes the services say, and in which envelope.

A notice is one notification before it is put on a wire. What is never told
in a real cloud, as the metadata of a volume, has no notice here either.
"""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import datetime
from typing import Any

from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import iso_micro

CONTROL = 'sandbox-control'
LEGACY, VERSIONED = 'notifications', 'versioned_notifications'
INFO, ERROR = 'INFO', 'ERROR'
EXCHANGES = {'nova': 'nova', 'cinder': 'openstack', 'heat': 'heat'}

# what the context of each service has besides that of all
EXTRA_CONTEXT: dict[str, Row] = {
    'nova': {'quota_class': None, 'read_deleted': 'no',
             'remote_address': None, 'service_catalog': []},
    'cinder': {'quota_class': None, 'read_deleted': 'no',
               'remote_address': None, 'service_catalog': [],
               'domain_id': None, 'message_action': None,
               'message_resource_id': None, 'message_resource_type': None},
    'heat': {'auth_token_info': None, 'auth_url': None, 'aws_creds': None,
             'password': None, 'region_name': None, 'trust_id': None,
             'trustor_user_id': None, 'username': None}}


@dataclasses.dataclass(frozen=True)
class Change:
    """A row that was put or dropped, and what of it is known."""

    cloud: Any
    kind: str
    old: Row | None
    new: Row | None
    at: float
    request_id: str

    @property
    def row(self) -> Row:
        """The row now, or the last one."""
        return self.new or self.old or {}

    def differs(self, *fields: str) -> bool:
        """Whether one of these moved; so it is with a new or a lost row."""
        if self.old is None or self.new is None:
            return True
        return any(self.old[name] != self.new[name] for name in fields)

    @property
    def project(self) -> str:
        """The id of the project in which it was done."""
        return self.row.get('project_id') or self.cloud.project_id('admin')

    @property
    def user(self) -> str:
        """The name of who did it."""
        return self.cloud.user_name_of(self.project)


@dataclasses.dataclass(frozen=True)
class Notice:
    """One notification, without what the envelope adds."""

    service: str
    event_type: str
    publisher_id: str
    payload: Row
    priority: str = INFO
    topic: str = LEGACY


Teller = Callable[[Change], Iterator[Notice]]


def context(change: Change, service: str) -> Row:
    """Who did it, in which request; there is never a token in it."""
    cloud = change.cloud
    names = {key: name for name, key in cloud.projects.items()}
    user = cloud.users[change.user]
    shared = {
        'auth_token': None, 'domain': None, 'global_request_id': None,
        'is_admin': change.user == 'admin', 'is_admin_project': True,
        'project': change.project, 'project_domain': 'default',
        'project_id': change.project,
        'project_name': names[change.project], 'read_only': False,
        'request_id': change.request_id, 'resource_uuid': None,
        'roles': ['reader', 'member'], 'show_deleted': False,
        'system_scope': None, 'user': user, 'user_domain': 'default',
        'user_identity': f'{user} {change.project} - default default'}
    if service != 'heat':
        shared |= {'timestamp': iso_micro(change.at), 'user_id': user}
    if service == 'nova':
        shared['user_name'] = change.user
    return shared | EXTRA_CONTEXT[service]


def sent_at(moment: float) -> str:
    """The time stamp of an envelope."""
    return datetime.datetime.fromtimestamp(
        moment, datetime.UTC).strftime('%Y-%m-%d %H:%M:%S.%f')
