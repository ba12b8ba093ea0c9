#!/bin/sh
# System packages that tests need, installed when we are root on Debian; elsewhere those tests are
# skipped and pytest lists them at the end.
set -eu
PATH=$PATH:/usr/sbin:/sbin
missing=
for pair in espeak-ng:espeak-ng flite:flite sox:sox ffmpeg:ffmpeg strace:strace \
    chromium:chromium chromedriver:chromium-driver \
    sshd:openssh-server sftp:openssh-client smbd:samba vsftpd:vsftpd \
    mariadbd:mariadb-server pg_ctlcluster:postgresql sipp:sip-tester; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update || exit 0
    # The servers are started by the tests, on loopback; Debian would start them for everybody.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
    fi
    # One after the other: a package that cannot be had must not keep the others out.
    for package in $missing; do
        apt-get -qq install -y --no-install-recommends "$package" >/dev/null 2>&1 ||
            echo "could not install $package; its tests are skipped"
    done
else
    echo "Not installed, their tests are skipped:$missing"
fi
