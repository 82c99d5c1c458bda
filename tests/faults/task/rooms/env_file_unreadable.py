"""An environment file of a container cannot be read from S3."""

from __future__ import annotations

from diagnostics.faults.files.environment_files import ENV_FILE_UNREADABLE
from tests.build import ROLE_ARN, add_s3_endpoint, endpoints, permissions, stopped, unavailable
from tests.build.permissions import bounded, inline
from tests.build.policies import allow, deny
from tests.build.tasks import container
from tests.faults.files.buckets import (
    BUCKET_ARN,
    FOR_THE_ROLE,
    MAY_LOCATE,
    MAY_READ,
    bucket,
    endpoint_policy,
    env_file,
    for_all,
    foreign_bucket,
    no_bucket,
    unread,
)
from tests.faults.judging import Table, case
from tests.faults.permissions.tables import no_endpoints_read

FILE = "ResourceInitializationError: failed to download env files: file download command: non empty error stream: "
DEFINITION = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7"
OBJECT = f"{BUCKET_ARN}/app.env"
REFUSED = stopped(f"{FILE}AccessDenied: Access Denied status code: 403")
CANCELED = stopped(f"{FILE}RequestCanceled: request context canceled")

NOT = deny("s3:*", "arn:aws:s3:::conf/*")
may = inline("files", MAY_READ, MAY_LOCATE)
own = bucket()
elsewhere = {"StringNotEquals": {"aws:SourceVpce": "vpce-other"}}

TABLE = Table(
    ENV_FILE_UNREADABLE,
    (
        case("refused", "warn", REFUSED, resources=(DEFINITION,), says="refused"),
        case("refused, and the files are known", "warn", env_file, REFUSED, resources=(OBJECT,), says="an environment file: conf/app.env."),
        case("refused, and the bucket is not known", "warn", env_file, may, REFUSED, unread(), says="an environment file: conf/app.env."),
        case("not there", "warn", stopped(f"{FILE}NoSuchKey: The specified key does not exist."), says="no such"),
        case("not there, and the files are known", "warn", env_file, may, own, stopped(f"{FILE}NoSuchKey: The specified key does not exist."), says="no such environment file as environmentFiles names: conf/app.env"),
        case("no answer", "skipped", CANCELED, says="does not say"),
        case("no answer, and the role may", "skipped", env_file, may, own, CANCELED, says="does not say"),
        case("the role may not", "fail", env_file, own, resources=(ROLE_ARN, OBJECT), says="No policy of payments-execution allows s3:GetBucketLocation and s3:GetObject on environment file conf/app.env"),
        case("the role may not, and has a policy of that name", "fail", env_file, own, inline("environment-files", allow("s3:PutObject", "arn:aws:s3:::logs/*")), says="No policy"),
        case("the role may not ask where the bucket is", "fail", env_file, own, inline("files", MAY_READ), resources=(ROLE_ARN, OBJECT), says="allows s3:GetBucketLocation on bucket conf, which holds environment file conf/app.env"),
        case("the role may not, and the bucket's policy is not known", "unknown", env_file, unread(region=False)),
        case("the role may", "pass", env_file, may, own, says="S3 was not asked if the files do"),
        case("the bucket lets the role in", "pass", env_file, inline("files", MAY_LOCATE), bucket(FOR_THE_ROLE)),
        case("the role may, and the text shows it", "warn", env_file, may, own, REFUSED, resources=(OBJECT,), says="most likely there is no such file"),
        case("the role is denied it", "fail", env_file, own, may, inline("not", NOT), resources=(ROLE_ARN, OBJECT, "statement 1"), says="not of payments-execution denies s3:GetObject"),
        case("its boundary leaves it out", "fail", env_file, own, may, bounded(allow("ecr:*", "*")), says="does not allow s3:GetBucketLocation and s3:GetObject"),
        case("no bucket", "fail", env_file, may, no_bucket, resources=(OBJECT, BUCKET_ARN), says="Bucket conf of environment file conf/app.env does not exist"),
        case("the bucket's policy denies", "fail", env_file, may, bucket(for_all("Deny", "s3:GetObject", f"{BUCKET_ARN}/*")), resources=(BUCKET_ARN, "statement 1", ROLE_ARN), says="of the policy of bucket conf denies s3:GetObject on environment file conf/app.env to payments-execution"),
        case("the bucket is for another endpoint", "fail", env_file, may, bucket(for_all("Deny", "s3:*", f"{BUCKET_ARN}/*", Condition=elsewhere)), says="denies s3:GetObject"),
        case("the bucket's policy denies somebody else", "pass", env_file, may, bucket(for_all("Deny", "s3:GetObject", f"{BUCKET_ARN}/*", Condition={"Bool": {"aws:SecureTransport": "false"}}))),
        case("the bucket is another account's", "unknown", env_file, may, foreign_bucket, says="the policy of bucket conf"),
        case("the bucket is another account's, and the role may not", "fail", env_file, foreign_bucket, says="No policy"),
        case("the bucket was not read", "unknown", env_file, may, unread()),
        case("its Region was not read", "unknown", env_file, may, unread(policy=False)),
        case("the endpoint leaves it out", "fail", env_file, may, own, endpoint_policy(), start=endpoints, says="does not allow s3:GetBucketLocation and s3:GetObject on conf and conf/app.env"),
        case("the endpoint lets it through", "pass", env_file, may, own, start=endpoints),
        case("the endpoint beside a NAT gateway leaves it out", "fail", env_file, may, own, add_s3_endpoint, endpoint_policy(), resources=("vpce-s3",)),
        case("the bucket of another Region takes the NAT gateway", "pass", env_file, may, bucket(region="eu-west-1"), add_s3_endpoint, endpoint_policy()),
        case("the way to the bucket is not known", "unknown", env_file, may, own, no_endpoints_read, says="is not known"),
        case("the role was not read", "unknown", env_file, own, may, permissions.unread("inline_policy_names", "iam:ListRolePolicies")),
        case("no ARN of an object", "unknown", container(environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::conf"}]), may, own, says="not the ARN of an object"),
        case("no role", "skipped", env_file, own, permissions.no_execution_role, says="names no execution role"),
        case("no text", "skipped"),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
    statuses=frozenset({"pass", "fail", "warn", "skipped", "unknown"}),
    repairs={
        "task": "refused, and the files are known", "task/unnamed": "refused", "task/role": "the role may not",
        "task/taken": "the role may not, and has a policy of that name", "task/denied": "the role is denied it",
        "task/bucket": "no bucket", "task/policy": "the bucket's policy denies", "task/endpoint": "the endpoint leaves it out",
        "task/file": "the role may, and the text shows it", "task/foreign": "the bucket is another account's, and the role may not",
    },
)  # fmt: skip
