#!/bin/sh
# Installs the other evaluator into node_modules (ignored by git), without running any package's scripts.
set -eu
cd "$(dirname "$0")"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "setup.sh: node and npm are needed to compare the policy evaluator with another one" >&2
  exit 1
fi
npm ci --ignore-scripts --no-audit --no-fund
