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

"""One stream: asks the plugin, takes the readings, judges what is missing."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses
import random
import threading

from oslo_log import log

from synchronizer import memory
from synchronizer import metrics
from synchronizer import tracing
from synchronizer.collector import absence
from synchronizer.collector import credit
from synchronizer.collector import facts as facts_module
from synchronizer.collector import health
from synchronizer.collector import reader
from synchronizer.collector import refetch as refetch_module
from synchronizer.collector import schedule
from synchronizer.collector import settings as settings_module
from synchronizer.collector import settling
from synchronizer.collector import silence
from synchronizer.collector import writer
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model import stream
from synchronizer.model.initiator import By
from synchronizer.model.initiator import Initiator
from synchronizer.model.initiator import nobody
from synchronizer.model.reading import ABSENT
from synchronizer.plugins import base as plugin_base
from synchronizer.plugins import hints
from synchronizer.store import base as store_base

LOG = log.getLogger(__name__)

AT_ONCE = 1000
"""So many readings are committed together at most, or those of one page."""

PATIENCE = 0.5
"""Seconds for which a page may wait to be stored together with others."""


@dataclasses.dataclass(frozen=True, slots=True)
class Needs:
    """What a collector asks of whoever runs it."""

    refetch: Callable[[str, str, str, Initiator | None], None]
    """(type, id, cause, who did it): have the id looked at by
    `refetch`."""

    sweep: Callable[[float], None]
    """Have `sweep` called, after so many seconds."""

    committed: Callable[[str], None]
    """(type): there is something to publish: changes, another state."""

    follow: Callable[
        [str, str, str, float, bool, Initiator | None], None] = (
            lambda type_, id_, cause, pause, part, initiator: None)
    """(type, id, cause, seconds, whether it is a part, who did it): look at
    it again then, since it is not at rest."""

    beside: Callable[[writer.Things], None] = lambda things: None
    """Have those looked at, as by a hint."""


@dataclasses.dataclass(slots=True)
class _Batch:
    """What pages showed, to be stored together."""

    shape: str
    """In which form."""

    since: float
    """When the first of them was there."""

    readings: list[reading.Reading] = dataclasses.field(default_factory=list)

    def may_wait_after(self, page: reading.Page) -> bool:
        """Whether the page after that one may be stored with them."""
        return page.soon is not None and len(self.readings) < AT_ONCE and (
            page.window.end + page.soon - self.since <= PATIENCE)


class Collector:
    """The single writer of one stream, and its judge.

    `sweep` is called from one thread; `look`, `look_into` and `refetch` from
    several.
    """

    def __init__(self, plugin: plugin_base.Plugin,
                 entity_type: plugin_base.EntityType,
                 store: store_base.Store, owner: str, needs: Needs,
                 settings: settings_module.Settings,
                 clock: settings_module.Clock,
                 rng: random.Random) -> None:
        self.name = entity_type.name
        self._plugin, self._kind, self._store = plugin, entity_type, store
        self._needs, self._settings, self._clock = needs, settings, clock
        self._reader = reader.Reader(entity_type)
        self._writer = writer.StreamWriter(
            store, self.name, owner, entity_type.unordered,
            entity_type.beside)
        self._absence = absence.Absence(
            entity_type.can_get, settings.brake_ratio, settings.brake_min,
            settings.brake_sample, rng)
        self._lock = threading.RLock()
        self._health = health.Health()
        self._reported: tuple[str, str | None] | None = None
        self._distrust = schedule.Backoff(settings.retry_first, rng)
        self._cause = change_module.STARTUP
        self.credits = credit.Credits()
        self._settling = settling.Settling()
        self._windows = settling.OpenWindows()
        self._longest = 0.0
        self._looked_at: float | None = None
        self._looking = threading.Lock()
        self.silence = silence.Silence()
        self._listens = False

    # --- life ------------------------------------------------------------

    @property
    def claim(self) -> store_base.Claim:
        """The right to write."""
        return self._writer.claim

    def is_fenced(self, row: stream.Stream) -> bool:
        """Whether our right to write is gone: another term, or a commit
        that was refused because an earlier one was carried out unseen."""
        return self._writer.fenced or row.term > self.claim.term

    def row(self) -> stream.Stream:
        """The stream's row, as it is now."""
        return self._store.streams([self.name])[self.name]

    def open(self) -> str | None:
        """Take the stream over, from what the last owner left; who that
        was."""
        row = self.row()
        self._writer.open()
        self._kind.forget()
        with self._lock:
            self._health = health.Health(
                collected=row.collected_at is not None)
            self._reported = self._looked_at = None
            self._absence.forget()
            self._settling.forget()
            self.credits.forget()
        return row.owner

    def report(self, unsettled: int | None = None) -> None:
        """Tell the store how the stream is, where that is news.

        `unsettled`: how many doubts cannot be settled; None: as before.
        """
        with self._lock:
            if unsettled is not None:
                self._health.unsettled = unsettled
            self._heed_silence()
            done = self._settling.collected()
            if done:
                self._health.collected = True
            says = self._health.state(), self._health.error()
            if done is None and says == self._reported:
                return
            self._store.report(self.claim, *says, *(done or (None, None)))
            self._reported = says
            if done:
                self._settling.told()
        self._needs.committed(self.name)

    def listen(self, listens: bool) -> None:
        """Whether notifications should tell of this type from now on."""
        self._listens = listens and self._kind.untold is not None
        self.silence.pardon(self._clock.monotonic())

    def _heed_silence(self) -> None:
        before = self.silence.untold
        says = self.silence.complains(self._clock.monotonic())
        metrics.UNTOLD.labels(self.name).inc(self.silence.untold - before)
        if says and self._listens:
            says = f'{says}: {self._plugin.silent}'
        else:
            says = None
        if bool(says) != bool(self._health.silence):
            LOG.log(log.WARNING if says else log.INFO, '%(type)s: %(says)s', {
                'type': self.name,
                'says': says or 'notifications tell of its changes again'})
        self._health.silence = says

    def living(self) -> int:
        """How many entities are held."""
        return len(self._writer.baseline)

    def held(self, ids: Iterable[str]) -> set[str]:
        """Those of these ids that live, as far as we know."""
        return self._writer.living(ids)

    def facts(self) -> facts_module.Facts:
        """How it is now. Takes no lock."""
        health = self._health
        return facts_module.Facts(
            self.name, state=health.state(), error=health.error(),
            revision=self._writer.revision, entities=self.living(),
            unsettled=health.unsettled, missing=self._settling.waiting,
            held_back=health.held_back, hints=self.silence.hints,
            untold=self.silence.untold, silent=bool(health.silence))

    # --- sweeps ----------------------------------------------------------

    def sweep(self, cause: str | None = None) -> reading.Outcome:
        """See the whole of the type once; raises what made it fail.

        `cause`: what its changes are put down to, but for the first.
        """
        if cause and self._cause != change_module.STARTUP:
            self._cause = cause
        self.credits.begin(self._cause == change_module.HINT)
        row = self.row()
        started, began_at = self._clock.monotonic(), self._now()
        lived, tally = len(self._writer.baseline), reader.Tally(started)
        try:
            with self._windows.open(started):
                session = self._plugin.session(self._kind)
                outcome = self._drain(
                    self._kind.list(session), session, self._cause, tally,
                    self.credits.by)
        except Exception as error:
            self._failed(error)
            raise
        missing, outcome = self._missing(outcome, tally, started)
        if missing and outcome.covers is not None:
            lived = self._writer.count(outcome.covers)
        if outcome.complete:
            self._judge(missing, started, lived, began_at,
                        row.sweeps_requested)
        else:
            self._judge_partial(missing, lived)
        self._finish(outcome, tally, started)
        return outcome

    def _drain(self, listing: plugin_base.Listing,
               session: plugin_base.Session, cause: str,
               tally: reader.Tally, by: By) -> reading.Outcome:
        batch: _Batch | None = None
        try:
            while True:
                try:
                    page = next(listing)
                except StopIteration as end:
                    return tally.worth(end.value)
                shape = self._kind.shape(session)
                if batch and batch.shape != shape:
                    batch = self._store_batch(batch, cause, tally, by)
                batch = batch or _Batch(shape, page.window.end)
                batch.readings += self._reader.all(
                    page, shape, tally, self._writer.unlike)
                tally.note(page)
                if not batch.may_wait_after(page):
                    batch = self._store_batch(batch, cause, tally, by)
                if self._looked_at is None:
                    # what moves while the first sweep goes on can be listed
                    self._looked_at = page.server_time
        finally:
            # also of a listing that fails: what it showed was so
            if batch and batch.readings:
                self._store_batch(batch, cause, tally, by)

    def _store_batch(self, batch: '_Batch', cause: str, tally: reader.Tally,
                     by: By) -> None:
        """Once: what could not be stored is read again."""
        readings, batch.readings = batch.readings, []
        tally.add(self._take(
            self._unless_said_gone(readings, cause, by), batch.shape, cause,
            by))
        self._follow(readings, cause, by)

    def _unless_said_gone(self, readings: list[reading.Reading], cause: str,
                          by: By) -> list[reading.Reading]:
        """What a listing calls gone, and we hold, is asked for by itself:
        of two rows of one server in two cells, one may be a dead one. Not
        so where they are many: then a service takes its things down, and
        its word is as good as an answer to a get."""
        if not self._kind.can_get:
            return readings
        living = self._writer.living(
            said.id for said in readings if said.digest is ABSENT)
        if len(living) > self._settings.hint_batch:
            return readings
        for id_ in living:
            self._needs.refetch(self.name, id_, cause, by(id_))
        return [said for said in readings
                if said.digest is not ABSENT or said.id not in living]

    def _take(self, readings: list[reading.Reading], shape: str, cause: str,
              by: By) -> writer.Taken:
        taken = self._writer.take(readings, shape, cause, by)
        if taken.changes:
            metrics.changed(self.name, cause, (
                change.action for change in taken.changes))
            if tracing.is_on():
                self._trace(taken.changes)
            self._needs.committed(self.name)
            self._note_told(taken.changes, cause)
        if taken.beside:
            self._needs.beside(taken.beside)
        for id_ in taken.doubts:
            metrics.DOUBTS.labels(self.name).inc()
            self._doubt(id_, cause, by(id_))
        return taken

    def _trace(self, changes: Iterable[change_module.Change]) -> None:
        for change in changes:
            if change.initiator is not None:
                tracing.tell(
                    'commit', change.initiator.request_id,
                    hints.unix(change.entity.sampled_at), type=change.type,
                    id=change.id, action=change.action, cause=change.cause,
                    revision=change.revision)

    def _note_told(self, changes: Iterable[change_module.Change], cause: str
                   ) -> None:
        if not self._listens or cause == change_module.STARTUP:
            return
        now = self._clock.monotonic()
        for change in changes:
            if cause == change_module.HINT:
                self.silence.told()
            elif not change.changed or not set(
                    change.changed).issubset(self._kind.untold):
                self.silence.found(change.entity.id, now)

    def _follow(self, readings: Iterable[reading.Reading], cause: str,
                by: By) -> None:
        for said in readings:
            pause = self.rest(said)
            if pause is not None:
                self._needs.follow(self.name, said.id, _later(cause), pause,
                                   False, by(said.id))

    def _doubt(self, id_: str, cause: str, initiator: Initiator | None
               ) -> None:
        if self._kind.can_get:
            self._needs.refetch(self.name, id_, cause, initiator)
        else:
            self.credits.told(id_, initiator)
            self._needs.sweep(0)

    # --- absence ---------------------------------------------------------

    def _missing(self, outcome: reading.Outcome, tally: reader.Tally,
                 started: float) -> tuple[list[str], reading.Outcome]:
        """What the listing should have shown and did not; and what it is
        worth now that we know what we hold of what it could not show."""
        fence = outcome.fence
        if not (outcome.complete or fence or outcome.covers):
            return [], outcome
        missing = [id_ for id_ in self._writer.missing(tally.early, started)
                   if outcome.lacks(id_)]
        if fence is None or not missing:
            return missing, outcome
        known = self._store.entities(self.name, missing)
        outside = [id_ for id_, (entity, _) in known.items()
                   if not fence(entity)]
        if outcome.complete and len(outside) < len(missing):
            behind = len(missing) - len(outside)
            outcome = dataclasses.replace(
                outcome, reason=f'{behind} entities are out of sight: they '
                                'are kept as they were')
        return outside, outcome

    def _judge(self, missing: list[str], started: float, lived: int,
               began_at: str, served: int) -> None:
        with self._lock:
            # whoever reports meanwhile tells of this sweep alone
            self._health.failure = None
            ruling = self._absence.rule(missing, lived)
            self._health.held_back = self._absence.held
            if not self._absence.held:
                self._distrust.succeeded()
            self._settling.begin(began_at, served,
                                 set(missing).difference(ruling.gone))
        self._delete(ruling.gone, started)
        self._ask(ruling)
        if ruling.again and not ruling.sample:
            self.credits.keep(missing)
            self._needs.sweep(self._settings.retry_first)

    def _judge_partial(self, missing: list[str], lived: int) -> None:
        self._ask(self._absence.rule_partial(missing, lived))

    def _ask(self, ruling: absence.Ruling) -> None:
        for id_ in ruling.ask + ruling.sample:
            self._needs.refetch(self.name, id_, self._cause,
                                self.credits.by(id_))

    def _delete(self, ids: tuple[str, ...], started: float) -> None:
        """What several sweeps lack, of a type without a get, is absent; the
        last of them is the window that proves it."""
        if ids:
            window = reading.Window(started, self._clock.monotonic())
            self._take([reading.Reading(id_, ABSENT, window) for id_ in ids],
                       '', self._cause, self.credits.by)

    # --- ends of a sweep -------------------------------------------------

    def _finish(self, outcome: reading.Outcome, tally: reader.Tally,
                started: float) -> None:
        seconds = self._clock.monotonic() - started
        self._longest = max(self._longest, seconds)
        metrics.SWEEP_SECONDS.labels(self.name).observe(seconds)
        metrics.SWEEPS.labels(
            self.name, 'complete' if outcome.complete else 'partial').inc()
        self._writer.forget_tombstones(
            self._windows.oldest(self._clock.monotonic()) - self._longest)
        if outcome.complete and tally.server_time is not None:
            # a look that ran beside it may have seen later things
            self._looked_at = max(self._looked_at or 0, tally.server_time)
        self._cause = change_module.SWEEP
        self.credits.end()
        memory.give_back()
        with self._lock:
            self._health.failure = outcome.reason
            self._health.note = outcome.note
        LOG.info('%(type)s: %(outcome)s sweep of %(seen)d in %(seconds).1f s:'
                 ' %(actions)s, %(doubts)d doubts, %(missing)d missing', {
                     'type': self.name,
                     'outcome': outcome.reason or 'complete',
                     'seen': tally.seen, 'seconds': seconds,
                     'actions': tally.counts(), 'doubts': tally.doubts,
                     'missing': self._settling.waiting})
        if seconds > self._settings.poll_interval:
            LOG.warning('%(type)s: a sweep takes %(seconds).0f s, longer than'
                        ' its poll_interval: raise the one or lower the load',
                        {'type': self.name, 'seconds': seconds})

    def _failed(self, error: Exception) -> None:
        metrics.SWEEPS.labels(self.name, 'failed').inc()
        with self._lock:
            self._health.failure = f'the last sweep failed: {error}'

    def _now(self) -> str:
        return settings_module.stamp(self._clock.wall())

    # --- looks and refetches ---------------------------------------------

    def look(self, cause: str = change_module.DELTA, by: By = nobody
             ) -> bool:
        """See what moved lately, where the service can list that; whether
        it could be seen. One at a time."""
        with self._looking:
            if self._looked_at is None or not self._kind.can_list_since:
                return False
            tally, since = reader.Tally(), (
                self._looked_at - self._settings.delta_overlap)
            with self._windows.open(self._clock.monotonic()):
                session = self._plugin.session(self._kind)
                outcome = self._drain(self._kind.list_since(session, since),
                                      session, cause, tally, by)
            if outcome.complete and tally.server_time is not None:
                self._looked_at = tally.server_time
        LOG.debug('%(type)s: look at %(seen)d: %(actions)s', {
            'type': self.name, 'seen': tally.seen,
            'actions': tally.counts()})
        return outcome.complete

    def look_into(self, part: str, cause: str,
                  initiator: Initiator | None = None) -> float | None:
        """See all that lies in one thing, and put it down to who did
        something to that; in how many seconds to look at it again, if it is
        not at rest."""
        started = self._clock.monotonic()
        tally = reader.Tally(started)
        with self._windows.open(started):
            session = self._plugin.session(self._kind)
            outcome = self._drain(
                self._kind.list_part(session, part), session, cause, tally,
                lambda id_: initiator)
        missing, outcome = self._missing(outcome, tally, started)
        if missing and not self._kind.can_get:
            # sweeps must lack them, as always
            self._needs.sweep(self._settings.retry_first)
        for id_ in missing if self._kind.can_get else ():
            self._needs.refetch(self.name, id_, cause, initiator)
        return outcome.again

    def refetch(self, id_: str, cause: str,
                initiator: Initiator | None = None
                ) -> reading.Reading | None:
        """Ask for one id, and take what the answer says. None: it says that
        there is none, which only `confirm` proves."""
        with self._windows.open(self._clock.monotonic()):
            session = self._plugin.session(self._kind)
            page = self._kind.look_up(session, id_)
            if page.unproved and not self._absence.ignores(id_):
                return None
            shape = self._kind.shape(session)
            said = self._reader.answer(id_, page, shape)
            if not page.unproved:
                self._accept([said], shape, cause, lambda id_: initiator)
        return said

    def confirm(self, ids: Sequence[str], cause: str, by: By = nobody
                ) -> list[reading.Reading | Exception]:
        """Of ids that are said not to be there: prove that we see all there
        is, ask for each again, and take all answers at once. What became of
        each: one that fails costs itself."""
        with self._windows.open(self._clock.monotonic()):
            session = self._plugin.session(self._kind)
            self._kind.prove(session)
            shape = self._kind.shape(session)
            found = [self._look_up_again(session, id_, shape) for id_ in ids]
            self._accept([said for said in found
                          if isinstance(said, reading.Reading)],
                         shape, cause, by)
        return found

    def _look_up_again(self, session: plugin_base.Session, id_: str,
                       shape: str) -> reading.Reading | Exception:
        try:
            return self._reader.answer(
                id_, self._kind.look_up(session, id_), shape)
        except Exception as error:
            # whoever asked for it, sees to it
            return error

    def _accept(self, answers: Sequence[reading.Reading], shape: str,
                cause: str, by: By) -> None:
        """Take what was proved of single ids, and note what is settled."""
        held_back = {said.id for said in answers if said.digest is ABSENT
                     and self._absence.holds(said.id)}
        taken = self._take([said for said in answers
                            if said.id not in held_back], shape, cause, by)
        settled = [said for said in answers if said.id not in taken.doubts]
        with self._lock:
            for said in settled:
                if said.id not in held_back:
                    self._settling.settled(said.id)
                all_gone = self._absence.answered(
                    said.id, said.digest is ABSENT)
                if all_gone is not None:
                    self._sampled(all_gone)

    def _sampled(self, all_gone: bool) -> None:
        """The whole sample has answered: another sweep decides."""
        if all_gone:
            self._needs.sweep(self._settings.retry_first)
            return
        self._settling.told()
        LOG.warning('%(type)s: the last listing lacked entities that '
                    'exist: nothing is deleted', {'type': self.name})
        self._needs.sweep(
            self._distrust.failed(self._settings.poll_interval))

    def rest(self, said: reading.Reading) -> float | None:
        """In how many seconds to look again at what an answer showed, since
        it is not at rest; None: it is."""
        return self._kind.follow(said.entity) if said.entity else None

    def unsettled(self, asks: Sequence[refetch_module.Ask]
                  ) -> list[refetch_module.Ask]:
        """Those of which nothing was read since they were asked for, or
        something that is older than what was told; and of audits, those
        whose id is not held, or in an older version."""
        wanted = [ask.id for ask in asks if self._needs_held(ask)]
        held = self._store.entities(self.name, wanted) if wanted else {}
        return [ask for ask in asks if not self._is_settled(
            ask, held.get(ask.id, (None,))[0])]

    def _needs_held(self, ask: refetch_module.Ask) -> bool:
        """Whether what is held decides. Not so of most hints: nothing was
        read since, and whoever waits for the change waits for this look at
        the store as well."""
        return ask.audit or (
            ask.written is not None and not ask.gone
            and self._writer.seen_since(ask.id, ask.since))

    def _is_settled(self, ask: refetch_module.Ask,
                    held: entity_module.Entity | None) -> bool:
        if ask.audit and held is not None:
            return not self._is_older(held, ask.written)
        if not self._writer.seen_since(ask.id, ask.since):
            return False
        if ask.gone:
            return not self._writer.living([ask.id])
        return ask.written is None or (
            held is not None and not self._is_older(held, ask.written))

    def is_early(self, said: reading.Reading, written: float | None,
                 gone: bool) -> bool:
        """Whether an answer shows less than a notification knew: it came
        from a database that lags behind."""
        if gone:
            return said.entity is not None
        if said.entity is None:
            return written is not None
        return self._is_older(said.entity, written)

    def _is_older(self, entity: entity_module.Entity, written: float | None
                  ) -> bool:
        stamp = hints.unix(entity.attributes.get(self._kind.stamp or ''))
        return None not in (written, stamp) and stamp < written


def _later(cause: str) -> str:
    """What a later look is put down to that this reading led to."""
    return (change_module.SWEEP if cause == change_module.STARTUP else cause)
