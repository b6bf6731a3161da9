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

"""A conformance kit for those who write plugins.

Whoever writes a plugin gives it a service to ask (a dict behind the paths
that it asks, recorded answers, a real cloud in which nothing happens), and
gets every test that the contract in `synchronizer.plugins.base` makes
possible::

    class NeutronTest(conformance.PluginSuite, unittest.TestCase):

        plugin = NeutronPlugin
        marker_lost = 404

        def session(self, kind):
            return Neutron(port('a'), port('b'), port('c'))

What fails says, a line each, which type does what wrong, and why that is
dangerous.
"""

from synchronizer.conformance.suite import PluginSuite

__all__ = ('PluginSuite',)
