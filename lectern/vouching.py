"""The web UI says whose request it hands on, in a way that nobody else in the network can.

Between web UI and catalog stand the gateway, the activator (or not) and the queue proxy, each of
which adds to `X-Forwarded-For`: neither their number nor their addresses are known beforehand.
"""

import hashlib
import hmac
import ipaddress
import time

HEADER = "X-Lectern-Client"
_FRESH_S = 300
_PARTS = 3


def vouch(address: str, secret: str) -> str:
    """Return the value of `HEADER` that says, for five minutes, that a request is `address`'s."""
    stated = f"{address} {int(time.time())}"
    return f"{stated} {_signature(stated, secret)}"


def vouched_for(value: str, secret: str) -> str:
    """Return the address that a value of `HEADER` states, "" if it is none, forged or old."""
    parts = value.split(" ")
    if not secret or len(parts) != _PARTS:
        return ""
    address, moment, signature = parts
    if not hmac.compare_digest(
        signature.encode(), _signature(f"{address} {moment}", secret).encode()
    ):
        return ""
    if abs(time.time() - int(moment)) > _FRESH_S:
        return ""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""


def _signature(stated: str, secret: str) -> str:
    key = hashlib.sha256(b"lectern client address\0" + secret.encode()).digest()
    return hmac.new(key, stated.encode(), "sha256").hexdigest()
