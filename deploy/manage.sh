#!/bin/sh
# manage.sh COMMAND…: manage.py with the settings of the services (/etc/luojiang-ce.env) and as their account, so that it
# works on their database and makes files that they may read. Run by root.
set -eu
umask 077
cd "$(dirname "$0")/.."
while IFS= read -r line; do
    # As systemd reads it: a name, the sign, the rest as it stands.
    case $line in [A-Z]*=*) export "$line" ;; esac
done < "${SETTINGS_FILE:-/etc/luojiang-ce.env}"
account=${SERVICE_ACCOUNT:-luojiang-ce}
if [ "$(id -un)" = "$account" ]; then
    exec .venv/bin/python manage.py "$@"
fi
exec runuser -u "$account" -- .venv/bin/python manage.py "$@"
