#!/bin/bash
#
# Installs the Debian packages that bindep.txt names, where they are missing
# and where we may: as root or by sudo that asks for no password.  Fails,
# with one line that says why, where it cannot.

set -uo pipefail
cd "$(dirname "$0")/.."

GUARD=/usr/sbin/policy-rc.d

function why_not {
    echo "$*"
    exit 1
}

# The packages must not start servers of their own.
function guard_services {
    [ -e "$GUARD" ] && return
    trap '$SUDO rm -f "$GUARD"' EXIT
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nexit 101\n' | $SUDO tee "$GUARD" >/dev/null
    $SUDO chmod 755 "$GUARD"
}

function apt {
    $SUDO env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null
}

wanted=$(sed -n 's/^\([a-z0-9.+-]*\).*\[.*test.*\].*/\1/p' bindep.txt)
missing=
for package in $wanted; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

SUDO=
if [ "$(id -u)" != 0 ]; then
    SUDO='sudo -n'
    $SUDO true 2>/dev/null ||
        why_not "cannot install$missing: neither root nor passwordless sudo"
fi
command -v apt-get >/dev/null || why_not "cannot install$missing: no apt-get"

log=$(mktemp)
echo "Installing$missing"
guard_services
apt update  # the lists may be good enough even if it fails
# shellcheck disable=SC2086
if ! apt install --no-install-recommends $missing; then
    tail -n 5 "$log"
    why_not "apt-get could not install$missing: $log"
fi
rm -f "$log"
