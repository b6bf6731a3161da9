#!/bin/bash
#
# tools/vitrage.sh
#
# Makes .venv-vitrage: an unmodified Vitrage and the clients that its own
# drivers use, for the functional tests that run it.  It is no requirement
# of ours; without it those tests are skipped.

set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-.venv/bin/python}
VENV=.venv-vitrage
LOG=$VENV/install.log

# Of what Vitrage only sets lower bounds for, the releases it was tried with.
PACKAGES=(
    vitrage==15.0.1
    'python-novaclient>=18,<19' 'python-cinderclient>=9,<10'
    'python-heatclient>=5,<6'
    'networkx>=3,<4' 'oslo.messaging>=17,<19' 'oslo.config>=10,<11'
    'SQLAlchemy>=2,<2.2' 'setuptools'
)

[ -e "$VENV/.installed" ] && exit 0
"$PYTHON" -m venv "$VENV"
echo '*' >"$VENV/.gitignore"
echo "Installing Vitrage into $VENV; it takes a minute."
if ! "$VENV/bin/pip" install --disable-pip-version-check "${PACKAGES[@]}" \
        >"$LOG" 2>&1; then
    tail -n 5 "$LOG" >&2
    echo "pip failed: $LOG" >&2
    exit 1
fi
touch "$VENV/.installed"
