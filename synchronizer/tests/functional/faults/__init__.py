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

"""The service among faults of every kind, before an oracle.

A seeded cloud lives, notifications tell of it, one synchronizer or several
copy it, and consumers listen, while faults strike whatever there is. Then
everything is healed, and the oracle compares what was told with the cloud's
true history: nothing is missing, invented, doubled or out of order.

``make faults ARGS="--help"`` runs it by hand; ``test_faults`` is the short
form for CI.
"""
