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

"""Explore everything, and say what came of it, for people.

``python -m synchronizer.tests.unit.protocol`` shows the size of each model,
and what the explorer finds without each guard, as the page has it.
"""

import logging
import time

from synchronizer.tests.unit.protocol import explorer
from synchronizer.tests.unit.protocol import guards
from synchronizer.tests.unit.protocol import owning
from synchronizer.tests.unit.protocol import streaming

HEAD = f'{"model":58} {"states":>9} {"steps":>9} {"seconds":>8}'


def _show(name: str, model: explorer.Model) -> None:
    before = time.process_time()
    report = explorer.explore(model)
    seconds = time.process_time() - before
    print(f'{name:58} {report.states:9} {report.steps:9} {seconds:8.1f}',
          flush=True)
    if report.found is not None:
        print(report.found)


def main() -> None:
    """All of it."""
    logging.disable(logging.CRITICAL)
    print(HEAD)
    for kind in (guards.Follower, guards.Plain):
        for name, bounds in guards.STREAMS.items():
            _show(f'{kind.__name__}: {name}', streaming.Streaming(
                guards.deeper(bounds), streaming.Rules(kind)))
    for name, bounds in guards.OWNERS.items():
        _show(f'owners: {name}', owning.Owning(guards.deeper(bounds)))
    for group in (guards.CONSUMING, guards.SERVING, guards.FOLLOWING,
                  guards.OWNING):
        for guard in group:
            print(f'\nwithout "{guard.name}":\n\n{guard.explored().found}')
    found = explorer.explore(streaming.Streaming(guards.OVERTAKEN)).found
    print(f'\nan owner that is overtaken:\n\n{found}')


if __name__ == '__main__':
    main()
