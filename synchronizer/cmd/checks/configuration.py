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

"""Plugins and values: what the service itself refuses to start with."""

from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import subject as subject_module
from synchronizer.conf import unknown


def plugins(subject: subject_module.Subject) -> base.Result:
    """Every plugin loads, and has types that are on."""
    return base.Result(base.SUCCESS, 'on: ' + ', '.join(
        kind.name for kinds in subject.types.values() for kind in kinds))


def values(subject: subject_module.Subject) -> base.Result:
    """Every option can be read."""
    subject.problems = subject.conf.problems()
    verdict = base.Verdict()
    for problem in subject.problems:
        verdict.fail(problem)
    return verdict.result()


def options(subject: subject_module.Subject) -> base.Result:
    """Nothing in the files is passed over."""
    subject.require_valid()
    verdict = base.Verdict()
    for line in unknown.find(subject.conf):
        verdict.warn(line)
    return verdict.result()
