"""Reads what may be known of the buckets that hold a task's environment files: their Region and their policy, no object."""

from __future__ import annotations

from diagnostics.collect import calls
from diagnostics.collect.reading import Reader
from diagnostics.pull import named_files
from diagnostics.snapshot import Fact, Reason, TaskDefinition, Unavailable, Why

_OF_ANOTHER = Reason.about(Why.ERROR, "MethodNotAllowed")


def read_buckets(reader: Reader, definition: TaskDefinition | None) -> dict[str, dict[str, Fact[str]]]:
    """The buckets that the task definition names, as fields of the snapshot. Nothing is asked where it names none."""
    names = sorted({item.bucket for item in named_files(definition) if item.bucket is not None})
    return {
        "bucket_regions": {
            name: reader.read(calls.GET_BUCKET_LOCATION, {"Bucket": name}, about=name) for name in names
        },
        "bucket_policies": {name: _read_policy(reader, name) for name in names},
    }


def _read_policy(reader: Reader, name: str) -> Fact[str]:
    """A bucket's policy. Whoever may ask is told by this very error that the bucket belongs to another account.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
    """
    fact = reader.read(calls.GET_BUCKET_POLICY, {"Bucket": name}, about=name)
    if isinstance(fact, Unavailable) and fact.reason == _OF_ANOTHER:
        return fact.model_copy(update={"reason": Reason(why=Why.BUCKET_OF_ANOTHER)})
    return fact
