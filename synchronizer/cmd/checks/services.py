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

"""One service: its endpoint, its version, and whether our role is enough.

What a service does not show is not there for anybody, so a role that is too
small is the mistake that is found last. The plugins' own tests of it are
made here, before anything is copied.
"""

from collections.abc import Callable
from collections.abc import Sequence
import time

from synchronizer import exception
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import subject as subject_module
from synchronizer.conf import reality
from synchronizer.plugins import base as plugin_base
from synchronizer.plugins.cinder import common as cinder
from synchronizer.plugins.heat import scope as heat
from synchronizer.plugins.nova import common as nova
from synchronizer.service import enabled

Session = plugin_base.Session

SCOPES: dict[str, Callable[[Session], None]] = {
    'nova': nova.check_scope, 'cinder': cinder.check_scope}
"""Raise Refused unless all projects are shown."""

IN_SCOPE = ('nova.instance',)
"""What the above has asked for already."""

PAGE = 2
"""Records are enough to see that there is an answer."""

LOOKS = 12.0
"""Seconds after which no further type of a plugin is looked at."""

LIMIT = LOOKS + sum(subject_module.TIMEOUT) + 1
"""Seconds for one such check: what was begun in time may end."""

ADMIN = 'give the user the role admin'


def service(subject: subject_module.Subject,
            plugin: type[plugin_base.Plugin], kinds: enabled.Types,
            timer: Callable[[], float] = time.monotonic) -> base.Result:
    """Everything that the sweeps of a plugin will ask for."""
    deadline = timer() + LOOKS
    subject.require_login()
    verdict = base.Verdict()
    built = subject.build(plugin)
    built.page_size = PAGE
    try:
        if plugin.name == 'heat':
            _check_heat(subject, verdict, built, kinds)
        else:
            _check(verdict, built, kinds, lambda: timer() > deadline)
    except exception.Unsupported as error:
        verdict.fail(f'{error}: upgrade that service, or take '
                     f'{plugin.name} out of [DEFAULT] plugins')
    except exception.CloudError as error:
        verdict.fail(f'{base.plain(error)}: are region_name, '
                     f'valid_interfaces and service_type of [{plugin.name}] '
                     'right, and does the service run?')
    return verdict.result()


def _check(verdict: base.Verdict, plugin: plugin_base.Plugin,
           kinds: enabled.Types, is_late: Callable[[], bool]) -> None:
    scope = SCOPES.get(plugin.name)
    made = [plugin.kind(kind) for kind in kinds]
    try:
        session = plugin.session(made[0])
        if scope:
            scope(session)
    except exception.Refused as error:
        verdict.fail(f'the role is too small ({base.plain(error)}): of all '
                     f'projects nothing is seen, and {_names(made)} stay '
                     f'empty or out of date; {ADMIN}')
        return
    _look_at_each(verdict, plugin, made, is_late)


def _look_at_each(verdict: base.Verdict, plugin: plugin_base.Plugin,
                  kinds: Sequence[plugin_base.EntityType],
                  is_late: Callable[[], bool]) -> None:
    refused = []
    for number, kind in enumerate(kinds):
        if is_late():
            # what was found is worth more than the rest of it
            verdict.warn(f'{_names(kinds[number:])} were not looked at: the '
                         'service is slow')
            break
        try:
            _look(plugin, kind)
        except exception.Refused:
            refused.append(kind)
        except exception.Unsupported as error:
            verdict.fail(f'{kind.name}: {error}; leave it out of '
                         f'[{plugin.name}] types')
        except exception.CloudError as error:
            verdict.warn(f'{kind.name} cannot be listed now: '
                         f'{base.plain(error)}')
            if isinstance(error, exception.Unreachable):
                # each would take its time
                break
        except Exception as error:
            # a plugin from elsewhere may raise anything
            verdict.fail(f'{kind.name}: its plugin is broken ({error!r})')
    _refuse(verdict, plugin, refused)


def _look(plugin: plugin_base.Plugin, kind: plugin_base.EntityType) -> None:
    """Begin a listing; raises a CloudError."""
    session = plugin.session(kind)
    if kind.name not in IN_SCOPE:
        listing = kind.list(session)
        next(listing, None)
        listing.close()


def _refuse(verdict: base.Verdict, plugin: plugin_base.Plugin,
            kinds: Sequence[plugin_base.EntityType]) -> None:
    if kinds:
        verdict.fail(f'the role is too small for {_names(kinds)}, of which '
                     f'nothing is ever seen: {ADMIN}, or leave them out of '
                     f'[{plugin.name}] types')


def _names(kinds: Sequence[plugin_base.EntityType]) -> str:
    return ', '.join(kind.name for kind in kinds)


def _check_heat(subject: subject_module.Subject, verdict: base.Verdict,
                plugin: plugin_base.Plugin, kinds: enabled.Types) -> None:
    """Heat shows the stacks of one project to whoever is no administrator,
    and that is a way to run; its services it shows to administrators."""
    made = [plugin.kind(kind) for kind in kinds]
    session = plugin.session(made[0])
    if not _shows_all(session):
        verdict.warn(
            f'only the stacks of project {session.project_id} are seen, not '
            f'those of others: {ADMIN}, if all are meant')
        options = subject.conf.reality
        if options.enable_observer and options.act == reality.MARK:
            verdict.fail('[reality] act is mark-unhealthy, which the role is '
                         f'too small for in stacks of others: {ADMIN}')
    if not heat.may_list_services(session):
        _refuse(verdict, plugin, [
            kind for kind in made if kind.name == 'heat.service'])


def _shows_all(session: Session) -> bool:
    try:
        session.get(heat.STACKS, global_tenant=True, limit=1)
        return True
    except exception.Refused:
        shown = heat.prove(session)
    # without a stack, none is hidden from an administrator
    return heat.may_list_services(session) if shown is None else shown
