"""Certificate authorities of one's own, beside the public ones, for every connection of a process.

Libraries take roots from the environment, each from a variable of its own, and what such a variable
names replaces the public roots. So both go into one file, and every variable names that file.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lectern.errors import PermanentError

if TYPE_CHECKING:
    import ssl

_BUNDLE = "SSL_CERT_FILE"  # httpx, OpenSSL, LanceDB
_OTHERS = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # boto3; what exports spans
_OWN = "LECTERN_CA_FILE"
_VERIFYING = frozenset({"verify-ca", "verify-full"})
_PEM = b"-----BEGIN CERTIFICATE-----"


def trust(ca_file: str, folder: Path) -> None:
    """Have this process and its children trust `ca_file` beside the public authorities.

    Called before the first connection. Safe to repeat, also in a child. A variable that somebody
    has set for boto3 or requests stays; what `SSL_CERT_FILE` named is trusted further.

    Args:
        ca_file: Certificates as PEM. Empty: the public authorities alone.
        folder: Where the file with both is kept.

    Raises:
        PermanentError: `ca_file` cannot be read or holds no certificate (code `ca_file`).
    """
    if not ca_file:
        return
    own = _read(Path(ca_file))
    public = Path(_public()).read_bytes()
    if own not in public:
        bundle = _kept(public.rstrip() + b"\n" + own + b"\n", folder)
        os.environ[_BUNDLE] = str(bundle)
    os.environ[_OWN] = str(Path(ca_file).absolute())
    for variable in _OTHERS:
        os.environ.setdefault(variable, os.environ[_BUNDLE])


def tls_context() -> "ssl.SSLContext":
    """Return how to check who a server is, for clients that look into no other environment."""
    import ssl

    return ssl.create_default_context(cafile=_public())


def postgres_roots(query: Mapping[str, Any]) -> dict[str, str]:
    """Return which roots PostgreSQL's client is told of, for the query of a database's URL.

    It knows none by itself. `verify-full` checks the name, so any authority will do. `verify-ca`
    does not: a public one would vouch for everybody's server, so only one's own is taken.
    """
    mode = query.get("sslmode") or os.environ.get("PGSSLMODE", "")
    told = query.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
    if mode not in _VERIFYING or told or (Path.home() / ".postgresql/root.crt").exists():
        return {}
    if mode == "verify-full":
        return {"sslrootcert": _public()}
    return {"sslrootcert": os.environ[_OWN]} if os.environ.get(_OWN) else {}


def _public() -> str:
    import certifi

    return os.environ.get(_BUNDLE) or certifi.where()


def _read(ca_file: Path) -> bytes:
    try:
        own = ca_file.read_bytes().strip()
    except OSError as error:
        raise PermanentError(
            f"LECTERN_CA_FILE names {str(ca_file)!r}, which cannot be read: {error.strerror}",
            code="ca_file",
        ) from error
    if _PEM not in own:
        raise PermanentError(
            f"LECTERN_CA_FILE names {str(ca_file)!r}, which holds no certificate as PEM",
            code="ca_file",
        )
    return own


def _kept(bundle: bytes, folder: Path) -> Path:
    """Return the file of this content, written as a whole: other processes read it."""
    path = folder / f"trusted-{hashlib.sha256(bundle).hexdigest()[:16]}.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as unfinished:
            unfinished.write(bundle)
        Path(unfinished.name).replace(path)
    return path.absolute()
