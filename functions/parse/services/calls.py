"""HTTP to a service: bounded in time and size, to one server only, its refusals as our errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from json import loads
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lectern.errors import LecternError, PermanentError, RateLimited, TooLarge, TransientError

if TYPE_CHECKING:
    import httpx

MAX_REPLY_BYTES = 64 << 20
"""48 dense pages take about 10 MiB; reading JSON takes several times its size of memory."""

_MAX_STATUS_BYTES = 1 << 20  # a status, an error
_CONNECT_S = 10.0
_SHORTEST_S = 0.1
_LONGEST_PAUSE_S = 30
_MAX_WORDS = 300  # of what a service says about an error
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Calls:
    """Requests to one service. Thread safe; one connection pool; redirects are not followed.

    Args:
        url: Base URL of the service.
        headers: Of every request; the key is among them, and so they leave for `url` only.
        name: What people call the service.
        settings: Prefix of its settings, for advice: `LECTERN_DOCLING`.
    """

    def __init__(self, url: str, headers: Mapping[str, str], *, name: str, settings: str) -> None:
        self.url = url.rstrip("/")
        self.settings = settings
        self.subject = f"{name} at {urlsplit(self.url).netloc.rpartition('@')[2]!r}"
        self._headers = headers

    @cached_property
    def _client(self) -> "httpx.Client":
        import weakref

        import httpx

        host = urlsplit(self.url).hostname
        client = httpx.Client(headers=self._headers, trust_env=host not in _LOOPBACK)
        weakref.finalize(self, client.close).atexit = False
        return client

    def ask(
        self, method: str, url: str, *, until: float, **content: Any
    ) -> tuple["httpx.Response", bytes]:
        """Return a successful response and its body, at most 1 MiB.

        Raises:
            LecternError: See `LayoutService`; a 404 is a `PermanentError` (`parser_not_found`).
        """
        with self._exchange(method, url, until=until, **content) as response:
            data = b"".join(self._pieces(response, until, _MAX_STATUS_BYTES))
        return response, data

    def save(self, url: str, into: Path, *, until: float) -> "httpx.Response":
        """Write a successful response's body into the file; return the response. Raises like `ask`.

        Raises:
            TooLarge: It exceeds 64 MiB (code `parser_reply_too_large`).
        """
        with (
            self._exchange("GET", url, until=until) as response,
            into.open("wb") as file,
        ):
            for piece in self._pieces(response, until, MAX_REPLY_BYTES):
                file.write(piece)
        return response

    @contextmanager
    def _exchange(
        self, method: str, url: str, *, until: float, **content: Any
    ) -> Iterator["httpx.Response"]:
        import httpx

        limits = httpx.Timeout(max(_SHORTEST_S, until - monotonic()), connect=_CONNECT_S)
        try:
            with self._client.stream(method, url, timeout=limits, **content) as response:
                if not response.is_success:
                    words = b"".join(self._pieces(response, until, _MAX_STATUS_BYTES))
                    raise self._refused(response, words)
                yield response
        except httpx.TimeoutException as error:
            raise self.slow() from error
        except httpx.HTTPError as error:
            raise TransientError(
                f"{self.subject} cannot be reached ({type(error).__name__}); check "
                f"{self.settings}_URL and that it runs",
                code="parser_unreachable",
                retry_after_s=15,
            ) from error

    def _pieces(self, response: "httpx.Response", until: float, most: int) -> Iterator[bytes]:
        size = 0
        for piece in response.iter_bytes():
            size += len(piece)
            if size > most:
                raise TooLarge(
                    f"{self.subject} answered with more than {most >> 20} MiB; lower "
                    "LECTERN_PAGES_PER_PART and reprocess the document, or split it",
                    code="parser_reply_too_large",
                )
            if monotonic() > until:
                raise self.slow()
            yield piece

    def slow(self) -> TransientError:
        """Return the error of an answer that is not there in time."""
        return TransientError(
            f"{self.subject} has not answered in time; it is asked again. If that repeats, give it "
            f"more workers, raise {self.settings}_TIMEOUT_S or lower LECTERN_PAGES_PER_PART",
            code="parser_timeout",
            retry_after_s=5,
        )

    def pause(self, response: "httpx.Response", usual_s: float, *, until: float) -> None:
        """Wait as long as a response asks for, else `usual_s`, but for 30 s at most.

        Raises:
            TransientError: It would take longer than `until` (code `parser_timeout`).
        """
        wait_s = min(_retry_after(response) or usual_s, _LONGEST_PAUSE_S)
        if monotonic() + wait_s > until:
            raise self.slow()
        sleep(wait_s)

    def refusal(self, words: str) -> PermanentError:
        """Return the error of a document that the service does not read."""
        said = f": {shown(words)}" if words.strip() else ""
        return PermanentError(
            f"{self.subject} cannot read the document{said}; choose another parser for the "
            "collection and reprocess the document, or upload it in another form",
            code="parser_refused",
        )

    def malformed(self) -> PermanentError:
        """Return the error of an answer that is none."""
        return PermanentError(
            f"{self.subject} answers with something else than its API; check "
            f"{self.settings}_URL, which is its base URL without a path of its API",
            code="parser_malformed",
        )

    def _refused(self, response: "httpx.Response", words: bytes) -> LecternError:
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited(
                f"{self.subject} asks for patience",
                code="parser_rate_limited",
                retry_after_s=max(1, round(_retry_after(response) or 15)),
            )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return TransientError(
                f"{self.subject} answered {status}; it is asked again",
                code="parser_unavailable",
                retry_after_s=max(1, round(_retry_after(response) or 15)),
            )
        if response.is_redirect:
            return PermanentError(
                f"{self.subject} answers with a redirect, which is not followed; set "
                f"{self.settings}_URL to where it leads, if that is where pages should go",
                code="parser_redirected",
            )
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return PermanentError(
                f"{self.subject} refuses the key ({status}); check {self.settings}_KEY",
                code="parser_unauthorized",
            )
        if status == HTTPStatus.NOT_FOUND:
            return PermanentError(
                f"{self.subject} knows no such address ({status}); check {self.settings}_URL",
                code="parser_not_found",
            )
        return self.refusal(f"{status} {said_in(words)}")


def said_in(data: bytes) -> str:
    """Return what an error's body says: the innermost message of JSON, or ""."""
    try:
        body = loads(data)
    except (ValueError, RecursionError):
        return ""
    for _ in range(4):
        if not isinstance(body, dict):
            break
        body = body.get("error") or body.get("detail") or body.get("message") or ""
    return body if isinstance(body, str) else ""


def shown(words: str) -> str:
    """Return a service's words fit for an error: printable, on one line, at most 300 characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return line if len(line) <= _MAX_WORDS else line[: _MAX_WORDS - 1] + "…"


def _retry_after(response: "httpx.Response") -> float:
    """Return the seconds that the response asks to wait, 0 when it does not say so in seconds."""
    value = response.headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdecimal() and len(value) < 6 else 0.0  # noqa: PLR2004
