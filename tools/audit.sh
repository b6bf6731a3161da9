#!/bin/bash
#
# tools/audit.sh
#
# Asks PyPI which of the packages that an installation of ours brings along
# have known holes; fails if one has.

set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for name in synchronizer audit; do
    "$PYTHON" -m venv "$work/$name"
done
"$work/synchronizer/bin/pip" install --quiet --disable-pip-version-check \
    '.[mysql,postgresql,etcd,redis]'
"$work/audit/bin/pip" install --quiet --disable-pip-version-check pip-audit
"$work/audit/bin/pip-audit" --skip-editable \
    --path "$("$work/synchronizer/bin/python" -c \
        'import sysconfig; print(sysconfig.get_path("purelib"))')"
