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

"""The cloud as a process has it: one session, an `Api` per service."""

from collections.abc import Callable
from collections.abc import Mapping
import threading
from typing import Any

from keystoneauth1 import session as ksa_session

from synchronizer.cloud import api as api_module
from synchronizer.cloud import clients
from synchronizer.cloud import patience as patience_module


class Cloud:
    """Gives plugins the way to their services. Asks nothing by itself."""

    def __init__(self, session: ksa_session.Session, *,
                 defaults: Mapping[str, Any] | None = None,
                 patience: patience_module.Patience | None = None,
                 stop: threading.Event | None = None,
                 on_request: api_module.OnRequest | None = None,
                 turns: Callable[[str], api_module.Turn | None] = (
                     lambda service: None)) -> None:
        """`defaults` are adapter options for what a group leaves open;
        `turns` tells what requests to a service wait for, if for anything.
        """
        self.session = session
        self._defaults = dict(defaults or {})
        self._given: dict[str, Any] = {'patience': patience, 'stop': stop}
        if on_request:
            self._given['on_request'] = on_request
        self._turns = turns

    def api(self, service: str, **options: Any) -> api_module.Api:
        """The way to one service; options as keystoneauth's adapter has
        them: region_name, interface, endpoint_override, service_type ..."""
        chosen = {**self._defaults, **{
            name: value for name, value in options.items()
            if value is not None}}
        turn = self._turns(service)
        return api_module.Api(
            service, clients.build(service, self.session, **chosen),
            **self._given, **({'turn': turn} if turn else {}))
