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

"""Who sent for what a notification tells of.

The context of a message holds much, tokens among it: three ids are taken,
and what they stand beside is not looked at.
"""

from collections.abc import Mapping
from typing import Any

from synchronizer.model import initiator as initiator_module
from synchronizer.plugins import hints

# oslo.context's names, those of Heat, which has no user_id, and older ones;
# Heat once had a name as its tenant, and the id as tenant_id
USER = ('user_id', 'user')
PROJECT = ('project_id', 'tenant_id', 'tenant')


def initiator(context: Any, payload: Any
              ) -> initiator_module.Initiator | None:
    """Who it was; None: no user, as when a service does something by
    itself."""
    return _of_payload(payload) or _of_context(context)


def _of_payload(payload: Any) -> initiator_module.Initiator | None:
    """Nova's versioned payloads tell it themselves."""
    body = payload.get(hints.DATA) if isinstance(payload, Mapping) else None
    if not isinstance(body, Mapping):
        return None
    return _with_user(
        body.get('action_initiator_user'),
        body.get('action_initiator_project'), body.get('request_id'))


def _of_context(context: Any) -> initiator_module.Initiator | None:
    if not isinstance(context, Mapping):
        return None
    return _with_user(_first(context, USER), _first(context, PROJECT),
                      context.get('request_id'))


def _with_user(*ids: Any) -> initiator_module.Initiator | None:
    found = initiator_module.made(*ids)
    return found if found and found.user_id else None


def _first(context: Mapping, names: tuple[str, ...]) -> Any:
    return next((context[name] for name in names if context.get(name)), None)
