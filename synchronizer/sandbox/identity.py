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

"""Keystone v3: discovery, tokens with a catalogue, projects."""

import dataclasses
from typing import Any
import uuid

from synchronizer.sandbox import cloud as sandbox_cloud
from synchronizer.sandbox import wire
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import Answer
from synchronizer.sandbox.wire import HttpError
from synchronizer.sandbox.wire import Request

DOMAIN = {'id': 'default', 'name': 'Default'}
# type, name, path; {p} is the project of the token
CATALOG = (
    ('identity', 'keystone', '/identity'),
    ('compute', 'nova', '/compute/v2.1'),
    ('volumev3', 'cinderv3', '/volume/v3/{p}'),
    ('block-storage', 'cinder', '/volume/v3/{p}'),
    ('orchestration', 'heat', '/heat/v1/{p}'))


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """Who somebody is, where, and until when."""

    id: str
    user: str
    project: str | None
    roles: tuple[str, ...]
    issued: float
    expires: float
    methods: tuple[str, ...]


class Identity(wire.Service):
    """Issues tokens and knows which ones are good."""

    prefix = '/identity'
    open_paths = ('', '/', '/v3', '/v3/')

    def __init__(self, cloud: Any) -> None:
        self.cloud = cloud
        self.lost_roles: frozenset[str] = frozenset()
        self._tokens: dict[str, Token] = {}

    def routes(self) -> list[tuple[str, str, wire.Handler]]:
        return [('GET', '/', self.versions), ('GET', '', self.versions),
                ('GET', '/v3', self.version),
                ('POST', '/v3/auth/tokens', self.issue),
                ('GET', '/v3/auth/tokens', self.show),
                ('DELETE', '/v3/auth/tokens', self.revoke),
                ('GET', '/v3/auth/projects', self.projects),
                ('GET', '/v3/projects', self.projects),
                ('GET', '/v3/users/{user}/projects', self.projects)]

    def error(self, error: HttpError) -> Answer:
        titles = {401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found'}
        return wire.answer({'error': {
            'code': error.status, 'message': error.message,
            'title': titles.get(error.status, 'Bad Request')}},
            error.status)

    def token(self, key: str | None) -> Token | None:
        """The token of that id if it is still good."""
        token = self._tokens.get(key or '')
        if token is None or token.expires <= self.cloud.now():
            return None
        return token

    def expire_tokens(self) -> None:
        """No token issued so far is good any more."""
        self._tokens = {}

    def lose_roles(self, *roles: str) -> None:
        """Nobody has these any more, and all others again.

        Tokens are revoked by it, as Keystone does when a role is taken.
        """
        self.lost_roles = frozenset(roles)
        self.expire_tokens()

    def versions(self, request: Request) -> Answer:
        """The discovery document of the root."""
        return wire.answer(
            {'versions': {'values': [self._version()]}}, 300)

    def version(self, request: Request) -> Row:
        """The discovery document of v3."""
        return {'version': self._version()}

    def issue(self, request: Request) -> Answer:
        """A token for who can prove to be somebody."""
        try:
            auth = request.json()['auth']
            methods = tuple(auth['identity']['methods'])
            user, home = self._user(methods[0], auth['identity'])
            scope = auth.get('scope', home)
            project = self._project(user, scope) if scope else None
        except (KeyError, TypeError, AttributeError, IndexError):
            raise HttpError(400, 'Expecting to find auth in request '
                                 'body.') from None
        now = self.cloud.now()
        roles = tuple(role for role in sandbox_cloud.USERS[user][1]
                      if role not in self.lost_roles) if project else ()
        token = Token(uuid.uuid4().hex, user, project, roles, now,
                      now + self.cloud.token_lifetime, methods)
        self._tokens[token.id] = token
        return wire.answer({'token': self._body(token)}, 201,
                           X_Subject_Token=token.id, Vary='X-Auth-Token')

    def show(self, request: Request) -> Answer:
        """What a token says."""
        token = self._subject(request)
        return wire.answer({'token': self._body(token)},
                           X_Subject_Token=token.id)

    def revoke(self, request: Request) -> Answer:
        """Make one token bad."""
        self._tokens.pop(self._subject(request).id)
        return Answer(b'', 204)

    def projects(self, request: Request, user: str = '') -> Row:
        """All projects for an admin, one's own for others."""
        names = [name for name in self.cloud.projects
                 if request.is_admin or self._may(request.token.user, name)]
        return {'projects': [self._project_body(name) for name in names],
                'links': {'next': None, 'previous': None,
                          'self': f'{self.cloud.url}/identity/v3/projects'}}

    def _subject(self, request: Request) -> Token:
        token = self.token(request.headers.get('X-Subject-Token'))
        if token is None:
            raise HttpError(404, 'Could not find token.')
        return token

    def _user(self, method: str, identity: Row) -> tuple[str, Row | None]:
        """Who it is, and the scope that comes with the method."""
        proof = identity[method]
        if method == 'token':
            token = self.token(proof['id'])
            if token is None:
                raise self._unauthorized()
            return token.user, None
        if method == 'application_credential':
            return self._credential(proof)
        if method != 'password':
            raise self._unauthorized()
        return self._named(proof['user'], proof['user']['password']), None

    def _credential(self, proof: Row) -> tuple[str, Row]:
        name = str(proof.get('id') or proof.get('name'))
        user = name.removesuffix('-credential')
        if name == user or user not in sandbox_cloud.USERS:
            raise self._unauthorized()
        self._named({'name': user}, proof['secret'])
        home = sandbox_cloud.USERS[user][0]
        return user, {'project': {'name': home}}

    def _named(self, who: Row, password: str) -> str:
        for name, key in self.cloud.users.items():
            if (who.get('id') == key or who.get('name') == name) and (
                    password == sandbox_cloud.PASSWORD):
                return name
        raise self._unauthorized()

    def _project(self, user: str, scope: Row | str) -> str | None:
        if scope == 'unscoped':
            return None
        wanted = scope['project']
        for name, key in self.cloud.projects.items():
            if wanted.get('id') == key or wanted.get('name') == name:
                if self._may(user, name):
                    return name
        raise self._unauthorized()

    @staticmethod
    def _may(user: str, project: str) -> bool:
        home, _, everywhere = sandbox_cloud.USERS[user]
        return everywhere or home == project

    @staticmethod
    def _unauthorized() -> HttpError:
        return HttpError(401, 'The request you have made requires '
                              'authentication.')

    def _version(self) -> Row:
        return {'id': 'v3.14', 'status': 'stable',
                'updated': '2020-04-07T00:00:00Z',
                'links': [{'rel': 'self',
                           'href': f'{self.cloud.url}/identity/v3/'}],
                'media-types': [{
                    'base': 'application/json',
                    'type': 'application/vnd.openstack.identity-v3+json'}]}

    def _project_body(self, name: str) -> Row:
        return {'id': self.cloud.projects[name], 'name': name,
                'domain_id': 'default', 'description': '', 'enabled': True,
                'parent_id': 'default', 'is_domain': False, 'tags': [],
                'options': {}}

    def _body(self, token: Token) -> Row:
        body = {
            'methods': list(token.methods), 'audit_ids': [token.id[:22]],
            'user': {'domain': DOMAIN, 'name': token.user,
                     'id': self.cloud.users[token.user],
                     'password_expires_at': None},
            'issued_at': wire.iso_micro(token.issued) + 'Z',
            'expires_at': wire.iso_micro(token.expires) + 'Z'}
        if token.project:
            body.update({
                'project': {'domain': DOMAIN, 'name': token.project,
                            'id': self.cloud.projects[token.project]},
                'is_domain': False, 'catalog': self._catalog(token),
                'roles': [{'id': uuid.uuid5(uuid.NAMESPACE_DNS, role).hex,
                           'name': role} for role in token.roles]})
        return body

    def _catalog(self, token: Token) -> list[Row]:
        project = self.cloud.projects[str(token.project)]
        return [{
            'type': kind, 'name': name,
            'id': uuid.uuid5(uuid.NAMESPACE_DNS, kind).hex,
            'endpoints': [{
                'id': uuid.uuid5(uuid.NAMESPACE_DNS, kind + face).hex,
                'interface': face, 'region': 'RegionOne',
                'region_id': 'RegionOne',
                'url': self.cloud.url + path.format(p=project)}
                for face in ('public', 'internal', 'admin')]}
            for kind, name, path in CATALOG]
