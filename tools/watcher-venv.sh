#!/bin/bash
#
# tools/watcher-venv.sh [DIRECTORY]: an environment with an unmodified
# Watcher from PyPI, for the tests of synchronizer.integrations.watcher.
#
# Nothing of ours is installed into it.  Prints what to set for the tests.

set -euo pipefail
cd "$(dirname "$0")/.."

DIRECTORY=${1:-.venv-watcher}
WATCHER=${WATCHER:-python-watcher==17.0.0}

if [ ! -x "$DIRECTORY/bin/watcher-decision-engine" ]; then
    "${PYTHON:-python3}" -m venv "$DIRECTORY"
    "$DIRECTORY/bin/pip" install --quiet --disable-pip-version-check \
        "$WATCHER" ${CONSTRAINTS:+-c "$CONSTRAINTS"}
fi
echo "SYNCHRONIZER_WATCHER_PYTHON=$(realpath "$DIRECTORY")/bin/python"
