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

"""The way to the service: where it is, and what goes wrong, in one line."""

import argparse
from collections.abc import Iterable
from collections.abc import Sequence
import functools
import os
from typing import Any

from oslo_utils import strutils

from synchronizer import conf as conf_module
from synchronizer import exception
from synchronizer import quiet
from synchronizer.bus import transport as transport_module
from synchronizer.client import mirror as mirror_module
from synchronizer.client import rpc
from synchronizer.cmd import common
from synchronizer.cmd.user import broker
from synchronizer.cmd.user import words
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module

PROGRAM = 'synchronizer'
VARIABLE = 'SYNCHRONIZER_TRANSPORT_URL'
DESCRIPTION = (
    'Shows what the synchronizer knows of the cloud. It asks the running '
    'service over the message bus, and needs to know nothing but where that '
    f'is: --transport-url, the environment variable {VARIABLE}, or '
    'transport_url in a configuration file. ' + common.HELP_CONFIG)
REFUSALS = ('ACCESS_REFUSED', 'NOT_ALLOWED')
EXAMPLE = 'rabbit://USER:PASSWORD@HOST:5672/'


class Connection:
    """Asks the service of the command line, the environment or the files.

    Nothing is read or connected before the first question.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options

    @functools.cached_property
    def transport(self) -> Any:
        """The bus."""
        try:
            with quiet.hushed(*quiet.PLUGINS):
                made = transport_module.get(self._conf, self._given)
        except exception.SynchronizerError:
            raise
        except Exception as error:
            # each driver has its own way to say that it cannot read its URL
            raise exception.ConfigurationError(
                '[DEFAULT] transport_url: '
                f'{broker.without_secrets(str(error))}; it looks like '
                f'{EXAMPLE}') from error
        broker.check(self._url)
        return made

    @functools.cached_property
    def client(self) -> rpc.SynchronizerClient:
        """Requests."""
        return rpc.SynchronizerClient(
            self.transport, timeout=self._options.timeout, retries=0,
            context=dict(self._options.caller))

    def mirror(self, types: Sequence[str]) -> mirror_module.Mirror:
        """A mirror, not started."""
        return mirror_module.Mirror(
            types=types, transport=self.transport, name='synchronizer-watch',
            timeout=self._options.timeout,
            context=dict(self._options.caller))

    # --- questions -------------------------------------------------------

    def ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """What the service answers."""
        try:
            return getattr(self.client, method)(*args, **kwargs)
        except exception.BusError as error:
            raise self.explained(error) from error

    def explained(self, error: exception.BusError) -> exception.BusError:
        """The same, with what to do."""
        broker.check(self._url)
        problem = broker.without_secrets(str(error))
        if any(word in problem for word in REFUSALS):
            return exception.BusError(
                f'the broker lets nobody in ({problem}): are user, password '
                'and virtual host in transport_url right?')
        return exception.BusError(
            f'the service does not answer ({problem}): does synchronizer-'
            'service run, and does its transport_url name the same broker '
            'and virtual host?')

    def streams(self, types: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Those of these types, or else all; UnknownType if one of them
        is not on."""
        streams = self.ask('describe')['streams']
        wanted = list(types)
        known = [stream['type'] for stream in streams]
        for name in wanted:
            if name not in known:
                raise unknown_type(name, known)
        return [stream for stream in streams
                if not wanted or stream['type'] in wanted]

    def find(self, type_: str, text: str, at: str | None = None
             ) -> entity_module.Entity:
        """The entity of this id or else name; InvalidArgument if there is
        none, or more than one of that name."""
        self.streams([type_])
        found = (self.ask('get_entity_at', at, type_, text) if at
                 else self.ask('get', type_, [text]).get(text))
        return found or self._named(type_, text, at)

    def history(self, type_: str, id_: str, limit: int
                ) -> list[change_module.Change]:
        """What the journal still has of one entity, newest first."""
        return self.ask('get_history', type_, id_, limit)

    def pages(self, types: Sequence[str], at: str | None = None,
              limit: int = 500, max_age: float | None = None
              ) -> Iterable[Any]:
        """Of a snapshot, or of the cloud as it was."""
        if at is not None:
            source = self.client.get_at(at, types, limit=limit)
        else:
            source = self.client.get_all(types, limit=limit, max_age=max_age)
        try:
            yield from source
        except exception.BusError as error:
            raise self.explained(error) from error

    # --- inside ----------------------------------------------------------

    def _named(self, type_: str, text: str, at: str | None
               ) -> entity_module.Entity:
        found, names = [], set()
        for page in self.pages([type_], at):
            found += [entity for entity in page.entities
                      if entity.name == text]
            names.update(entity.name for entity in page.entities
                         if entity.name)
        if not found and not at:
            self._refuse_deleted(type_, text)
        return only(type_, text, found, names)

    def _refuse_deleted(self, type_: str, id_: str) -> None:
        for change in self.history(type_, id_, 1):
            raise exception.InvalidArgument(
                f'{type_} {id_} is not there any more: {change.action} at '
                f'{change.committed_at}; "synchronizer history" tells more')

    @functools.cached_property
    def _conf(self) -> conf_module.Config:
        conf = conf_module.Config(conf_module.register_opts,
                                  conf_module.check)
        files = [f'--config-file={path}'
                 for path in self._options.config_file]
        places = [f'--config-dir={path}'
                  for path in self._options.config_dir]
        common.parse(conf, PROGRAM, DESCRIPTION, files + places)
        return conf

    @property
    def _given(self) -> str | None:
        return self._options.transport_url or os.environ.get(VARIABLE)

    @property
    def _url(self) -> str:
        return self._given or _configured(self._conf)


