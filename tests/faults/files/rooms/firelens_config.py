"""The log router's own configuration cannot be read from S3."""

from __future__ import annotations

from diagnostics.faults.files.firelens_config import FIRELENS_CONFIG_UNREADABLE
from tests.build import ROLE_ARN, endpoints, permissions
from tests.build.permissions import inline
from tests.faults.files.buckets import (
    BUCKET_ARN,
    MAY_LOCATE,
    MAY_READ,
    ROUTER_FILE,
    bucket,
    endpoint_policy,
    env_file,
    for_all,
    no_bucket,
    router,
    s3_router,
    unread,
)
from tests.faults.judging import Table, case

may = inline("files", MAY_READ, MAY_LOCATE)

TABLE = Table(
    FIRELENS_CONFIG_UNREADABLE,
    (
        case("the role may not", "fail", s3_router, bucket(), resources=(ROLE_ARN, ROUTER_FILE), says="on FireLens configuration file conf/router.conf"),
        case("no bucket", "fail", s3_router, no_bucket, resources=(ROUTER_FILE, BUCKET_ARN), says="Bucket conf of FireLens configuration file"),
        case("no bucket, and no role", "fail", s3_router, no_bucket, permissions.no_execution_role),
        case("the bucket's policy denies", "fail", s3_router, may, bucket(for_all("Deny", "s3:*", f"{BUCKET_ARN}/*")), says="denies s3:GetObject"),
        case("the endpoint leaves it out", "fail", s3_router, may, bucket(), endpoint_policy(), start=endpoints, says="S3 endpoint"),
        case("the role may", "pass", s3_router, may, bucket()),
        case("the bucket was not read", "unknown", s3_router, may, unread()),
        case("no role", "skipped", s3_router, bucket(), permissions.no_execution_role),
        case("a file of the image", "skipped", router(**{"config-file-type": "file", "config-file-value": "/router.conf"})),
        case("no file", "skipped", router()),
        case("an environment file", "skipped", env_file, no_bucket),
    ),
    repairs={"files": "the role may not"},
)  # fmt: skip
