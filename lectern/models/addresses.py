"""Which addresses a model may have.

Administrators name them, and a model on the same machine or in the same network is what many want;
so those are allowed unless the operator says otherwise. Link-local addresses never are: the
metadata services of clouds answer there, and no model does.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from lectern.errors import InvalidRequest, TransientError

_NEVER = (
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's WireServer
    ipaddress.ip_network("100.100.100.200/32"),  # Alibaba Cloud's metadata service
    ipaddress.ip_network("192.0.0.192/32"),  # Oracle's metadata service
    ipaddress.ip_network("fd00:ec2::254/128"),  # that of AWS over IPv6
)


def require_allowed(url: str, *, private: bool) -> None:
    """Return if a model may be asked at `url`.

    Args:
        url: Its base URL.
        private: Whether this machine and private networks are allowed.

    Raises:
        InvalidRequest: It is no http(s) address, holds a password, or is not allowed (code
            `model_address`).
        TransientError: Its name cannot be resolved now (code `model_address`).
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused(url, "is no address") from error
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise _refused(url, "is no base URL; it looks like https://api.example.com/v1")
    if parts.username or parts.password:
        raise _refused(f"{parts.scheme}://…@{host}", "holds a user or a password; give a key")
    for address in _addresses(host, port):
        if _never(address) or not (private or address.is_global):
            raise _refused(url, "is in a network that models may not be in here")


def shown_address(url: str) -> str:
    """Return an address as anybody may see it: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "?"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{parts.path}"


def same_origin(one: str, other: str) -> bool:
    """Return whether two URLs lead to the same server: a key for one is for the other."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc.lower()) == (second.scheme, second.netloc.lower())


def _addresses(host: str, port: int | None) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TransientError(
            f"the name {host!r} cannot be resolved; check the address", code="model_address"
        ) from error
    return {ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found}


def _never(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(
        mapped.is_link_local
        or mapped.is_multicast
        or any(mapped in network for network in _NEVER if network.version == mapped.version)
    )


def _refused(url: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"the address {url!r} {why}", code="model_address")
