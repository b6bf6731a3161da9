#!/bin/bash
#
# tools/test.sh [SUITE...]: by default unit, component and functional.
#
# The last line is "N passed, N failed, N skipped" over all suites.  Without
# RabbitMQ, MariaDB and PostgreSQL the functional suite is left out, and said
# so; with CI=true that is a failure.

set -uo pipefail
cd "$(dirname "$0")/.."

VENV=${VENV:-.venv}

[ $# -gt 0 ] || set -- unit component functional
suites=()
refused=

function missing_programs {
    "$VENV/bin/python" -m synchronizer.tests.functional.servers
}

for suite in "$@"; do
    if [[ $suite = functional* ]] && ! missing_programs >/dev/null; then
        tools/install-servers.sh
        why=$(missing_programs)
        case $? in
            0) ;;
            1)
                refused=yes
                echo "some functional tests are skipped: $why"
                ;;
            *)
                refused=yes
                echo "the suite $suite is left out: $why"
                continue
                ;;
        esac
    fi
    suites+=("$suite")
done

"$VENV/bin/python" tools/suites.py "${suites[@]}"
code=$?
[ -n "$refused" ] && [ "${CI:-}" = true ] && code=1
exit $code
