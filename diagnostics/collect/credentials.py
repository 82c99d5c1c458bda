"""Gets the credentials before anything is asked, so that what is wrong with them is one sentence, and a prompt has the terminal.

botocore gets them when the first request is signed, in whichever thread that is: there the question for an MFA code would stand
below the line of progress, and within the time of the deadline.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError

from diagnostics.collect.clients import AwsClients
from diagnostics.collect.reaching import AwsUnreachableError
from diagnostics.collect.troubles import NO_CREDENTIALS, AskedWith, trouble_of

_NO_ANSWER = (
    "The AWS credentials could not be got within the {seconds:g} seconds of --deadline; give it longer, for example "
    "--deadline {longer:g}, or check the network."
)
_MFA = (
    "The role{of} asks for an MFA code, and there is no terminal to ask on; run pullcheck in one, or set the credentials of a "
    "session that has it (`aws sts get-session-token`)."
)


def has_terminal() -> bool:
    """True where a person can be asked: a terminal belongs to the process, whatever its input is."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return sys.stdin is not None and sys.stdin.isatty()
    return True


def obtain(
    clients: AwsClients,
    *,
    profile: str | None,
    region: str,
    seconds: float,
    terminal: Callable[[], bool] = has_terminal,
) -> AskedWith:
    """Get the credentials of the default session; what they are, for the sentences of what fails later.

    Args:
        clients: who asks.
        profile: of the command line; else the environment names one, or none.
        region: where the first client is made.
        seconds: how long it may take, where nobody has to type.
        terminal: says whether a person can be asked for an MFA code.

    Raises:
        AwsUnreachableError: there are none, or the settings cannot be used.
    """
    named = _named(profile)
    asked = AskedWith(profile=named, region=region)
    errors: list[BaseException] = []
    found: list[Any] = []

    def get() -> None:
        try:
            found.append(clients.credentials())
        except Exception as error:
            errors.append(error)

    if asks_for_code(profile):
        if not terminal():
            raise AwsUnreachableError("no_credentials", _MFA.format(of=asked.of))
        get()
    else:
        # A line that answers nothing holds botocore for minutes; the thread is left behind.
        thread = threading.Thread(target=get, daemon=True, name="credentials")
        thread.start()
        thread.join(seconds)
        if thread.is_alive():
            raise AwsUnreachableError(
                "unreachable", _NO_ANSWER.format(seconds=seconds, longer=min(max(60, 3 * seconds), 900))
            )
    if not errors and found and found[0] is not None:
        try:
            clients.get("sts", region)
        except Exception as error:
            errors.append(error)
    if errors:
        raise _unreachable(errors[0], asked) from errors[0]
    if not found or found[0] is None:
        raise AwsUnreachableError("no_credentials", _no_credentials(asked))
    _check_bundle(profile)
    return replace(asked, method=getattr(found[0], "method", None))


def _unreachable(error: BaseException, asked: AskedWith) -> AwsUnreachableError:
    if isinstance(error, EOFError):
        # Nobody answered the prompt.
        return AwsUnreachableError("no_credentials", _MFA.format(of=asked.of))
    kind, message = trouble_of([error], replace(asked, profiles=_profiles())) or (
        "no_credentials",
        f"The AWS settings cannot be used ({type(error).__name__}); check AWS_PROFILE, and see --debug.",
    )
    return AwsUnreachableError(kind, message)


def _no_credentials(asked: AskedWith) -> str:
    if asked.profile:
        return (
            f"Profile {asked.profile!r} names no credentials; add keys, an SSO session or a role to it (`aws configure{asked.option}`), "
            "or set AWS_PROFILE to another."
        )
    return NO_CREDENTIALS


def _profiles() -> tuple[str, ...]:
    try:
        return tuple(botocore.session.Session().available_profiles)
    except (BotoCoreError, OSError, ValueError):
        return ()


def _named(profile: str | None) -> str | None:
    return profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or None


def asks_for_code(profile: str | None) -> bool:
    """True where the profile's role, or one that it comes from, wants an MFA code."""
    if profile is None and os.environ.get("AWS_ACCESS_KEY_ID"):
        # Keys of the environment go before a profile that only the environment names.
        return False
    try:
        profiles: Mapping[str, Mapping[str, Any]] = botocore.session.Session().full_config.get("profiles", {})
    except (BotoCoreError, OSError, ValueError):
        return False
    name, seen = _named(profile) or "default", set[str]()
    while name in profiles and name not in seen:
        seen.add(name)
        told = profiles[name]
        if "role_arn" in told and "mfa_serial" in told:
            return True
        name = str(told.get("source_profile", ""))
    return False


def _check_bundle(profile: str | None) -> None:
    """The file of the certificates: botocore finds out at the first connection, in words about something else."""
    bundle = botocore.session.Session(profile=profile).get_config_variable("ca_bundle")
    if bundle and not Path(str(bundle)).exists():
        raise AwsUnreachableError(
            "unreachable",
            f"The certificate bundle {bundle} does not exist; correct AWS_CA_BUNDLE, or ca_bundle of the profile.",
        )
