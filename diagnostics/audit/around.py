"""What else a subject rests on that is about to give: roles that look unused, caches that cannot refresh, endpoints that go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from diagnostics.audit.model import AuditFinding
from diagnostics.audit.subjects import AuditSubject
from diagnostics.collect.needed import NeededFacts, NeededImage
from diagnostics.finding import Evidence
from diagnostics.pull import ENDPOINT_SERVICES
from diagnostics.snapshot import Absent, Known, Snapshot, known_or, known_value

UNUSED_DAYS = 90
"""After so many days without a request a role looks unused to whoever cleans up.

IAM Access Analyzer's default: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-unused.html
"""


def around(subject: AuditSubject, facts: NeededFacts, now: datetime) -> Iterator[AuditFinding]:
    """The risks of one subject. Of a role it is judged later if another subject uses it after all."""
    if subject.idle:
        yield from _unused_roles(subject, facts.snapshot, now)
    for image in facts.images:
        if image.needed_for == "next":
            yield from _cache(subject, image)
    yield from _endpoints(subject, facts.snapshot)


def _unused_roles(subject: AuditSubject, snapshot: Snapshot, now: datetime) -> Iterator[AuditFinding]:
    for arn, facts in snapshot.roles.items():
        role = known_value(facts.role)
        if role is None or role.role_last_used is None:
            # AWS tells of every role; where it does not, nothing follows.
            continue
        used = role.role_last_used.last_used_date
        since = used or role.create_date
        if since is None or now - since <= timedelta(days=UNUSED_DAYS):
            continue
        last = f"was last used on {used:%Y-%m-%d}" if used else "was not used in the time that IAM remembers"
        name = arn.rpartition("/")[2]
        yield AuditFinding(
            level="risk",
            id="role-unused",
            resources=(arn,),
            summary=f"Role {name} {last}, so that it looks unused to whoever cleans up; the next task needs it.",
            clause="its role looks unused",
            subjects=(subject.key,),
            evidence=(Evidence(what=f"role {name} {last}", source="iam:GetRole"),),
            advice="Tell whoever cleans up roles, or tag it as needed.",
        )


def _cache(subject: AuditSubject, image: NeededImage) -> Iterator[AuditFinding]:
    """A cached image can be pulled as long as it is there; without its credentials the cache gets no newer one.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
    """
    rule, secret = known_value(image.cache_rule), image.cache_secret
    if rule is None or rule.credential_arn is None:
        return
    if isinstance(secret, Absent):
        says = "does not exist"
    elif isinstance(secret, Known) and secret.value.deleted_date is not None:
        says = f"is scheduled for deletion since {secret.value.deleted_date:%Y-%m-%d}"
    else:
        return
    registry = rule.upstream_registry_url or "upstream"
    yield AuditFinding(
        level="risk",
        id="cache-cannot-refresh",
        resources=(rule.credential_arn,),
        summary=f"Pull-through cache rule {rule.ecr_repository_prefix} logs in to {registry} with a secret that {says}: what is cached can be pulled, but nothing is refreshed and no new tag comes.",
        clause="its pull-through cache cannot refresh",
        subjects=(subject.key,),
        evidence=(Evidence(what=f"the secret of the rule {says}", source="secretsmanager:DescribeSecret"),),
        advice="Restore the secret, or give the rule another one.",
    )


def _endpoints(subject: AuditSubject, snapshot: Snapshot) -> Iterator[AuditFinding]:
    """An endpoint that goes leaves the pull to another way, which the diagnosis judges; it is worth a word that it does."""
    wanted = tuple(f".{name}" for name in ENDPOINT_SERVICES)
    for vpc in snapshot.vpcs.values():
        for item in known_or(vpc.vpc_endpoints, ()):
            if (item.state or "").lower() == "deleting" and (item.service_name or "").endswith(wanted):
                yield AuditFinding(
                    level="risk",
                    id="endpoint-deleting",
                    resources=(item.vpc_endpoint_id,),
                    summary=f"Endpoint {item.vpc_endpoint_id} for {item.service_name} of {vpc.vpc_id} is being deleted; pulls take another way from now on.",
                    clause="an endpoint of its VPC is being deleted",
                    subjects=(subject.key,),
                    evidence=(
                        Evidence(
                            what=f"{item.vpc_endpoint_id} is deleting", source="ec2:DescribeVpcEndpoints"
                        ),
                    ),
                    advice="Make it again if that was not meant.",
                )
