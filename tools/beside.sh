#!/bin/sh
# Runs a short command beside a long one, and fails where either does:
#   sh tools/beside.sh NAME SHORT LONG
# What LONG prints is seen as it comes. What SHORT prints is kept apart: where it fails, that is said at once under NAME, and
# all of it again at the end, below whatever LONG printed meanwhile.
set -u
name=$1
said=$(mktemp)
trap 'rm -f "$said"' EXIT
trap 'exit 130' INT
trap 'kill "$beside" 2>/dev/null; exit 143' TERM

{
    sh -c "$2" >"$said" 2>&1
    status=$?
    if [ "$status" != 0 ]; then
        printf '\n%s failed; the rest still runs:\n' "$name"
        cat "$said"
    fi
    exit "$status"
} >&2 &
beside=$!

sh -c "$3"
long=$?
wait "$beside"
short=$?
if [ "$short" != 0 ]; then
    printf '\n%s failed:\n' "$name"
    cat "$said"
fi >&2
[ "$long" != 0 ] && exit "$long"
exit "$short"
