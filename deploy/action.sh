#!/usr/bin/env bash
# What action.yml runs: checks the inputs (GitHub does not enforce `required`), installs the pinned requirements, and asks.
set -euo pipefail

fail() {
  message=${1//'%'/'%25'}
  message=${message//$'\r'/'%0D'}
  message=${message//$'\n'/'%0A'}
  echo "::error title=pullcheck::$message"
  exit 2
}

input() {
  local name="PULLCHECK_INPUT_$1"
  printf '%s' "${!name:-}"
}

use=$(input USE)
cluster=$(input CLUSTER)
service=$(input SERVICE)
fail_on=$(input FAIL_ON)
[[ $use == preflight || $use == deployment ]] || fail "The input use is '$use'; it must be preflight or deployment."
[[ -n $cluster ]] || fail "The input cluster is missing, for example: cluster: payments"
[[ $fail_on == cause || $fail_on == undecided || $fail_on == never ]] ||
  fail "The input fail-on is '$fail_on'; it must be cause, undecided or never."

words=(--format github)
[[ -z $(input REGION) ]] || words+=("--region=$(input REGION)")
if [[ $use == deployment ]]; then
  [[ -n $service ]] || fail "The input service is missing, for example: service: payments-api"
  words=(deployment "$cluster/$service" "--wait=$(input WAIT)" "${words[@]}")
else
  definition=$(input TASK_DEFINITION)
  [[ -n $definition ]] || fail "The input task-definition is missing, for example: task-definition: taskdef.json"
  [[ $definition != -* ]] || fail "The input task-definition is '$definition'; give a file, family[:revision] or an ARN."
  words=(preflight "$definition" "--cluster=$cluster" "${words[@]}")
  [[ -z $service ]] || words+=("--service=$service")
  [[ -z $(input SUBNETS) ]] || words+=("--subnets=$(input SUBNETS)")
  [[ -z $(input SECURITY_GROUPS) ]] || words+=("--security-groups=$(input SECURITY_GROUPS)")
  [[ $(input ASSIGN_PUBLIC_IP) != true ]] || words+=(--assign-public-ip)
  [[ -z $(input LAUNCH_TYPE) ]] || words+=("--launch-type=$(input LAUNCH_TYPE)")
  [[ -z $(input CAPACITY_PROVIDER) ]] || words+=("--capacity-provider=$(input CAPACITY_PROVIDER)")
  [[ -z $(input JUNIT) ]] || words+=("--save=$RUNNER_TEMP/pullcheck-case.json")
fi

python=$(input PYTHON)
home="${RUNNER_TEMP:?}/pullcheck"
if [[ -z ${ACTION_PYTHON:-} ]]; then
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python is older than Python 3.11; name a newer one with the input python."
  "$python" -m venv "$home"
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$GITHUB_ACTION_PATH/requirements.txt"
  ACTION_PYTHON="$home/bin/python"
fi

status=0
PYTHONPATH="$GITHUB_ACTION_PATH" "$ACTION_PYTHON" -m diagnostics "${words[@]}" || status=$?
echo "status=$status" >> "$GITHUB_OUTPUT"
if [[ $use == preflight && -n $(input JUNIT) && -f $RUNNER_TEMP/pullcheck-case.json ]]; then
  PYTHONPATH="$GITHUB_ACTION_PATH" "$ACTION_PYTHON" -m diagnostics --replay "$RUNNER_TEMP/pullcheck-case.json" --format junit > "$(input JUNIT)" || true
fi
case $status in
  0) ;;
  1) [[ $fail_on == never ]] || exit 1 ;;
  3) [[ $fail_on != undecided ]] || exit 3 ;;
  *) exit "$status" ;;
esac
