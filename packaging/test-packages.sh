#!/bin/sh
# System packages that tests need, installed when we are root on Debian; elsewhere those tests are
# skipped and pytest lists them at the end.
set -eu
missing=
for pair in espeak-ng:espeak-ng flite:flite sox:sox ffmpeg:ffmpeg strace:strace \
    chromium:chromium chromedriver:chromium-driver; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update || exit 0
    # One after the other: a package that cannot be had must not keep the others out.
    for package in $missing; do
        apt-get -qq install -y --no-install-recommends "$package" >/dev/null 2>&1 ||
            echo "could not install $package; its tests are skipped"
    done
else
    echo "Not installed, their tests are skipped:$missing"
fi
