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

"""The templates of the tests' stacks."""

from typing import Any

VERSION = '2016-10-14'
NAME = {'get_param': 'name'}


def of(**resources: dict[str, Any]) -> dict[str, Any]:
    """A template with these resources, and a name as parameter."""
    return {'heat_template_version': VERSION,
            'parameters': {'name': {'type': 'string'}},
            'resources': resources}


def volume(**properties: Any) -> dict[str, Any]:
    """One gibibyte, with the name that the stack is given."""
    return {'type': 'OS::Cinder::Volume',
            'properties': {'name': NAME, 'size': 1, **properties}}


def server(image: str, flavor: str, network: str | None,
           **properties: Any) -> dict[str, Any]:
    """A server, on the network of its project if there is one."""
    networks = {'networks': [{'network': network}]} if network else {}
    return {'type': 'OS::Nova::Server',
            'properties': {'name': NAME, 'image': image, 'flavor': flavor,
                           **networks, **properties}}


def text() -> dict[str, Any]:
    """A resource that is nowhere but in Heat."""
    return {'type': 'OS::Heat::RandomString'}
