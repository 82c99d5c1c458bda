"""A symptom: what one error text shows, as data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from diagnostics.stop_reason.symptoms import SymptomId

Stage = Literal["role", "secrets", "login", "manifest", "layers", "unpack"]
"""The steps of a pull. ECS first assumes the role, then reads secrets and logs in, then pulls."""

STAGES: tuple[Stage, ...] = ("role", "secrets", "login", "manifest", "layers", "unpack")
"""The stages in the order in which they are reached."""

DenialPolicyKind = Literal[
    "identity", "resource", "boundary", "session", "endpoint", "scp", "rcp", "unspecified"
]  # fmt: skip


class Denial(BaseModel):
    """A refusal as AWS words it.

    `principal` is the assumed-role ARN, whose session name tells who pulled: 32 hexadecimal digits are the task id
    (so the execution role), `i-…` is an instance (so the instance role). `policy` is the kind of policy that AWS
    names, and `policy_arn` the policy itself where the text says it.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """

    model_config = ConfigDict(frozen=True)

    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    policy: DenialPolicyKind = "unspecified"
    explicit: bool = False
    policy_arn: str | None = None


class Symptom(BaseModel):
    """What one error text shows.

    Attributes:
        id: a symptom of the catalogue.
        stage: the stage that the text speaks of, `None` where it does not tell.
        text: the text itself, with white space folded and pre-signed URLs redacted.
        container: the container whose reason this is.
        about_pull: whether the text is about pulling an image or what comes right before it (role, secrets, log-in).
        host: the registry or API host that was asked.
        address: the IP address that was dialled (IPv4 or IPv6).
        port: the TCP port that was dialled there.
        resolver: the DNS server that was asked, where a name was looked up.
        http_status: the status that came back.
        image: the image reference that the text names.
        role_arn: the role that ECS could not assume.
        secret: the secret or parameter that the text names.
        denial: the refusal, if it is one.
        truncated: whether the text was cut, so that what is missing from it proves nothing.
    """

    model_config = ConfigDict(frozen=True)

    id: SymptomId
    stage: Stage | None = None
    text: str
    container: str | None = None
    about_pull: bool = False
    host: str | None = None
    address: str | None = None
    port: int | None = None
    resolver: str | None = None
    http_status: int | None = None
    image: str | None = None
    role_arn: str | None = None
    secret: str | None = None
    denial: Denial | None = None
    truncated: bool = False
