#!/bin/sh
# Makes sure this machine has the system packages the project stands on, and says so when it cannot.
#
#   deploy/system-packages.sh run      what `make demo` needs: a Python that can make a virtual environment
#   deploy/system-packages.sh test     the same, and what `make test` needs: PostgreSQL, Chromium, poppler-utils,
#                                      libzbar0, SoftHSM, OpenSSL and node (for the oracles alone)
#   deploy/system-packages.sh bench    what `make bench` needs beside Python: PostgreSQL, wrk and node (for a peer)
#
# A missing package is installed with apt when we are root or may become root through sudo. Otherwise one line names
# the packages and the exit code is 1: a test that was silently left out would be worse than one that failed.
# Written for Debian 12 and Ubuntu 24.04; elsewhere the same programs are looked for, never installed.
# It must never remove or upgrade anything, and must never run before it has said what it is about to install.
set -eu

PYTHON=${PYTHON:-python3}
WANTED=${1:-test}
missing=""

say() { printf '%s\n' "system-packages: $*" >&2; }
die() { say "$*"; exit 1; }
need() { missing="$missing $1"; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- what is there -------------------------------------------------------------------------------------------------

python_is_new_enough() { "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
# Debian takes ensurepip out of python3 and ships it in python3-venv: without it `python3 -m venv` fails half way.
python_makes_venvs() { "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; }

postgres_is_there() {
    [ -n "${TEST_DATABASE_URL:-}" ] && return 0
    for bin in /usr/lib/postgresql/*/bin/initdb; do
        [ -x "$bin" ] && return 0
    done
    return 1
}

# The name of a Chromium that really starts. On Ubuntu `chromium-browser` may be a stub that only says "install the
# snap", so being on the path proves nothing.
chromium_is_there() {
    for name in ${CHROMIUM:-} chromium chromium-browser google-chrome-stable google-chrome /snap/bin/chromium; do
        if have "$name" && "$name" --version 2>/dev/null | grep -qiE 'chrom(e|ium) [0-9]'; then
            return 0
        fi
    done
    return 1
}

zbar_is_there() {
    "$PYTHON" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("zbar") is None)' 2>/dev/null && return 0
    for library in /usr/lib/*/libzbar.so.0 /usr/lib/libzbar.so.0 /usr/local/lib/libzbar.so.0; do
        [ -e "$library" ] && return 0
    done
    return 1
}

# The oracles are written for the node of Debian 12; the product never needs one.
node_is_new_enough() { node -e 'process.exit(process.versions.node.split(".")[0] < 18 ? 1 : 0)' 2>/dev/null; }

need_node() {
    have node || need nodejs
    have npm || need npm
    have node && ! node_is_new_enough && die "node is $(node --version 2>&1); 18 or newer is needed for the oracles"
    return 0
}

# --- what is missing -----------------------------------------------------------------------------------------------

distribution=$(. "${OS_RELEASE:-/etc/os-release}" 2>/dev/null && printf '%s' "${ID:-unknown}") || distribution=unknown

have "$PYTHON" || die "no $PYTHON here; install Python 3.11 or newer: apt-get install python3 python3-venv"
python_is_new_enough || die "$PYTHON is $("$PYTHON" -V 2>&1); 3.11 or newer is needed (make PYTHON=/path/to/python3.12 ...)"
python_makes_venvs || need python3-venv

case $WANTED in
run) ;;
test)
    postgres_is_there || need postgresql
    have pdftoppm || need poppler-utils
    zbar_is_there || need libzbar0
    if ! chromium_is_there; then
        if [ "$distribution" = ubuntu ]; then
            # Ubuntu's package only forwards to the snap, which needs a running snapd.
            snap version >/dev/null 2>&1 || die "no working Chromium, and Ubuntu ships it only as a snap, which needs \
snapd: install Google Chrome's .deb, or set CHROMIUM to a Chromium binary, and run make test again"
            need chromium-browser
        else
            need chromium
        fi
    fi
    have softhsm2-util || need softhsm2
    have openssl || need openssl
    need_node
    ;;
bench)
    postgres_is_there || need postgresql
    have wrk || need wrk
    need_node
    ;;
*) say "unknown list '$WANTED' (run, test or bench)"; exit 2 ;;
esac

[ -n "$missing" ] || exit 0

# --- install or say so ---------------------------------------------------------------------------------------------

if ! have apt-get; then
    die "missing:$missing (Debian names; this machine has no apt-get): install them and run make again"
fi
if [ "$(id -u)" -eq 0 ]; then
    become=""
elif have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    become="sudo"
else
    die "missing:$missing - as root run: apt-get install$missing"
fi

say "installing with apt:$missing"
quiet_apt() { $become env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }
{ quiet_apt update && quiet_apt install --no-install-recommends $missing; } >&2 ||
    die "apt could not install:$missing - install them by hand and run make again"

# apt's word is not taken for it: what was missing is looked for again.
python_makes_venvs || die "$PYTHON still cannot make a virtual environment: install the venv package of that Python"
if [ "$WANTED" = test ]; then
    postgres_is_there || die "apt ran, but no PostgreSQL server binaries were found in /usr/lib/postgresql"
    have pdftoppm || die "apt ran, but pdftoppm (poppler-utils) is still missing"
    zbar_is_there || die "apt ran, but libzbar is still missing"
    have softhsm2-util || die "apt ran, but softhsm2-util is still missing"
    have openssl || die "apt ran, but openssl is still missing"
    have npm || die "apt ran, but npm is still missing"
    node_is_new_enough || die "apt ran, but there is still no node of version 18 or newer"
    chromium_is_there || die "apt ran, but no Chromium starts: install one and set CHROMIUM to its path"
fi
