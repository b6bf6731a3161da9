#!/bin/bash
#
# tools/venv.sh demo|test|docs
#
# Makes the virtual environment of this checkout and installs what the demo,
# the tests or the documents need.  PYTHON and VENV come from the Makefile.

set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

function die {
    echo "$*" >&2
    exit 1
}

# A python of 3.11 or newer: the one asked for, or one that says its version.
function find_python {
    local name
    for name in "$PYTHON" python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
                2>/dev/null; then
            echo "$name"
            return
        fi
    done
    die "Python 3.11 or newer is needed: make PYTHON=/path/to/python3"
}

function make_venv {
    local python
    [ -x "$VENV/bin/pip" ] && return
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "$python cannot make a virtual environment: apt-get install" \
            "python3-venv"
    "$python" -m venv "$VENV"
}

function install_for {
    local log=$VENV/install-$1.log
    case $1 in
        demo) set -- -e '.[demo]';;
        test) set -- -e '.[demo,etcd,mysql,postgresql,redis]' \
            -r test-requirements.txt;;
        docs) set -- -e . -r doc/requirements.txt;;
        *) die "usage: $0 demo|test|docs";;
    esac
    echo "Installing into $VENV; the first time takes a minute or two."
    "$VENV/bin/pip" install --disable-pip-version-check "$@" \
        >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "pip failed: $log"; }
}

make_venv
install_for "$1"
touch "$VENV/.installed-$1"
