"""Serves an emulated AWS on loopback, so that an unchanged boto3 client can talk to it."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from types import TracebackType
from typing import Any, Self
from unittest import mock
from urllib.parse import parse_qsl

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import get_account_id_from
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import (
    BackendRequest,
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.server import ThreadedMotoServer
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, make_server

from demo.aws import in_process, managed_policies, remembered, truth
from demo.aws.errors import AwsRefusal, answer
from demo.aws.rates import Rates, request_of
from demo.stacks import all_stacks

log = logging.getLogger(__name__)

ACCOUNT_ID = "111122223333"
REGION = "us-east-1"

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_ACCESS_KEY = re.compile(r"Credential=(?P<key>[A-Z0-9]{20})/")
# An access key id is 20 characters; ours carries the account it belongs to in the middle.
_OUR_KEY = re.compile(r"AKIA(?P<account>\d{12})DEMO")

_FORM = "application/x-www-form-urlencoded"

_running = threading.Lock()
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Credentials:
    """Access keys that select one account of the emulated AWS. They open nothing else."""

    account_id: str

    @property
    def access_key_id(self) -> str:
        return f"AKIA{self.account_id}DEMO"

    @property
    def secret_access_key(self) -> str:
        return "not-a-secret"


class EmulatedAws:
    """An AWS made of moto's backends, served over HTTP on 127.0.0.1 at a free port.

    With `truth=True` answers are corrected where moto differs from AWS and the difference matters to a
    diagnosis (see `demo.aws.truth`); with `truth=False` it is moto as it is. With `sockets=False` the clients of this
    process are answered without HTTP between them, in half the time; other processes find it at its address as ever.
    With `rates` set it is asked no faster than they allow; a reset forgets them.
    moto keeps its state in the process, so only one `EmulatedAws` can run at a time: a second `start` raises RuntimeError.
    """

    def __init__(
        self,
        *,
        account_id: str = ACCOUNT_ID,
        region: str = REGION,
        truth: bool = True,
        sockets: bool = True,
    ) -> None:
        if not re.fullmatch(r"\d{12}", account_id):
            raise ValueError(f"an account id has twelve digits, for example {ACCOUNT_ID}; got {account_id!r}")
        self.account_id = account_id
        self.region = region
        self.truth = truth
        self.sockets = sockets
        self.rates: Rates | None = None
        self._server: _MotoServer | None = None
        self._patches = ExitStack()
        self._until_reset = ExitStack()
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._sessions: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start serving. Raises RuntimeError when another emulated AWS runs in this process."""
        if not _running.acquire(blocking=False):
            raise RuntimeError("an emulated AWS is already running in this process; stop it first")
        try:
            with ExitStack() as patches:
                patches.enter_context(mock.patch.dict(os.environ, {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}))
                # moto lets this variable win over the access key, which would fold all accounts into one.
                os.environ.pop("MOTO_ACCOUNT_ID", None)
                remembered.apply(patches)
                managed_policies.apply(patches)
                if self.truth:
                    truth.apply(patches)
                self._patches = patches.pop_all()
            self.reset()
            front = self._front(_Dispatcher(create_backend_app))
            self._server = _MotoServer(front)
            self._server.start()
            if not self.sockets:
                self._patches.enter_context(in_process.shortened(self.endpoint_url, front, _log_crash))
        except BaseException:
            self._patches.close()
            _running.release()
            raise

    def stop(self) -> None:
        """Stop serving, drop the state and undo the corrections. Does nothing when it is not running."""
        if self._server is None:
            return
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._server.stop()
        self._server = None
        self.reset()
        self._patches.close()
        _running.release()

    def reset(self) -> None:
        """Forget every resource of every account, and what was patched `until_reset`. Clients stay usable."""
        self._until_reset.close()
        self.rates = None
        moto_api_backend.reset()

    def until_reset(self, patch: AbstractContextManager[object]) -> None:
        """Enter a patch of moto that an account needs; the next reset, or the stop, undoes it."""
        self._until_reset.enter_context(patch)

    @property
    def endpoint_url(self) -> str:
        """What AWS_ENDPOINT_URL must say, for example http://127.0.0.1:40123."""
        if self._server is None:
            raise RuntimeError("the emulated AWS is not running; use it as a context manager or call start()")
        host, port = self._server.get_host_and_port()
        return f"http://{host}:{port}"

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.account_id)

    def environment(self, account: str | None = None, region: str | None = None) -> Mapping[str, str]:
        """The ordinary AWS environment variables that lead boto3, or the AWS CLI, here."""
        keys = Credentials(account or self.account_id)
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
            "AWS_DEFAULT_REGION": region or self.region,
            "AWS_REGION": region or self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client for one service, Region and account; made once, closed by `stop`."""
        key = (service, region or self.region, account or self.account_id)
        if key not in self._clients:
            self._clients[key] = self._session(key[2]).client(
                service,
                region_name=key[1],
                endpoint_url=self.endpoint_url,
                config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30),
            )
        return self._clients[key]

    def key_of(self, client: Any) -> tuple[str, str, str]:
        """The service, Region and account of a client that `client` made."""
        return next(key for key, made in self._clients.items() if made is client)

    def _session(self, account: str) -> Any:
        if account not in self._sessions:
            keys = Credentials(account)
            self._sessions[account] = boto3.session.Session(
                aws_access_key_id=keys.access_key_id, aws_secret_access_key=keys.secret_access_key
            )
        return self._sessions[account]

    def _front(self, moto: Application) -> Application:
        # One call at a time: moto's backends do not lock, and a conditional write is one step in AWS.
        turn = threading.RLock()

        def front(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            account = self._account_of(environ.get("HTTP_AUTHORIZATION", ""))
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
            with turn:
                try:
                    if self.rates is not None and (request := request_of(environ, account)) is not None:
                        self.rates.take(request)
                    return moto(environ, start_response)
                except (AwsRefusal, NotImplementedError) as error:
                    if not self.truth and not isinstance(error, AwsRefusal):
                        raise
                    return answer(error, environ, start_response)

        return front

    def _account_of(self, authorization: str) -> str:
        """The account of the caller's key: ours by its digits, a role session's by moto's record."""
        found = _ACCESS_KEY.search(authorization)
        if found is None:
            return self.account_id
        if ours := _OUR_KEY.fullmatch(found["key"]):
            return ours["account"]
        account = str(get_account_id_from(found["key"]))
        return self.account_id if account == DEFAULT_ACCOUNT_ID else account


