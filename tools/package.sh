#!/bin/bash
#
# tools/package.sh [DIRECTORY]
#
# Makes the sdist and the wheel in DIRECTORY (dist), and tries each of them in
# a bare virtual environment: all programs, the schema, the files beside them.

set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
DIST=$(realpath -m "${1:-dist}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# bare NAME: a new virtual environment
function bare {
    "$PYTHON" -m venv "$work/$1"
    "$work/$1/bin/pip" config --site set \
        global.disable-pip-version-check true >/dev/null
}

# try ARCHIVE: install it where nothing else is, and use it
function try {
    local name=${1##*/}
    local program
    echo "---- $name"
    bare "$name"
    cd "$work"
    "$name/bin/pip" install --quiet "$1"
    for program in synchronizer synchronizer-manage synchronizer-service \
            synchronizer-status; do
        "$name/bin/$program" --version
        "$name/bin/$program" --help >/dev/null
    done
    "$name/bin/synchronizer-manage" --state-path "$work/$name/state" \
        --config-file "$name/etc/synchronizer/synchronizer.conf" db upgrade
    ls "$name/share/synchronizer/systemd/synchronizer.service"
    cd - >/dev/null
}

bare build
"$work/build/bin/pip" install --quiet build
rm -rf "$DIST"
"$work/build/bin/python" -m build --outdir "$DIST" . >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; exit 1; }
for archive in "$DIST"/*.whl "$DIST"/*.tar.gz; do
    try "$archive"
done
