#!/bin/sh
# manage.sh COMMAND…: manage.py with the settings of the services (/etc/luojiang-ce.env) and as their account, so that it
# works on their database and makes files that they may read. Run by root.
set -eu
umask 077
cd "$(dirname "$0")/.."
# As systemd reads it: a name, the sign, the rest without blanks around it and quotes about it; the last line too where
# nothing ends it.
while IFS= read -r line || [ -n "$line" ]; do
    case $line in
        [A-Z]*=*)
            value=$(printf '%s' "${line#*=}" | sed -e 's/^[[:blank:]]*//' -e 's/[[:blank:]]*$//' -e "s/^'\\(.*\\)'\$/\\1/" -e 's/^"\(.*\)"$/\1/')
            export "${line%%=*}=$value"
            ;;
    esac
done < "${SETTINGS_FILE:-/etc/luojiang-ce.env}"
account=${SERVICE_ACCOUNT:-luojiang-ce}
if [ "$(id -un)" = "$account" ]; then
    exec .venv/bin/python manage.py "$@"
fi
exec runuser -u "$account" -- .venv/bin/python manage.py "$@"
