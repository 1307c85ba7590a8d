#!/bin/sh
# Installs the locked dependencies into .venv: sh app/bootstrap.sh LOCK STAMP
# One clear line for each thing that can be wrong with a machine; the details stay in .venv/install.log.
set -u
lock=$1 stamp=$2

fail() { echo "gongdan: $*" >&2; exit 1; }

# The newest Python the locks were made for; a newer one may still lack wheels.
find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.11 or newer (with venv) is needed and none was found: install it, or set PYTHON"
    mkdir -p .venv 2>/dev/null && [ -w .venv ] || fail "cannot write to $(pwd): choose a folder you may write to"
    "$python" -m venv --clear .venv >/dev/null 2>&1 || fail "$python could not make .venv: is its venv module installed?"
fi
[ -w .venv ] || fail "cannot write to $(pwd)/.venv: choose a folder you may write to"

echo "Installing dependencies (once; about a minute) …" >&2
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock" >.venv/install.log 2>&1 \
    && .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . >>.venv/install.log 2>&1 \
    || fail "could not install the dependencies: is the network there? (details: .venv/install.log)"
.venv/bin/python -m app.messages compile || fail "could not compile the message catalogues"
touch "$stamp"
