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

"""``python -m benchmarks``: one benchmark, some, or all of them."""

import argparse
import importlib
import logging
import sys

from benchmarks import report
from benchmarks import results

NAMES = ('sweeps', 'looks', 'starts', 'memory', 'hint_to_callback',
         'snapshots', 'crowds', 'streams', 'mirrors')
"""The modules, in the order in which they run."""

SIZES = {False: (1000, 10000, 100000), True: (1000, 3000)}


def parser():
    result = argparse.ArgumentParser(
        prog='python -m benchmarks',
        description='Measure, print each figure with the floor of the same '
        'run and their ratio, and write a table and plots for the '
        'documents. Without a name: all of them.')
    result.add_argument('names', nargs='*', metavar='NAME',
                        help=f'some of: {", ".join(NAMES)}')
    result.add_argument('--short', action='store_true',
                        help='small clouds, few repeats')
    result.add_argument('--sizes', type=int, nargs='+', metavar='N',
                        help='numbers of entities; as chosen by --short, if '
                        'none are given')
    result.add_argument('--seed', type=int, default=1,
                        help='the same seed makes the same cloud')
    result.add_argument('--dry', action='store_true',
                        help='only print; keep nothing, write nothing')
    return result


def main(arguments=None):
    args = parser().parse_args(arguments)
    unknown = set(args.names) - set(NAMES)
    if unknown:
        raise SystemExit(f'there is no {min(unknown)}; there are: '
                         f'{", ".join(NAMES)}')
    # the libraries below talk while connections are closed
    logging.basicConfig(level=logging.CRITICAL)
    options = results.Options(
        tuple(sorted(args.sizes or SIZES[args.short])), args.seed,
        args.short)
    holds = True
    for name in args.names or NAMES:
        print(f'---- {name}', flush=True)
        found = []
        for result in importlib.import_module(f'benchmarks.{name}').run(
                options):
            print(result, flush=True)
            found.append(result)
            holds = holds and result.holds is not False
        if not args.dry:
            results.save(name, found, options)
    if not args.dry:
        report.write()
    # small clouds have costs of their own: a short form judges nothing
    return 0 if holds or args.short else 1


if __name__ == '__main__':
    sys.exit(main())
