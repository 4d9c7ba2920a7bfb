"""Which addresses on the network are public: reachable by anybody, and nobody's own."""

import ipaddress
from collections.abc import Callable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Admits = Callable[[Address], bool]
Reaches = Callable[[Address, int], bool]

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(each)
    for each in (
        "168.63.129.16/32",  # Azure's WireServer answers every virtual machine with its secrets
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is a metadata service
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "2001::/32",  # Teredo carries an IPv4 address (RFC 4380)
        "2002::/16",  # 6to4 carries an IPv4 address (RFC 3056)
    )
)


def is_public(address: Address) -> bool:
    """Return whether `address` belongs to the public internet (IANA special-purpose registries).

    What is not: loopback, private, link-local with the metadata services, carrier-grade NAT,
    0.0.0.0/8, multicast, reserved and documentation ranges. IPv6 that carries an IPv4 address
    (mapped, compatible, NAT64, 6to4, Teredo) is refused whatever it carries.
    """
    if isinstance(address, ipaddress.IPv6Address) and (
        address not in _GLOBAL_UNICAST or address.scope_id
    ):
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def networks(setting: str) -> tuple[Network, ...]:
    """Return the networks of a setting, separated by commas."""
    return tuple(
        ipaddress.ip_network(each.strip(), strict=False)
        for each in setting.split(",")
        if each.strip()
    )


def admitted(found: Sequence[str], port: int, reaches: Reaches) -> Sequence[str]:
    """Return the addresses a name was resolved to, if every one may be asked there, else none.

    A name that has both a public address and one of our own is an attempt at the latter.
    """
    unique = list(dict.fromkeys(found))
    return unique if all(reaches(ipaddress.ip_address(each), port) for each in unique) else ()
