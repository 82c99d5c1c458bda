"""The one reader of botocore's errors: what an error says about the thing that was asked for.

Denied is not absent: only a code that the table of calls names for this very call means that there is no
such thing.
AWS: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and the "Common Errors"
    page of each
service's API reference.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from pydantic import ValidationError

from diagnostics.collect.operation import Call
from diagnostics.collect.parsing import UnexpectedAnswerError
from diagnostics.snapshot import Absent, Reason, Unavailable, Why

UnreachableKind = Literal["no_credentials", "expired_credentials", "wrong_region", "unreachable"]
UNREACHABLE_KINDS: dict[Why, UnreachableKind] = {
    Why.NO_CREDENTIALS: "no_credentials",
    Why.EXPIRED_CREDENTIALS: "expired_credentials",
    Why.WRONG_REGION: "wrong_region",
    Why.UNREACHABLE: "unreachable",
    Why.TIMED_OUT: "unreachable",
}
"""The reasons that, where *nothing* could be read, mean that AWS could not be reached at all."""

_DENIED = re.compile(
    r"(Client\.)?(AccessDenied|AccessDeniedException|UnauthorizedOperation|UnauthorizedException|Unauthorized|AuthorizationError"
    r"|AuthorizationErrorException|NotAuthorized|Forbidden|ForbiddenException|ExplicitDeny|403|401)"
)
_THROTTLED = re.compile(
    r"(Client\.)?(Throttling|ThrottlingException|ThrottledException|Throttled|RequestThrottled|RequestThrottledException"
    r"|RequestLimitExceeded|TooManyRequests|TooManyRequestsException|BandwidthLimitExceeded"
    r"|ProvisionedThroughputExceededException|PriorRequestNotComplete|SlowDown|EC2ThrottledException|429)"
)
_EXPIRED = re.compile(
    r"ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired|ExpiredCredentials"
)
_NO_CREDENTIALS = re.compile(
    r"UnrecognizedClientException|InvalidClientTokenId|AuthFailure|InvalidAccessKeyId|SignatureDoesNotMatch"
    r"|InvalidSignatureException|IncompleteSignature|IncompleteSignatureException|MissingAuthenticationToken"
    r"|MissingAuthenticationTokenException|InvalidToken|NotSignedUp|RequestTimeTooSkewed|MissingSecurityHeader"
)
_WRONG_REGION = re.compile(r"OptInRequired|RegionDisabledException|InvalidRegion")

_NO_CLUSTER = "ClusterNotFoundException"

_WHY_BY_TYPE: tuple[tuple[tuple[type[Exception], ...], Why], ...] = (
    (
        (
            boto.UnauthorizedSSOTokenError,
            boto.SSOTokenLoadError,
            boto.TokenRetrievalError,
            boto.LoginRefreshRequired,
        ),
        Why.EXPIRED_CREDENTIALS,
    ),
    (
        (
            boto.NoCredentialsError,
            boto.PartialCredentialsError,
            boto.CredentialRetrievalError,
            boto.ProfileNotFound,
            boto.NoAuthTokenError,
            boto.SSOError,
            boto.LoginError,
            boto.RefreshWithMFAUnsupportedError,
            boto.ConfigNotFound,
            boto.InvalidConfigError,
            boto.ConfigParseError,
            PermissionError,  # of the configuration file
        ),
        Why.NO_CREDENTIALS,
    ),
    (
        (
            boto.InvalidRegionError,
            boto.UnknownEndpointError,
            boto.UnknownRegionError,
            boto.EndpointProviderError,
        ),
        Why.WRONG_REGION,
    ),
    ((boto.ConnectTimeoutError, boto.ReadTimeoutError, TimeoutError), Why.TIMED_OUT),
    ((ResponseParserError, boto.ChecksumError), Why.UNREADABLE_ERROR),
    ((boto.HTTPClientError, boto.ConnectionError, ConnectionError), Why.UNREACHABLE),
    (
        (UnexpectedAnswerError, ValidationError, KeyError, TypeError, IndexError, AttributeError, ValueError),
        Why.UNREADABLE,
    ),
)


def read_error(error: Exception, call: Call[Any]) -> Absent | Unavailable:
    """What the error of a call means for the fact that was asked for."""
    action = call.operation.action
    if isinstance(error, boto.ClientError):
        code, message, status = _parts(error)
        if error.operation_name != action.partition(":")[2]:
            # Another call was made on the way, to get credentials (AssumeRole), and that one failed.
            reason = _without_credentials(_reason(code, status))
            return Unavailable(reason=reason, call=f"sts:{error.operation_name}", resource=call.resource)
        if _is_absent(call, code, message):
            return Absent(call=action, without="cluster" if code == _NO_CLUSTER else None)
        return Unavailable(reason=_reason(code, status), call=action, resource=call.resource)
    for types, why in _WHY_BY_TYPE:
        if isinstance(error, types):
            return Unavailable(reason=why, call=action, resource=call.resource)
    reason = Reason.about(Why.CALL_FAILED, type(error).__name__)
    return Unavailable(reason=reason, call=action, resource=call.resource)


def fails_in_passing(error: Exception) -> bool:
    """True if a call failed for a reason that may be over a moment later: a throttle, an error of the server, a connection
    that broke. One that was waited for in vain is none: another try would take as long."""
    if isinstance(error, boto.ClientError):
        code, _, status = _parts(error)
        return status >= 500 or _reason(code, status).why is Why.THROTTLED
    slow = (boto.ConnectTimeoutError, boto.ReadTimeoutError, TimeoutError, boto.ProxyConnectionError)
    return isinstance(
        error, boto.HTTPClientError | boto.ConnectionError | ConnectionError
    ) and not isinstance(error, slow)


def _parts(error: boto.ClientError) -> tuple[str, str, int]:
    """Code, message and HTTP status of an error answer, however little of it there is."""
    body = error.response.get("Error") or {}
    status = (error.response.get("ResponseMetadata") or {}).get("HTTPStatusCode")
    code = str(body.get("Code") or status or "no code")
    return code, str(body.get("Message") or ""), status if isinstance(status, int) else 0


def _is_absent(call: Call[Any], code: str, message: str) -> bool:
    for item in call.operation.absent:
        wanted, part = (item, "") if isinstance(item, str) else item
        if code == wanted and part in message:
            return True
    return False


def _reason(code: str, status: int) -> Reason:
    for pattern, why in (
        (_EXPIRED, Why.EXPIRED_CREDENTIALS),
        (_NO_CREDENTIALS, Why.NO_CREDENTIALS),
        (_WRONG_REGION, Why.WRONG_REGION),
        (_THROTTLED, Why.THROTTLED),
        (_DENIED, Why.DENIED),
    ):
        if pattern.fullmatch(code):
            return Reason(why=why)
    if status in (401, 403):
        return Reason(why=Why.DENIED)
    if status == 429:
        return Reason(why=Why.THROTTLED)
    return Reason.about(Why.ERROR, code)


def _without_credentials(reason: Reason) -> Reason:
    """Why there were no credentials to ask with."""
    return (
        reason if reason.why in (Why.EXPIRED_CREDENTIALS, Why.THROTTLED) else Reason(why=Why.NO_CREDENTIALS)
    )
