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


"""An hour of changes: do memory, files, lag and the journal stay level?

One synchronizer on a RabbitMQ and a PostgreSQL (or SQLite), a simulated
cloud that changes all the time and tells of it, and a mirror. The last lines
are the verdict; the exit code is 1 if something was not level, and 2 if the
machine did not keep the rate: then nothing is judged.
"""

import argparse
import contextlib
import dataclasses
import json
import logging
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import requests
import sqlalchemy

from benchmarks import hint_to_callback
from synchronizer import client
from synchronizer.bus import wire
from synchronizer.tests.functional import daemon
from synchronizer.tests.functional import raw
from synchronizer.tests.functional import servers
from synchronizer.tests.functional.faults import witness
from synchronizer.tests.functional.servers import processes
from synchronizer.tests.functional.servers import sql

CONFIGURATION = '''
[DEFAULT]
transport_url = {bus}
state_path = {state}
host = here
plugins = nova, cinder
[service_credentials]
auth_type = password
auth_url = {cloud}/identity/v3
username = admin
password = sandbox
project_name = admin
user_domain_name = Default
project_domain_name = Default
[journal]
retention_revisions = {retention}
trim_interval = {trim}
[nova]
poll_interval = {poll}
valid_interfaces = public
[cinder]
poll_interval = {poll}
valid_interfaces = public
[database]
connection = {database}
'''
INSTANCE = 'nova.instance'
TRIM = 10
PROBE = 0.5
"""Seconds between two changes that say when they were made."""

WARM = 0.2
"""Share of the time for which nothing is judged."""

GROWTH = 0.05
"""Share of its memory that a process may grow by in an hour."""

LONG = 1800
"""Seconds below which memory is shown and not judged: caches still fill."""

KEPT = 0.95
"""Share of the rate that the cloud has to reach."""

LATE = 5.0
"""Seconds that the cloud may be behind with telling of what it did."""

AHEAD = 1.2
"""How many times as many servers as there are may be held: those that are
gone and not proved to be make the rest."""

ROWS = 24
TICK = os.sysconf('SC_CLK_TCK')


@dataclasses.dataclass
class Sample:
    """What was seen in one interval; times are seconds from the start.

    `untold`, `dropped`: changes that the cloud has still to tell of, and
    those that it never will since there are too many; `busy`: CPUs in use,
    by whomsoever.
    """

    at: float
    steps: float
    untold: int
    dropped: int
    servers: int
    busy: float
    changes: float
    commit: list[float]
    cloud: list[float]
    journal: int
    entities: int
    database: int
    memory: dict[str, int]
    files: dict[str, int]
    cpu: dict[str, float]


