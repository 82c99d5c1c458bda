#!/bin/sh
# Sees to it that the browser test has a Chromium: installs it on Debian as root, elsewhere says what is missing.
set -eu

found() { command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1; }

found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser test ..."
    apt-get update -q >/dev/null || true
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium chromium-driver >/dev/null || true
fi
found || {
    echo "****************************************************************************" >&2
    echo "* No chromium and chromedriver here: THE BROWSER TEST WILL BE SKIPPED.      *" >&2
    echo "* On Debian or Ubuntu: apt-get install chromium chromium-driver             *" >&2
    echo "****************************************************************************" >&2
}
