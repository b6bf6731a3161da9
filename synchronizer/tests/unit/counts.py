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

"""What was counted since a test began: the counters are of the process."""

import threading

import fixtures

from synchronizer import metrics


def _samples():
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for family in metrics.REGISTRY.collect()
            for sample in family.samples}


class Counts(fixtures.Fixture):
    """Call it with the name and the labels of a sample."""

    def _setUp(self):
        self._before = _samples()

    def __call__(self, name, **labels):
        key = (f'synchronizer_{name}', *sorted(labels.items()))
        return _samples().get(key, 0) - self._before.get(key, 0)


def elsewhere(call):
    """What a call brings in another thread; None if it hangs."""
    found = []
    thread = threading.Thread(
        target=lambda: found.append(call()), daemon=True)
    thread.start()
    thread.join(5)
    return found[0] if found else None
