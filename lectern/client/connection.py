"""One HTTP connection pool to all functions, and the way from problem JSON back to errors."""

import json
import random
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from lectern.errors import (
    Busy,
    Forbidden,
    InvalidEvent,
    InvalidRequest,
    LecternError,
    NotFound,
    PermanentError,
    RateLimited,
    SourceGone,
    TooLarge,
    TransientError,
    Unauthorized,
    UnreadableDocument,
)

if TYPE_CHECKING:
    import httpx

R = TypeVar("R", bound=BaseModel)
Query = Mapping[str, str | int | Sequence[str]]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_CONNECT_TIMEOUT_S = 10.0
_RETRY_AFTER_S = 5
_BUSY_PATIENCE_S = 30.0  # how long a call waits for a function that has its hands full
_GATEWAY_STATUSES = frozenset({502, 503, 504})
_BY_CODE: Mapping[str, type[LecternError]] = {
    error.default_code: error for error in (InvalidEvent, UnreadableDocument)
}
_BY_STATUS: Mapping[int, type[LecternError]] = {
    error.status: error
    for error in (
        InvalidRequest,
        Unauthorized,
        Forbidden,
        NotFound,
        Busy,
        SourceGone,
        TooLarge,
        PermanentError,
        RateLimited,
    )
}


class Connection:
    """Calls functions with the caller's token. Safe to share between threads.

    Args:
        function_url: See `Settings.function_url`.
        token: Bearer token of the caller.
        transport: Replaces the network, for a function in this very process.
        timeout_s: Longest silence of the other side, in seconds; not the length of an answer.
        traceparent: W3C trace context that the calls belong to; "" for none.
    """

    def __init__(
        self,
        function_url: str,
        token: str,
        *,
        transport: "httpx.BaseTransport | None",
        timeout_s: float,
        traceparent: str = "",
    ) -> None:
        self._function_url = function_url
        self._token = token
        self._transport = transport
        self._timeout_s = timeout_s
        self._traceparent = traceparent
        self._until = float("inf")

    def end_by(self, until: float) -> None:
        """Have every call that begins from now on end by `until`, of `time.monotonic`."""
        self._until = until

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx

        host = urlsplit(self._function_url.replace("{function}", "function")).hostname
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if self._traceparent:
            headers["traceparent"] = self._traceparent
        return httpx.Client(
            transport=self._transport,
            timeout=httpx.Timeout(self._timeout_s, connect=_CONNECT_TIMEOUT_S),
            headers=headers,
            trust_env=host not in _LOOPBACK,  # a proxy cannot reach this machine's loopback
        )

    def close(self) -> None:
        """Close the connections that were opened."""
        if "_client" in self.__dict__:
            self._client.close()

    def fetch(
        self,
        function: str,
        method: str,
        path: str,
        reply: type[R],
        *,
        body: BaseModel | None = None,
        query: Query | None = None,
        **request: Any,
    ) -> R:
        """Return the JSON reply of one call as `reply`.

        Raises:
            LecternError: What the function answered, or that its reply is of another version.
            TransientError: The function cannot be reached.
        """
        with self.open(function, method, path, body=body, query=query, **request) as response:
            data = response.read()
        try:
            return reply.model_validate_json(data)
        except ValidationError as error:
            raise LecternError(
                f"{function} answered something other than {reply.__name__!r}; "
                "are client and server of the same version?",
                code="unexpected_reply",
            ) from error

    def send(self, function: str, method: str, path: str, *, query: Query | None = None) -> None:
        """Make a call whose answer has no content. Raises as `fetch` does."""
        with self.open(function, method, path, query=query):
            pass

    def read(
        self,
        function: str,
        path: str,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the bytes at `path`, following a redirect to the object store.

        Raises as `fetch` does.
        """
        with self.open(
            function, "GET", path, query=query, headers=headers, follow_redirects=True
        ) as response:
            return response.read()

    @contextmanager
    def open(
        self,
        function: str,
        method: str,
        path: str,
        *,
        body: BaseModel | None = None,
        query: Query | None = None,
        follow_redirects: bool = False,
        accepted: Collection[int] = (),
        **request: Any,
    ) -> Iterator["httpx.Response"]:
        """Give the response of one call, its body not yet read. Raises as `fetch` does.

        Statuses in `accepted` are no errors, beside those of success. A function that refuses
        because it has its hands full is asked again for half a minute, unless the call sends
        content that can be read only once.
        """
        import httpx

        patient_until = time.monotonic() + ("content" not in request) * _BUSY_PATIENCE_S
        patient_until = min(patient_until, self._until)
        longest_s = float(request.pop("timeout", self._timeout_s))
        if body is not None:
            request["content"] = body.model_dump_json(exclude_unset=True)
            request["headers"] = {"Content-Type": "application/json"} | request.get("headers", {})
        url = self._function_url.format(function=function).rstrip("/") + path
        try:
            while True:
                prepared = self._client.build_request(
                    method, url, params=query, timeout=self._silence(function, longest_s), **request
                )
                response = self._client.send(
                    prepared, stream=True, follow_redirects=follow_redirects
                )
                if not _is_busy(response) or time.monotonic() >= patient_until:
                    break
                time.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - so that not all come at once
            try:
                if not response.is_success and response.status_code not in accepted:
                    response.read()
                    raise error_of(response.status_code, response.headers, response.content)
                yield response
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise TransientError(
                f"{function} was silent for too long; try again", code="timeout"
            ) from error
        except httpx.TransportError as error:
            raise TransientError(
                f"{function} cannot be reached at {url!r}: {error}; is Lectern running?",
                code="unreachable",
            ) from error

    def _silence(self, function: str, longest_s: float) -> "httpx.Timeout":
        """Return the longest silence of a call that begins now.

        Raises:
            TransientError: The time that `end_by` set is over.
        """
        import httpx

        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TransientError(f"there was no time left to ask {function}", code="timeout")
        return httpx.Timeout(min(longest_s, left_s), connect=min(_CONNECT_TIMEOUT_S, left_s))


def _is_busy(response: "httpx.Response") -> bool:
    """Return whether the call was refused before any work, as the function has too much of it."""
    if response.status_code != TransientError.status:
        return False
    body = response.read()
    return error_of(response.status_code, response.headers, body).code == "busy"


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> LecternError:
    """Return the error that a function answered, from its problem JSON.

    Args:
        status: HTTP status, at least 300.
        headers: Response headers; `Retry-After` in seconds is understood.
        body: Response body; one that is no problem JSON gives a generic detail.
    """
    try:
        problem = dict(json.loads(body))
    except (ValueError, TypeError):
        problem = {}
    retry_after = headers.get("retry-after", "")
    return error_of_problem(
        problem | {"status": status},
        retry_after_s=int(retry_after) if retry_after.isdecimal() else _RETRY_AFTER_S,
    )


def error_of_problem(
    problem: Mapping[str, Any], *, retry_after_s: int = _RETRY_AFTER_S
) -> LecternError:
    """Return the error that a problem document describes, such as the data of an `error` event."""
    known = str(problem.get("status", ""))
    status = int(known) if known.isdecimal() else LecternError.status
    detail = str(problem.get("detail") or f"the server answered with HTTP status {status}")
    code = str(problem["code"]) if problem.get("code") else None
    kind = _BY_CODE.get(code or "") or _BY_STATUS.get(status)
    if kind is None:
        kind = TransientError if status in _GATEWAY_STATUSES else PermanentError
        kind = LecternError if status == LecternError.status else kind
    if issubclass(kind, TransientError):
        return kind(detail, code=code, retry_after_s=retry_after_s)
    return kind(detail, code=code)
