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

"""What all types of Heat have: options that change an entity's form."""

from synchronizer.plugins import base
from synchronizer.plugins.heat import options as options_module
from synchronizer.plugins.heat import stacks as stacks_module


class HeatType(base.EntityType):
    """A type of Heat's; `stacks` is what the types of a plugin share."""

    def __init__(self, options: options_module.Options | None = None,
                 stacks: stacks_module.Stacks | None = None) -> None:
        self._options = options or options_module.Options()
        self._stacks = stacks or stacks_module.Stacks()

    def shape(self, session: base.Session) -> str:
        """Details that are switched on or off are no change of the cloud.
        """
        chosen = [*sorted(self._options.details),
                  str(self._options.include_sensitive)]
        return f'{super().shape(session)}/{",".join(chosen)}'
