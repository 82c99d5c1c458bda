"""The proof itself: it is not content with a repair that does nothing, says nothing, or leaves something behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from demo.aws import CATALOGUE, EmulatedAws
from demo.aws.whole_state import WholeState
from diagnostics.finding import Fix
from diagnostics.write.snippets import command
from tests.accounts.asking import ask
from tests.repairs.proof import Proof
from tests.repairs.shell import HERE, Paste

NOTHING = "aws sts get-caller-identity --query Account --output text"
SCENARIO = CATALOGUE["role-explicit-deny"]
POLICY = {"role_name": "quarantined-execution", "policy_name": "quarantine"}
DENY = {"Statement": [{"Action": "ecr:*", "Effect": "Deny", "Resource": "*", "Sid": "Quarantine"}], "Version": "2012-10-17"}  # fmt: skip
REMOVE = command(SCENARIO.region, "iam", "delete-role-policy", **POLICY)
GOOD = Fix(
    title="Without the policy", text="Delete it.", cli=REMOVE,
    verify=command(SCENARIO.region, "iam", "list-role-policies", role_name="quarantined-execution") + " --query 'length(PolicyNames)' --output text",
    expect="0",
    undo=command(SCENARIO.region, "iam", "put-role-policy", **POLICY, policy_document=DENY),
)  # fmt: skip


@pytest.fixture(scope="module")
def proof_of(aws: EmulatedAws, paste: Paste) -> Callable[[str, Fix], Proof]:
    """The proof of a fix in the world of an explicit Deny, as it was broken."""
    aws.reset()
    account = SCENARIO.base(aws, SCENARIO.region)
    broken = SCENARIO.break_it(account)
    cause = ask(aws, SCENARIO.region, broken.task.arn).cause
    assert cause is not None
    as_broken = WholeState.of(aws)

    def proof_of(shell: str, fix: Fix) -> Proof:
        paste.shell = shell
        as_broken.put_back(aws)
        return Proof(aws, account, broken, paste, cause, fix)

    return proof_of


@pytest.mark.parametrize("shell", HERE)
@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"title": None}, "whole"),
        ({"cli": "aws iam delete-role-policy --role-name nobody --policy-name nothing"}, "pasted"),
        ({"cli": NOTHING, "undo": NOTHING}, "cured"),
        ({"verify": NOTHING}, "verified"),
        ({"verify": "aws iam get-role --role-name nobody"}, "verified"),
        ({"undo": "aws iam get-role --role-name nobody"}, "undone"),
        ({"undo": NOTHING}, "restored"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_repair_is_seen(
    proof_of: Callable[[str, Fix], Proof], shell: str, change: dict[str, str | None], step: str
) -> None:
    assert step in proof_of(shell, GOOD.model_copy(update=change)).failures()


@pytest.mark.parametrize("shell", HERE)
def test_a_good_one_passes(proof_of: Callable[[str, Fix], Proof], shell: str) -> None:
    assert proof_of(shell, GOOD).failures() == {}
