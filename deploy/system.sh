#!/usr/bin/env bash
# System packages that pip cannot bring: installed through apt where that is allowed, otherwise named.
#   deploy/system.sh python PYTHON | run | test
set -uo pipefail

missing=()
need() { # need PACKAGE COMMAND...: the package is missing unless the command succeeds
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
library() { [ -n "$(find /usr/lib /usr/local/lib /lib -name "$1*" -print -quit 2>/dev/null)" ]; }
font() { fc-list 2>/dev/null | grep -iE "$1"; }
executable() { command -v "$1"; }
postgres() { executable initdb || ls /usr/lib/postgresql/*/bin/initdb; }
nginx_there() { executable nginx || [ -x /usr/sbin/nginx ]; }
browser() { executable chromium || executable chromium-browser || executable google-chrome; }

for_run() {
    need libpango-1.0-0 library libpango-1.0.so.0
    need libpangoft2-1.0-0 library libpangoft2-1.0.so.0
    need libharfbuzz-subset0 library libharfbuzz-subset.so.0
    need fontconfig executable fc-list
    need fonts-noto-cjk font 'Noto Serif CJK'
    need fonts-arphic-ukai font 'UKai'
    need fonts-arphic-uming font 'UMing'
}

for_test() {
    for_run
    need chromium browser
    need chromium-headless-shell executable chromium-headless-shell
    need postgresql postgres
    need redis-server executable redis-server
    need poppler-utils executable pdftoppm
    need nginx-light nginx_there
    need openssl executable openssl
    need libfaketime library libfaketimeMT.so
}

case "${1:-run}" in
python)
    "$2" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || {
        echo "需要 Python 3.11、3.12 或 3.13（现在是 $("$2" --version 2>&1)）。装好后可用 make run PYTHON=python3.12 指定" >&2
        exit 1
    }
    need python3-venv "$2" -c 'import venv, ensurepip'
    ;;
run) for_run ;;
test) for_test ;;
esac

[ ${#missing[@]} -eq 0 ] && exit 0

sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"
if command -v apt-get >/dev/null && $sudo true 2>/dev/null; then
    echo "正在安装系统软件：${missing[*]}"
    log=$(mktemp)
    {
        $sudo apt-get update -qq
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
    } >"$log" 2>&1 && exit 0
    tail -5 "$log" >&2
fi
echo "缺少系统软件，请管理员安装后再运行：apt-get install ${missing[*]}" >&2
[ "${1:-run}" = test ] && exit 0 # the tests say themselves what they could not run
exit 1
