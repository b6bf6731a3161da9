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

"""Who may ask for what, as oslo.policy and a file of the operator say.

A caller is who he says he is: the context of a request is text on the bus,
as with every OpenStack service. Who says nothing is nobody in particular.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import contextlib
import difflib
import os
import time
from typing import Any
from typing import Protocol

from oslo_config import cfg
from oslo_log import log as logging
from oslo_policy import opts
from oslo_policy import policy

from synchronizer import exception
from synchronizer import quiet
from synchronizer.bus import transport
from synchronizer.northbound import policies

LOG = logging.getLogger(__name__)

GROUP = 'oslo_policy'
LOOK = 1.0
"""Seconds between two looks whether the files have changed."""

_LIBRARY = ('oslo_policy._parser', 'oslo_policy.policy')

Stamp = tuple[tuple[str, int, int], ...]


class Permit(Protocol):
    """Says who may."""

    def demand(self, request: str, context: Any,
               types: Iterable[str] | None = None) -> None:
        """Forbidden, unless it is permitted for each of the types."""

    def choose(self, request: str, context: Any, types: Iterable[str]
               ) -> tuple[str, ...]:
        """Those for which it is permitted; Forbidden if that is none."""


class Everybody:
    """Everybody may."""

    def demand(self, request: str, context: Any,
               types: Iterable[str] | None = None) -> None:
        """He may."""

    def choose(self, request: str, context: Any, types: Iterable[str]
               ) -> tuple[str, ...]:
        """All of them."""
        return tuple(types)


class Policy:
    """As the files say, which are looked at again when they change.

    Files that cannot be used change nothing; the log says so once.
    """

    def __init__(self, conf: cfg.ConfigOpts,
                 clock: Callable[[], float] = time.monotonic) -> None:
        """ConfigurationError: they cannot be used."""
        self._conf, self._clock = conf, clock
        self._seen = _stamp(conf)
        self._take(_load(conf))
        self._looked = clock()

    def demand(self, request: str, context: Any,
               types: Iterable[str] | None = None) -> None:
        """Forbidden, unless it is permitted for each of the types."""
        caller = caller_of(context)
        for type_ in [None] if types is None else types:
            if not self._may(request, caller, type_):
                raise _refusal(request, type_)

    def choose(self, request: str, context: Any, types: Iterable[str]
               ) -> tuple[str, ...]:
        """Those for which it is permitted; Forbidden if that is none."""
        caller = caller_of(context)
        found = tuple(type_ for type_ in types
                      if self._may(request, caller, type_))
        if not found:
            raise _refusal(request, None)
        return found

    def _take(self, enforcer: policy.Enforcer) -> None:
        # most installations have no file, and are not to pay for one
        self._open = frozenset(
            name for name in policies.REQUESTS
            if _is_open(enforcer.rules, policies.PREFIX + name))
        self._enforcer = enforcer

    def _may(self, request: str, caller: dict, type_: str | None) -> bool:
        self._look()
        if request in self._open:
            return True
        target = {} if type_ is None else {
            'type': type_, 'plugin': type_.partition('.')[0]}
        return bool(self._enforcer.enforce(
            policies.PREFIX + request, target, caller))

    def _look(self) -> None:
        if self._clock() - self._looked < LOOK:
            return
        self._looked = self._clock()
        stamp = _stamp(self._conf)
        if stamp == self._seen:
            return
        gone = {path for path, *_ in self._seen} - {path for path, *_ in stamp}
        self._seen = stamp
        try:
            if gone:
                # an editor may write a file anew by way of none at all
                raise exception.ConfigurationError(
                    f'{", ".join(sorted(gone))} is gone')
            self._take(_load(self._conf))
        except exception.ConfigurationError as error:
            LOG.error('The rules of who may ask were changed, but not '
                      'taken: %(error)s. They stay as they were.',
                      {'error': error})
        else:
            LOG.info('The rules of who may ask were read anew.')


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options of oslo.policy known."""
    opts.set_defaults(conf)


def check(conf: cfg.ConfigOpts) -> None:
    """ConfigurationError, unless the rules can be used."""
    _load(conf)


