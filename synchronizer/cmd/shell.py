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

"""synchronizer: the user's command, which asks the service over the bus."""

from collections.abc import Sequence
import os
import sys

PROGRAM = 'synchronizer'
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; the exit code.

    Without arguments given, those of the process, which then ends here: the
    bus may have threads left that take their time, or hang.
    """
    if argv is None:
        code = run(sys.argv[1:])
        sys.stderr.flush()
        os._exit(code)
    return run(list(argv))


def run(arguments: list[str]) -> int:
    """The same, for whoever goes on afterwards."""
    try:
        # it takes its time, and may be interrupted meanwhile
        from synchronizer.cmd.user import app
        code = app.Shell().run(arguments or ['--help'])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        code = PIPE_CLOSED
    except OSError as error:
        # the last of the output could not be written
        sys.stderr.write(f'{PROGRAM}: {error}\n')
        return 1
    if code == PIPE_CLOSED:
        _let_go()
    return code


def _let_go() -> None:
    """Whoever read our output has enough of it: what is left goes nowhere,
    and nobody complains at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == '__main__':
    sys.exit(main())
