#!/bin/sh
# Makes a virtual environment with the pinned requirements: sh tools/venv.sh FOLDER
set -eu
folder=$1

# An environment that is active must not leak into the new one.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV

find_python() {
    for name in python3.13 python3.12 python3.11 python3 python3.14; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

python=$(find_python) || {
    if is_debian_root; then
        echo "Installing Python from Debian's packages ..."
        apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qy python3 python3-venv >/dev/null
        python=$(find_python) || { echo "pullcheck needs Python 3.11 or newer." >&2; exit 1; }
    else
        echo "pullcheck needs Python 3.11 or newer; install it, then run make again." >&2
        exit 1
    fi
}

echo "Making $folder with $("$python" --version) ..."
rm -rf "$folder"
if ! "$python" -m venv "$folder" >/dev/null 2>&1; then
    if is_debian_root; then
        apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qy python3-venv >/dev/null
        "$python" -m venv "$folder"
    else
        echo "Python's venv module does not work here; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
