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


"""The judge: what was promised, compared with what was seen and was true.

It asks over the bus as any program may (`raw`), reads what the witnesses
noted, and knows the cloud's true history. It uses nothing of the service
but its public contract; each broken promise is one sentence.
"""

from concurrent import futures
import itertools
import statistics

import oslo_messaging

from synchronizer import exception
from synchronizer.tests.functional import daemon
from synchronizer.tests.functional import raw
from synchronizer.tests.functional.faults import truth
from synchronizer.tests.functional.faults import witness

PATIENCE = 300
"""Seconds for everything to be level again, once all is healed."""

SHOWN = 10
"""Sentences of one kind, at most."""


class Oracle:
    """Calls its witnesses when it is started, and judges at the end."""

    def __init__(self, deployment, every=2.0):
        self._deployment = deployment
        self.raw = raw.Raw(deployment.broker.url)
        self.broken, self.figures = [], {}
        self.bus, self._every = {}, every

    def start(self):
        """Begin to listen; the service answers already."""
        deployment = self._deployment
        self.types = sorted(self.raw.describe())
        self.bus = {type_: witness.BusWitness(self.raw, type_)
                    for type_ in self.types}
        self.mirror = witness.MirrorWitness(deployment.consumers.url(
            'broker', deployment.broker.url))
        self.mirror.mirror.start()
        self.register = witness.Register(deployment)
        self.gauges = witness.Gauges(deployment, self._every)
        for watcher in (self.register, self.gauges):
            watcher.start()

    def stop(self):
        """Nobody listens any more."""
        # each looks up from its queue every few seconds only
        with futures.ThreadPoolExecutor(max_workers=32) as pool:
            list(pool.map(lambda end: end(), (
                self.mirror.mirror.stop, self.register.end, self.gauges.end,
                *(one.stop for one in self.bus.values()))))
        self.raw.transport.cleanup()

    def judge(self):
        """Everything that can be asked while the service runs."""
        if self._await_level():
            self._check_mirror()
            for type_, stream in self.raw.describe().items():
                self._check_stream(type_, stream)
            self._count()

    def judge_end(self, late, left):
        """What is left when the service was told to stop."""
        self.demand(not late, f'did not end within a minute: {late}')
        self.demand(not left, f'processes are left: {left}')
        for key, series in sorted(self.gauges.series.items()):
            for sentence in unlevel(series):
                self.broken.append(f'{" ".join(map(str, key))}: {sentence}')

    def demand(self, holds, sentence):
        if not holds:
            self.broken.append(sentence)

    # --- level -----------------------------------------------------------

    def snapshot(self):
        """All entities by type and id, of a sweep that begins now."""
        try:
            return {(entity['type'], entity['id']): entity
                    for page in self.raw.pages(max_age=0)
                    for entity in page['entities']}
        except (exception.SynchronizerError,
                oslo_messaging.MessagingException):
            return None

    def differing(self):
        """What of the snapshot differs from the truth."""
        held = self.snapshot()
        if held is None:
            return ['no snapshot']
        true = self._deployment.cloud.truth()
        differing = []
        for type_ in self.types:
            ids = {id_ for kind, id_ in held if kind == type_}
            differing += [f'{type_} {id_} is held or true alone'
                          for id_ in sorted(ids ^ set(true[type_]))]
        return differing + [
            f'{type_} {id_}: {fields}' for type_ in truth.FIELDS
            for id_, record in true[type_].items()
            if (type_, id_) in held and (fields := truth.unequal(
                type_, held[type_, id_]['attributes'], record))]

    def _await_level(self):
        try:
            daemon.until(lambda: not self.differing(), 'level', PATIENCE)
        except AssertionError:
            self.broken += [f'not level after {PATIENCE} s: {one}'
                            for one in self.differing()[:SHOWN]]
            return False
        return True

    def _check_mirror(self):
        mirror = self.mirror.mirror
        self.demand(mirror.wait_synced(60), 'the mirror is not level')
        try:
            self.broken += [f'the mirror differs: {one}'
                            for one in mirror.verify()[:SHOWN]]
        except exception.SynchronizerError as exc:
            self.broken.append(f'the mirror cannot be compared: {exc}')
        self.demand(not mirror.errors, 'a subscriber failed')
        self.demand(not self.mirror.resyncs,
                    f'{self.mirror.resyncs} changes by resync')

    # --- one stream ------------------------------------------------------

    def changes(self, type_, epoch):
        """The journal from its beginning."""
        since, more = 0, True
        while more:
            page = self.raw.call('get_changes', type=type_, epoch=epoch,
                                 since=since)
            yield from page['changes']
            since += len(page['changes'])
            more = page['more']

    def _check_stream(self, type_, stream):
        bus = self.bus[type_]
        self.demand(bus.epochs <= {stream['epoch']},
                    f'{type_}: epochs {bus.epochs} were told')
        self.demand(not bus.torn, f'{type_}: messages with holes: '
                    f'{bus.torn[:SHOWN]}')
        self.demand(not bus.quarrels, f'{type_}: told twice, and not the '
                    f'same: {sorted(bus.quarrels)[:SHOWN]}')
        copy, journal, sentences = self._read(type_, stream)
        self.broken += sentences[:SHOWN]
        self.demand(copy.revision == stream['revision'],
                    f'{type_}: {copy.revision} changes, and the head is '
                    f'{stream["revision"]}')
        self.broken += [
            f'{type_}: broke the contract ({what}): #{change["revision"]}'
            for what, change in copy.faults[:SHOWN]]
        self.demand(copy.entities == self.raw.all(type_)[0],
                    f'{type_}: the changes do not add up to the snapshot')
        self._check_told(type_, journal, stream['epoch'])

    def _read(self, type_, stream):
        """Go through a journal once: the copy that it makes, the digest of
        each change, and what contradicts the truth or the bus."""
        history = (truth.History(self._deployment.cloud, type_)
                   if type_ in truth.FIELDS else None)
        copy = raw.Copy(epoch=stream['epoch'])
        revisions, sentences, bus = [], [], self.bus[type_].first
        for change in self.changes(type_, stream['epoch']):
            copy.apply([change])
            revision = change['revision']
            revisions.append(revision)
            heard = bus.get(revision)
            if heard and heard[0] != witness.digest(change):
                sentences.append(f'{type_} #{revision}: the journal says '
                                 'something else than the bus said')
            wrong = history and history.broken_by(
                change, self._seen(type_, revision))
            if wrong:
                sentences.append(wrong)
        beyond = [revision for revision in bus if revision > len(revisions)]
        if beyond:
            sentences.append(f'{type_}: told and not in the journal: '
                             f'{sorted(beyond)[:SHOWN]}')
        return copy, revisions, sentences

    def _seen(self, type_, revision):
        """When it was seen first, by whomever."""
        heard = self.bus[type_].first.get(revision)
        times = [when for when in (
            heard and heard[1], self.mirror.when.get((type_, revision)))
            if when is not None]
        return min(times, default=None)

    def _check_told(self, type_, journal, epoch):
        """The mirror told each change after its first snapshot once."""
        told = self.mirror.told[type_]
        wanted = [(epoch, revision)
                  for revision in journal[len(journal) - len(told):]]
        self.demand(told == wanted, f'{type_}: the mirror did not tell '
                    'each change once and in order')

    # --- figures ---------------------------------------------------------

    def _count(self):
        witnesses = self.bus.values()
        self.figures |= {
            'changes': sum(len(told) for told in self.mirror.told.values()),
            'heard': sum(len(one.first) for one in witnesses),
            'heard again': sum(one.again for one in witnesses),
            'heard late': sum(one.late for one in witnesses),
            'resyncs': self.mirror.resyncs}


PIECES, AT_ONCE, MOST_OF_IT = 12, 2, 0.8


def unlevel(series, share=1.3, kilobytes=32 * 1024, files=24):
    """What grew between the middle and the end of a process's life.

    Whoever takes a stream over grows once, by what the baseline of a cloud
    takes: most of that growth is between two or three of the pieces into
    which its life is cut. A leak goes on.
    """
    if len(series) < PIECES:
        return
    for index, what, room in ((1, 'kB', kilobytes), (2, 'files', files)):
        values = [one[index] for one in series]
        pieces = [statistics.median(values[
            len(values) * n // PIECES:len(values) * (n + 1) // PIECES])
            for n in range(PIECES)]
        third = PIECES // 3
        before = statistics.median(pieces[third:-third])
        after = statistics.median(pieces[-third:])
        steps = sorted(later - one for one, later in itertools.pairwise(
            pieces[third:]))
        jumped = sum(steps[-AT_ONCE:]) >= MOST_OF_IT * (after - before)
        if after > share * before + room and not jumped:
            yield f'grew from {before:.0f} to {after:.0f} {what}'