def parser():
    result = argparse.ArgumentParser(
        prog='python -m benchmarks.soak',
        description=__doc__.partition('\n\n')[2],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = result.add_argument
    add('--seconds', type=float, default=3600)
    add('--rate', type=float, default=200,
        help='operations of the cloud per second')
    add('--servers', type=int, default=1000, help='servers of the cloud')
    add('--database', choices=('postgresql', 'sqlite'), default='postgresql')
    add('--retention', type=int, default=20000,
        help='changes of a stream that are kept')
    add('--poll', type=float, default=60, help='seconds between sweeps')
    add('--every', type=float, default=10, help='seconds between samples')
    add('--seed', type=int, default=1)
    add('--json', metavar='FILE', help='write plan, samples and verdict here')
    add('--log', metavar='FILE', type=pathlib.Path,
        help='keep the log of the service here')
    return result


class Lags:
    """The mirror's callback: how late each change is."""

    def __init__(self):
        self._lock = threading.Lock()
        self._commit, self._cloud, self._changes = [], [], 0
        self.probe = None

    def told(self, change):
        now = time.time()
        with self._lock:
            self._changes += 1
            self._commit.append(now - wire.seconds(change.committed_at))
            if change.id == self.probe and change.type == INSTANCE:
                made = change.entity.attributes['metadata'].get('made')
                if made:
                    self._cloud.append(now - float(made))

    def take(self):
        with self._lock:
            taken = self._changes, self._commit, self._cloud
            self._commit, self._cloud, self._changes = [], [], 0
            return taken


class Soak(contextlib.ExitStack):
    """Everything that runs, and what is read of it."""

    def __init__(self, args):
        super().__init__()
        self.args, self.samples, self.lags = args, [], Lags()
        self._cpu, self._steps, self._cloud = {}, 0, None
        self._used = 0

    def __enter__(self):
        super().__enter__()
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def _start(self):
        args = self.args
        state = pathlib.Path(self.enter_context(
            tempfile.TemporaryDirectory()))
        self.broker = self.enter_context(servers.RabbitServer())
        url = f'sqlite:///{state}/synchronizer.sqlite'
        self.database = None
        if args.database == 'postgresql':
            self.database = self.enter_context(servers.PostgresServer())
            sql.execute(self.database.url, 'CREATE DATABASE soak')
            url = sqlalchemy.make_url(self.database.url).set(
                database='soak').render_as_string(hide_password=False)
        self.cloud = self._start_cloud()
        conf = state / 'conf'
        conf.write_text(CONFIGURATION.format(
            bus=self.broker.url, state=state, cloud=self.cloud, database=url,
            retention=args.retention, trim=TRIM, poll=args.poll))
        self.file = state / 'synchronizer.sqlite'
        self._start_service(conf, args.log or state / 'log')
        self.raw = raw.Raw(self.broker.url)
        self.mirror = client.Mirror.from_url(self.broker.url, timeout=10)
        self.mirror.subscribe(self.lags.told)
        self.callback(self.mirror.stop)
        daemon.until(self._answers, 'an answer', 300)
        self.mirror.start()
        daemon.until(lambda: self.mirror.synced and all(
            self.mirror.state(type_) == 'live' for type_ in
            self.mirror.types), 'everything collected', 300)

    def _start_cloud(self):
        process = subprocess.Popen(
            [sys.executable, '-m', 'benchmarks.soak_cloud',
             str(self.args.seed), str(self.args.servers), self.broker.url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.callback(process.communicate)
        self._cloud = process
        return process.stdout.readline().strip()

    def _start_service(self, conf, log):
        command = [sys.executable, '-m']
        subprocess.run([*command, 'synchronizer.cmd.manage', '--config-file',
                        str(conf), 'db', 'upgrade'], check=True)
        with log.open('w') as out:
            self.service = subprocess.Popen(
                [*command, 'synchronizer.cmd.service', '--config-file',
                 str(conf)], stdout=out, stderr=out)
        self.callback(self._end_service, log)

    def _end_service(self, log):
        self.service.send_signal(signal.SIGTERM)
        self.service.wait()
        lines = log.read_text().splitlines()
        for word in ('CRITICAL', 'ERROR', 'WARNING', 'Traceback'):
            found = [line for line in lines if f' {word} ' in line
                     or line.startswith(word)]
            print(f'{word} in the log: {len(found)}', *found[:3], sep='\n  ')

    def _answers(self):
        with contextlib.suppress(Exception):
            return self.raw.describe(timeout=5)
        return None

    # --- what happens ----------------------------------------------------

    def live(self):
        """Let the cloud live, and take samples."""
        self._puppet('life', rate=self.args.rate)
        self.lags.take()
        began = last = time.monotonic()
        ended = threading.Event()
        probe = threading.Thread(target=self._probe, args=(ended,),
                                 daemon=True)
        probe.start()
        while time.monotonic() - began < self.args.seconds:
            time.sleep(max(0, last + self.args.every - time.monotonic()))
            now = time.monotonic()
            self.samples.append(self._sample(now - began, now - last))
            last = now
            self._keep()
        ended.set()
        probe.join()
        self._puppet('life', rate=0)

    def _keep(self):
        """What was seen so far, whatever comes."""
        if self.args.json:
            pathlib.Path(self.args.json).write_text(json.dumps({
                'plan': _plan(self.args),
                'samples': [vars(one) for one in self.samples]}))

    def _probe(self, ended):
        """Note in a server when it was noted, as long as it lives."""
        while not ended.wait(PROBE):
            try:
                self._puppet('do', verb='set_metadata', args={
                    'server': self.lags.probe,
                    'metadata': {'made': str(time.time())}})
            except requests.HTTPError:
                self.lags.probe = self._puppet('do', verb='boot')['result']

    def _puppet(self, what, **body):
        answer = requests.post(f'{self.cloud}/_sandbox/{what}', json=body,
                               timeout=30)
        answer.raise_for_status()
        return answer.json()

    # --- what is seen ----------------------------------------------------

    def _sample(self, at, seconds):
        changes, commit, cloud = self.lags.take()
        told, stream = self._ask_cloud(), self.raw.describe()[INSTANCE]
        steps, self._steps = told['steps'] - self._steps, told['steps']
        pids = self._pids()
        return Sample(
            at=round(at, 1), steps=steps / seconds, untold=told['waiting'],
            dropped=told['dropped'], servers=told['servers'],
            busy=self._busy() / seconds, changes=changes / seconds,
            commit=_spread(commit), cloud=_spread(cloud),
            journal=stream['revision'] - stream['oldest_revision'] + 1,
            entities=stream['entities'], database=self._size(),
            memory={name: witness.memory(pid) for name, pid in pids},
            files={name: witness.files(pid) for name, pid in pids},
            cpu={name: self._took(pid) / seconds
                 for name, pid in [*pids, ('cloud', self._cloud.pid),
                                   ('consumer', os.getpid())]})

    def _ask_cloud(self):
        self._cloud.stdin.write('\n')
        self._cloud.stdin.flush()
        return json.loads(self._cloud.stdout.readline())

    def _busy(self):
        """Seconds of CPU that were used on this machine since last time."""
        line, *_ = pathlib.Path('/proc/stat').read_text().splitlines()
        user, nice, system, _, _, *rest = map(int, line.split()[1:8])
        used = (user + nice + system + sum(rest)) / TICK
        before, self._used = self._used or used, used
        return used - before

    def _pids(self):
        master, *workers = processes.family(self.service.pid)
        return [('master', master), *(
            (daemon.title(pid).removeprefix('synchronizer: '), pid)
            for pid in workers)]

    def _size(self):
        if self.database is None:
            return self.file.stat().st_size
        return sql.execute(self.database.url,
                           "SELECT pg_database_size('soak')")[0][0]

    def _took(self, pid):
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
        fields = stat.rpartition(')')[2].split()
        took = (int(fields[11]) + int(fields[12])) / TICK
        before, self._cpu[pid] = self._cpu.get(pid, took), took
        return took - before


def _spread(values):
    """p50, p99 and most, in seconds; of nothing, nothing."""
    return [round(value, 4) for value in (
        hint_to_callback.percentile(values, 0.5),
        hint_to_callback.percentile(values, 0.99),
        max(values))] if values else []


# --- the answer ----------------------------------------------------------

def _milliseconds(spread):
    return [f'{1000 * value:.0f}' for value in spread] or ['-'] * 3


def table(samples):
    """Some of the samples, a line each."""
    names = sorted(samples[-1].memory)
    columns = ['s', 'ops/s', 'untold', 'CPUs', 'told/s',
               'commit to callback: p50', 'p99', 'cloud to callback: p50',
               'p99', 'journal', 'db MB']
    yield '; '.join(columns)
    yield '; '.join(f'{name}: MB, files, CPU %' for name in names)
    for sample in samples[::max(1, len(samples) // ROWS)]:
        yield ' '.join(f'{word:>6}' for word in (
            f'{sample.at:.0f}', f'{sample.steps:.0f}', sample.untold,
            f'{sample.busy:.1f}', f'{sample.changes:.0f}',
            *_milliseconds(sample.commit)[:2],
            *_milliseconds(sample.cloud)[:2], sample.journal,
            f'{sample.database / 1e6:.0f}')) + ' |' + ' |'.join(
                f'{sample.memory[name] / 1024:6.1f} {sample.files[name]:3} '
                f'{100 * sample.cpu[name]:4.0f}'
                for name in names if name in sample.memory)


def _slope(samples, value):
    """By how much a value grows in an hour."""
    times = [sample.at for sample in samples]
    return 3600 * statistics.linear_regression(
        times, [value(sample) for sample in samples]).slope


def _thirds(samples, value):
    """The medians of the middle and of the last third."""
    third = len(samples) // 3
    return [statistics.median(map(value, part)) for part in (
        samples[third:2 * third], samples[2 * third:])]


def verdict(args, samples):
    """(what is level or not, whether it is), a line each."""
    warm = _warm(args, samples)
    for name in sorted(set.intersection(*(set(one.memory) for one in warm))):
        mean = statistics.mean(one.memory[name] for one in warm)
        slope = _slope(warm, lambda one, name=name: one.memory[name])
        yield (f'memory of {name}: {mean / 1024:.1f} MB, {slope / 1024:+.2f} '
               'MB an hour' + ('' if args.seconds >= LONG else
                               ', which so short a run does not judge'),
               args.seconds < LONG or slope < GROWTH * mean)
        before, after = _thirds(warm, lambda one, name=name: one.files[name])
        yield (f'open files of {name}: {before:.0f}, later {after:.0f}',
               after <= before + 2)
    told = [one for one in warm if one.commit]
    for name in ('commit', 'cloud'):
        spreads = [value for one in told if (value := getattr(one, name))]
        before, after = _thirds(spreads, lambda spread: spread[1])
        yield (f'lag from {name} to callback: p50 '
               f'{1000 * statistics.median(s[0] for s in spreads):.0f} ms, '
               f'p99 of an interval {1000 * before:.0f} ms, later '
               f'{1000 * after:.0f} ms, most '
               f'{1000 * max(s[2] for s in spreads):.0f} ms',
               after <= 2 * before + 0.1)
    most = max(one.journal for one in warm)
    rate = max(one.changes for one in warm)
    yield (f'journal: at most {most} changes, {args.retention} wanted',
           most <= args.retention + 2 * TRIM * rate)
    before, after = _thirds(
        warm, lambda one: one.entities / max(1, one.servers))
    yield (f'servers held for each that there is: {before:.2f}, later '
           f'{after:.2f}', after <= AHEAD)


def kept(args, samples):
    """(whether the cloud did, and told, what it should, in a line; whether
    it did)."""
    warm = _warm(args, samples)
    steps = statistics.mean(one.steps for one in warm)
    dropped = warm[-1].dropped - samples[0].dropped
    untold = statistics.median(one.untold for one in warm)
    return (f'{steps:.0f} of {args.rate:.0f} operations a second; '
            f'{untold:.0f} changes still to be told of, {dropped} never; '
            f'{statistics.mean(one.changes for one in warm):.0f} changes a '
            'second in the mirror; '
            f'{statistics.mean(one.busy for one in warm):.1f} of '
            f'{os.cpu_count()} CPUs in use',
            steps >= KEPT * args.rate and not dropped
            and untold <= LATE * args.rate)


def _warm(args, samples):
    return [one for one in samples if one.at > WARM * args.seconds]


def main(arguments=None):
    args = parser().parse_args(arguments)
    wanted = [servers.RabbitServer]
    if args.database == 'postgresql':
        wanted.append(servers.PostgresServer)
    for kind in wanted:
        if kind.missing():
            raise SystemExit(f'{kind.name} is not installed')
    # the libraries below talk while connections are closed
    logging.basicConfig(level=logging.CRITICAL)
    with Soak(args) as soak:
        soak.live()
        level = soak.mirror.wait_synced(120) and not soak.mirror.verify()
    lines = [*verdict(args, soak.samples),
             ('the mirror equals the service in the end', level)]
    print(json.dumps(_plan(args), sort_keys=True))
    print(*table(soak.samples), sep='\n')
    for line, holds in lines:
        print(f'{"level" if holds else "NOT LEVEL"}: {line}')
    rate, is_kept = kept(args, soak.samples)
    print(f'{"kept" if is_kept else "NOT KEPT"}: {rate}')
    if not is_kept:
        print('this machine is too small, or too busy with other things, for '
              'this rate: the lines above judge it, not the service')
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps({
            'plan': _plan(args), 'verdict': lines, 'rate': [rate, is_kept],
            'samples': [vars(one) for one in soak.samples]}, indent=1))
    if not is_kept:
        return 2
    return 0 if all(holds for _, holds in lines) else 1


def _plan(args):
    """What was asked for, but for what is of this machine."""
    return {name: value for name, value in vars(args).items()
            if name not in ('json', 'log')}


if __name__ == '__main__':
    sys.exit(main())
