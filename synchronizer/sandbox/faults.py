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

"""Faults on demand: rules that say which requests go wrong, and how.

Kinds: `error` (status=502), `throttle` (status=429, after=1), `refuse`
(status=403), `hang` (seconds=None, when='before' or 'after' the cloud was
read), `cut`, `garbage`, `empty`, `half` (of a page, and no next one), `twice`
(each entry of it), `drop`, and `call` (fn(path), in process).
"""

from collections.abc import Callable
import dataclasses
import json
import random
import re
import threading
from typing import Any

from synchronizer.sandbox.wire import Answer
from synchronizer.sandbox.wire import answer

# kind: the arguments it takes
KINDS: dict[str, dict[str, Any]] = {
    'error': {'status': 502}, 'throttle': {'status': 429, 'after': 1},
    'refuse': {'status': 403}, 'hang': {'seconds': None, 'when': 'before'},
    'cut': {'part': 0.5}, 'garbage': {}, 'empty': {}, 'half': {},
    'twice': {}, 'drop': {}, 'call': {'fn': None}}
HTML = ('<html><head><title>{0}</title></head><body><h1>{0}</h1>'
        '<hr>nginx</body></html>\r\n')


@dataclasses.dataclass
class Rule:
    """One fault: what, on which requests, and how often."""

    id: int
    kind: str
    path: re.Pattern[str]
    method: str | None
    times: int | None
    skip: int
    probability: float
    args: dict[str, Any]
    hits: int = 0


class Faults:
    """The rules in force; the first that matches a request is applied."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.hanging = 0
        self._rules: list[Rule] = []
        self._changed = threading.Condition()
        self._generation = 0
        self._closed = False
        self._last = 0

    def add(self, kind: str, path: str = '', method: str | None = None,
            times: int | None = None, skip: int = 0,
            probability: float = 1.0, **args: Any) -> int:
        """Add a rule for requests whose path and query match; gives its id.

        It lets `skip` of them pass, then strikes `times` times (for ever if
        None), each time with the given probability.
        """
        if kind not in KINDS or set(args) - set(KINDS[kind]):
            raise ValueError(f'no fault {kind} {args}')
        pattern = re.compile(path)
        with self._changed:
            self._last += 1
            self._rules.append(Rule(
                self._last, kind, pattern, method, times, skip,
                probability, {**KINDS[kind], **args}))
            return self._last

    def remove(self, rule: int) -> None:
        """Take one rule away; what hangs goes on hanging."""
        with self._changed:
            self._rules = [one for one in self._rules if one.id != rule]

    def clear(self) -> None:
        """Take all rules away and let go of what hangs."""
        with self._changed:
            self._rules = []
        self.release()

    def release(self) -> None:
        """Let go of what hangs; the rules stay."""
        with self._changed:
            self._generation += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing hangs any more, now or later."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def reopen(self) -> None:
        """The server runs again."""
        self._closed = False

    def wait_hanging(self, count: int = 1, timeout: float = 10.0) -> bool:
        """Wait until so many requests hang."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self.hanging >= count, timeout)

    def rules(self) -> list[dict[str, Any]]:
        """The rules in force, for people."""
        with self._changed:
            return [{'id': rule.id, 'kind': rule.kind, 'hits': rule.hits,
                     'path': rule.path.pattern, 'times': rule.times}
                    for rule in self._rules]

    def match(self, method: str, target: str) -> Rule | None:
        """The rule that strikes this request; counts it."""
        with self._changed:
            for rule in self._rules:
                if self._strikes(rule, method, target):
                    return rule
            return None

    def _strikes(self, rule: Rule, method: str, target: str) -> bool:
        if rule.method not in (None, method) or not rule.path.search(target):
            return False
        if rule.times is not None and rule.hits >= rule.times:
            return False
        if rule.skip > 0:
            rule.skip -= 1
            return False
        if self.rng.random() >= rule.probability:
            return False
        rule.hits += 1
        return True

    def hang(self, seconds: float | None) -> None:
        """Stay here for a time, or until let go of."""
        with self._changed:
            generation = self._generation
            self.hanging += 1
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._closed or self._generation != generation,
                seconds)
            self.hanging -= 1


def instead(rule: Rule) -> Answer | None:
    """What a rule answers without asking the service, if it does."""
    args = rule.args
    if rule.kind == 'error':
        return Answer(HTML.format(f'{args["status"]} Error').encode(),
                      args['status'], {'Content-Type': 'text/html'})
    if rule.kind == 'throttle':
        return answer({'overLimit': {
            'code': args['status'], 'message': 'Too many requests.',
            'retryAfter': str(args['after'])}}, args['status'],
            Retry_After=str(args['after']))
    if rule.kind == 'refuse':
        name = 'unauthorized' if args['status'] == 401 else 'forbidden'
        return answer({name: {'code': args['status'],
                              'message': 'Refused.'}}, args['status'])
    if rule.kind == 'garbage':
        return Answer(b'{"servers": [{"id": "\xff\xfe not JSON')
    return None


# kind: what becomes of a list, and whether there still is a next page
LISTS: dict[str, tuple[Callable[[list[Any]], list[Any]], bool]] = {
    'empty': (lambda whole: [], False),
    'half': (lambda whole: whole[:len(whole) // 2], False),
    'twice': (lambda whole: [one for one in whole for _ in range(2)], True)}


def relisted(kind: str, whole: Answer) -> Answer:
    """The same answer with other lists."""
    change, goes_on = LISTS[kind]
    try:
        body = json.loads(whole.body)
    except ValueError:
        return whole
    kept = {name: change(value) if isinstance(value, list) and (
                not name.endswith('links')) else value
            for name, value in body.items()
            if goes_on or not name.endswith('links')}
    return Answer(json.dumps(kept).encode(), whole.status, whole.headers)
