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

"""Run suites of tests with stestr and count over all of them.

``tools/suites.py unit component functional`` prints what stestr prints, then
``failed: NAME`` and why for each that did, for those who see only the end of
it, and as its last line ``N passed, N failed, N skipped``.  It fails if a test
failed, if a suite could not be loaded or took too long, or if nothing ran.
"""

import collections
import os
import pathlib
import signal
import subprocess
import sys

from stestr.repository import abstract
from stestr.repository import file as stestr_file
import testtools

TOP = pathlib.Path(__file__).resolve().parent.parent
TESTS = pathlib.Path('synchronizer', 'tests')

# what waits most of the time: take-overs, and storms of faults
LONG = r'\.functional\.(faults|test_hosts)\.'

# suite, its folder up to a dash: (arguments of stestr, seconds for all of it)
SUITES = {
    'unit': (['--concurrency', '2'], 600),
    'component': (['--concurrency', '2'], 600),
    'functional': (['--serial'], 2700),
    'functional-long': (['--serial', LONG], 1500),
    'functional-short': (['--serial', '--exclude-regex', LONG], 2700),
    'cloud': (['--serial'], 2700),
}
BESIDE = ('functional-long', 'cloud')
"""Those that may run beside another one."""

DEFAULTS = {'OS_STDOUT_CAPTURE': '1', 'OS_STDERR_CAPTURE': '1',
            'OS_LOG_CAPTURE': '1', 'PYTHONWARNINGS': 'ignore'}
BIN = str(pathlib.Path(sys.executable).parent)


class Count(collections.Counter):
    """Passed, failed and skipped tests."""

    def __str__(self):
        return ', '.join(f'{self[word]} {word}'
                         for word in ('passed', 'failed', 'skipped'))


WORDS = {'success': 'passed', 'xfail': 'passed', 'skip': 'skipped'}


def _repository(place):
    """Open what stestr remembers its runs in; the first run makes it."""
    factory = stestr_file.RepositoryFactory()
    try:
        return factory.open(str(place))
    except abstract.RepositoryNotFound:
        place.mkdir(parents=True, exist_ok=True)
        return factory.initialise(str(place))


def read_run(run):
    """Count the tests of a run of stestr, and say which failed and why.

    One that never ended failed.
    """
    count = Count()
    why = {}

    def see(test):
        word = WORDS.get(test['status'], 'failed')
        count[word] += 1
        if word == 'failed':
            why[test['id']] = _end_of(test)

    result = testtools.StreamToDict(see)
    result.startTestRun()
    run.get_test().run(result)
    result.stopTestRun()
    return count, why


def _end_of(test):
    """What it says of why it failed, as far as a glance goes."""
    if test['status'] == 'inprogress':
        return 'it never ended'
    says = [details.as_text() for name, details in test['details'].items()
            if name.startswith('traceback')]
    return '\n'.join('\n'.join(says).splitlines()[-12:])


def _environment():
    """Let stestr, and the programs under test, come from this venv."""
    return {**DEFAULTS, **os.environ, 'PYTHON': sys.executable,
            'PATH': os.pathsep.join((BIN, os.environ['PATH']))}


def _wait(command, seconds):
    """Run a command in a process group of its own, for so long at most."""
    process = subprocess.Popen(command, cwd=TOP, process_group=0,
                               stdin=subprocess.DEVNULL,
                               env=_environment())
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        print(f'ended after {seconds} seconds')
        return 1
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def run_suite(name):
    """Run one suite; return its count, and why each failed that did."""
    arguments, seconds = SUITES[name]
    folder = TESTS / name.partition('-')[0]
    if not any((TOP / folder).rglob('test_*.py')):
        print(f'{name}: no tests')
        return Count(), {}
    place = TOP / f'.stestr-{name}' if name in BESIDE else TOP
    run_id = _repository(place).count()
    command = [sys.executable, '-m', 'stestr', '--test-path', str(folder),
               '--repo-url', str(place), 'run', *arguments]
    print(f'---- {name}', flush=True)
    code = _wait(command, seconds)
    repository = _repository(place)
    # a suite that cannot even be imported leaves no run behind
    count, why = (read_run(repository.get_test_run(run_id))
                  if repository.count() > run_id else (Count(), {}))
    if code and not count['failed']:
        count['failed'] += 1
        why[name] = 'it ended with none that failed, and not well'
    print(f'{name}: {count}', flush=True)
    return count, why


def _interrupt(number, frame):
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, _interrupt)
    # a shell that runs us in the background has it ignored, and so would
    # be every program under test
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unknown = sorted(set(sys.argv[1:]) - set(SUITES))
    if unknown:
        print(f'no such suite: {", ".join(unknown)}; there are '
              f'{", ".join(SUITES)}', file=sys.stderr)
        return 2
    total = Count()
    failures = {}
    for name in sys.argv[1:]:
        count, why = run_suite(name)
        total.update(count)
        failures.update(why)
    for name, end in failures.items():
        print(f'failed: {name}\n{end}')
    print(total)
    return 1 if total['failed'] or not total['passed'] else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
