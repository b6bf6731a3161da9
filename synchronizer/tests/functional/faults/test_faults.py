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


"""The short form of the faults, for CI: one synchronizer, a minute or so.

``SYNCHRONIZER_FAULTS_SEED``, ``_SECONDS``, ``_SERVERS``, ``_SYNCHRONIZERS``
and ``_DATABASE`` make it another one; ``make faults`` is the long form.
"""

import os
import unittest

from synchronizer.tests.functional import base
from synchronizer.tests.functional import servers
from synchronizer.tests.functional.faults import databases
from synchronizer.tests.functional.faults import deployment
from synchronizer.tests.functional.faults import kinds
from synchronizer.tests.functional.faults import run

FIRST = (
    (kinds.WorkerKilled, kinds.BrokerEmptied, kinds.ApiShowsNothing),
    (kinds.DatabaseFailsOver, kinds.NetworkCut),
    (kinds.HostStopped, kinds.DatabaseFull, kinds.LinkHangs),
    (kinds.SynchronizerKilled, kinds.ClockSteps, kinds.ApiErrs),
    (kinds.DatabaseReadOnly, kinds.DiskFull, kinds.BrokerPaused))
"""Waves that a short run must not leave to chance."""

SEVERAL = (
    kinds.HostStopped, kinds.HostLost, kinds.WorkerKilled,
    kinds.CoordinationPaused, kinds.CoordinationEmptied, kinds.LinkHangs,
    kinds.DatabaseKilled, kinds.DatabaseReadOnly, kinds.DatabaseFull)


def setting(name, default):
    return type(default)(os.environ.get(
        f'SYNCHRONIZER_FAULTS_{name.upper()}', default))


class FaultsTest(base.FunctionalTestCase):

    timeout = 900

    def _run(self, wanted, first, **changed):
        plan = deployment.Plan(**{
            name: setting(name, default) for name, default in (
                vars(deployment.Plan()) | changed).items()})
        wanted_servers = [servers.RabbitServer, databases.KINDS[plan.database]]
        if plan.synchronizers > 1:
            wanted_servers.append(deployment.BACK_ENDS[plan.coordination])
        for kind in wanted_servers:
            if kind.missing():
                raise unittest.SkipTest(f'{kind.name} is not installed')
        print(plan)
        done = run.Run(plan, wanted, first=first).execute()
        print(done.struck, done.missing, done.figures, done.claims)
        if done.broken:
            print(done.logs)
            self.fail('\n'.join(done.broken))
        return done

    def test_every_promise_holds_among_all_faults(self):
        done = self._run(kinds.KINDS, FIRST, seconds=45.0)
        self.assertGreater(done.figures['changes'], 0)

    def test_every_promise_holds_among_several(self):
        """One is stopped for longer than its lease, while things change."""
        done = self._run(SEVERAL, [[kinds.HostStopped]], synchronizers=2,
                         database='mariadb', seconds=15.0)
        self.assertNotEqual({}, done.claims[run.TAKEN_OVER])
