"""What keeps AWS from being asked, in one sentence that says what to do: settings, credentials, the clock, the way.

The one place that words botocore's errors for people. A sentence names the profile and where the credentials come from, never a
secret; what AWS or a program said is quoted without secrets.
botocore: https://github.com/boto/botocore/blob/develop/botocore/exceptions.py
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore import exceptions as boto
from botocore.exceptions import ClientError

from diagnostics.collect.errors import UnreachableKind
from diagnostics.image_reference import nearest
from diagnostics.redaction import redact

AWS_CONFIG, AWS_CREDENTIALS = "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"
NO_CREDENTIALS = (
    "No AWS credentials were found: set AWS_PROFILE or the other AWS_* variables, or run `aws configure`."
)
_LONGEST = 200
_NOT_AT_THIS_TIME = re.compile(
    r"Signature expired|not yet current|RequestTimeTooSkewed|RequestInTheFuture", re.IGNORECASE
)
_SIGNED_AND_NOW = re.compile(r"(\d{8}T\d{6}Z) is .*? \((\d{8}T\d{6}Z) [-+] \d+ min")
_REFUSED = ("AccessDenied", "AccessDeniedException")
_EXPIRED = (
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
    "ExpiredCredentials",
)
_UNKNOWN_KEY = (
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "AuthFailure",
    "InvalidToken",
)
_WRONG_SECRET = (
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "IncompleteSignatureException",
)
_ROLES = ("AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
_METHODS = {
    "env": "of the environment variables",
    "shared-credentials-file": "of the credentials file",
    "config-file": "of the configuration file",
    "custom-process": "of the credential_process",
    "sso": "of the SSO session",
    "assume-role": "of the assumed role",
    "assume-role-with-web-identity": "of the web identity",
    "iam-role": "of the EC2 instance",
    "container-role": "of the container",
}


@dataclass(frozen=True)
class AskedWith:
    """What a run asks with, to name it in a sentence.

    Attributes:
        profile: of `--profile` or `AWS_PROFILE`, if one is named.
        method: where botocore says that the credentials come from.
        region: the Region of the run.
        profiles: the profiles that there are.
    """

    profile: str | None = None
    method: str | None = None
    region: str | None = None
    profiles: Sequence[str] = ()

    @property
    def of(self) -> str:
        """The profile, as it stands behind a noun; nothing without one."""
        return f" of profile {self.profile!r}" if self.profile else ""

    @property
    def option(self) -> str:
        """The option of the AWS CLI that names the profile."""
        return f" --profile {self.profile}" if self.profile else ""

    @property
    def credentials(self) -> str:
        """The credentials, with where they come from."""
        where = _METHODS.get(self.method or "", "")
        return (
            f"The AWS credentials{self.of}" if self.profile or not where else f"The AWS credentials {where}"
        )


Told = tuple[UnreachableKind, str]
"""The kind of the JSON error object, and the sentence."""


def trouble_of(errors: Iterable[BaseException], asked: AskedWith) -> Told | None:
    """The sentence of the first error that has one, those that AWS answered first; `None` where none has.

    Args:
        errors: what botocore raised, in the order in which it came.
        asked: what was asked with.
    """
    found = list(errors)
    for of_error in (_of_client_error, _of_type):
        for error in found:
            told = of_error(error, asked)
            if told is not None:
                return told[0], redact(told[1])
    return None


def _quoted(text: object) -> str:
    """What a program or AWS said, in one short line."""
    words = redact(" ".join(str(text).split())).rstrip(".")
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()} …"


# --- what AWS answers --------------------------------------------------------------------------------


def _of_client_error(error: BaseException, asked: AskedWith) -> Told | None:
    if not isinstance(error, ClientError):
        return None
    body = error.response.get("Error") or {}
    code, message = str(body.get("Code") or ""), str(body.get("Message") or "")
    if _NOT_AT_THIS_TIME.search(message) or _NOT_AT_THIS_TIME.search(code):
        return "no_credentials", f"{_clock(message)}; set it right (NTP), and ask again."
    role = error.operation_name in _ROLES
    if role and "MultiFactorAuthentication" in message:
        return (
            "no_credentials",
            f"AWS did not accept the MFA code{asked.of} ({_quoted(message)}); ask again with the next one.",
        )
    if role and code in _REFUSED:
        return (
            "no_credentials",
            f"The role{asked.of} could not be assumed ({_quoted(message)}); its trust policy and the caller's own policies must allow sts:{error.operation_name}.",
        )
    if code in _EXPIRED:
        return "expired_credentials", f"{asked.credentials} have expired: {_renewed(asked)}."
    if code in _UNKNOWN_KEY:
        return (
            "no_credentials",
            f"AWS does not know the access key: {_lower(asked.credentials)} were deleted, made inactive, or belong to another partition; set AWS_PROFILE to others, or make a new key.",
        )
    if code in _WRONG_SECRET:
        return (
            "no_credentials",
            f"{asked.credentials} do not fit together: the secret access key is not that of the access key; correct it.",
        )
    if role:
        return (
            "no_credentials",
            f"The role{asked.of} could not be assumed ({_quoted(f'{code}: {message}')}); check the profile's settings.",
        )
    return None


def _clock(message: str) -> str:
    """By how much the clock is off, where AWS says what time it is."""
    times = _SIGNED_AND_NOW.search(message)
    if times is None:
        return "This machine's clock is wrong, so that AWS accepts no signature of it"
    signed, now = (datetime.strptime(item, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for item in times.groups())
    minutes = round(abs((now - signed).total_seconds()) / 60)
    side = "behind" if signed < now else "ahead of"
    return f"This machine's clock is {minutes} minutes {side} AWS's, so that AWS accepts no signature of it"


def _renewed(asked: AskedWith) -> str:
    if asked.method == "sso":
        return f"run `aws sso login{asked.option}`"
    if asked.method == "env":
        return "get new ones and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN again, or unset them and name a profile"
    return f"renew them, for example with `aws sso login{asked.option}`"


# --- what botocore raises ----------------------------------------------------------------------------


def _profile(error: Any, asked: AskedWith) -> Told:
    wanted = error.kwargs.get("profile")
    close = nearest(str(wanted), asked.profiles) if asked.profiles else ()
    hint = (
        f"did you mean {' or '.join(map(repr, close))}?"
        if close
        else "`aws configure list-profiles` shows those there are."
    )
    return "no_credentials", f"There is no profile {wanted!r} in the AWS configuration; {hint}"


def _half(error: Any, asked: AskedWith) -> Told:
    missing = str(error.kwargs.get("cred_var"))
    if "source" in missing:
        return (
            "no_credentials",
            f"The role{asked.of} names nobody to assume it: {missing} is missing; add one to the profile.",
        )
    return (
        "no_credentials",
        f"The AWS credentials{asked.of} are incomplete: {missing} is missing; set both halves, or neither and AWS_PROFILE.",
    )


def _config(error: Any, _: AskedWith) -> Told:
    return (
        "no_credentials",
        f"The AWS configuration file {error.kwargs.get('path')} cannot be read; correct it, or name another with AWS_CONFIG_FILE.",
    )


def _retrieval(error: Any, asked: AskedWith) -> Told:
    words = _quoted(error.kwargs.get("error_msg", ""))
    provider = error.kwargs.get("provider")
    said = f" ({words})" if words else ""
    then = (
        "run its credential_process by hand"
        if provider == "custom-process"
        else "check the settings that name it"
    )
    return "no_credentials", f"The AWS credentials{asked.of} could not be got from {provider}{said}; {then}."


def _sso(error: Any, asked: AskedWith) -> Told:
    return (
        "expired_credentials",
        f"The SSO session{asked.of} has expired or was never opened: run `aws sso login{asked.option}`, and ask again.",
    )


def _sso_settings(error: Any, asked: AskedWith) -> Told:
    return (
        "no_credentials",
        f"The SSO settings{asked.of} cannot be used ({_quoted(error)}); run `aws configure sso`.",
    )


def _mfa(_: Any, asked: AskedWith) -> Told:
    return (
        "no_credentials",
        f"The role{asked.of} asks for an MFA code, which can only be given in a terminal; run pullcheck in one, or set credentials of a session that has it (`aws sts get-session-token`).",
    )


def _none(_: Any, __: AskedWith) -> Told:
    return "no_credentials", NO_CREDENTIALS


def _metadata(error: Any, asked: AskedWith) -> Told:
    return (
        "no_credentials",
        f"The credentials of this machine's role could not be got ({_quoted(error)}); set AWS_PROFILE to others.",
    )


def _proxy(error: Any, asked: AskedWith) -> Told:
    # botocore masks the password; a user's name goes, too.
    url = re.sub(r"//[^/@]*@", "//", str(error.kwargs.get("proxy_url", "")))
    return (
        "unreachable",
        f"The proxy {url} could not be reached: check HTTPS_PROXY, or name AWS's hosts in NO_PROXY.",
    )


def _certificate(error: Any, asked: AskedWith) -> Told:
    host = re.sub(r"^https?://([^/?#]*).*", r"\1", str(error.kwargs.get("endpoint_url", "")))
    why = str(error.kwargs.get("error", error))
    if "CERTIFICATE_VERIFY_FAILED" in why or "certificate" in why.lower():
        return (
            "unreachable",
            f"The certificate of {host} is not one that this machine trusts ({_quoted(_reason_of(why))}): where a proxy reads TLS, name its certificates with AWS_CA_BUNDLE.",
        )
    return (
        "unreachable",
        f"No TLS connection could be made to {host} ({_quoted(_reason_of(why))}): check the proxy and AWS_ENDPOINT_URL.",
    )


def _reason_of(why: str) -> str:
    found = re.search(r"\[SSL: (\w+)\][^:(]*(?:: ([^()]+?))? *\(_ssl", why)
    return (found.group(2) or found.group(1)) if found else why


def _endpoint(error: Any, asked: AskedWith) -> Told:
    url = re.sub(r"^(https?://[^/?#]*).*", r"\1", str(error.kwargs.get("endpoint_url", "")))
    where = f" in Region {asked.region}" if asked.region else ""
    return (
        "unreachable",
        f"AWS could not be reached{where} at {url}: check the network, the VPN, the proxy and AWS_ENDPOINT_URL.",
    )


def _slow(error: Any, asked: AskedWith) -> Told:
    url = re.sub(r"^(https?://[^/?#]*).*", r"\1", str(error.kwargs.get("endpoint_url", "")))
    return (
        "unreachable",
        f"AWS did not answer in time at {url}: check the network, the VPN and the proxy, or ask again.",
    )


def _region(error: Any, asked: AskedWith) -> Told:
    return (
        "wrong_region",
        f"The AWS settings name no Region that there is ({_quoted(error)}); for example --region eu-central-1.",
    )


def _file(error: Any, asked: AskedWith) -> Told | None:
    if error.filename is None:
        return None
    if str(error.filename) in configuration_files():
        return (
            "no_credentials",
            f"The AWS configuration file {error.filename} cannot be read: {error.strerror}; correct it, or name another with AWS_CONFIG_FILE.",
        )
    return (
        "no_credentials",
        f"The AWS settings{asked.of} name {error.filename}, which can be neither read nor run: {error.strerror}; correct them.",
    )


def configuration_files() -> tuple[str, ...]:
    """The files that botocore reads its settings from."""
    home = ((AWS_CONFIG, "~/.aws/config"), (AWS_CREDENTIALS, "~/.aws/credentials"))
    return tuple(os.path.expanduser(os.environ.get(name) or path) for name, path in home)


def _no_json(_: Any, asked: AskedWith) -> Told:
    return (
        "no_credentials",
        f"The credential_process{asked.of} prints no JSON of AWS's form (Version, AccessKeyId, SecretAccessKey); run it by hand.",
    )


def _value(error: Any, asked: AskedWith) -> Told | None:
    text = str(error)
    if text.startswith("Invalid endpoint"):
        return (
            "unreachable",
            f"AWS_ENDPOINT_URL is no address ({_quoted(text)}); leave it out, or give one such as http://127.0.0.1:4566.",
        )
    return _settings(error, asked)


def _stale(_: Any, asked: AskedWith) -> Told:
    return (
        "expired_credentials",
        f"{asked.credentials} had expired already when they were got: {_renewed(asked)}.",
    )


def _client(error: Any, asked: AskedWith) -> Told | None:
    text = str(error.kwargs.get("error", error))
    if "is not a valid host or port" in text or "Proxy" in text or "Failed to parse" in text:
        return (
            "unreachable",
            f"The proxy that is set is no address ({_quoted(text)}); correct HTTPS_PROXY, such as http://proxy.example.com:3128.",
        )
    return (
        "unreachable",
        f"AWS could not be asked ({_quoted(text)}); check the network, the proxy and AWS_CA_BUNDLE.",
    )


def _settings(error: Any, asked: AskedWith) -> Told:
    return (
        "no_credentials",
        f"The AWS settings{asked.of} cannot be used ({_quoted(error)}); correct the AWS_* variables or the profile.",
    )


_Teller = Callable[[Any, AskedWith], Told | None]
_BY_TYPE: tuple[tuple[tuple[type[BaseException], ...], _Teller], ...] = (
    ((boto.ProfileNotFound,), _profile),
    ((boto.PartialCredentialsError,), _half),
    ((boto.ConfigParseError, boto.ConfigNotFound), _config),
    (
        (
            boto.UnauthorizedSSOTokenError,
            boto.SSOTokenLoadError,
            boto.TokenRetrievalError,
            boto.LoginRefreshRequired,
        ),
        _sso,
    ),
    ((boto.SSOError,), _sso_settings),
    ((boto.RefreshWithMFAUnsupportedError,), _mfa),
    ((boto.CredentialRetrievalError,), _retrieval),
    ((boto.MetadataRetrievalError,), _metadata),
    ((boto.NoCredentialsError, boto.NoAuthTokenError), _none),
    ((boto.ProxyConnectionError,), _proxy),
    ((boto.SSLError,), _certificate),
    ((boto.EndpointConnectionError,), _endpoint),
    ((boto.ConnectTimeoutError, boto.ReadTimeoutError), _slow),
    ((boto.InvalidRegionError, boto.UnknownRegionError, boto.NoRegionError), _region),
    ((boto.EndpointProviderError, boto.UnknownEndpointError), _region),
    ((boto.HTTPClientError,), _client),
    ((boto.ConnectionError,), _endpoint),
    ((boto.BotoCoreError,), _settings),
    ((json.JSONDecodeError,), _no_json),
    ((OSError,), _file),
    ((ValueError,), _value),
    # botocore has no class of its own for it.
    ((RuntimeError,), _stale),
)
"""The first that fits."""


def _of_type(error: BaseException, asked: AskedWith) -> Told | None:
    for types, tell in _BY_TYPE:
        if isinstance(error, types):
            return tell(error, asked)
    return None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
