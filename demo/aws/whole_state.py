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
class WholeState:
    """What an emulated AWS held at a moment, and a value made beside it, such as the `Account` that was built."""

    _services: tuple[Any, ...]
    _keys: tuple[object, ...]
    _bytes: bytes

    @classmethod
    def of(cls, aws: EmulatedAws, beside: object = None) -> WholeState:
        """What it holds now.

        Raises:
            TypeError, AttributeError, pickle.PicklingError: `beside` holds what cannot be copied, such as an open file.
        """
        services: tuple[Any, ...] = tuple(BackendDict._instances)  # type: ignore[misc]
        # By account and Region, or by the partition where that is all there is.
        state = [{account: dict(backends) for account, backends in one.items()} for one in services]
        target = BytesIO()
        pickler = _Pickler(aws, target)
        pickler.dump((state, beside))
        return cls(services, tuple(pickler.keys), target.getvalue())

    def put_back(self, aws: EmulatedAws) -> Any:
        """Let it hold that again, and nothing else; gives a copy of the value beside it.

        What was patched `until_reset` stays.
        """
        state, beside = _Unpickler(aws, self._keys, BytesIO(self._bytes)).load()
        moto_api_backend.reset()
        for service, accounts in zip(self._services, state, strict=True):
            for account, backends in accounts.items():
                service[account].update(backends)
        return beside


class _Pickler(pickle.Pickler):
    """Leaves out what belongs to the process: the emulated AWS, its clients, locks, and keys, which never change."""

    def __init__(self, aws: EmulatedAws, target: BytesIO) -> None:
        super().__init__(target, pickle.HIGHEST_PROTOCOL)
        self._aws = aws
        self.keys: list[object] = []

    def persistent_id(self, item: object) -> tuple[Any, ...] | None:
        if item is self._aws:
            return ("aws",)
        if isinstance(item, BaseClient):
            return ("client", self._aws.key_of(item))
        if type(item).__module__.startswith("cryptography."):
            self.keys.append(item)
            return ("key", len(self.keys) - 1)
        return ("lock",) if isinstance(item, _LOCK) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, aws: EmulatedAws, keys: tuple[object, ...], source: BytesIO) -> None:
        super().__init__(source)
        self._aws, self._keys = aws, keys

    def persistent_load(self, name: Any) -> object:
        kind, *more = name
        if kind == "aws":
            return self._aws
        if kind == "key":
            return self._keys[more[0]]
        return RLock() if kind == "lock" else self._aws.client(*more[0])
