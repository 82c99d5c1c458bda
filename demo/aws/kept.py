"""The whole state of an emulated AWS as bytes, so that an account which took a hundred calls is put back at once."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from io import BytesIO
from threading import RLock
from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient
from moto.core.base_backend import BackendDict
from moto.moto_api._internal.models import moto_api_backend

if TYPE_CHECKING:
    from demo.aws.server import EmulatedAws

_LOCK = type(RLock())


@dataclass(frozen=True)
class Kept:
    """What an emulated AWS held at a moment, and a value made beside it, such as the `Account` that was built."""

    _services: tuple[Any, ...]
    _bytes: bytes

    @classmethod
    def of(cls, aws: EmulatedAws, beside: object = None) -> Kept:
        """What it holds now.

        Raises:
            TypeError, AttributeError, pickle.PicklingError: `beside` holds what cannot be copied, such as an open file.
        """
        services: tuple[Any, ...] = tuple(BackendDict._instances)  # type: ignore[misc]
        # By account and Region, or by the partition where that is all there is.
        state = [{account: dict(backends) for account, backends in one.items()} for one in services]
        target = BytesIO()
        _Pickler(aws, target).dump((state, beside))
        return cls(services, target.getvalue())

    def put_back(self, aws: EmulatedAws) -> Any:
        """Let it hold that again, and nothing else; gives a copy of the value beside it.

        What was patched `until_reset` stays.
        """
        state, beside = _Unpickler(aws, BytesIO(self._bytes)).load()
        moto_api_backend.reset()
        for service, accounts in zip(self._services, state, strict=True):
            for account, backends in accounts.items():
                service[account].update(backends)
        return beside


class _Pickler(pickle.Pickler):
    """Leaves out what belongs to the process: the emulated AWS, its clients, and locks."""

    def __init__(self, aws: EmulatedAws, target: BytesIO) -> None:
        super().__init__(target, pickle.HIGHEST_PROTOCOL)
        self._aws = aws

    def persistent_id(self, item: object) -> tuple[Any, ...] | None:
        if item is self._aws:
            return ("aws",)
        if isinstance(item, BaseClient):
            return ("client", self._aws.key_of(item))
        return ("lock",) if isinstance(item, _LOCK) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, aws: EmulatedAws, source: BytesIO) -> None:
        super().__init__(source)
        self._aws = aws

    def persistent_load(self, name: Any) -> object:
        kind, *more = name
        if kind == "aws":
            return self._aws
        return RLock() if kind == "lock" else self._aws.client(*more[0])
