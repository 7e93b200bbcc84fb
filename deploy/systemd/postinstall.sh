#!/bin/sh
# Creates the user and loads the unit. The service is not started: it needs an account and regions first.
set -e
# dpkg calls it for other reasons than an installation, too; rpm passes a number.
case "$1" in configure | 1 | 2) ;; *) exit 0 ;; esac
if ! getent passwd ecsd >/dev/null; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers /usr/lib/sysusers.d/ecsd.conf
  else
    useradd --system --user-group --no-create-home --home-dir /var/lib/ecsd --shell /usr/sbin/nologin ecsd
  fi
fi
chgrp ecsd /etc/ecsd/ecsd.yaml
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart ecsd.service
fi
