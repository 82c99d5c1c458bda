"""Files in S3 beside an error text: which of the two decides, and what is a matter of the network."""

from __future__ import annotations

import pytest

from diagnostics import report
from diagnostics.finding import Report
from tests.build import ROLE_ARN, Edit, changed, endpoints, fargate, stopped
from tests.build.network import egress
from tests.build.permissions import inline
from tests.build.tasks import container
from tests.faults.files.buckets import (
    BUCKET_ARN,
    FILE,
    MAY_LOCATE,
    MAY_READ,
    bucket,
    endpoint_policy,
    env_file,
    for_all,
    no_bucket,
    s3_router,
    unread,
)

TEXT = "ResourceInitializationError: failed to download env files: file download command: non empty error stream: "
REFUSED = stopped(f"{TEXT}AccessDenied: Access Denied status code: 403, request id: 0")
CANCELED = stopped(f"{TEXT}RequestCanceled: request context canceled caused by: context deadline exceeded")
UNCLEAR = stopped(f"{TEXT}something new")
may = inline("files", MAY_READ, MAY_LOCATE)
closed = egress()


def of(*edits: Edit) -> Report:
    return report.build(changed(fargate(), env_file, *edits))


def causes(answer: Report) -> dict[str, tuple[str, str]]:
    """Role and certainty of each cause."""
    return {item.id: (item.role, item.certainty) for item in answer.causes}


def test_what_the_facts_prove_is_confirmed() -> None:
    answer = of(bucket(), REFUSED)
    assert answer.verdict.outcome == "cause_found"
    assert causes(answer) == {"env-file-unreadable": ("cause", "confirmed")}
    assert "cannot read its environment files, before the pull" in answer.verdict.headline
    assert answer.causes[0].resources == (ROLE_ARN, FILE)


@pytest.mark.parametrize(
    "edit",
    [no_bucket, bucket(for_all("Deny", "s3:*", f"{BUCKET_ARN}/*"))],
    ids=["no bucket", "the bucket's policy"],
)
def test_so_is_what_the_bucket_says(edit: Edit) -> None:
    assert causes(of(may, edit, REFUSED)) == {"env-file-unreadable": ("cause", "confirmed")}


def test_what_the_text_alone_says_is_likely() -> None:
    assert causes(of(may, unread(), REFUSED)) == {"env-file-unreadable": ("cause", "likely")}
    assert causes(of(may, bucket(), REFUSED)) == {"env-file-unreadable": ("cause", "likely")}


def test_a_role_that_may_not_is_no_reason_for_no_answer() -> None:
    """The security group lets nothing out; the role is what comes after that."""
    found = causes(of(bucket(), closed, CANCELED))
    assert found["sg-egress-blocked"] == ("cause", "confirmed")
    assert found["env-file-unreadable"][0] == "next"


def test_a_closed_group_is_no_reason_for_a_refusal() -> None:
    found = causes(of(bucket(), closed, REFUSED))
    assert found["env-file-unreadable"] == ("cause", "confirmed")
    assert found["sg-egress-blocked"][0] != "cause"


def test_an_unclear_text_leaves_both() -> None:
    found = causes(of(bucket(), closed, UNCLEAR))
    assert {item: role for item, (role, _) in found.items()} == {
        "sg-egress-blocked": "cause",
        "env-file-unreadable": "cause",
    }


@pytest.mark.parametrize("text", [CANCELED, UNCLEAR], ids=["no answer", "unclear"])
def test_nothing_found_is_no_all_clear(text: Edit) -> None:
    """Nobody looked if the file is there."""
    assert of(may, bucket(), text).verdict.outcome == "undecided"


def test_without_a_text_a_healthy_task_is_all_right() -> None:
    assert of(may, bucket()).verdict.outcome == "nothing_wrong"
    assert of(may, unread()).verdict.outcome == "undecided"


def test_knowing_less_of_a_refused_file_leaves_the_text() -> None:
    """Without the facts it is likely by the text, never surer and never something else."""
    edits = (bucket(for_all("Deny", "s3:*", f"{BUCKET_ARN}/*")), may, REFUSED)
    whole = of(*edits)
    less = of(*edits, unread())
    assert causes(whole) == {"env-file-unreadable": ("cause", "confirmed")}
    assert causes(less) == {"env-file-unreadable": ("cause", "likely")}


def test_one_policy_mends_both_files_of_a_bucket() -> None:
    answer = report.build(changed(endpoints(), env_file, s3_router, may, bucket(), endpoint_policy()))
    assert sorted(item.id for item in answer.causes) == ["env-file-unreadable", "firelens-config-unreadable"]
    assert {item.resources for item in answer.causes} == {("vpce-s3",)}


def test_the_way_to_the_bucket_is_a_leg_of_the_task() -> None:
    """A bucket of another Region, or of one that is not known, is reached by a way that nobody has looked at."""

    def legs(*edits: Edit) -> set[str]:
        return {item.host for item in of(*edits).network.legs if item.name == "files"}

    assert legs(bucket()) == {"conf.s3.us-east-1.amazonaws.com"}
    assert legs(bucket(region="eu-west-1")) == set()
    assert legs(unread()) == set()


def test_each_file_that_may_be_missing_is_put_by_itself() -> None:
    """Which one is not there is not known; what another has put is never taken away."""
    two = container(environmentFiles=[{"type": "s3", "value": f"{BUCKET_ARN}/{name}.env"} for name in "ab"])
    (cause,) = report.build(changed(fargate(), two, may, bucket(), REFUSED)).causes
    ways = (cause.fix, *cause.alternatives)
    assert [way.title for way in ways] == ["Put conf/a.env into its bucket", "Put conf/b.env into its bucket"]
    for way in ways:
        assert (way.cli or "").count("put-object") == (way.undo or "").count("delete-object") == 1
        assert "--if-none-match '*'" in (way.cli or "")
        assert (way.undo or "").index("file that this repair has put") < (way.undo or "").index(
            "delete-object"
        )