def enforcer() -> policy.Enforcer:
    """For the tools of oslo.policy, which have read their command line
    into the global ConfigOpts."""
    return _with_defaults(cfg.CONF)


def caller_of(context: Any) -> dict[str, Any]:
    """What the rules may know of a caller; what is no text, no yes or no
    and no list of roles was not made by oslo.context, and says nothing."""
    given = context if isinstance(context, Mapping) else {}
    caller = {name: given[name] for name in transport.CALLER
              if isinstance(given.get(name), str | bool)}
    roles = given.get('roles')
    caller['roles'] = [role for role in roles if isinstance(role, str)
                       ] if isinstance(roles, list | tuple) else []
    return caller


def _refusal(request: str, type_: str | None) -> exception.Forbidden:
    what = request if type_ is None else f'{request} of {type_}'
    return exception.Forbidden(
        f'the policy of the service does not permit {what} to this caller')


# --- the files -----------------------------------------------------------

def _with_defaults(conf: cfg.ConfigOpts) -> policy.Enforcer:
    made = policy.Enforcer(conf)
    made.register_defaults(policies.list_rules())
    return made


def _load(conf: cfg.ConfigOpts) -> policy.Enforcer:
    with quiet.hushed(*_LIBRARY):
        made = _with_defaults(conf)
        if _is_named(conf) and conf.find_file(
                conf.oslo_policy.policy_file) is None:
            raise _useless(conf, 'there is no such file')
        try:
            made.load_rules(True)
            _check_rules(conf, made)
        except exception.ConfigurationError:
            raise
        except policy.InvalidDefinitionError as error:
            # of its text only the names are of use to who reads one line
            names = str(error).partition('[')[2].partition(']')[0]
            raise _useless(conf, 'these refer to what is not there, or to '
                           f'themselves: {names}') from error
        except Exception as error:
            # a file may be wrong in more ways than the library has names for
            raise _useless(conf, ' '.join(str(error).split())) from error
    # it is read by us from now on, as a whole or not at all
    made.use_conf = False
    return made


def _check_rules(conf: cfg.ConfigOpts, enforcer: policy.Enforcer) -> None:
    known = enforcer.registered_rules
    for name, rule in enforcer.file_rules.items():
        if name.startswith(policies.PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise _useless(conf, f'there is no rule {name}' + (
                f'; did you mean {near[0]}?' if near else ''))
        if not isinstance(rule.check_str, str) or (
                _nevers(str(rule.check)) > _nevers(rule.check_str)):
            raise _useless(conf, f'{name} cannot be understood: '
                                 f'{rule.check_str}')
    enforcer.check_rules(raise_on_violation=True)


def _is_open(rules: policy.Rules, name: str) -> bool:
    """Whether everybody may, whoever he is."""
    text = str(rules[name])
    while text.startswith('rule:'):
        text = str(rules[text.removeprefix('rule:')])
    return text == '@'


def _nevers(rule: str) -> int:
    """How often it says "nobody", which the library takes for whatever it
    does not understand."""
    return sum(token.strip('()') == '!' for token in rule.split())


def _useless(conf: cfg.ConfigOpts, reason: str
             ) -> exception.ConfigurationError:
    return exception.ConfigurationError(
        f'[{GROUP}] policy_file: {conf.oslo_policy.policy_file} cannot be '
        f'used: {reason}')


def _is_named(conf: cfg.ConfigOpts) -> bool:
    return conf.get_location(
        'policy_file', GROUP).location.is_user_controlled


def _stamp(conf: cfg.ConfigOpts) -> Stamp:
    """Of every file that has rules: when, and how long."""
    paths = [conf.find_file(conf.oslo_policy.policy_file)]
    for place in filter(None, (conf.find_file(name) for name in
                               conf.oslo_policy.policy_dirs)):
        paths += [entry.path for entry in os.scandir(place)
                  if entry.is_file() and not entry.name.startswith('.')]
    found = []
    for path in sorted(filter(None, paths)):
        # what goes while we look is gone
        with contextlib.suppress(FileNotFoundError):
            stat = os.stat(path)
            found.append((path, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
