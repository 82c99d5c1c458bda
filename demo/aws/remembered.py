"""What moto works out again for each request, botocore reads for each session, and never changes: it is remembered instead."""

from __future__ import annotations

import string
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from inspect import isfunction
from threading import RLock
from typing import Any
from unittest import mock

import xmltodict  # type: ignore[import-untyped]
from botocore.awsrequest import AWSPreparedRequest
from botocore.hooks import EventAliaser
from moto.core.base_backend import AccountSpecificBackend, BaseBackend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom

from demo.aws.loaded import loader

_names_of = XFormedAttributePicker.get_possible_keys
_init_aliaser = EventAliaser.__init__
_aliases: dict[str, str] = {}
_known: dict[tuple[Any, ...], tuple[str, ...]] = {}


def apply(patches: ExitStack) -> None:
    """Give moto its memory; closing `patches` takes it away."""
    # moto lists every member of a service's class for each request.
    patches.enter_context(mock.patch("moto.core.responses.method_names_from_class", _MethodNames))
    patches.enter_context(mock.patch.object(XFormedAttributePicker, "get_possible_keys", _names))
    # Each session would read the models of its services from disk again: EC2's alone takes a tenth of a second.
    patches.enter_context(mock.patch("botocore.session.create_loader", return_value=loader))
    # So would each client work out the hundreds of names of its events.
    patches.enter_context(mock.patch.object(EventAliaser, "__init__", _aliaser))
    # The same few names of elements are looked at character by character in each answer.
    patches.enter_context(mock.patch("xmltodict._validate_name", cache(xmltodict._validate_name)))
    patches.enter_context(
        mock.patch("moto.core.responses.camelcase_to_underscores", cache(camelcase_to_underscores))
    )
    # An id is drawn at once instead of letter by letter.
    patches.enter_context(mock.patch.object(MotoRandom, "get_random_string", _random_string))
    patches.enter_context(mock.patch("moto.ec2.utils.random_resource_id", _random_resource_id))
    patches.enter_context(mock.patch.object(AccountSpecificBackend, "reset", _reset))


@contextmanager
def remembering() -> Iterator[None]:
    """The same for moto's own `mock_aws`, and one call at a time, as `demo.aws.server` takes them: moto's backends do not lock, and a
    conditional write is one step in AWS.
    """
    turn, processed = RLock(), BotocoreStubber.process_request

    def in_turn(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
        with turn:
            return processed(stubber, request)

    with ExitStack() as patches:
        apply(patches)
        patches.enter_context(mock.patch.object(BotocoreStubber, "process_request", in_turn))
        yield


def _names(picker: XFormedAttributePicker, context: AttributePickerContext) -> Iterator[str]:
    """The names under which an object may hold a member of an answer; they follow from the class and the member alone."""
    key = (tuple(picker.alias_providers), type(context.obj), context.shape, context.key)
    if key not in _known:
        _known[key] = tuple(dict.fromkeys(_names_of(picker, context)))
    return iter(_known[key])


@dataclass(frozen=True)
class _MethodNames:
    """The names of the methods that a class has at the moment, as far as one is asked for."""

    owner: type

    def __contains__(self, name: str) -> bool:
        return isfunction(getattr(self.owner, name, None))


def _aliaser(aliaser: EventAliaser, event_emitter: Any, event_aliases: Any = None) -> None:
    _init_aliaser(aliaser, event_emitter, event_aliases)
    if event_aliases is None:
        aliaser._alias_name_cache = _aliases


def _random_string(
    random: MotoRandom, length: int = 20, include_digits: bool = True, lower_case: bool = False
) -> str:
    letters = string.ascii_letters + (string.digits if include_digits else "")
    drawn = "".join(random.choices(letters, k=length))
    return drawn.lower() if lower_case else drawn


def _random_resource_id(size: int = 8) -> str:
    return f"{mock_random.getrandbits(4 * size):0{size}x}"


def _reset(backends: AccountSpecificBackend[Any]) -> None:
    """Reset what holds more than memory, such as S3's files.

    moto forgets all of these backends right after it has reset them. One that would only be made again, for EC2 with a
    default VPC and its subnets, need not be.
    """
    for backend in backends.values():
        if type(backend).reset is not BaseBackend.reset:
            backend.reset()
