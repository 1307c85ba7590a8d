#!/bin/sh
# What the tests need besides Python: Chromium, its languages, CJK fonts, PostgreSQL.
set -u
missing=
command -v chromium >/dev/null || missing="$missing chromium"
[ -e /usr/share/doc/chromium-l10n ] || missing="$missing chromium-l10n"
[ -e /usr/share/doc/fonts-noto-cjk ] || missing="$missing fonts-noto-cjk"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$missing postgresql"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing …" >&2
    log=$(mktemp)
    # PostgreSQL's package would start a server of its own; the tests start theirs.
    if apt-get update -q >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -q --no-install-recommends $missing >>"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 3 "$log" >&2
fi
echo "gongdan: the tests need$missing: install them and run make test again" >&2
exit 1
