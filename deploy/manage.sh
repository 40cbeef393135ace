#!/bin/sh
# manage.sh COMMAND…: manage.py with the settings of the services (/etc/luojiang-ce.env) and as their account, so that it
# works on their database and makes files that they may read. Run by root.
set -eu
umask 077
cd "$(dirname "$0")/.."
# As systemd reads a line: a name, the sign, the rest, without blanks around either; the last line too where nothing ends
# it. Single quotes keep all that is in them, double ones take the \ before " \ ` $, without quotes every \ goes.
value_of() {
    printf '%s' "${1#*=}" | sed -e 's/^[[:blank:]]*//' \
        -e "/^'.*'\$/{s/^'\(.*\)'\$/\1/;b" -e '}' \
        -e '/^".*"$/{s/^"\(.*\)"$/\1/;s/\\\(["\\`$]\)/\1/g;b' -e '}' \
        -e 's/\\\(.\)/\1/g'
}
while read -r line || [ -n "$line" ]; do
    case $line in
        [A-Z]*=*)
            name=${line%%=*}
            export "${name%%[[:blank:]]*}=$(value_of "$line")"
            ;;
    esac
done < "${SETTINGS_FILE:-/etc/luojiang-ce.env}"
account=${SERVICE_ACCOUNT:-luojiang-ce}
if [ "$(id -un)" = "$account" ]; then
    exec .venv/bin/python manage.py "$@"
fi
exec runuser -u "$account" -- .venv/bin/python manage.py "$@"
