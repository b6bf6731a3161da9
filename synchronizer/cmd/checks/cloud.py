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

"""The cloud: whether we get in, and whether its clocks agree with ours."""

from synchronizer import exception
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import subject as subject_module
from synchronizer.service import parts

WARN_SKEW, FAIL_SKEW = 2.0, 30.0
"""Seconds between two clocks."""

EFFECTS = ('listings of what moved may miss changes until the next sweep, '
           'and times that are shown are wrong by as much: let both follow '
           'the same NTP servers')
SILENT = 'no service tells its time'


def login(subject: subject_module.Subject) -> base.Result:
    """The credentials are good for a token."""
    verdict = base.Verdict()
    place = _place(subject)
    try:
        subject.login()
    except exception.Refused as error:
        verdict.fail(
            f'Keystone lets nobody in ({_reason(error)}): are user, '
            f'password, project and domains of {place} right, and has the '
            'user a role in the project?')
    except exception.Unreachable as error:
        verdict.fail(f'Keystone does not answer ({_reason(error)}): is '
                     f'auth_url of {place} right?')
    return verdict.result()


def _place(subject: subject_module.Subject) -> str:
    name = parts.os_cloud(subject.conf)
    return f'the cloud {name} of clouds.yaml' if name else (
        '[service_credentials]')


def _reason(error: exception.CloudError) -> str:
    return base.plain(error).removeprefix('login: ').removeprefix(
        'on the way: ')


def clock(subject: subject_module.Subject) -> base.Result:
    """Every clock that was seen on the way."""
    subject.require_login()
    verdict = base.Verdict()
    skews = subject.clocks.skews()
    for place, skew in skews.items():
        if abs(skew) <= WARN_SKEW:
            continue
        way = 'ahead of' if skew > 0 else 'behind'
        say = verdict.fail if abs(skew) > FAIL_SKEW else verdict.warn
        say(f'the clock of {place} is {abs(skew):.0f} s or more {way} ours: '
            f'{EFFECTS}')
    return verdict.result(
        f'agrees with {", ".join(skews)}' if skews else SILENT)
