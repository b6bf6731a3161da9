#!/bin/bash
#
# The checks of style, as .pre-commit-config.yaml has them, but from the
# virtual environment and over every file.

set -uo pipefail
cd "$(dirname "$0")/.."

VENV=${VENV:-.venv}
export PATH=$PWD/$VENV/bin:$PATH
code=0

function check {
    echo "---- $1"
    "$@" || code=1
}

mapfile -t scripts < <(git ls-files -co --exclude-standard 'tools/*.sh' \
    '.ci/*' 'devstack/*' | xargs -r grep -lE '^#!/bin/(ba)?sh')

check ruff check
check bandit -q -c pyproject.toml -r synchronizer
check flake8
check bashate "${scripts[@]}"
check doc8 doc/source releasenotes/notes README.rst CONTRIBUTING.rst \
    HACKING.rst
exit $code
