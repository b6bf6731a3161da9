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

"""Costly details: fetched for what changed, remembered for the rest.

They hang on an entity's record under keys of their own, and are asked for
again only when the record itself is another one. One that cannot be had
leaves the last one where it is; where there is none, the record is left out,
since without its details it would look changed.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import threading
from typing import Any

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.model import shape
from synchronizer.plugins import base
from synchronizer.plugins.heat import options as options_module
from synchronizer.plugins.heat import pool
from synchronizer.plugins.heat import secrets
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.heat import taint as taint_module


class Memory:
    """Details by id, each with a fingerprint of the record it is of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, dict[str, Any]]] = {}

    def of(self, id_: str, record: base.Record) -> dict[str, Any] | None:
        """The details of just that record."""
        mark, found = self._get(id_)
        return found if mark == _mark(record) else None

    def last(self, id_: str) -> dict[str, Any] | None:
        """The details of that id, of whatever record."""
        return self._get(id_)[1]

    def _get(self, id_: str) -> tuple[str | None, dict[str, Any] | None]:
        with self._lock:
            return self._held.get(id_, (None, None))

    def hold(self, id_: str, record: base.Record, found: dict[str, Any]
             ) -> None:
        """Remember them."""
        with self._lock:
            self._held[id_] = _mark(record), found

    def keep(self, keeps: Callable[[str], bool]) -> None:
        """Forget the others."""
        with self._lock:
            self._held = {id_: held for id_, held in self._held.items()
                          if keeps(id_)}

    def forget(self) -> None:
        """Forget all."""
        self.keep(lambda id_: False)


def _mark(record: base.Record) -> str:
    return shape.fingerprint(record, '1')


def beyond(shown: base.Record, listed: base.Record) -> base.Record:
    """What a show has and the listing has not."""
    return {key: value for key, value in shown.items() if key not in listed}


class StackDetails:
    """Parameters, capabilities and such of stacks, as `detail`."""

    def __init__(self, options: options_module.Options,
                 stacks: stacks_module.Stacks) -> None:
        self._options = options
        self._outputs = 'outputs' in options.details
        self._on = self._outputs or 'stack' in options.details
        self._memory = Memory()
        self._taint = taint_module.Taint(stacks)

    def forget(self) -> None:
        """Ask for all again."""
        self._memory.forget()

    def keep(self, ids: Iterable[str]) -> None:
        """Forget other stacks."""
        kept = set(ids)
        self._memory.keep(kept.__contains__)
        self._taint.keep(kept.__contains__)

    def add(self, session: base.Session, page: reading.Page,
            reasons: list[str]) -> Iterator[reading.Page]:
        """The same records, with details; those that had to be asked for in
        pages of their own. What could not be read goes to `reasons`."""
        if not self._on:
            yield page
            return
        known, new = [], []
        for record in page.records:
            found = self._memory.of(record['id'], record)
            if found is None and not stacks_module.is_gone(record):
                new.append(record)
            else:
                known.append({**record, **(found or {})})
        yield _page_of(page, known)
        for record, came in pool.each(
                lambda record: self._added(session, page, record), new,
                self._options.concurrency):
            yield from self._result(page, record, came, reasons)

    def _result(self, page: reading.Page, record: base.Record,
                came: pool.Came[reading.Page], reasons: list[str]
                ) -> Iterator[reading.Page]:
        try:
            yield came.result()
        except exception.NotFound:
            # deleted since it was listed: nothing else is wrong
            return
        except exception.CloudError as error:
            if not reasons:
                reasons.append(f'details cannot be read: {error}')
            last = self._memory.last(record['id'])
            if last is not None:
                yield _page_of(page, [{**record, **last}])

    def added(self, session: base.Session, page: reading.Page
              ) -> reading.Page:
        """One stack with its details; raises where they cannot be had."""
        if not self._on or not page.records or stacks_module.is_gone(
                page.records[0]):
            return page
        record = page.records[0]
        found = self._memory.of(record['id'], record)
        if found is not None:
            return _page_of(page, [{**record, **found}])
        try:
            return self._added(session, page, record)
        except exception.NotFound as error:
            raise exception.Undecided(str(error)) from error

    def _added(self, session: base.Session, page: reading.Page,
               record: base.Record) -> reading.Page:
        answer = session.get(
            stacks_module.path_of(record),
            resolve_outputs=self._outputs)
        # the project is no detail, wherever Heat may show it one day
        known = {**record, 'project': None}
        if not self._outputs:
            known['outputs'] = None
        detail = beyond(answer.record('stack'), known)
        if not self._options.include_sensitive:
            detail = self._public(session, record, detail)
        found = {'detail': detail}
        self._memory.hold(record['id'], record, found)
        return _page_of(page, [{**record, **found}], answer)

    def _public(self, session: base.Session, record: base.Record,
                detail: base.Record) -> base.Record:
        tainted = self._taint.of(session, record)
        if tainted.everything:
            detail = beyond(detail, {'outputs', 'parameters'})
        if 'outputs' in detail:
            detail['outputs'] = [
                output for output in detail['outputs']
                if output.get('output_key') not in tainted.outputs
                and not secrets.is_named(output.get('output_key'))]
        return secrets.public(detail)


