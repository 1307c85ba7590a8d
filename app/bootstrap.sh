#!/bin/sh
# Installs the locked dependencies into .venv, unless they are there: sh app/bootstrap.sh LOCK STAMP
# The stamp holds a checksum of what was installed: a checkout that touches files without changing them costs nothing.
# One clear line for each thing that can be wrong with a machine; the details stay in .venv/install.log.
set -u
lock=$1 stamp=$2

fail() { echo "gongdan: $*" >&2; exit 1; }

sum_of() { cat "$@" 2>/dev/null | cksum; }

says() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

# Messages change oftener than dependencies; their compiled catalogues are not kept in the repository.
compile_messages() {
    words=$(sum_of app/translations/*/LC_MESSAGES/messages.po)
    says .venv/messages.stamp "$words" && return
    .venv/bin/python -m app.messages compile || fail "could not compile the message catalogues"
    echo "$words" >.venv/messages.stamp
}

wanted=$(sum_of "$lock" pyproject.toml)
if [ -x .venv/bin/gongdan ] && says "$stamp" "$wanted"; then
    compile_messages
    exit 0
fi

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
# The lock names every package there is: what each of them asks for need not be worked out again.
.venv/bin/python -m pip install -q --disable-pip-version-check --no-compile --no-deps --require-hashes -r "$lock" >.venv/install.log 2>&1 \
    && .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . >>.venv/install.log 2>&1 \
    || fail "could not install the dependencies: is the network there? (details: .venv/install.log)"
# pip compiles one module after the other, this on all cores; what does not compile is none that is imported, and
# what is not imported, a half of them, need not be compiled: installers, what mypy has in C, places of phone numbers.
unused='/(pip|setuptools|mypy|mypyc|pygments|graphql)/|/phonenumbers/(geo|carrier|tz)data/'
.venv/bin/python -m compileall -q -j 0 -x "$unused" .venv/lib >/dev/null 2>&1
compile_messages
echo "$wanted" >"$stamp"
# What tests need contains what the service needs.
[ "$lock" != requirements-dev.lock ] || sum_of requirements.lock pyproject.toml >.venv/run.stamp
