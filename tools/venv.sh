#!/bin/sh
# Makes a virtual environment with pinned packages, or adds packages to one, and says what it does:
#   sh tools/venv.sh FOLDER LIST STAMP
# LIST is a requirements file, and STAMP the file in FOLDER that says that it is installed. Where there is a STAMP already,
# the list changed since: it is installed into a new environment, so that nothing of the old one stays.
set -eu
folder=$1
list=$2
stamp=$3

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

debian_packages() {
    echo "Installing $* from Debian's packages ..."
    apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qy "$@" >/dev/null
}

make_folder() {
    python=$(find_python) || {
        if is_debian_root; then
            debian_packages python3 python3-venv
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
            debian_packages python3-venv
            "$python" -m venv "$folder"
        else
            echo "Python's venv module does not work here; on Debian and Ubuntu: apt-get install python3-venv" >&2
            exit 1
        fi
    fi
}

# One line for each step of pip's long output.
told() {
    awk '
        function megabytes(line) {
            if (!match(line, /\([0-9.]+ [kM]B\)$/)) return 0
            split(substr(line, RSTART + 1, RLENGTH - 2), size, " ")
            return size[2] == "kB" ? size[1] / 1000 : size[1]
        }
        /^ *Downloading .*\.(whl|tar\.gz|zip) \(/ { fetched++; mb += megabytes($0) }
        /^ *(Using cached|Processing) .*\.(whl|tar\.gz|zip)/ { kept++ }
        /^Installing collected packages: / {
            printf "Downloaded %d packages, %.1f MB", fetched, mb
            if (kept) printf ", and found %d on this machine", kept
            print "; unpacking ..."
            fflush()
        }
    '
}

if [ -L "$folder" ]; then
    echo "$folder is a link to an environment that somebody else keeps, and $list is newer than what is installed there." >&2
    echo "Install $list there and touch $stamp, or remove the link; then run make again." >&2
    exit 1
fi
if [ ! -x "$folder/bin/python" ] || [ -e "$stamp" ]; then
    make_folder
fi
started=$(date +%s)
before=$(du -sk "$folder" | cut -f1)
echo "Installing $(grep -c '^[a-z0-9].*==' "$list") packages of $list, less those that are there already ..."
log=$folder/pip.log
: >"$log"
pip() { "$folder/bin/python" -m pip "$@" --disable-pip-version-check; }
set_in_pip() { pip config get "global.$1" 2>/dev/null || true; }

# uv unpacks in a tenth of the time, where the list pins it. It does not know where pip looks on this machine, so it is told,
# by variables, for an address may hold a password. Each package must have its hash, so it may come from any of the places.
with_uv() {
    awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' "$list" >"$folder/uv.txt"
    [ -s "$folder/uv.txt" ] || return 1
    pip install --no-compile --quiet --require-hashes -r "$folder/uv.txt" >>"$log" 2>&1 || return 1
    (
        : "${UV_INDEX=${PIP_EXTRA_INDEX_URL:-$(set_in_pip extra-index-url)}}"
        : "${UV_DEFAULT_INDEX=${PIP_INDEX_URL:-$(set_in_pip index-url)}}"
        : "${UV_FIND_LINKS=$(echo ${PIP_FIND_LINKS:-$(set_in_pip find-links)} | tr ' ' ,)}"
        : "${SSL_CERT_FILE=${PIP_CERT:-$(set_in_pip cert)}}"
        for name in UV_INDEX UV_DEFAULT_INDEX UV_FIND_LINKS SSL_CERT_FILE; do
            eval "[ -z \"\$$name\" ]" && unset "$name" || export "${name?}"
        done
        UV_INDEX_STRATEGY=unsafe-best-match UV_LINK_MODE=copy \
            "$folder/bin/uv" pip install --quiet --python "$folder/bin/python" --require-hashes -r "$list" >>"$log" 2>&1
    )
}

if ! with_uv; then
    {
        pip install --no-compile --progress-bar off --require-hashes -r "$list" 2>&1
        echo $? >"$folder/pip.status"
    } | tee -a "$log" | told
    if [ "$(cat "$folder/pip.status")" != 0 ]; then
        tail -n 20 "$log" >&2
        echo "The packages of $list could not be installed; all of what pip said is in $log." >&2
        exit 1
    fi
fi
echo "Compiling $((($(du -sk "$folder" | cut -f1) - before) / 1000)) MB of packages ..."
# pip would do it with one processor. Some packages hold files for another Python, which do not compile; of the largest
# the tools load a small part, or have it in C.
"$folder/bin/python" -m compileall -q -j 0 -x '/(sympy|mpmath|networkx|mypy|mypyc|pygments|pip|setuptools|docutils|trio)/' \
    "$folder"/lib/python3*/site-packages >"$folder/compile.log" 2>&1 || true
added=$(($(du -sk "$folder" | cut -f1) - before))
echo "Installed in $folder: $((added / 1000)) MB more, in $(($(date +%s) - started)) s."
touch "$stamp"