def claim(text: str) -> tuple[str, str | bool | list[str]]:
    """What somebody says of himself on the command line."""
    name, _, value = text.partition('=')
    if name not in transport_module.CALLER or not value:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not KEY=VALUE, where KEY is one of '
            f'{", ".join(transport_module.CALLER)}')
    if name == 'roles':
        return name, [role for role in value.split(',') if role]
    if name.startswith('is_'):
        return name, strutils.bool_from_string(value)
    return name, value


def only(type_: str, text: str, found: list[entity_module.Entity],
         names: Iterable[str]) -> entity_module.Entity:
    """The one that was found, or InvalidArgument that tells what to do."""
    if len(found) == 1:
        return found[0]
    if found:
        ids = ', '.join(words.line(entity.id) for entity in found[:10])
        more = f' and {len(found) - 10} more' if len(found) > 10 else ''
        raise exception.InvalidArgument(
            f'{len(found)} of {type_} are called {text}; name one by its '
            f'id: {ids}{more}')
    raise exception.InvalidArgument(
        f'there is no {type_} with the id or name {text}'
        + words.perhaps(text, names))


def unknown_type(name: str, known: Iterable[str]) -> exception.UnknownType:
    """With the nearest one, or all."""
    names = sorted(known)
    # "instance" is short for one
    near = [one for one in names if one.partition('.')[2] == name]
    hint = (f'; did you mean {near[0]}?' if near
            else words.perhaps(name, names)
            or f'; there are: {", ".join(names)}')
    return exception.UnknownType(f'there is no type {name} here{hint}')


def _configured(conf: conf_module.Config) -> str:
    """What the files say; ConfigurationError if that is nothing."""
    if not conf.transport_url or not conf.get_location(
            'transport_url').location.is_user_controlled:
        raise exception.ConfigurationError(
            'where is the message bus? Say it by --transport-url '
            f'{EXAMPLE}, by the environment variable {VARIABLE}, or by '
            'transport_url under [DEFAULT] of a configuration file '
            '(--config-file)')
    return conf.transport_url