class ResourceDetails:
    """The live attributes of resources as `data`, and their `metadata`."""

    def __init__(self, options: options_module.Options,
                 stacks: stacks_module.Stacks) -> None:
        self._options = options
        self._data = 'resource_data' in options.details
        self._metadata = 'resource_metadata' in options.details
        self._memory = Memory()
        self._taint = taint_module.Taint(stacks)

    def forget(self) -> None:
        """Ask for all again."""
        self._memory.forget()

    def keep(self, stacks: Callable[[str], bool], names: Callable[
            [str, str], bool]) -> None:
        """Forget what is gone."""
        self._memory.keep(lambda id_: names(*id_.split('/', 1)))
        self._taint.keep(stacks)

    def added(self, session: base.Session, stack: base.Record,
              answer: base.Answer, records: list[base.Record]
              ) -> tuple[reading.Page, bool]:
        """A page of them with their details, and whether it has all."""
        if not (self._data or self._metadata):
            return answer.page(records), True
        answers: list[base.Answer] = []
        kept, whole = [], True
        for record in records:
            id_ = f'{stack["id"]}/{record["resource_name"]}'
            found = self._memory.of(id_, record)
            if found is None:
                try:
                    found = self._fetch(session, stack, record, answers)
                    self._memory.hold(id_, record, found)
                except exception.CloudError:
                    found, whole = self._memory.last(id_), False
            if found is not None:
                kept.append({**record, **found})
        return answer.page(kept, *answers), whole

    def _fetch(self, session: base.Session, stack: base.Record,
               record: base.Record, answers: list[base.Answer]
               ) -> dict[str, Any]:
        path = (f'{stacks_module.path_of(stack)}/resources/'
                f'{stacks_module.quoted(record["resource_name"])}')
        found: dict[str, Any] = {}
        if self._data:
            answers.append(session.get(path))
            found['data'] = beyond(answers[-1].record('resource'), record)
        if self._metadata:
            answers.append(session.get(f'{path}/metadata'))
            found['metadata'] = answers[-1].record('metadata')
        if self._options.include_sensitive:
            return found
        if self._taint.of(session, stack).has(record['resource_name']):
            return dict.fromkeys(found)
        return {key: secrets.of_resource(record, value)
                for key, value in found.items()}


def _page_of(page: reading.Page, records: list[base.Record],
             answer: base.Answer | None = None) -> reading.Page:
    window = page.window.union(answer.window) if answer else page.window
    return reading.Page(tuple(records), window, page.sampled_at,
                        page.server_time)
