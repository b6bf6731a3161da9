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


"""Run the faults by hand: ``make faults ARGS="--seconds 1800"``.

The last lines are the verdict: a broken promise each, or that all held. The
exit code is 1 if one was broken.
"""

import argparse
import json
import logging
import sys

from synchronizer.tests.functional.faults import databases
from synchronizer.tests.functional.faults import deployment
from synchronizer.tests.functional.faults import kinds
from synchronizer.tests.functional.faults import run as run_module


def parser():
    result = argparse.ArgumentParser(
        prog='python -m synchronizer.tests.functional.faults',
        description=__doc__.partition('\n\n')[2],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add, plan = result.add_argument, deployment.Plan()
    add('--seconds', type=float, default=plan.seconds,
        help='how long faults strike')
    add('--servers', type=int, default=plan.servers,
        help='servers of the cloud')
    add('--rate', type=float, default=plan.rate,
        help='operations of the cloud per second')
    add('--synchronizers', type=int, default=plan.synchronizers,
        help='how many share the work')
    add('--database', choices=databases.KINDS, default=plan.database,
        help='what they keep it in')
    add('--coordination', choices=deployment.BACK_ENDS,
        default=plan.coordination, help='where several agree on who collects '
        'what')
    add('--seed', type=int, default=plan.seed,
        help='the same seed draws the same faults in the same order')
    add('--only', metavar='WORD', action='append', default=[],
        help='only faults whose name or room has this in it; may be given '
        'several times; all without it')
    add('--log', metavar='FILE', help='write the logs of the synchronizers '
        'here; without it, their ends are shown if a promise was broken')
    add('--json', metavar='FILE', help='write the report here, too')
    return result


def report(run):
    """What happened, for people; the same as a dict."""
    print()
    for fault, times in sorted(run.struck.items()):
        print(f'{times:4} x {fault}' + ''.join(
            f'; {what} after {", ".join(f"{one:.1f}" for one in lengths)} s'
            for what, by_fault in run.claims.items()
            if (lengths := by_fault.get(fault))))
    for fault, why in run.missing.items():
        print(f'   - {fault}: cannot be had here: {why}')
    for name, figure in run.figures.items():
        print(f'{name}: {figure}')
    return {'plan': vars(run.plan), 'struck': dict(run.struck),
            'missing': run.missing, 'figures': run.figures,
            'claims': run.claims, 'broken': run.broken}


def main(arguments=None):
    args = parser().parse_args(arguments)
    only = tuple(kind for kind in kinds.KINDS if any(
        word in (kinds.name(kind), kind.room) or word in kinds.name(kind)
        for word in args.only)) if args.only else kinds.KINDS
    if not only:
        raise SystemExit(f'no fault is called {args.only}')
    plan = deployment.Plan(
        seed=args.seed, seconds=args.seconds, servers=args.servers,
        synchronizers=args.synchronizers, database=args.database,
        coordination=args.coordination, rate=args.rate)
    print(plan, flush=True)
    # the libraries of the consumers tell of each connection they lose
    logging.basicConfig(level=logging.CRITICAL)
    run = run_module.Run(plan, only, lambda text: print(
        text, flush=True)).execute()
    whole = report(run)
    if args.json:
        with open(args.json, 'w', encoding='utf-8') as file:
            json.dump(whole, file, indent=2)
    if args.log:
        with open(args.log, 'w', encoding='utf-8') as file:
            file.write(run.logs)
    elif run.broken:
        print(*run.logs.splitlines()[-100:], sep='\n')
    for sentence in run.broken:
        print(f'BROKEN: {sentence}')
    if not run.broken:
        print('every promise held')
    return 1 if run.broken else 0


if __name__ == '__main__':
    sys.exit(main())
