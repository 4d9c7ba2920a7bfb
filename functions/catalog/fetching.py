"""Fetching a public address for somebody else, without being led to what is not public.

Every hop is checked as if it were the first: scheme, port, credentials, name, address.
"""

import io
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from functions.catalog.addresses import Address, Admits, Network, is_public
from lectern import __version__
from lectern.errors import InvalidRequest, TransientError
from lectern.trust import tls_context

if TYPE_CHECKING:
    import httpcore

    from functions.catalog.pinning import Resolver

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200
_HEADERS = (
    (b"User-Agent", f"Lectern/{__version__}".encode()),
    (b"Accept", b"*/*"),
    (b"Accept-Encoding", b"identity"),  # what is packed cannot swell
)


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What may be fetched, and for how long.

    Args:
        resolver: Says which addresses a name has; the system's when None.
        admits: Says which addresses may be reached.
        ports: Ports that may be asked there.
        inside: Networks of the operator that may be reached too, on any port.
        max_redirects: Hops after the first.
        timeout_s: Longest time for everything together, in seconds.
    """

    resolver: "Resolver | None" = None
    admits: Admits = is_public
    ports: frozenset[int] = frozenset(_PORTS.values())
    inside: tuple[Network, ...] = ()
    max_redirects: int = 5
    timeout_s: float = 60.0

    def reaches(self, address: Address, port: int) -> bool:
        """Return whether this address may be asked on this port."""
        if any(address in network for network in self.inside):
            return True
        return port in self.ports and self.admits(address)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered; `url` is the last hop's, `body` is read as it comes."""

    url: str
    content_type: str
    body: "BodyStream"


class BodyStream(io.RawIOBase):
    """The body of an answer as a file."""

    def __init__(self, pieces: Iterator[bytes], host: str) -> None:
        super().__init__()
        self._pieces = pieces
        self._host = host
        self._rest = b""

    def readable(self) -> bool:
        """See `io.RawIOBase.readable`."""
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]
        """See `io.RawIOBase.readinto`.

        Raises:
            TransientError: The other side broke off or took too long.
        """
        with _told_apart(self._host):
            while not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    return 0
                self._rest = piece
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


@contextmanager
def fetch(url: str, policy: FetchPolicy) -> Iterator[Fetched]:
    """Give what `url` answers, its body not yet read.

    Raises:
        InvalidRequest: It may not be fetched (code `url_refused`), or it answers with an error or
            with too many redirects (code `url_failed`).
        TransientError: It does not answer, or not in time (code `url_unreachable`).
    """
    import httpcore

    from functions.catalog.pinning import PinnedBackend, resolve

    deadline = time.monotonic() + policy.timeout_s
    backend = PinnedBackend(policy.resolver or resolve, policy.reaches, deadline)
    with httpcore.ConnectionPool(
        network_backend=backend, ssl_context=tls_context(), max_keepalive_connections=0
    ) as pool:
        for _ in range(policy.max_redirects + 1):
            target = checked(url, policy)
            with ExitStack() as stack:
                with _told_apart(target.hostname or ""):
                    response = stack.enter_context(_get(pool, target))
                if response.status in _REDIRECTS:
                    url = urljoin(urlunsplit(target), _header(response, b"location"))
                    continue
                _require_content(response, target)
                body = BodyStream(response.iter_stream(), target.hostname or "")
                content_type = _header(response, b"content-type").partition(";")[0].strip().lower()
                yield Fetched(urlunsplit(target), content_type, body)
                return
    raise InvalidRequest(
        f"the address redirects more than {policy.max_redirects} times", code="url_failed"
    )


def checked(url: str, policy: FetchPolicy) -> SplitResult:
    """Return the parts of `url` without its fragment, its host in ASCII.

    Raises:
        InvalidRequest: It is no address that may be fetched (code `url_refused`).
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    except (ValueError, UnicodeError):
        _refuse("is no address")
    if parts.scheme not in _PORTS:
        _refuse("must begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        _refuse("must not hold a name or a password")
    if not host or "%" in host or any(c.isspace() or not c.isprintable() for c in url.strip()):
        _refuse("is no address")
    if not policy.inside and (port or _PORTS[parts.scheme]) not in policy.ports:
        _refuse(f"must use one of the ports {sorted(policy.ports)!r}")
    shown = f"[{host}]" if ":" in host else host
    netloc = f"{shown}:{port}" if port else shown
    return SplitResult(parts.scheme, netloc, parts.path or "/", parts.query, "")


def _get(
    pool: "httpcore.ConnectionPool", target: SplitResult
) -> "AbstractContextManager[httpcore.Response]":
    import httpx

    encoded = httpx.URL(urlunsplit(target))  # percent-encodes what people paste
    return pool.stream("GET", str(encoded), headers=[*_HEADERS])


def _require_content(response: "httpcore.Response", target: SplitResult) -> None:
    if response.status != _OK:
        raise InvalidRequest(
            f"{target.hostname!r} answered with HTTP status {response.status}; check the address",
            code="url_failed",
        )
    if _header(response, b"content-encoding") not in {"", "identity"}:
        raise InvalidRequest(
            f"{target.hostname!r} sends packed content although it was asked not to; download it "
            "and upload the file",
            code="url_failed",
        )


def _header(response: "httpcore.Response", name: bytes) -> str:
    found = (value for key, value in response.headers if key.lower() == name)
    return next(found, b"").decode("latin-1")


@contextmanager
def _told_apart(host: str) -> Iterator[None]:
    """Turn what can go wrong on the way into errors that say nothing of our own network."""
    import httpcore

    from functions.catalog.pinning import NotPublic

    try:
        yield
    except NotPublic as error:
        raise InvalidRequest(
            f"{host!r} has no public address; download the file and upload it",
            code="url_refused",
        ) from error
    except (
        httpcore.NetworkError,
        httpcore.TimeoutException,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise TransientError(
            f"{host!r} did not answer, or not in time; try again or upload the file",
            code="url_unreachable",
        ) from error


def _refuse(why: str) -> NoReturn:
    raise InvalidRequest(f"the address {why}", code="url_refused")
