"""Whose attempts to sign in are counted together, and how many there may be.

By name: 8, then a wait of 30 seconds that doubles with each further one up to an hour, so that
nobody is locked out for long and nobody guesses more than some 30 times a day. By address: 60 in
an hour, since a whole office may have one; an IPv6 address counts with its /64 network.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import request

from functions.catalog.addresses import Address, Network
from lectern.catalog import bearer
from lectern.catalog.records_accounts import Limit
from lectern.catalog.spelling import folded
from lectern.vouching import HEADER, vouched_for

_HOUR_S = 3600.0


def by_name(name: str) -> Limit:
    """Return the limit of attempts with one name, whether somebody has it or not.

    The name is kept as a digest: people type their password into the wrong field.
    """
    return Limit(f"name:{bearer.digest(folded(name))}", 8, 30, _HOUR_S)


def by_user(user_id: str) -> Limit:
    """Return the limit of attempts to state the current password."""
    return Limit(f"user:{user_id}", 8, 30, _HOUR_S)


def by_address(purpose: str, address: str) -> Limit:
    """Return the limit of attempts for one purpose from one address."""
    return Limit(f"{purpose}:{_counted_as(address)}", 60, 60, _HOUR_S)


@dataclass(frozen=True, slots=True)
class Vouchers:
    """Who is believed about whose request it is.

    Args:
        proxies: Networks whose `X-Forwarded-For` is believed.
        secret: With which the web UI vouches; "" where it does not.
    """

    proxies: Sequence[Network]
    secret: str = field(default="", repr=False)


def client_address(trusted: Vouchers) -> str:
    """Return who sent the current request, as far as those in between are trusted.

    The web UI's own word counts first. `X-Forwarded-For` is read from its end: each trusted hop
    vouches for the one before it.
    """
    if stated := vouched_for(request.headers.get(HEADER, ""), trusted.secret):
        return stated
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    address = request.remote_addr or ""
    for hop in reversed(hops):
        if not _is_trusted(address, trusted.proxies) or _parsed(hop) is None:
            break
        address = hop
    return address


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted)


def _parsed(address: str) -> Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def _counted_as(address: str) -> str:
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed or "unknown")