class _Dispatcher(DomainDispatcherApplication):
    """moto's dispatcher, which fails for a service that moto does not have and prints a note about it.

    Which backend serves a host is looked up once: moto reads its own folder for that. What is posted to `/`, which is nearly all,
    goes to moto's function for it without Flask between them: no service asks Flask for anything.
    """

    def __init__(self, create_app: Callable[[Any], Any]) -> None:
        super().__init__(create_app)
        self._backends: dict[str | None, Any] = {}
        self._at_root: dict[int, Callable[..., Any]] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        app = self.get_application(environ)
        if environ["PATH_INFO"] != "/" or environ["REQUEST_METHOD"] != "POST":
            answered: Iterable[bytes] = app(environ, start_response)
            return answered
        if id(app) not in self._at_root:
            endpoint, _ = app.url_map.bind("localhost").match("/", method="POST")
            view: Any = app.view_functions[endpoint]
            self._at_root[id(app)] = view.callback
        return _as_flask_would(self._at_root[id(app)], environ, start_response)

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._backends:
            self._backends[host] = self._found(host)
        return self._backends[host]

    def _found(self, host: str | None) -> Any:
        if host is not None and "amazonaws.com" in host:
            url = f"http://{host}"
            if not any(pattern.match(url) for _, pattern in self.backend_url_patterns):
                raise NotImplementedError(f"there is no service at {host}")
        return super().get_backend_for_host(host)


class _FormRequest(BackendRequest):
    """One whose form, as those of EC2, IAM and STS, is read at once: werkzeug is ready for one that comes in parts, with files."""

    def _load_form_data(self) -> None:
        if "form" in self.__dict__ or not (self.content_type or "").startswith(_FORM) or self.query_string:
            super()._load_form_data()
            return
        body = self.environ["wsgi.input"].read(self.content_length or 0)
        form = ImmutableMultiDict(parse_qsl(body.decode(), keep_blank_values=True))
        self.__dict__.update(stream=BytesIO(), files=ImmutableMultiDict(), form=form, values=form)


def _as_flask_would(
    function: Callable[..., Any], environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    """What `moto.core.utils.convert_to_flask_response` and Flask make of what a function of moto gives."""
    request = _FormRequest(environ)
    url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ['RAW_URI']}"
    try:
        given = function(request, url, dict(request.headers))
    except ClientError as error:
        given = 400, {}, error.response["Error"]["Message"]
    except HTTPException as error:
        return error(environ, start_response)
    status, headers, body = given if len(given) == 3 else (200, {}, given)
    content = body if isinstance(body, bytes) else body.encode()
    said = {name.lower(): (name, str(value)) for name, value in headers.items()}
    said.setdefault("content-type", ("Content-Type", "text/html; charset=utf-8"))
    said["content-length"] = ("Content-Length", str(len(content)))
    start_response(f"{status} {HTTPStatus(int(status)).phrase}", list(said.values()))
    return [content]


class _QuietHandler(MotoRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing for each request; crashes still reach the server's own log."""


class _MotoServer(ThreadedMotoServer):
    """moto's threaded server with our application in front; the socket is bound before the thread starts."""

    def __init__(self, application: Application) -> None:
        super().__init__("127.0.0.1", 0, verbose=False)
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", 0, application, threaded=True, request_handler=_QuietHandler
        )
        self._server.log = _log_crash  # type: ignore[method-assign]

    def stop(self) -> None:
        """Stop serving. Raises TimeoutError, with the stacks of all threads, where that takes longer than 30 s."""
        stopping = threading.Thread(target=super().stop, name="emulated-aws-stop", daemon=True)
        stopping.start()
        stopping.join(_STOP_SECONDS)
        if stopping.is_alive():
            raise TimeoutError(f"the emulated AWS did not stop within {_STOP_SECONDS:.0f} s\n{all_stacks()}")

    def _server_entry(self) -> None:
        self._server_ready_event.set()
        # The poll interval is how long a stop may take.
        self._server.serve_forever(poll_interval=0.05)


def _log_crash(type: str, message: str, *args: Any) -> None:
    """Say in one line what moto stumbled over; werkzeug writes the whole traceback for each such request."""
    log.warning("moto failed: %s", message.strip().rpartition("\n")[2])
    log.debug("%s", message)
