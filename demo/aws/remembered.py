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
from xml.sax.saxutils import escape, quoteattr

import xmltodict  # type: ignore[import-untyped]
from botocore.awsrequest import AWSPreparedRequest
from botocore.hooks import EVENT_ALIASES, EventAliaser
from moto.core.base_backend import AccountSpecificBackend, BaseBackend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.constants import MISSING
from moto.core.serialize import (
    DEFAULT_ALIAS_PROVIDERS,
    AttributePickerContext,
    ResponseSerializer,
    XFormedAttributePicker,
)
from moto.core.utils import camelcase_to_underscores, get_value
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom

from demo.aws.loaded import loader

_value_of = ResponseSerializer.get_value
_unparse = xmltodict.unparse
_init_aliaser = EventAliaser.__init__
_aliases: dict[str, str] = {}
_known: dict[tuple[Any, ...], tuple[str, ...]] = {}


def apply(patches: ExitStack) -> None:
    """Give moto its memory; closing `patches` takes it away."""
    # moto lists every member of a service's class for each request.
    patches.enter_context(mock.patch("moto.core.responses.method_names_from_class", _MethodNames))
    # Each of the hundreds of members of an answer is looked for under several names.
    patches.enter_context(mock.patch.object(ResponseSerializer, "get_value", _value))
    # Each session would read the models of its services from disk again: EC2's alone takes a tenth of a second.
    patches.enter_context(mock.patch("botocore.session.create_loader", return_value=loader))
    # So would each client work out the hundreds of names of its events.
    patches.enter_context(mock.patch.object(EventAliaser, "__init__", _aliaser))
    patches.enter_context(mock.patch("xmltodict.unparse", _xml))
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


def _value(serializer: ResponseSerializer, holder: Any, member: str, shape: Any) -> Any:
    """What `AttributePicker` finds; the names it looks under follow from the class and the member alone."""
    picker = serializer._value_picker
    if type(picker) is not XFormedAttributePicker or picker.alias_providers is not DEFAULT_ALIAS_PROVIDERS:
        return _value_of(serializer, holder, member, shape)
    key = (type(holder), shape, member)
    names = _known.get(key)
    if names is None:
        context = AttributePickerContext(holder, member, shape, serializer.operation_model)
        names = _known[key] = tuple(dict.fromkeys(picker.get_possible_keys(context)))
    plain = not hasattr(holder, "__getitem__")
    for name in names:
        value = getattr(holder, name, MISSING) if plain and "." not in name else get_value(holder, name)
        if value is not MISSING:
            break
    else:
        value = None
    transformers = picker.response_transformers
    if transformers:
        path = ".".join((*serializer.path, member))
        if path.endswith(tuple(transformers)):
            return next(change for end, change in transformers.items() if path.endswith(end))(value)
    return value


@dataclass(frozen=True)
class _MethodNames:
    """The names of the methods that a class has at the moment, as far as one is asked for."""

    owner: type

    def __contains__(self, name: str) -> bool:
        return isfunction(getattr(self.owner, name, None))


def _xml(document: dict[str, Any], **form: Any) -> str:
    """What `xmltodict.unparse` makes of an answer, without a call of a SAX handler for each element of it."""
    whole = form.pop("full_document", True)
    if form != {"short_empty_elements": True, "pretty": False}:
        return str(_unparse(document, full_document=whole, **form))
    parts = ['<?xml version="1.0" encoding="utf-8"?>\n'] if whole else []
    for name, content in document.items():
        _add_element(parts, name, content)
    return "".join(parts)


def _add_element(parts: list[str], name: str, content: Any) -> None:
    if isinstance(content, list):
        for item in content:
            _add_element(parts, name, item)
        return
    if not isinstance(content, dict):
        text = "" if content is None else str(content).lower() if isinstance(content, bool) else str(content)
        parts.append(f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>")
        return
    attributes = [
        f" {key[1:]}={quoteattr(str(value))}" for key, value in content.items() if key.startswith("@")
    ]
    start = f"<{name}{''.join(attributes)}"
    place = len(parts)
    parts.append(f"{start}>")
    for key, value in content.items():
        if not key.startswith(("@", "#")):
            _add_element(parts, key, value)
    if content.get("#text"):
        parts.append(escape(str(content["#text"])))
    if len(parts) == place + 1:
        parts[place] = f"{start}/>"
    else:
        parts.append(f"</{name}>")


def _aliaser(aliaser: EventAliaser, event_emitter: Any, event_aliases: Any = None) -> None:
    _init_aliaser(aliaser, event_emitter, event_aliases)
    # The emitter of a client is a copy of that of its session, and has a copy of the aliases.
    if aliaser._event_aliases == EVENT_ALIASES:
        aliaser._alias_name_cache = _aliases


def _random_string(
    random: MotoRandom, length: int = 20, include_digits: bool = True, lower_case: bool = False
) -> str:
    if include_digits:
        return f"{random.getrandbits(4 * length):0{length}x}"
    drawn = "".join(random.choices(string.ascii_letters, k=length))
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
